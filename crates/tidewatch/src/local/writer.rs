//! The way of rows into the store: a bounded queue and one task that writes rounds of batches.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tidewatch_domain::Record;
use tidewatch_domain::ports::{Destination, RecordSink, SinkError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::counters::Counters;

/// Rows that may wait. When the store cannot keep up or is full, probes wait for room here, and
/// their slots show as missed: nothing is dropped in silence.
const QUEUE: usize = 50_000;
/// What WriteRecords takes at most.
const BATCH: usize = 100;
/// Rows that are written at the same time, in as many batches as that takes.
const ROUND: usize = 1_000;
/// How long the first row of a round waits for others. Every write costs the store a
/// synchronised log entry and a new piece of its head, however few rows are in it.
const LINGER: Duration = Duration::from_millis(100);
/// The first pause after a failed write; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause after a failed write.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Where rows are handed in.
#[derive(Clone, Debug)]
pub(crate) struct RecordQueue {
    sender: mpsc::Sender<(Destination, Record)>,
}

impl RecordQueue {
    /// Hands rows in, waiting for room if need be.
    pub(crate) async fn push(&self, rows: impl IntoIterator<Item = (Destination, Record)>) {
        for row in rows {
            if self.sender.send(row).await.is_err() {
                // Only after the writer was told to give up, which logs what is lost.
                return;
            }
        }
    }

    /// Rows that wait to be written.
    pub(crate) fn len(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }
}

/// Starts the writing task. It ends when every clone of the queue is gone and all rows are
/// written; once `give_up` is cancelled, it no longer retries.
pub(crate) fn start(
    sink: Arc<dyn RecordSink>,
    counters: Arc<Counters>,
    give_up: CancellationToken,
) -> (RecordQueue, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let writer = Writer {
        sink,
        counters,
        give_up,
    };
    (RecordQueue { sender }, tokio::spawn(writer.run(receiver)))
}

struct Writer {
    sink: Arc<dyn RecordSink>,
    counters: Arc<Counters>,
    give_up: CancellationToken,
}

impl Writer {
    async fn run(self, mut receiver: mpsc::Receiver<(Destination, Record)>) {
        let mut rows = Vec::new();
        while receiver.recv_many(&mut rows, ROUND).await > 0 {
            fill(&mut rows, &mut receiver).await;
            let mut main = Vec::new();
            let mut attempts = Vec::new();
            for (destination, record) in rows.drain(..) {
                match destination {
                    Destination::Main => main.push(record),
                    Destination::Attempts => attempts.push(record),
                }
            }
            let main = batches(main).map(|batch| self.write(Destination::Main, batch));
            let attempts = batches(attempts).map(|batch| self.write(Destination::Attempts, batch));
            // Together, so that the store makes one group of them.
            join_all(main.chain(attempts)).await;
        }
    }

    async fn write(&self, destination: Destination, records: Vec<Record>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.sink.write(destination, records.clone()).await {
                Ok(report) => {
                    self.counters.written(&report);
                    for (index, reason) in report.rejected {
                        tracing::warn!(row = ?records.get(index), "row rejected: {reason}");
                    }
                    return;
                }
                Err(error) => error,
            };
            if !error.retryable || self.give_up.is_cancelled() {
                self.lost(&error, records.len());
                return;
            }
            self.counters.retried();
            tracing::warn!("rows cannot be written, trying again in {pause:?}: {error}");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.give_up.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn lost(&self, error: &SinkError, count: usize) {
        self.counters.lost(count);
        tracing::error!("{count} rows are lost: {error}");
    }
}

/// Adds rows until the round is full, its time is over, or nobody hands in any more.
async fn fill(
    rows: &mut Vec<(Destination, Record)>,
    receiver: &mut mpsc::Receiver<(Destination, Record)>,
) {
    let end = Instant::now() + LINGER;
    while rows.len() < ROUND {
        let room = ROUND - rows.len();
        match timeout_at(end, receiver.recv_many(rows, room)).await {
            Ok(added) if added > 0 => {}
            _ => return,
        }
    }
}

/// `records` in order, cut into what one write takes.
fn batches(records: Vec<Record>) -> impl Iterator<Item = Vec<Record>> {
    let mut records = records.into_iter();
    std::iter::from_fn(move || {
        let batch: Vec<Record> = records.by_ref().take(BATCH).collect();
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests;
