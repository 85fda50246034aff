//! `notification` rows: messages to people, and what became of them.

use std::time::Duration;

use super::millis;
use crate::incident::{Notice, Subject};
use crate::name::{Location, MonitorId, Tenant};
use crate::record::Record;
use crate::schema::{dimension, measure, measure_name};
use crate::time::Timestamp;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// The channel took it.
    Sent,
    /// The channel did not take it; it is tried again.
    Failed,
    /// It was given up.
    Dropped,
}

impl SendResult {
    /// The stable name, as written in rows.
    pub const fn name(self) -> &'static str {
        match self {
            SendResult::Sent => "sent",
            SendResult::Failed => "failed",
            SendResult::Dropped => "dropped",
        }
    }
}

/// How a channel was given a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The channel's name.
    pub channel: String,
    /// The message's kind: that of its notice, or `digest`.
    pub kind: &'static str,
    /// What became of it.
    pub result: SendResult,
    /// From the alert's arrival until then.
    pub delivery: Duration,
}

/// The row of one notice that went into a message.
///
/// It belongs to the tenant and monitor of the notice; where that is about no monitor, to the
/// tenant that the alert names, or to `_system`, and to the component `webhook`.
pub fn notification_row(
    notice: &Notice,
    sending: &Sending,
    location: &Location,
    time: Timestamp,
) -> Record {
    let (tenant, monitor_id) = match &notice.subject {
        Subject::Monitor(key) => (key.tenant.clone(), key.monitor_id.clone()),
        Subject::Alert(_) => (
            notice
                .tenant()
                .and_then(|name| Tenant::try_new(name).ok())
                .unwrap_or_else(Tenant::system),
            MonitorId::component("webhook"),
        ),
    };
    let mut record = Record::new(
        measure_name::NOTIFICATION,
        time,
        vec![
            (dimension::TENANT, tenant.to_string()),
            (dimension::MONITOR_ID, monitor_id.to_string()),
            (dimension::LOCATION, location.to_string()),
        ],
    );
    record.set(measure::CHANNEL, sending.channel.clone());
    record.set(measure::RESULT, sending.result.name());
    record.set(measure::DELIVERY_MS, millis(sending.delivery));
    record.set(measure::INCIDENT, notice.incident());
    record.set(measure::MESSAGE_KIND, sending.kind);
    let alerts = notice.alerts.len() + notice.attached.len() + notice.earlier.len();
    record.set(measure::ALERTS, i64::try_from(alerts).unwrap_or(i64::MAX));
    record.set(measure::SEVERITY, notice.severity().name());
    record
}
