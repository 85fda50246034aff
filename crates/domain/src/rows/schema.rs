//! The `schema` rows: rows that have every measure between them.
//!
//! A column exists in Timestream once a row with it was written; until then a statement that
//! names it fails. Dashboards and alert rules name columns, such as `error_class`, that a healthy
//! system may not fill for weeks. These rows make all of them exist from the start. Their measure
//! name keeps them out of every statement that asks for another kind of row, as all of ours do.

use std::time::Duration;

use crate::name::{Location, MonitorId, Tenant};
use crate::record::{Record, Value};
use crate::schema::{MeasureType, dimension, measure, measure_name};
use crate::time::Timestamp;

/// The rows that declare every measure, at `time`: as many as it takes, a nanosecond apart,
/// because one row may have no more than [`Record::LARGEST`] bytes.
pub fn schema_rows(time: Timestamp) -> Vec<Record> {
    let mut rows = Vec::new();
    let mut row = without_measures(time);
    for measure in measure::ALL {
        let value = match measure.measure_type {
            MeasureType::Double => Value::Double(0.0),
            MeasureType::Bigint => Value::Bigint(0),
            MeasureType::Varchar => Value::from("-"),
            MeasureType::Boolean => Value::Boolean(false),
            MeasureType::Timestamp => Value::Timestamp(time),
        };
        row.set(measure.name, value);
        if row.size() > Record::LARGEST {
            let beyond = row.measures.pop();
            let next = without_measures(row.time.plus(Duration::from_nanos(1)));
            rows.push(std::mem::replace(&mut row, next));
            row.measures.extend(beyond);
        }
    }
    rows.push(row);
    rows
}

fn without_measures(time: Timestamp) -> Record {
    Record::new(
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
    )
}
