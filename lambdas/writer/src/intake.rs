//! From the messages of a batch to what there is to do.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use tidewatch_aws::message::{Decoded, Message, MessageError, Results, Row, decode};
use tidewatch_aws::rejected::Rejected;
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{MonitorId, MonitorKey, Record, Tenant, Timestamp, Value};

use crate::judging::{Probed, Work};

/// What a batch holds. Messages go by their position in it.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// What there is to judge, by bucket, with the messages that it came in.
    pub(crate) buckets: BTreeMap<u32, (Work, BTreeSet<usize>)>,
    /// Rows to write, each with its message.
    pub(crate) rows: Vec<(usize, Row)>,
    /// What cannot be read, each with its message.
    pub(crate) refused: Vec<(usize, Rejected)>,
    /// Messages that another release has to read.
    pub(crate) unknown: Vec<(usize, String)>,
    /// How many results there are.
    pub(crate) results: u64,
    /// Slots that passed without a probe.
    pub(crate) missed: u64,
    /// How long the oldest result was under way.
    pub(crate) oldest: Duration,
}

/// Reads the messages of a batch at `now`.
pub(crate) fn read(messages: &[SqsMessage], now: Timestamp) -> Intake {
    let mut intake = Intake::default();
    for (index, message) in messages.iter().enumerate() {
        let text = message.body.as_deref().unwrap_or_default();
        match decode(text) {
            Ok(decoded) => intake.take(index, decoded, now),
            Err(error @ MessageError::Version { .. }) => {
                intake.unknown.push((index, error.to_string()));
            }
            Err(error) => {
                let rejected = Rejected::Text {
                    place: "message".to_owned(),
                    text: text.to_owned(),
                    reason: error.to_string(),
                };
                intake.refused.push((index, rejected));
            }
        }
    }
    intake
}

impl Intake {
    fn take(&mut self, index: usize, Decoded { message, refused }: Decoded, now: Timestamp) {
        let refused = refused.into_iter().map(|item| Rejected::Text {
            place: item.place,
            text: item.json,
            reason: item.reason,
        });
        self.refused
            .extend(refused.map(|rejected| (index, rejected)));
        match message {
            Message::Results(results) => self.take_results(index, results, now),
            Message::Rows(rows) => self.take_rows(index, None, rows),
        }
    }

    fn take_results(&mut self, index: usize, message: Results, now: Timestamp) {
        let bucket = message.bucket;
        let (work, messages) = self.buckets.entry(bucket).or_default();
        messages.insert(index);
        for result in &message.results {
            let Some(monitor) = message.monitor(&result.key) else {
                continue;
            };
            self.results += 1;
            self.oldest = self.oldest.max(now.since(result.started_at));
            work.results.push(Probed {
                monitor: std::sync::Arc::clone(monitor),
                result: result.clone(),
            });
        }
        self.take_rows(index, Some(bucket), message.rows);
    }

    fn take_rows(&mut self, index: usize, bucket: Option<u32>, rows: Vec<Row>) {
        for row in rows {
            if let (Some(bucket), Some(key)) = (bucket, tombstone_of(&row.record)) {
                let (work, messages) = self.buckets.entry(bucket).or_default();
                messages.insert(index);
                work.gone.push((key, row.record.time));
            }
            if let Some(Value::Bigint(missed)) = missed(&row.record) {
                self.missed += u64::try_from(*missed).unwrap_or_default();
            }
            self.rows.push((index, row));
        }
    }
}

fn missed(record: &Record) -> Option<&Value> {
    if record.measure_name != measure_name::PROBE {
        return None;
    }
    record.measure(measure::MISSED)
}

/// The monitor that a row says is gone.
fn tombstone_of(record: &Record) -> Option<MonitorKey> {
    let is_gone = record.measure_name == measure_name::MONITOR
        && record.measure(measure::DELETED) == Some(&Value::Boolean(true));
    if !is_gone {
        return None;
    }
    let value = |name: &str| {
        let found = record.dimensions.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| value.as_str())
    };
    Some(MonitorKey {
        tenant: Tenant::try_new(value(dimension::TENANT)?).ok()?,
        monitor_id: MonitorId::try_new(value(dimension::MONITOR_ID)?).ok()?,
    })
}

#[cfg(test)]
mod tests;
