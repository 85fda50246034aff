//! The service's limits on one record. Breaking one gets the record rejected, not the request.
//!
//! Limits on what all records of a table bring together (numbers of dimensions, measures and
//! columns, types of columns) are the store's. Source: the limits page of the service's guide.

use tidewatch_store::{Measures, Record, Value};

/// The most dimensions.
const MAX_DIMENSIONS: usize = 128;
/// The longest name of a dimension in bytes.
const MAX_DIMENSION_NAME: usize = 60;
/// Names and values of all dimensions together, in bytes.
const MAX_DIMENSION_BYTES: usize = 2048;
/// The longest name of a measure in bytes.
const MAX_MEASURE_NAME: usize = 256;
/// The most measures.
const MAX_MEASURES: usize = 256;
/// The values of all measures together, in bytes.
const MAX_MEASURE_BYTES: usize = 2048;
/// Time, dimensions, measure name and values together, in bytes. The service's guide says "2 KB"
/// and not of what; the names of the measures of a multi-measure record are not counted here,
/// because they alone may have more.
const MAX_RECORD_BYTES: usize = 2048;
/// What the time of a record counts.
const TIME_BYTES: usize = 8;
/// Names that no column may have.
const RESERVED: [&str; 3] = ["measure_value", "ts_non_existent_col", "time"];
/// What no name of a column may begin with.
const RESERVED_PREFIXES: [&str; 2] = ["ts_", "measure_name"];

/// Whether a record keeps within the limits; else the reason to reject it.
pub(super) fn check(record: &Record) -> Result<(), String> {
    at_most("dimensions", record.dimensions.len(), MAX_DIMENSIONS)?;
    let mut dimension_bytes = 0;
    for (name, value) in &record.dimensions {
        check_dimension(name, value)?;
        dimension_bytes += name.len() + value.len();
    }
    at_most(
        "bytes of dimension names and values",
        dimension_bytes,
        MAX_DIMENSION_BYTES,
    )?;

    at_most(
        "bytes of measure name",
        record.measure_name.len(),
        MAX_MEASURE_NAME,
    )?;
    let value_bytes = match &record.measures {
        Measures::Single(value) => value_bytes(value),
        Measures::Multi(measures) => {
            at_most("measures", measures.len(), MAX_MEASURES)?;
            for (name, _) in measures {
                check_measure(name, &record.dimensions)?;
            }
            measures.iter().map(|(_, value)| value_bytes(value)).sum()
        }
    };
    at_most("bytes of measure values", value_bytes, MAX_MEASURE_BYTES)?;
    at_most(
        "bytes",
        TIME_BYTES + dimension_bytes + record.measure_name.len() + value_bytes,
        MAX_RECORD_BYTES,
    )
}

fn check_dimension(name: &str, value: &str) -> Result<(), String> {
    check_column("dimension", name)?;
    if name.len() > MAX_DIMENSION_NAME {
        return Err(format!(
            "The dimension name {name} has {} bytes; {MAX_DIMENSION_NAME} are allowed.",
            name.len()
        ));
    }
    if name.contains(':') || name.starts_with("measure_value") {
        return Err(format!(
            "The dimension name {name} is not allowed: it has a colon, or begins with measure_value."
        ));
    }
    if value.is_empty() {
        return Err(format!(
            "The dimension {name} has an empty value; leave the dimension out instead."
        ));
    }
    Ok(())
}

fn check_measure(name: &str, dimensions: &[(String, String)]) -> Result<(), String> {
    check_column("measure", name)?;
    if name.len() > MAX_MEASURE_NAME {
        return Err(format!(
            "The measure name {name} has {} bytes; {MAX_MEASURE_NAME} are allowed.",
            name.len()
        ));
    }
    if dimensions.iter().any(|(dimension, _)| dimension == name) {
        return Err(format!(
            "The name {name} is used for a dimension and for a measure."
        ));
    }
    Ok(())
}

fn check_column(what: &str, name: &str) -> Result<(), String> {
    if RESERVED.contains(&name)
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
    {
        return Err(format!("The {what} name {name} is reserved."));
    }
    Ok(())
}

fn at_most(what: &str, found: usize, limit: usize) -> Result<(), String> {
    if found > limit {
        return Err(format!(
            "The record has {found} {what}; {limit} are allowed."
        ));
    }
    Ok(())
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Double(_) | Value::Bigint(_) | Value::Timestamp(_) => 8,
        Value::Boolean(_) => 1,
        Value::Varchar(text) => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(dimensions: Vec<(String, String)>, measures: Measures) -> Record {
        Record {
            dimensions,
            measure_name: "m".into(),
            time: 0,
            version: 1,
            measures,
        }
    }

    fn with_dimension(name: &str, value: &str) -> Record {
        record(
            vec![(name.into(), value.into())],
            Measures::Single(Value::Bigint(1)),
        )
    }

    fn with_measure(name: &str, value: Value) -> Record {
        record(
            vec![("d".into(), "v".into())],
            Measures::Multi(vec![(name.into(), value)]),
        )
    }

    #[track_caller]
    fn rejects(record: &Record, reason: &str) {
        assert_eq!(check(record), Err(reason.to_owned()));
    }

    #[test]
    fn names_at_the_limit_pass() {
        assert_eq!(check(&with_dimension(&"n".repeat(60), "v")), Ok(()));
        assert_eq!(
            check(&with_measure(
                &"n".repeat(256),
                Value::Varchar("v".repeat(2048 - "dv".len() - "m".len() - TIME_BYTES))
            )),
            Ok(())
        );
        assert_eq!(check(&with_dimension("\u{540d}\u{524d}", "v")), Ok(()));
    }

    #[test]
    fn longer_ones_do_not() {
        let name = "n".repeat(61);
        rejects(
            &with_dimension(&name, "v"),
            &format!("The dimension name {name} has 61 bytes; 60 are allowed."),
        );
        rejects(
            &with_dimension("d", &"v".repeat(2048)),
            "The record has 2049 bytes of dimension names and values; 2048 are allowed.",
        );
        rejects(
            &with_measure("a", Value::Varchar("v".repeat(2049))),
            "The record has 2049 bytes of measure values; 2048 are allowed.",
        );
        rejects(
            &with_measure("a", Value::Varchar("v".repeat(2038))),
            "The record has 2049 bytes; 2048 are allowed.",
        );
        rejects(
            &record(
                vec![("d".into(), "v".repeat(2000))],
                Measures::Single(Value::Varchar("v".repeat(100))),
            ),
            "The record has 2110 bytes; 2048 are allowed.",
        );
        let many = (0..257)
            .map(|n| (format!("m{n}"), Value::Bigint(n)))
            .collect();
        rejects(
            &record(vec![], Measures::Multi(many)),
            "The record has 257 measures; 256 are allowed.",
        );
        let many = (0..129)
            .map(|n| (format!("d{n}"), "v".to_owned()))
            .collect();
        rejects(
            &record(many, Measures::Single(Value::Bigint(1))),
            "The record has 129 dimensions; 128 are allowed.",
        );
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in [
            "time",
            "measure_value",
            "ts_x",
            "measure_name",
            "measure_name_2",
        ] {
            rejects(
                &with_dimension(name, "v"),
                &format!("The dimension name {name} is reserved."),
            );
            rejects(
                &with_measure(name, Value::Bigint(1)),
                &format!("The measure name {name} is reserved."),
            );
        }
        let not_allowed = "is not allowed: it has a colon, or begins with measure_value.";
        for name in ["a:b", "measure_value::double"] {
            rejects(
                &with_dimension(name, "v"),
                &format!("The dimension name {name} {not_allowed}"),
            );
        }
    }

    #[test]
    fn a_name_is_a_dimension_or_a_measure() {
        rejects(
            &with_measure("d", Value::Bigint(1)),
            "The name d is used for a dimension and for a measure.",
        );
    }

    #[test]
    fn an_empty_dimension_is_refused() {
        rejects(
            &with_dimension("d", ""),
            "The dimension d has an empty value; leave the dimension out instead.",
        );
    }
}
