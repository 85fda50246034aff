//! What people were told lately, for the status page.

use std::collections::VecDeque;

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_domain::ports::{Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{Record, Timestamp, Value};

use super::sink::BridgeSink;

/// So many are kept.
const KEPT: usize = 20;

/// A message, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// When.
    pub(crate) at: Timestamp,
    /// Whose monitor it was about.
    pub(crate) tenant: String,
    /// Which one, or which component.
    pub(crate) monitor_id: String,
    /// What it said: opened, resolved, ...
    pub(crate) kind: String,
    /// The channel.
    pub(crate) channel: String,
    /// What became of it: sent, failed, dropped.
    pub(crate) result: String,
}

impl Told {
    /// What a `notification` row says; `None` for other rows.
    fn of(record: &Record) -> Option<Self> {
        let text = |name: &str| match record.measure(name) {
            Some(Value::Varchar(text)) => Some(text.clone()),
            _ => None,
        };
        let dimension = |name: &str| {
            let found = record.dimensions.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        if record.measure_name != measure_name::NOTIFICATION {
            return None;
        }
        Some(Told {
            at: record.time,
            tenant: dimension(dimension::TENANT)?,
            monitor_id: dimension(dimension::MONITOR_ID)?,
            kind: text(measure::MESSAGE_KIND)?,
            channel: text(measure::CHANNEL)?,
            result: text(measure::RESULT)?,
        })
    }
}

/// What people were told lately, the newest first.
#[derive(Debug, Default)]
pub(crate) struct LastTold(Mutex<VecDeque<Told>>);

impl LastTold {
    /// All of it.
    pub(crate) fn all(&self) -> Vec<Told> {
        self.0.lock().iter().cloned().collect()
    }

    /// Adds one.
    pub(crate) fn add(&self, told: Told) {
        let mut all = self.0.lock();
        all.push_front(told);
        all.truncate(KEPT);
    }
}

/// Writes the rows of messages, and keeps the last of them.
#[derive(Debug)]
pub(super) struct TellingSink {
    /// Where rows go.
    pub(super) sink: BridgeSink,
    /// What is kept.
    pub(super) last: std::sync::Arc<LastTold>,
}

#[async_trait]
impl RecordSink for TellingSink {
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        for told in records.iter().filter_map(Told::of) {
            self.last.add(told);
        }
        self.sink.write(destination, records).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_come_first_and_old_ones_go() {
        let last = LastTold::default();
        for second in 0..30 {
            last.add(Told {
                at: Timestamp::from_secs(second),
                tenant: "demo".to_owned(),
                monitor_id: "shop".to_owned(),
                kind: "opened".to_owned(),
                channel: "chat".to_owned(),
                result: "sent".to_owned(),
            });
        }
        let all = last.all();
        assert_eq!((all.len(), all[0].at), (KEPT, Timestamp::from_secs(29)));
    }
}
