//! `ops` rows: how a component of Tidewatch is doing.

use std::time::Duration;

use super::millis;
use crate::name::{Location, MonitorId, Tenant};
use crate::record::Record;
use crate::schema::{dimension, measure, measure_name};
use crate::time::Timestamp;

/// What a component did within one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ops {
    /// Monitors that are defined and enabled.
    pub monitors: u64,
    /// Probes finished.
    pub probes: u64,
    /// Slots that passed without a probe.
    pub missed: u64,
    /// Largest start lag of a probe.
    pub start_lag_max: Duration,
    /// Rows stored.
    pub rows_written: u64,
    /// Rows refused.
    pub rows_rejected: u64,
    /// Rows waiting to be written.
    pub rows_queued: u64,
    /// Failed attempts to write a batch.
    pub write_retries: u64,
    /// Bytes that the store holds on disk.
    pub store_bytes: u64,
    /// Whether the location was without a network.
    pub network_lost: bool,
}

/// The row of a component for the minute that begins at `minute`.
pub fn ops_row(component: &MonitorId, location: &Location, ops: &Ops, minute: Timestamp) -> Record {
    let mut record = Record::new(
        measure_name::OPS,
        minute,
        vec![
            (dimension::TENANT, Tenant::system().to_string()),
            (dimension::MONITOR_ID, component.to_string()),
            (dimension::LOCATION, location.to_string()),
        ],
    );
    let counts = [
        (measure::MONITORS, ops.monitors),
        (measure::PROBES, ops.probes),
        (measure::MISSED, ops.missed),
        (measure::ROWS_WRITTEN, ops.rows_written),
        (measure::ROWS_REJECTED, ops.rows_rejected),
        (measure::ROWS_QUEUED, ops.rows_queued),
        (measure::WRITE_RETRIES, ops.write_retries),
        (measure::STORE_BYTES, ops.store_bytes),
    ];
    for (name, value) in counts {
        record.set(name, i64::try_from(value).unwrap_or(i64::MAX));
    }
    record.set(measure::START_LAG_MAX_MS, millis(ops.start_lag_max));
    record.set(measure::NETWORK_LOST, ops.network_lost);
    record
}
