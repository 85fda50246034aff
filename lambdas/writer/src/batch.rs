//! One invocation: from a batch of messages to the answer which of them are to come again.

use std::collections::BTreeSet;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use futures::StreamExt;
use futures::stream;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use tidewatch_aws::message::Row;
use tidewatch_aws::rejected::Rejected;
use tidewatch_aws::state_table::StateError;
use tidewatch_domain::ports::{Clock, Destination};
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Location, Tenant, Value as Figure, rows};
use tidewatch_telemetry::{Metric, Metrics};

use crate::bucket::{self, BucketError};
use crate::columns::Columns;
use crate::delivery::{Delivery, Undelivered};
use crate::event::Event;
use crate::intake::{self, Intake};
use crate::judging::Options;
use crate::memory::Memory;
use crate::ports::States;
use crate::rollup::Rollups;

/// Buckets that are judged at the same time.
const AT_ONCE: usize = 4;

/// The function, built once.
pub(crate) struct Writer {
    /// The judging state.
    pub(crate) states: Box<dyn States>,
    /// The ways out.
    pub(crate) delivery: Delivery,
    /// What the store knows of monitors that the state does not know.
    pub(crate) memory: Memory,
    /// The columns of the store.
    pub(crate) columns: Columns,
    /// The hourly work.
    pub(crate) rollups: Rollups,
    /// How it judges.
    pub(crate) options: Options,
    /// What time it is.
    pub(crate) clock: Box<dyn Clock>,
    /// Where it is counted.
    pub(crate) metrics: Metrics,
    /// Where it runs.
    pub(crate) location: Location,
}

/// An invocation failed as a whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriterError {
    /// Nobody knows what it was for.
    #[error(transparent)]
    Event(#[from] crate::event::EventError),
    /// The hourly work.
    #[error(transparent)]
    Rollup(#[from] crate::rollup::RollupError),
}

impl From<WriterError> for Diagnostic {
    fn from(error: WriterError) -> Self {
        let error_type = match error {
            WriterError::Event(_) => "Event",
            WriterError::Rollup(_) => "Rollup",
        };
        Diagnostic {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}

impl Writer {
    /// Does what an invocation is for, and answers.
    pub(crate) async fn handle(&self, payload: Value) -> Result<Value, WriterError> {
        match Event::read(payload)? {
            Event::Batch(batch) => Ok(self.take(batch).await),
            Event::Rollup { hour } => {
                let written = self
                    .rollups
                    .run(&self.delivery, hour, self.clock.now())
                    .await?;
                Ok(json!({ "v": 1, "rows": written }))
            }
            Event::Ping => Ok(json!({
                "v": 1,
                "version": env!("CARGO_PKG_VERSION"),
                "alerts": self.options.alerts,
            })),
        }
    }

    /// Takes a batch in; the answer names the messages that are to come again.
    async fn take(&self, batch: SqsEvent) -> Value {
        let intake = intake::read(&batch.records, self.clock.now());
        self.metrics.count(Metric::Probes, intake.results);
        self.metrics.count(Metric::Missed, intake.missed);
        self.metrics.longest(Metric::QueueAge, intake.oldest);
        let again = self.process(intake).await;
        self.write_own_row().await;
        answer(&batch.records, &again)
    }

    async fn process(&self, intake: Intake) -> BTreeSet<usize> {
        let mut again = BTreeSet::new();
        for (index, reason) in &intake.unknown {
            tracing::error!("a message is left for another release: {reason}");
            again.insert(*index);
        }
        again.extend(self.keep_refused(intake.refused).await);
        let judged = stream::iter(&intake.buckets)
            .map(|(bucket, (work, messages))| async move {
                let name = bucket.to_string();
                let now = self.clock.now();
                let (states, delivery) = (&*self.states, &self.delivery);
                let memory = &self.memory;
                let options = self.options;
                match bucket::process(states, delivery, memory, &name, work, options, now).await {
                    Ok(()) => None,
                    Err(error) => {
                        if let BucketError::State(StateError::TooLarge { .. }) = error {
                            self.metrics.count(Metric::StatesTooLarge, 1);
                        }
                        tracing::error!(bucket, "the bucket's results are to come again: {error}");
                        Some(messages)
                    }
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        again.extend(judged.into_iter().flatten().flatten());
        again.extend(self.write_rows(intake.rows).await);
        again
    }

    /// Keeps what cannot be read; the messages of which something could not be kept come again.
    async fn keep_refused(&self, refused: Vec<(usize, Rejected)>) -> Vec<usize> {
        if refused.is_empty() {
            return Vec::new();
        }
        let (messages, letters): (Vec<usize>, Vec<Rejected>) = refused.into_iter().unzip();
        let count = u64::try_from(letters.len()).unwrap_or(u64::MAX);
        self.metrics.count(Metric::Refused, count);
        match self.delivery.keep(&letters).await {
            Ok(()) => Vec::new(),
            Err(error) => {
                tracing::error!("messages with refused items are to come again: {error}");
                messages
            }
        }
    }

    /// Writes the rows that only have to be written; the messages of those that were not written
    /// come again.
    async fn write_rows(&self, rows: Vec<(usize, Row)>) -> Vec<usize> {
        let (messages, rows): (Vec<usize>, Vec<_>) = rows.into_iter().unzip();
        match self.delivery.rows(&rows).await {
            Ok(()) => Vec::new(),
            Err(error) => {
                tracing::error!("messages with rows are to come again: {error}");
                match error {
                    Undelivered::Rows { positions, .. } => positions
                        .into_iter()
                        .filter_map(|position| messages.get(position).copied())
                        .collect(),
                    Undelivered::Alerts(_) | Undelivered::DeadLetters(_) => messages,
                }
            }
        }
    }

    /// Writes the row about this invocation, and with the first of them the columns. It is lost
    /// where that fails, and where the store has just not taken other rows: what it says is in the
    /// metrics as well, a failure of the store has already been told, and waiting once more for one
    /// that hangs would cost the answer.
    async fn write_own_row(&self) {
        if self.metrics.value(Metric::WriteRetries).is_some() {
            return;
        }
        let value = |metric| self.metrics.value(metric).unwrap_or_default();
        let mut figures: Vec<(&'static str, Figure)> = [
            Metric::Probes,
            Metric::Missed,
            Metric::RowsWritten,
            Metric::RowsDuplicate,
            Metric::RowsRejected,
            Metric::WriteRetries,
        ]
        .map(|metric| (metric.name(), Figure::Bigint(value(metric) as i64)))
        .to_vec();
        figures.push((
            measure::QUEUE_AGE_MS,
            Figure::Double(value(Metric::QueueAge)),
        ));
        let now = self.clock.now();
        let mut rows = vec![Row {
            destination: Destination::Main,
            tenant: Tenant::system(),
            record: rows::function_row("writer", &self.location, figures, now),
        }];
        rows.extend(self.columns.rows(now));
        let written = self.delivery.rows.write(&rows).await;
        if written.failed.is_empty() {
            self.columns.note_declared();
        }
        let refused = written.rejected.into_iter().chain(written.failed);
        for (position, reason) in refused {
            let kind = rows.get(position).map_or("", |row| row.record.measure_name);
            tracing::warn!(kind, "a row of the function's own is not written: {reason}");
        }
    }
}

/// The answer to SQS: the messages that are to come again. A batch with a message that has no
/// identifier can only come again as a whole, which an empty identifier says.
fn answer(messages: &[SqsMessage], again: &BTreeSet<usize>) -> Value {
    let failures: Vec<Value> = again
        .iter()
        .filter_map(|index| messages.get(*index))
        .map(|message| json!({ "itemIdentifier": message.message_id.as_deref().unwrap_or("") }))
        .collect();
    json!({ "batchItemFailures": failures })
}

#[cfg(test)]
mod tests;
