//! Rollups: what each full hour of a monitor from one location came to, so that reports over weeks
//! need not read every probe.
//!
//! Whoever keeps the store asks it three bounded questions about an [`Hour`] ([`counts_statement`],
//! [`definitions_statement`], [`written_statement`]), reads the answers row by row ([`Counted`],
//! [`Definition`], [`Written`]) and writes what [`records`] makes of them. Doing so again changes
//! nothing, unless late rows or later judgements changed the hour: then its rows are replaced.

mod counted;
mod definition;
mod hour;
mod statement;
mod written;

pub use counted::{Counted, LATENCY_LIMITS, Latencies};
pub use definition::{Definition, expected};
pub use hour::Hour;
pub use statement::{
    counts_statement, definitions_statement, newest_statement, oldest_statement, written_statement,
};
pub use written::Written;

use std::collections::HashMap;

use crate::name::{Location, MonitorId, MonitorKey, Tenant};
use crate::record::{Record, Value};
use crate::rows;
use crate::schema::dimension;
use crate::time::Timestamp;

/// A monitor at one location.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    /// The monitor.
    pub key: MonitorKey,
    /// Where it is probed.
    pub location: Location,
}

impl Series {
    /// The series of a row; `None` where a name breaks the rules.
    fn of_row(column: &impl Fn(&str) -> Option<Value>) -> Option<Self> {
        Some(Series {
            key: key_of_row(column)?,
            location: Location::try_new(text(column(dimension::LOCATION))?).ok()?,
        })
    }
}

/// The rows to be written for `hour`: those that are new, and those that are not as written any
/// more. `now` is the version of the latter, so that the latest reading of the store wins.
pub fn records(
    hour: Hour,
    counted: &[Counted],
    definitions: &[Definition],
    written: &[Written],
    now: Timestamp,
) -> Vec<Record> {
    let mut defined: HashMap<&MonitorKey, Vec<&Definition>> = HashMap::new();
    for definition in definitions {
        defined.entry(&definition.key).or_default().push(definition);
    }
    let written: HashMap<&Series, &Written> =
        written.iter().map(|one| (&one.series, one)).collect();
    let record = |counted: &Counted| {
        let of_monitor = defined.get(&counted.series.key);
        let planned = expected(hour, &counted.series, of_monitor.map_or(&[], Vec::as_slice));
        let mut row = rows::rollup_row(hour, counted, planned.max(counted.slots()));
        match written.get(&counted.series) {
            None => {}
            Some(written) if written.says(&row) => return None,
            Some(_) => row.version = now.as_millis(),
        }
        Some(row)
    };
    counted.iter().filter_map(record).collect()
}

fn key_of_row(column: &impl Fn(&str) -> Option<Value>) -> Option<MonitorKey> {
    Some(MonitorKey {
        tenant: Tenant::try_new(text(column(dimension::TENANT))?).ok()?,
        monitor_id: MonitorId::try_new(text(column(dimension::MONITOR_ID))?).ok()?,
    })
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::Varchar(text)) => Some(text),
        _ => None,
    }
}

fn whole(value: Option<Value>) -> Option<i64> {
    match value {
        Some(Value::Bigint(number)) => Some(number),
        _ => None,
    }
}

fn decimal(value: Option<Value>) -> Option<f64> {
    match value {
        Some(Value::Double(number)) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
