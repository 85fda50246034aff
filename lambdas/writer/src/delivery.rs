//! How rows and alerts get out.

use tidewatch_aws::message::Row;
use tidewatch_aws::rejected::Rejected;
use tidewatch_aws::state_table::Outbox;
use tidewatch_domain::Record;
use tidewatch_domain::schema::dimension;
use tidewatch_telemetry::{Metric, Metrics};

use crate::ports::{Alerts, DeadLetters, Rows};

/// Where rows, alerts and dead letters go.
pub(crate) struct Delivery {
    /// The store.
    pub(crate) rows: Box<dyn Rows>,
    /// The alert queue, where the writer alerts.
    pub(crate) alerts: Option<Box<dyn Alerts>>,
    /// The queue of what has no other way; without one it is logged.
    pub(crate) dead_letters: Option<Box<dyn DeadLetters>>,
    /// Where it is counted.
    pub(crate) metrics: Metrics,
}

/// Something could not be delivered now; the same may be tried again later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Undelivered {
    /// Rows, by their positions.
    #[error("{} rows cannot be written: {reason}", positions.len())]
    Rows {
        /// The positions of those that were not written.
        positions: Vec<usize>,
        /// Why the first of them was not.
        reason: String,
    },
    /// Alerts.
    #[error("alerts cannot be queued: {0}")]
    Alerts(String),
    /// Dead letters.
    #[error("what was refused cannot be kept: {0}")]
    DeadLetters(String),
}

impl Delivery {
    /// Writes rows. On success each of them is in the store, or was refused for good and is kept
    /// with the reason.
    pub(crate) async fn rows(&self, rows: &[Row]) -> Result<(), Undelivered> {
        if rows.is_empty() {
            return Ok(());
        }
        let written = self.rows.write(rows).await;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        self.metrics
            .count(Metric::RowsWritten, count(written.accepted));
        self.metrics
            .count(Metric::RowsDuplicate, count(written.duplicates));
        let letters: Vec<Rejected> = written
            .rejected
            .into_iter()
            .filter_map(|(position, reason)| {
                let row = rows.get(position)?.clone();
                Some(Rejected::Row { row, reason })
            })
            .collect();
        self.metrics
            .count(Metric::RowsRejected, count(letters.len()));
        self.keep(&letters).await?;
        let Some((_, reason)) = written.failed.first() else {
            return Ok(());
        };
        self.metrics.count(Metric::WriteRetries, 1);
        Err(Undelivered::Rows {
            reason: reason.clone(),
            positions: written
                .failed
                .iter()
                .map(|(position, _)| *position)
                .collect(),
        })
    }

    /// Delivers decisions: the rows first, so that whoever is called finds what the call is about.
    pub(crate) async fn decisions(&self, outbox: &Outbox) -> Result<(), Undelivered> {
        self.rows(&outbox.rows).await?;
        self.alerts(&outbox.alerts).await
    }

    /// Queues alerts.
    pub(crate) async fn alerts(&self, alerts: &[String]) -> Result<(), Undelivered> {
        match &self.alerts {
            Some(queue) if !alerts.is_empty() => {
                queue.send(alerts).await.map_err(Undelivered::Alerts)
            }
            // Decided before the alerts went over to Grafana: they are Grafana's now.
            _ => Ok(()),
        }
    }

    /// Keeps what has no other way.
    pub(crate) async fn keep(&self, letters: &[Rejected]) -> Result<(), Undelivered> {
        if letters.is_empty() {
            return Ok(());
        }
        for letter in letters {
            match letter {
                Rejected::Row { row, reason } => tracing::warn!(
                    tenant = row.tenant.as_str(),
                    monitor = monitor_of(&row.record),
                    kind = row.record.measure_name,
                    "a row is refused by the store: {reason}"
                ),
                Rejected::Text { place, reason, .. } => {
                    tracing::warn!("{place} cannot be read: {reason}");
                }
            }
        }
        match &self.dead_letters {
            Some(queue) => queue.keep(letters).await.map_err(Undelivered::DeadLetters),
            None => Ok(()),
        }
    }
}

/// What a row is about: a monitor, or a component of Tidewatch.
fn monitor_of(record: &Record) -> Option<&str> {
    let mut dimensions = record.dimensions.iter();
    let found = dimensions.find(|(name, _)| *name == dimension::MONITOR_ID);
    found.map(|(_, value)| value.as_str())
}
