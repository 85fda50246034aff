//! `monitor` rows: definitions, for dashboards that want names, limits and owners.

use std::borrow::Cow;

use super::{dimensions, set_limits};
use crate::monitor::{Kind, Monitor};
use crate::name::{Location, MonitorKey};
use crate::record::{Record, Value};
use crate::schema::{LABEL_PREFIX, measure, measure_name};
use crate::time::Timestamp;

/// The row of a definition as it is at `time`.
pub fn monitor_row(monitor: &Monitor, time: Timestamp) -> Record {
    let mut record = Record::new(
        measure_name::MONITOR,
        time,
        dimensions(&monitor.key, &Location::all(), monitor.kind()),
    );
    record.set(measure::NAME, monitor.name.clone());
    record.set(measure::TARGET, monitor.public_target());
    record.set(measure::ENABLED, monitor.enabled);
    record.set(measure::DELETED, false);
    record.set_some(measure::TEAM, monitor.team.clone());
    record.set_some(measure::RUNBOOK_URL, monitor.runbook_url.clone());
    record.set_some(
        measure::PARENT,
        monitor.parent.as_ref().map(ToString::to_string),
    );
    set_limits(&mut record, monitor);
    for (name, value) in &monitor.labels {
        let name = Cow::Owned(format!("{LABEL_PREFIX}{name}"));
        record.measures.push((name, Value::Varchar(value.clone())));
    }
    record
}

/// The row that says that a monitor is gone since `time`.
pub fn tombstone(key: &MonitorKey, kind: Kind, time: Timestamp) -> Record {
    let mut record = Record::new(
        measure_name::MONITOR,
        time,
        dimensions(key, &Location::all(), kind),
    );
    record.set(measure::ENABLED, false);
    record.set(measure::DELETED, true);
    record
}
