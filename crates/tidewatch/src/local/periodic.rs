//! Rows that come with time rather than with probes: how the local mode is doing every minute,
//! states every five minutes, definitions every hour.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_domain::assess::Ledger;
use tidewatch_domain::ports::{Clock, Destination};
use tidewatch_domain::rows::{self, Ops, Overlays};
use tidewatch_domain::{Location, MonitorId, Timestamp};
use tidewatch_store::Store;
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::counters::Counters;
use super::writer::RecordQueue;

const MINUTE: i64 = 60;

/// What the periodic rows are made of.
#[derive(Debug)]
pub(crate) struct Periodic {
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The present.
    pub(crate) board: Arc<Board>,
    /// What judging remembers.
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    /// What was counted.
    pub(crate) counters: Arc<Counters>,
    /// Takes rows.
    pub(crate) queue: RecordQueue,
    /// The store whose size is told.
    pub(crate) store: Store,
    /// Where probes run.
    pub(crate) location: Location,
}

impl Periodic {
    /// Writes rows at every full minute until `stop` is cancelled, and once more then, so that
    /// the counts of the last minute are not lost.
    ///
    /// The time of an `ops` row is the beginning of what it counts: the full minute, or the start
    /// of the program within its first one. The two parts of a minute in which the program is
    /// started again are therefore two rows, and their counts add up.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut counted_from = self.clock.now();
        loop {
            let now = self.clock.now();
            let next = Timestamp::from_secs((now.as_secs().div_euclid(MINUTE) + 1) * MINUTE);
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(next.since(now)) => {
                    self.queue.push([self.ops(counted_from)]).await;
                    counted_from = next;
                    self.tick(next).await;
                }
            }
        }
        self.queue.push([self.ops(counted_from)]).await;
    }

    /// The rows due at `minute`, which has just begun.
    async fn tick(&self, minute: Timestamp) {
        let is_due = |every: Duration| minute.as_millis().rem_euclid(in_millis(every)) == 0;
        let (states_are_due, definitions_are_due) =
            (is_due(rows::STATE_EVERY), is_due(rows::MONITOR_EVERY));
        if !states_are_due && !definitions_are_due {
            return;
        }
        let mut rows = Vec::new();
        for card in self.board.cards() {
            if states_are_due {
                let overlays = Overlays::of(&card.monitor, minute);
                let states = self.ledger.lock().state_rows(&card.monitor.key, minute);
                rows.extend(states.into_iter().map(|row| (Destination::Main, row)));
                self.board
                    .update(&card.monitor.key, |card| card.overlays = overlays);
            }
            if definitions_are_due {
                let row = rows::monitor_row(&card.monitor, minute);
                rows.push((Destination::Main, row));
            }
        }
        self.queue.push(rows).await;
    }

    fn ops(&self, counted_from: Timestamp) -> (Destination, tidewatch_domain::Record) {
        let stats = self.store.stats();
        let ops = Ops {
            monitors: as_u64(self.board.enabled()),
            rows_queued: as_u64(self.queue.len()),
            store_bytes: stats.partition_bytes + stats.log_bytes,
            ..self.counters.take()
        };
        let component = MonitorId::component("local");
        (
            Destination::Main,
            rows::ops_row(&component, &self.location, &ops, counted_from),
        )
    }
}

fn in_millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
