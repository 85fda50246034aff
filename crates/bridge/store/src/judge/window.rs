//! Which times a table accepts, and which it keeps.

use jiff::Timestamp;

use crate::catalog::Table;
use crate::options::Options;
use crate::partition::{DAY, HOUR};

/// How much later than the retention allows a record may come.
const GRACE_PAST: i64 = 25 * MINUTE;
/// How far a record's time may lie in the future.
const GRACE_FUTURE: i64 = 15 * MINUTE;
const MINUTE: i64 = 60_000_000_000;

/// The span of times a table accepts at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first accepted time.
    start: i64,
    /// The first time too far in the future.
    end: i64,
    /// The first time that counts as the memory store's.
    memory_start: i64,
    magnetic_writes: bool,
}

impl Window {
    pub(crate) fn new(table: &Table, options: &Options, now: i64) -> Window {
        let memory = i64::from(table.retention.memory_hours).saturating_mul(HOUR);
        let memory_start = now.saturating_sub(memory).saturating_sub(GRACE_PAST);
        let extra_past = i64::try_from(options.extra_past.as_nanos()).unwrap_or(i64::MAX);
        let extra_future = i64::try_from(options.extra_future.as_nanos()).unwrap_or(i64::MAX);
        let start = if table.magnetic_writes {
            Window::kept_from(table, options, now)
        } else {
            memory_start.saturating_sub(extra_past)
        };
        Window {
            start,
            end: now
                .saturating_add(GRACE_FUTURE)
                .saturating_add(extra_future),
            memory_start,
            magnetic_writes: table.magnetic_writes,
        }
    }

    /// The first time whose rows a table keeps: both retentions after one another.
    pub(crate) fn kept_from(table: &Table, options: &Options, now: i64) -> i64 {
        let memory = i64::from(table.retention.memory_hours).saturating_mul(HOUR);
        let magnetic = i64::from(table.retention.magnetic_days).saturating_mul(DAY);
        let extra = i64::try_from(options.extra_past.as_nanos()).unwrap_or(i64::MAX);
        now.saturating_sub(memory)
            .saturating_sub(magnetic)
            .saturating_sub(GRACE_PAST)
            .saturating_sub(extra)
    }

    /// Says why `time` is not accepted, if it is not.
    pub(crate) fn check(&self, time: i64) -> Result<(), String> {
        if (self.start..self.end).contains(&time) {
            return Ok(());
        }
        let of = if self.magnetic_writes {
            "data ingestion window"
        } else {
            "memory store"
        };
        Err(format!(
            "The record timestamp is outside the time range [{}, {}) of the {of}.",
            text(self.start),
            text(self.end)
        ))
    }

    /// Whether an accepted time counts as the memory store's.
    pub(crate) fn is_memory(&self, time: i64) -> bool {
        !self.magnetic_writes || time >= self.memory_start
    }
}

fn text(time: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(time)).unwrap_or(Timestamp::UNIX_EPOCH);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
