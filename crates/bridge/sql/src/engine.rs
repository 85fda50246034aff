//! The entry: text in, a running statement out.

mod plan;
mod session;

use std::panic::AssertUnwindSafe;

use datafusion::execution::session_state::SessionState;
use datafusion::sql::sqlparser::tokenizer::Location;
use futures::FutureExt;

use crate::ast::invalid_at;
use crate::error::panicked;
use crate::statement::{Statement, answer, parse};
use crate::{Catalog, Execution, Limits, SqlError, TableSource};

/// Runs statements; holds what they share: memory, spill space and settings.
///
/// Any number of statements may run at once.
#[derive(Debug)]
pub struct Engine {
    limits: Limits,
    state: SessionState,
}

impl Engine {
    /// An engine with these bounds.
    ///
    /// Fails with [`SqlError::Internal`] when the spill folder cannot be used.
    pub fn new(limits: Limits) -> Result<Self, SqlError> {
        let state = session::state(&limits)?;
        Ok(Self { limits, state })
    }

    /// Parses, plans and starts a statement.
    ///
    /// `now` is what `now()` means for the whole statement, in nanoseconds since the Unix epoch.
    /// A panic inside the engine is an [`SqlError::Internal`].
    pub async fn query(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
    ) -> Result<Execution, SqlError> {
        AssertUnwindSafe(self.start(sql, catalog, now))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
    }

    async fn start(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
    ) -> Result<Execution, SqlError> {
        if sql.len() > self.limits.query_bytes {
            return Err(SqlError::Validation(format!(
                "the query text has {} bytes; at most {} are allowed",
                sql.len(),
                self.limits.query_bytes
            )));
        }
        let statement = parse(sql)?;
        if let Some((columns, rows)) = answer(&statement, catalog)? {
            return Ok(Execution::metadata(columns, rows));
        }
        match statement {
            Statement::Select(query) => plan::start(&self.state, *query, catalog, now).await,
            _ => Err(SqlError::Internal(
                "a metadata statement without an answer".to_owned(),
            )),
        }
    }
}

/// The table that a statement names at a place.
pub(crate) fn find_table(
    catalog: &dyn Catalog,
    database: &str,
    table: &str,
    at: Location,
) -> Result<TableSource, SqlError> {
    if let Some(found) = catalog.table(database, table) {
        return Ok(found);
    }
    if catalog.tables(database).is_none() {
        return Err(database_not_found(
            database,
            &format!("{database}.{table}"),
            at,
        ));
    }
    Err(invalid_at(
        at,
        format_args!("Table '{database}.{table}' does not exist"),
    ))
}

/// The service's sentence for a database that does not exist.
pub(crate) fn database_not_found(database: &str, identifier: &str, at: Location) -> SqlError {
    SqlError::Validation(format!(
        "Requested database '{database}' not found for identifier '{identifier}' at line {}:{}",
        at.line, at.column
    ))
}
