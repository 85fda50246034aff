//! A record with the common attributes put into it.
//!
//! A member that the record sets wins; dimensions add up. What a record must have is decided here,
//! after the merge. Faults of this kind mean that the sender and the server do not understand one
//! another, so they fail the request as a whole.

use tidewatch_store::{Measures, Value};
use tidewatch_wire::{ApiError, Dimension, MeasureValue, MeasureValueType, Record, TimeUnit};

use super::value;

/// Merges the record at `index` of a validated request.
pub(super) fn merge(
    record: Record,
    common: &Record,
    index: usize,
) -> Result<tidewatch_store::Record, ApiError> {
    let fault = |text: String| ApiError::validation(format!("Record {index}: {text}"));

    let unit = record
        .time_unit
        .as_ref()
        .or(common.time_unit.as_ref())
        .and_then(TimeUnit::nanos)
        .unwrap_or(1_000_000);
    let time = record.time.as_deref().or(common.time.as_deref());
    let time = match time {
        None => {
            return Err(ApiError::validation(format!(
                "Invalid time for record. Record {index} has no Time."
            )));
        }
        Some(text) => value::instant(text, unit).map_err(|why| {
            ApiError::validation(format!("Invalid time for record. Record {index}: {why}"))
        })?,
    };

    let version = record.version.or(common.version).unwrap_or(1);
    if version < 1 {
        return Err(fault(format!(
            "the Version is {version}; it must be 1 or greater."
        )));
    }

    let measure_name = match record.measure_name.or_else(|| common.measure_name.clone()) {
        Some(name) => name,
        None => return Err(fault("it has no MeasureName.".to_owned())),
    };

    let dimensions = dimensions(
        record.dimensions,
        common.dimensions.as_deref().unwrap_or_default(),
    )
    .map_err(fault)?;

    let kind = record
        .measure_value_type
        .as_ref()
        .or(common.measure_value_type.as_ref());
    let single = record
        .measure_value
        .or_else(|| common.measure_value.clone());
    let multi = record
        .measure_values
        .or_else(|| common.measure_values.clone())
        .unwrap_or_default();
    let measures = measures(
        kind.unwrap_or(&MeasureValueType::Double),
        single,
        multi,
        unit,
    )
    .map_err(fault)?;

    Ok(tidewatch_store::Record {
        dimensions,
        measure_name,
        time,
        version,
        measures,
    })
}

/// The common dimensions and the record's own.
fn dimensions(
    own: Option<Vec<Dimension>>,
    common: &[Dimension],
) -> Result<Vec<(String, String)>, String> {
    let own = own.unwrap_or_default();
    let mut merged: Vec<(String, String)> = Vec::with_capacity(common.len() + own.len());
    for Dimension { name, value, .. } in common.iter().cloned().chain(own) {
        let name = name.unwrap_or_default();
        if merged.iter().any(|(earlier, _)| *earlier == name) {
            return Err(format!(
                "the dimension {name} is there twice, in the record or in the common attributes."
            ));
        }
        merged.push((name, value.unwrap_or_default()));
    }
    Ok(merged)
}

fn measures(
    kind: &MeasureValueType,
    single: Option<String>,
    multi: Vec<MeasureValue>,
    unit: i64,
) -> Result<Measures, String> {
    if *kind == MeasureValueType::Multi {
        if single.is_some() {
            return Err("a record of type MULTI takes MeasureValues, not MeasureValue.".to_owned());
        }
        return multi_measures(multi, unit);
    }
    if !multi.is_empty() {
        return Err("MeasureValues need the MeasureValueType MULTI.".to_owned());
    }
    if *kind == MeasureValueType::Timestamp {
        return Err(
            "TIMESTAMP is an invalid measure value type; it is possible within MeasureValues only."
                .to_owned(),
        );
    }
    let Some(text) = single else {
        return Err("it has neither MeasureValue nor MeasureValues.".to_owned());
    };
    value::parse(kind, text, unit).map(Measures::Single)
}

fn multi_measures(values: Vec<MeasureValue>, unit: i64) -> Result<Measures, String> {
    if values.is_empty() {
        return Err("a record of type MULTI needs at least one of MeasureValues.".to_owned());
    }
    let mut measures: Vec<(String, Value)> = Vec::with_capacity(values.len());
    for MeasureValue {
        name,
        value,
        r#type,
    } in values
    {
        let name = name.unwrap_or_default();
        if measures.iter().any(|(earlier, _)| *earlier == name) {
            return Err(format!("the measure {name} is there twice."));
        }
        let kind = r#type.unwrap_or(MeasureValueType::Double);
        let value = value::parse(&kind, value.unwrap_or_default(), unit)
            .map_err(|why| format!("the measure {name}: {why}"))?;
        measures.push((name, value));
    }
    Ok(Measures::Multi(measures))
}

#[cfg(test)]
mod tests;
