//! The JSON of a row. Measures are lists of name, type and text, as in the API of Timestream: a
//! text keeps every digit of a number.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{Record, Tenant, Timestamp, Value};

use super::Row;
use super::scalar::time;

/// A row as it is written.
#[derive(Serialize)]
struct Written<'r> {
    destination: &'static str,
    tenant: &'r str,
    measure_name: &'r str,
    #[serde(with = "time")]
    time: Timestamp,
    version: i64,
    dimensions: Vec<(&'static str, &'r str)>,
    measures: Vec<(&'r str, &'static str, Cow<'r, str>)>,
}

/// A row as it is read.
#[derive(Deserialize)]
struct Read {
    destination: String,
    tenant: String,
    measure_name: String,
    #[serde(with = "time")]
    time: Timestamp,
    version: i64,
    dimensions: Vec<(String, String)>,
    measures: Vec<(String, String, String)>,
}

/// The JSON of `row`.
pub(crate) fn write(row: &Row) -> Result<String, serde_json::Error> {
    let record = &row.record;
    let dimensions = record.dimensions.iter();
    let measures = record.measures.iter();
    serde_json::to_string(&Written {
        destination: destination_name(row.destination),
        tenant: row.tenant.as_str(),
        measure_name: record.measure_name,
        time: record.time,
        version: record.version,
        dimensions: dimensions
            .map(|(name, value)| (*name, value.as_str()))
            .collect(),
        measures: measures
            .map(|(name, value)| {
                let (kind, text) = written(value);
                (name.as_ref(), kind, text)
            })
            .collect(),
    })
}

/// The row that `json` holds. The error names the field.
pub(crate) fn read(json: &str) -> Result<Row, String> {
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    let read: Read = serde_path_to_error::deserialize(deserializer)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
    let destination = [Destination::Main, Destination::Attempts]
        .into_iter()
        .find(|destination| destination_name(*destination) == read.destination)
        .ok_or_else(|| format!("destination: `{}` is not a table", read.destination))?;
    let measure_name = known(&read.measure_name, measure_name::ALL)
        .ok_or_else(|| format!("measure_name: `{}` is no kind of row", read.measure_name))?;
    let mut dimensions = Vec::with_capacity(read.dimensions.len());
    for (name, value) in read.dimensions {
        let name = known(&name, dimension::ALL)
            .ok_or_else(|| format!("dimensions: `{name}` is not a dimension"))?;
        dimensions.push((name, value));
    }
    let mut measures = Vec::with_capacity(read.measures.len());
    for (name, kind, text) in read.measures {
        let value = value(&kind, text).map_err(|problem| format!("measures: {name}: {problem}"))?;
        let name = match measure::find(&name) {
            Some(known) => Cow::Borrowed(known.name),
            None => Cow::Owned(name),
        };
        measures.push((name, value));
    }
    Ok(Row {
        destination,
        tenant: tenant(&read.tenant)?,
        record: Record {
            dimensions,
            measure_name,
            time: read.time,
            version: read.version,
            measures,
        },
    })
}

const fn destination_name(destination: Destination) -> &'static str {
    match destination {
        Destination::Main => "main",
        Destination::Attempts => "attempts",
    }
}

fn known(name: &str, all: &'static [&'static str]) -> Option<&'static str> {
    all.iter().copied().find(|known| *known == name)
}

/// A tenant; that of Tidewatch's own rows too, which no definition may use.
fn tenant(name: &str) -> Result<Tenant, String> {
    let system = Tenant::system();
    if name == system.as_str() {
        return Ok(system);
    }
    Tenant::try_new(name).map_err(|error| format!("tenant: {error}"))
}

fn written(value: &Value) -> (&'static str, Cow<'_, str>) {
    match value {
        Value::Double(value) => ("double", Cow::Owned(format!("{value:?}"))),
        Value::Bigint(value) => ("bigint", Cow::Owned(value.to_string())),
        Value::Varchar(value) => ("varchar", Cow::Borrowed(value)),
        Value::Boolean(value) => (
            "boolean",
            Cow::Borrowed(if *value { "true" } else { "false" }),
        ),
        Value::Timestamp(value) => ("timestamp", Cow::Owned(value.as_nanos().to_string())),
    }
}

fn value(kind: &str, text: String) -> Result<Value, String> {
    let unreadable = |what: &str| format!("`{text}` is not {what}");
    match kind {
        "double" => {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            let number = number.ok_or_else(|| unreadable("a finite number"))?;
            Ok(Value::Double(number))
        }
        "bigint" => {
            let number = text.parse().map_err(|_| unreadable("a whole number"))?;
            Ok(Value::Bigint(number))
        }
        "varchar" => Ok(Value::Varchar(text)),
        "boolean" => {
            let value = text.parse().map_err(|_| unreadable("a truth value"))?;
            Ok(Value::Boolean(value))
        }
        "timestamp" => {
            let nanos = text
                .parse()
                .map_err(|_| unreadable("a number of nanoseconds"))?;
            Ok(Value::Timestamp(Timestamp::from_nanos(nanos)))
        }
        _ => Err(format!("`{kind}` is not a type of measures")),
    }
}
