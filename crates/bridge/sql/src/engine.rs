//! The entry: text in, a running statement out.

mod cooperation;
mod correlated;
mod describe;
mod plan;
mod session;

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use datafusion::execution::session_state::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::tokenizer::Location;
use futures::FutureExt;

use crate::ast::invalid_at;
use crate::error::panicked;
use crate::statement::{Statement, answer, parse, parse_tokens};
use crate::{Catalog, Column, Datum, Execution, Limits, SqlError, Stop, TableSource};

pub use describe::{Description, Parameter};

/// Stack for parsing and planning a statement of the greatest depth that is allowed, in bytes. It is
/// reserved for the moment, and only touched pages take memory.
const PLANNING_STACK: usize = 64 * 1024 * 1024;

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

    /// Parses, plans and starts a statement that nobody stops but by dropping it; see
    /// [`Engine::query_until`].
    pub async fn query(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
    ) -> Result<Execution, SqlError> {
        self.query_until(sql, catalog, now, &Stop::default()).await
    }

    /// Parses, plans and starts a statement.
    ///
    /// All of that is computing, which may take long and knows no pause: it belongs on a thread
    /// that may be kept, and ends with [`SqlError::Stopped`] soon after `stop` says so. While the
    /// statement runs `stop` ends the functions that it calls.
    ///
    /// `now` is what `now()` means for the whole statement, in nanoseconds since the Unix epoch.
    /// A panic inside the engine is an [`SqlError::Internal`].
    pub async fn query_until(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
        stop: &Stop,
    ) -> Result<Execution, SqlError> {
        AssertUnwindSafe(self.start(sql, catalog, now, stop))
            .catch_unwind()
            .await
            .unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
    }

    /// Plans a statement, which may have parameters (`@name`), and runs nothing. It computes as
    /// [`Engine::query_until`] does.
    ///
    /// A panic inside the engine is an [`SqlError::Internal`].
    pub fn describe(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
        stop: &Stop,
    ) -> Result<Description, SqlError> {
        self.check_length(sql)?;
        let state = self.state_until(stop);
        let plan = |tokens, end| {
            let prepared = prepare(&state, parse_tokens(tokens, end)?, catalog, now)?;
            Ok(match prepared {
                Prepared::Answer(columns, _) | Prepared::Plan(columns, _) => columns,
            })
        };
        let work = || stacker::grow(PLANNING_STACK, || describe::describe(sql, plan));
        std::panic::catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|panic| Err(panicked(panic.as_ref())))
    }

    /// The engine's state for one statement.
    fn state_until(&self, stop: &Stop) -> SessionState {
        let mut state = self.state.clone();
        let options = state.config_mut().options_mut();
        options.extensions.insert(stop.clone());
        state
    }

    fn check_length(&self, sql: &str) -> Result<(), SqlError> {
        if sql.len() <= self.limits.query_bytes {
            return Ok(());
        }
        Err(SqlError::Validation(format!(
            "the query text has {} bytes; at most {} are allowed",
            sql.len(),
            self.limits.query_bytes
        )))
    }

    async fn start(
        &self,
        sql: &str,
        catalog: &dyn Catalog,
        now: i64,
        stop: &Stop,
    ) -> Result<Execution, SqlError> {
        self.check_length(sql)?;
        let state = self.state_until(stop);
        // Trees of syntax and of plans are walked by recursion: not on the caller's stack, whose
        // size is unknown.
        let prepare = || prepare(&state, parse(sql)?, catalog, now);
        let prepared = stacker::grow(PLANNING_STACK, prepare)?;
        match prepared {
            Prepared::Answer(columns, rows) => Ok(Execution::metadata(columns, rows)),
            Prepared::Plan(columns, plan) => {
                let mut starting = pin!(plan::start(&state, columns, &plan));
                poll_fn(|cx| stacker::grow(PLANNING_STACK, || starting.as_mut().poll(cx))).await
            }
        }
    }
}

fn prepare(
    state: &SessionState,
    statement: Statement,
    catalog: &dyn Catalog,
    now: i64,
) -> Result<Prepared, SqlError> {
    match statement {
        Statement::Select(query) => {
            let (columns, plan) = plan::prepare(state, *query, catalog, now)?;
            Ok(Prepared::Plan(columns, Box::new(plan)))
        }
        Statement::Metadata(question) => {
            let (columns, rows) = answer(&question, catalog)?;
            Ok(Prepared::Answer(columns, rows))
        }
    }
}

/// A statement that is ready to give rows.
enum Prepared {
    Answer(Vec<Column>, Vec<Vec<Datum>>),
    Plan(Vec<Column>, Box<LogicalPlan>),
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
