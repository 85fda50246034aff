//! Records as WriteRecords takes them.

use aws_sdk_timestreamwrite::types as sdk;
use tidewatch_domain::{Record, Value};

/// The most records of one request.
pub(super) const BATCH: usize = 100;

/// The records of one request, and what all of them have in common: it is written, and paid for,
/// once.
pub(super) fn request(records: &[Record]) -> (sdk::Record, Vec<sdk::Record>) {
    let Some((first, others)) = records.split_first() else {
        return (sdk::Record::builder().build(), Vec::new());
    };
    let shared_dimensions: Vec<_> = first
        .dimensions
        .iter()
        .filter(|dimension| {
            others
                .iter()
                .all(|other| other.dimensions.contains(dimension))
        })
        .collect();
    let same_name = others
        .iter()
        .all(|other| other.measure_name == first.measure_name);
    let same_time = others.iter().all(|other| other.time == first.time);
    let same_version = others.iter().all(|other| other.version == first.version);
    let common = sdk::Record::builder()
        .set_dimensions(dimensions(shared_dimensions.iter().copied()))
        .set_measure_name(same_name.then(|| first.measure_name.to_owned()))
        .measure_value_type(sdk::MeasureValueType::Multi)
        .set_time(same_time.then(|| first.time.as_nanos().to_string()))
        .time_unit(sdk::TimeUnit::Nanoseconds)
        .set_version(same_version.then_some(first.version))
        .build();
    let own = |record: &Record| {
        let own_dimensions = record
            .dimensions
            .iter()
            .filter(|dimension| !shared_dimensions.contains(dimension));
        sdk::Record::builder()
            .set_dimensions(dimensions(own_dimensions))
            .set_measure_name((!same_name).then(|| record.measure_name.to_owned()))
            .set_measure_values(Some(measures(record)))
            .set_time((!same_time).then(|| record.time.as_nanos().to_string()))
            .set_version((!same_version).then_some(record.version))
            .build()
    };
    (common, records.iter().map(own).collect())
}

fn dimensions<'r>(
    dimensions: impl Iterator<Item = &'r (&'static str, String)>,
) -> Option<Vec<sdk::Dimension>> {
    let dimensions: Vec<_> = dimensions
        .map(|(name, value)| {
            sdk::Dimension::builder()
                .name(*name)
                .value(value)
                .build()
                .expect("name and value are set")
        })
        .collect();
    (!dimensions.is_empty()).then_some(dimensions)
}

fn measures(record: &Record) -> Vec<sdk::MeasureValue> {
    record
        .measures
        .iter()
        // The service refuses empty texts; for a reader they are as good as absent.
        .filter(|(_, value)| *value != Value::Varchar(String::new()))
        .map(|(name, value)| {
            let (text, measure_type) = written(value);
            sdk::MeasureValue::builder()
                .name(name.as_ref())
                .value(text)
                .r#type(measure_type)
                .build()
                .expect("name, value and type are set")
        })
        .collect()
}

fn written(value: &Value) -> (String, sdk::MeasureValueType) {
    match value {
        Value::Double(value) => (value.to_string(), sdk::MeasureValueType::Double),
        Value::Bigint(value) => (value.to_string(), sdk::MeasureValueType::Bigint),
        Value::Varchar(value) => (value.clone(), sdk::MeasureValueType::Varchar),
        Value::Boolean(value) => (value.to_string(), sdk::MeasureValueType::Boolean),
        Value::Timestamp(value) => (
            value.as_nanos().to_string(),
            sdk::MeasureValueType::Timestamp,
        ),
    }
}

#[cfg(test)]
mod tests;
