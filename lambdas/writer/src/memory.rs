//! What rows say of monitors that the judging state does not know: new ones, and those whose
//! bucket was lost or is another one now.

use std::collections::{BTreeMap, HashMap};

use tidewatch_aws::environment::{Store, Tenants};
use tidewatch_aws::timestream::{QueryError, QueryResult};
use tidewatch_domain::assess::earlier::{
    LOOK_BACK, back_again, deletion, deletions_statement, last_verdict, verdicts_statement,
};
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::{MonitorId, MonitorKey, Value};

use crate::ports::Questions;

/// Monitors that are asked for at once: their names stay far below the longest statement.
const AT_ONCE: usize = 500;

/// Remembers what the store knows.
pub(crate) struct Memory {
    store: Box<dyn Questions>,
    tenants: Tenants,
}

impl Memory {
    /// Asks `store` for the rows of `tenants`.
    pub(crate) fn new(store: Box<dyn Questions>, tenants: Tenants) -> Self {
        Memory { store, tenants }
    }

    /// The last verdict on each of `wanted`, where there is one. Of a monitor that was deleted
    /// since, only the number of its outages is left.
    ///
    /// A store that cannot be asked keeps nobody from being judged: monitors then begin as unknown.
    pub(crate) async fn last_verdicts(
        &self,
        wanted: &[MonitorKey],
    ) -> HashMap<MonitorKey, Verdict> {
        let mut by_store: BTreeMap<&Store, Vec<&MonitorKey>> = BTreeMap::new();
        for key in wanted {
            let store = &self.tenants.of(&key.tenant).store;
            by_store.entry(store).or_default().push(key);
        }
        let mut verdicts = HashMap::new();
        for (store, keys) in by_store {
            for keys in keys.chunks(AT_ONCE) {
                match self.look(store, keys).await {
                    Ok(found) => {
                        let wanted = found.into_iter().filter(|(key, _)| keys.contains(&key));
                        verdicts.extend(wanted);
                    }
                    Err(error) => tracing::warn!(
                        database = store.database,
                        table = store.table,
                        "earlier states cannot be read, {} monitors begin as unknown: {error}",
                        keys.len()
                    ),
                }
            }
        }
        verdicts
    }

    async fn look(
        &self,
        Store { database, table }: &Store,
        keys: &[&MonitorKey],
    ) -> Result<HashMap<MonitorKey, Verdict>, QueryError> {
        let names = |keys: &mut dyn Iterator<Item = &MonitorKey>| -> Vec<MonitorId> {
            keys.map(|key| key.monitor_id.clone()).collect()
        };
        let wanted = names(&mut keys.iter().copied());
        let wanted: Vec<&MonitorId> = wanted.iter().collect();
        let statement = verdicts_statement(database, table, LOOK_BACK, &wanted);
        let mut verdicts: HashMap<MonitorKey, Verdict> =
            read(&self.store.ask(&statement).await?, |cell| {
                last_verdict(cell)
            })
            .collect();
        if verdicts.is_empty() {
            return Ok(verdicts);
        }
        let found = names(&mut verdicts.keys());
        let found: Vec<&MonitorId> = found.iter().collect();
        let statement = deletions_statement(database, table, LOOK_BACK, &found);
        let answer = self.store.ask(&statement).await?;
        for (key, deleted) in read(&answer, |cell| deletion(cell)) {
            if let Some(verdict) = verdicts.get_mut(&key)
                && deleted >= verdict.decided_at
            {
                *verdict = back_again(verdict);
            }
        }
        Ok(verdicts)
    }
}

type Cell<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// What each row of an answer means.
fn read<T>(
    answer: &QueryResult,
    of_row: impl Fn(Cell<'_>) -> Option<T>,
) -> impl Iterator<Item = T> {
    let rows = answer.rows.iter();
    rows.filter_map(move |row| of_row(&|name| answer.value(row, name).cloned()))
}

#[cfg(test)]
mod tests;
