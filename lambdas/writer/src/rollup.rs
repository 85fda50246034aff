//! The hourly work: what each full hour came to.

use tidewatch_aws::environment::{Store, Tenants};
use tidewatch_aws::message::Row;
use tidewatch_aws::timestream::QueryError;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rollup::{self, Counted, Definition, Hour, Written};
use tidewatch_domain::schema::dimension;
use tidewatch_domain::{Record, Tenant, Timestamp, Value};

use crate::delivery::{Delivery, Undelivered};
use crate::ports::Questions;

/// The rollups could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RollupError {
    /// The hour that was asked for is none.
    #[error("`{0}` is no instant; write it like 2026-11-22T13:00:00Z")]
    Hour(String),
    /// The store could not be asked.
    #[error("store {database}.{table}: {source}")]
    Query {
        /// The database.
        database: String,
        /// The table.
        table: String,
        /// Why.
        source: QueryError,
    },
    /// The rows could not be written.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
}

/// Writes rollups.
pub(crate) struct Rollups {
    store: Box<dyn Questions>,
    /// Every store once.
    stores: Vec<Store>,
}

impl Rollups {
    /// Rollups of the stores of all `tenants`.
    pub(crate) fn new(store: Box<dyn Questions>, tenants: &Tenants) -> Self {
        let named = tenants.named().map(|(_, settings)| &settings.store);
        let mut stores: Vec<Store> = named.chain([&tenants.others().store]).cloned().collect();
        stores.sort();
        stores.dedup();
        Rollups { store, stores }
    }

    /// Writes the rollups of `hour`; without one, of the last full hour at `now` and, for what
    /// came late, of the one before. Tells how many rows that were.
    ///
    /// A store that cannot be asked does not keep the others from theirs; the first fault is told
    /// at the end.
    pub(crate) async fn run(
        &self,
        delivery: &Delivery,
        hour: Option<String>,
        now: Timestamp,
    ) -> Result<usize, RollupError> {
        let hours = match hour {
            Some(text) => {
                let at = text.parse().map_err(|_| RollupError::Hour(text))?;
                vec![Hour::of(at)]
            }
            None => {
                let last = Hour::last_complete(now);
                vec![last.previous(), last]
            }
        };
        let mut written = 0;
        let mut fault = None;
        for store in &self.stores {
            for hour in &hours {
                match self.roll_up(delivery, store, *hour, now).await {
                    Ok(rows) => written += rows,
                    Err(error) => {
                        tracing::error!(database = store.database, table = store.table, "{error}");
                        fault.get_or_insert(error);
                    }
                }
            }
        }
        fault.map_or(Ok(written), Err)
    }

    async fn roll_up(
        &self,
        delivery: &Delivery,
        store: &Store,
        hour: Hour,
        now: Timestamp,
    ) -> Result<usize, RollupError> {
        let Store { database, table } = store;
        let counts = rollup::counts_statement(database, table, hour);
        let counted = self
            .read(store, &counts, |cell| Counted::of_row(cell))
            .await?;
        let definitions = rollup::definitions_statement(database, table, hour);
        let definitions = self
            .read(store, &definitions, |cell| Definition::of_row(cell))
            .await?;
        let already = rollup::written_statement(database, table, hour);
        let already = self
            .read(store, &already, |cell| Written::of_row(cell))
            .await?;
        let rows: Vec<Row> = rollup::records(hour, &counted, &definitions, &already, now)
            .into_iter()
            .filter_map(row)
            .collect();
        delivery.rows(&rows).await?;
        Ok(rows.len())
    }

    async fn read<T>(
        &self,
        store: &Store,
        statement: &str,
        of_row: impl Fn(&dyn Fn(&str) -> Option<Value>) -> Option<T>,
    ) -> Result<Vec<T>, RollupError> {
        let result = self.store.ask(statement).await;
        let result = result.map_err(|source| RollupError::Query {
            database: store.database.clone(),
            table: store.table.clone(),
            source,
        })?;
        let rows = result.rows.iter();
        Ok(rows
            .filter_map(|row| of_row(&|name| result.value(row, name).cloned()))
            .collect())
    }
}

/// A rollup goes where the rows of its tenant go.
fn row(record: Record) -> Option<Row> {
    let tenant = record
        .dimensions
        .iter()
        .find(|(name, _)| *name == dimension::TENANT)?;
    Some(Row {
        destination: Destination::Main,
        tenant: Tenant::try_new(tenant.1.as_str()).ok()?,
        record,
    })
}

#[cfg(test)]
mod tests;
