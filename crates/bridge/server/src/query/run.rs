//! A statement at work, in a task of its own, so that it goes on while the client reads and stops
//! when nobody wants its rows any more.

use std::sync::Arc;

use tidewatch_sql::{Description, Execution, SqlError, StatementKind};
use tidewatch_wire::{ApiError, ColumnInfo, Row};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::catalog::VisibleCatalog;
use super::shape;
use super::work::Work;
use crate::auth::Caller;
use crate::bridge::Shared;
use crate::failure;

/// What a statement tells while it works. After an error, or after [`Event::Ended`], nothing
/// follows.
#[derive(Debug)]
pub(crate) enum Event {
    /// It was planned; always the first.
    Started {
        kind: StatementKind,
        columns: Vec<ColumnInfo>,
    },
    /// Rows, each with its size as JSON; and the bytes read so far.
    Rows {
        rows: Vec<(Row, usize)>,
        scanned: u64,
    },
    /// It ran to its end; and the bytes it read.
    Ended { scanned: u64 },
}

/// Where the events come out. Dropping it stops the statement.
pub(crate) type Events = mpsc::Receiver<Result<Event, ApiError>>;

/// Starts a statement on behalf of `caller`.
pub(crate) fn start(shared: &Arc<Shared>, caller: &Caller, statement: String) -> Events {
    // One event waits while the client reads another: the statement is at most that much ahead.
    let (sender, events) = mpsc::channel(1);
    let shared = shared.clone();
    let caller = caller.clone();
    let threads = shared.clone();
    threads.query_threads.spawn(async move {
        tokio::select! {
            () = sender.closed() => {}
            done = drive(&shared, &caller, &statement, &sender) => {
                if let Err(error) = done {
                    // Nobody to tell: the client has gone in this very moment.
                    let _ = sender.send(Err(error)).await;
                }
            }
        }
    });
    events
}

/// Plans a statement on behalf of `caller`, in its turn among those that run.
pub(crate) async fn describe(
    shared: &Arc<Shared>,
    caller: &Caller,
    statement: String,
) -> Result<Description, ApiError> {
    let (sender, described) = oneshot::channel();
    let worker = shared.clone();
    let caller = caller.clone();
    shared.query_threads.spawn(async move {
        let mut work = Work::new(&worker.turns, worker.settings.query_timeout);
        let stop = work.stop().clone();
        let describing = planning(&worker, &caller, move |shared, catalog| {
            let now = shared.clock.now();
            shared.engine.describe(&statement, catalog, now, &stop)
        });
        // Nobody to tell: the client has gone.
        let _ = sender.send(work.turn(describing).await);
    });
    described.await.unwrap_or_else(|_| Err(vanished()))
}

/// Plans on behalf of `caller` on a thread that may be kept: planning computes without a pause, so
/// that on the threads of the statements it could be neither timed out nor cancelled, and would
/// keep others waiting. A future that is dropped leaves the thread to what tells `plan` to stop.
async fn planning<T: Send + 'static>(
    shared: &Arc<Shared>,
    caller: &Caller,
    plan: impl FnOnce(&Shared, &VisibleCatalog<'_>) -> Result<T, SqlError> + Send + 'static,
) -> Result<T, ApiError> {
    let (shared, caller) = (shared.clone(), caller.clone());
    let planned = tokio::task::spawn_blocking(move || {
        let catalog = VisibleCatalog::new(&shared.store, &caller);
        let planned = plan(&shared, &catalog);
        match catalog.refused() {
            Some(resource) => Err(caller.denied_statement(&resource, &shared.settings)),
            None => planned.map_err(failure::sql),
        }
    });
    planned.await.unwrap_or_else(|_| Err(vanished()))
}

/// What a client is told when the task of its statement ended without a word, after a panic.
pub(crate) fn vanished() -> ApiError {
    tracing::error!("the task of a statement ended before its result did");
    ApiError::internal()
}

async fn drive(
    shared: &Arc<Shared>,
    caller: &Caller,
    statement: &str,
    sender: &mpsc::Sender<Result<Event, ApiError>>,
) -> Result<(), ApiError> {
    let mut work = Work::new(&shared.turns, shared.settings.query_timeout);
    let stop = work.stop().clone();
    let statement = statement.to_owned();
    let starting = planning(shared, caller, move |shared, catalog| {
        let now = shared.clock.now();
        let starting = shared.engine.query_until(&statement, catalog, now, &stop);
        Handle::current().block_on(starting)
    });
    let mut execution = work.turn(starting).await?;
    let started = Event::Started {
        kind: execution.kind,
        columns: execution.columns.iter().map(shape::column).collect(),
    };
    // A failed send means that the cursor is gone; `start` then drops this future.
    let _ = sender.send(Ok(started)).await;
    while let Some(rows) = work
        .turn(next_rows(&mut execution, shared.settings.row_bytes))
        .await?
    {
        let scanned = execution.bytes_scanned();
        let _ = sender.send(Ok(Event::Rows { rows, scanned })).await;
    }
    let _ = sender
        .send(Ok(Event::Ended {
            scanned: execution.bytes_scanned(),
        }))
        .await;
    Ok(())
}

async fn next_rows(
    execution: &mut Execution,
    row_bytes: usize,
) -> Result<Option<Vec<(Row, usize)>>, ApiError> {
    let Some(rows) = execution.next_rows().await.map_err(failure::sql)? else {
        return Ok(None);
    };
    rows.into_iter()
        .map(|row| {
            let row = shape::row(row);
            let size = shape::json_bytes(&row);
            if size > row_bytes {
                return Err(ApiError::validation(
                    "Query aborted as max page response size has been exceeded by the output result row",
                ));
            }
            Ok((row, size))
        })
        .collect::<Result<_, _>>()
        .map(Some)
}
