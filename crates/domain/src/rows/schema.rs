//! The `schema` row: one row that has every measure.
//!
//! A column exists in Timestream once a row with it was written; until then a statement that
//! names it fails. Dashboards and alert rules name columns, such as `error_class`, that a healthy
//! system may not fill for weeks. This row makes all of them exist from the start. Its measure
//! name keeps it out of every statement that asks for another kind of row, as all of ours do.

use crate::name::{Location, MonitorId, Tenant};
use crate::record::{Record, Value};
use crate::schema::{MeasureType, dimension, measure, measure_name};
use crate::time::Timestamp;

/// The row that declares every measure, at `time`.
pub fn schema_row(time: Timestamp) -> Record {
    let mut record = Record::new(
        measure_name::SCHEMA,
        time,
        vec![
            (dimension::TENANT, Tenant::system().to_string()),
            (
                dimension::MONITOR_ID,
                MonitorId::component("schema").to_string(),
            ),
            (dimension::LOCATION, Location::all().to_string()),
            (dimension::KIND, "none".to_owned()),
        ],
    );
    for measure in measure::ALL {
        record.set(
            measure.name,
            match measure.measure_type {
                MeasureType::Double => Value::Double(0.0),
                MeasureType::Bigint => Value::Bigint(0),
                MeasureType::Varchar => Value::from("-"),
                MeasureType::Boolean => Value::Boolean(false),
                MeasureType::Timestamp => Value::Timestamp(time),
            },
        );
    }
    record
}
