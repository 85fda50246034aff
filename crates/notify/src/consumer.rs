//! From the queue to people.
//!
//! A round takes a number of envelopes together and goes, for each subject that they are about,
//! through these steps:
//!
//! 1. read what is known of the subject, and decide what people have to be told;
//! 2. save that, with the notices in an outbox: from now on they cannot be lost, and nobody else
//!    decides the same;
//! 3. hand the messages to the channels;
//! 4. save which channels took them.
//!
//! After a crash the envelopes come again. What is in an outbox is sent then, with the dedupe id
//! that it had, and so a message is repeated only where the crash fell between steps 3 and 4. An
//! outbox is claimed for a while by who wrote it, so that two consumers never send the same.

mod deliver;
mod gather;
mod mark;
mod plan;
mod round;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_domain::incident::Policy;
use tidewatch_domain::incident::text::Surroundings;
use tidewatch_domain::ports::{Clock, RecordSink};
use tidewatch_domain::{Location, Timestamp};

use crate::channel::Subscription;
use crate::envelope::Envelope;
use crate::heartbeat::Heartbeat;
use crate::queue::AlertQueue;
use crate::table::IncidentTable;

/// How often a subject is tried again when others change it at the same time.
const MOST_ROUNDS: usize = 5;
/// How long an item of the table is kept after its last change, while alerts fire.
const KEEP_OPEN: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// The same when nothing goes on any more.
const KEEP_CLOSED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a consumer works with.
pub struct Consumer {
    /// What is known of each subject.
    pub table: Arc<dyn IncidentTable>,
    /// Where it leaves word for itself.
    pub queue: Arc<dyn AlertQueue>,
    /// The ways to people.
    pub subscriptions: Vec<Subscription>,
    /// Takes the Watchdog's signs of life.
    pub heartbeat: Arc<dyn Heartbeat>,
    /// Takes `notification` rows.
    pub rows: Arc<dyn RecordSink>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// How it goes about it.
    pub options: Options,
    /// Times of rows are unique, because rows of one monitor at one time would be the same row.
    pub row_times: RowTimes,
}

/// How a consumer goes about it.
#[derive(Clone, Debug)]
pub struct Options {
    /// How patient people want their alerts.
    pub policy: Policy,
    /// Addresses for alerts that bring none.
    pub surroundings: Surroundings,
    /// Where it runs.
    pub location: Location,
}

/// What became of a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// For each envelope, in order: done, or why it has to come again.
    pub outcomes: Vec<Result<(), String>>,
    /// Messages that a channel took.
    pub sent: usize,
    /// Messages that a channel did not take.
    pub failed: usize,
    /// Signs of life of the Watchdog.
    pub heartbeats: usize,
    /// Alerts that could not be read; they are logged.
    pub refused: usize,
}

impl Report {
    fn fail(&mut self, envelopes: impl IntoIterator<Item = usize>, reason: &str) {
        for position in envelopes {
            if let Some(outcome @ Ok(())) = self.outcomes.get_mut(position) {
                *outcome = Err(reason.to_owned());
            }
        }
    }
}

/// Gives every row a millisecond of its own.
#[derive(Debug, Default)]
pub struct RowTimes {
    last: Mutex<Option<Timestamp>>,
}

impl RowTimes {
    fn next(&self, now: Timestamp) -> Timestamp {
        let mut last = self.last.lock();
        let now = now.truncated_to_millis();
        let next = match *last {
            Some(last) if last >= now => last.plus(Duration::from_millis(1)),
            _ => now,
        };
        *last = Some(next);
        next
    }
}

impl Consumer {
    /// Takes envelopes through a round and tells which of them are done.
    ///
    /// `lease` says for how long outboxes are claimed: longer than this call can take, however it
    /// ends. Zero where there is only one consumer, which may then go on at once after a crash.
    pub async fn handle(&self, envelopes: &[Envelope], lease: Duration) -> Report {
        let mut report = Report {
            outcomes: vec![Ok(()); envelopes.len()],
            ..Report::default()
        };
        let mut waiting = self.gather(envelopes, &mut report);
        for _ in 0..MOST_ROUNDS {
            if waiting.is_empty() {
                break;
            }
            waiting = self.round(waiting, lease, &mut report).await;
        }
        for work in waiting {
            let reason = format!("`{}` was changed by others all the time", work.subject);
            report.fail(work.envelopes, &reason);
        }
        report
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Consumer")
            .field("subscriptions", &self.subscriptions)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
