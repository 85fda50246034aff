//! How many slots an hour had.

use std::time::Duration;

use super::{Hour, Series, decimal, key_of_row};
use crate::name::MonitorKey;
use crate::record::Value;
use crate::schedule::Grid;
use crate::schema::measure;
use crate::time::Timestamp;

/// What a `monitor` row says about slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Whose definition.
    pub key: MonitorKey,
    /// Since when it holds.
    pub time: Timestamp,
    /// The time between two slots; `None` where the monitor is not probed.
    pub interval: Option<Duration>,
}

impl Definition {
    /// Reads a row of [`definitions_statement`](super::definitions_statement), whose cells
    /// `column` gives by name; `None` for a row that cannot be of a monitor.
    pub fn of_row(column: impl Fn(&str) -> Option<Value>) -> Option<Self> {
        let Some(Value::Timestamp(time)) = column("time") else {
            return None;
        };
        let enabled = column(measure::ENABLED) == Some(Value::Boolean(true));
        let interval = decimal(column(measure::INTERVAL_S))
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .filter(|interval| enabled && !interval.is_zero());
        Some(Definition {
            key: key_of_row(&column)?,
            time,
            interval,
        })
    }
}

/// The slots that `series` had in `hour`, by the definitions of its monitor in any order: those
/// on the grid while it was enabled. Before the first definition nothing is planned.
pub fn expected(hour: Hour, series: &Series, definitions: &[&Definition]) -> i64 {
    /// Slots are whole milliseconds; those at the beginning of a piece belong to it.
    const BEFORE: Duration = Duration::from_millis(1);
    let mut definitions = definitions.to_vec();
    definitions.sort_by_key(|definition| definition.time);
    let ends = definitions.iter().skip(1).map(|next| next.time);
    let ends = ends.chain([hour.end()]);
    let slots = definitions.iter().zip(ends).map(|(definition, end)| {
        let (from, until) = (definition.time.max(hour.start()), end.min(hour.end()));
        match definition.interval {
            Some(interval) if from < until => Grid::new(&series.key, &series.location, interval)
                .slots_between(from.minus(BEFORE), until.minus(BEFORE)),
            _ => 0,
        }
    });
    i64::try_from(slots.sum::<u64>()).unwrap_or(i64::MAX)
}
