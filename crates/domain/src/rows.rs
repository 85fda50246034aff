//! The rows: facts and judgements as records. Every kind of row has its file here.

mod function;
mod monitor;
mod notification;
mod ops;
mod probe;
mod rollup;
mod schema;
mod state;

pub use function::function_row;
pub use monitor::{monitor_row, tombstone};
pub use notification::{SendResult, Sending, notification_row};
pub use ops::{Ops, ops_row};
pub use probe::{attempt_rows, deciding_attempt, is_late, missed_row, probe_row, telling_attempt};
pub use rollup::rollup_row;
pub use schema::schema_rows;
pub use state::{Overlays, state_row, verdict_of_row};

use std::time::Duration;

use crate::monitor::{Kind, Monitor};
use crate::name::{Location, MonitorKey};
use crate::record::Record;
use crate::schema::{dimension, measure};

/// How often the state of a monitor is written although it has not changed, so that whoever reads
/// a few minutes finds it.
pub const STATE_EVERY: Duration = Duration::from_secs(5 * 60);

/// How often a definition is written although it has not changed.
pub const MONITOR_EVERY: Duration = Duration::from_secs(60 * 60);

/// The dimensions of a monitor's rows.
fn dimensions(key: &MonitorKey, location: &Location, kind: Kind) -> Vec<(&'static str, String)> {
    vec![
        (dimension::TENANT, key.tenant.to_string()),
        (dimension::MONITOR_ID, key.monitor_id.to_string()),
        (dimension::LOCATION, location.to_string()),
        (dimension::KIND, kind.name().to_owned()),
    ]
}

/// The limits that a row was judged by, so that alert rules need no copy of the definition.
fn set_limits(record: &mut Record, monitor: &Monitor) {
    record.set(measure::INTERVAL_S, monitor.interval.as_secs_f64());
    record.set_some(
        measure::DEGRADED_MS,
        monitor.thresholds.degraded.map(millis),
    );
    record.set_some(
        measure::EXCEEDED_MS,
        monitor.thresholds.exceeded.map(millis),
    );
    record.set(measure::SLO_AVAILABILITY, monitor.slo.availability);
    record.set_some(measure::SLO_LATENCY_MS, monitor.slo.latency.map(millis));
    record.set(measure::SEVERITY, monitor.severity.name());
}

/// Milliseconds with all the digits that nanoseconds give.
fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests;
