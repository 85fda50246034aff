//! Cells of an answer as values of their types.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value, json};
use tidewatch_wire::{ColumnInfo, Datum, ScalarType, Type};

/// A cell as JSON: numbers as numbers, truth values as such, `NULL` as null, an array as an
/// array, a row as an object (as an array where its fields have no names), a time series as an
/// array of objects with `time` and `value`. Everything else, points in time above all, is the
/// text that Timestream writes. Infinities and NaN, which JSON has not, are texts as well.
pub(super) fn json(datum: Datum, of: &Type) -> Value {
    match (datum, of) {
        (Datum::NullValue(_), _) => Value::Null,
        (Datum::ScalarValue(text), Type::ScalarType(of)) => scalar(text, of),
        (Datum::ScalarValue(text), _) => Value::String(text),
        (Datum::ArrayValue(items), Type::ArrayColumnInfo(inner)) => items
            .into_iter()
            .map(|item| json(item, &inner.r#type))
            .collect(),
        (Datum::ArrayValue(items), _) => items.into_iter().map(untyped).collect(),
        (Datum::RowValue(row), Type::RowColumnInfo(fields)) => fields_of(row.data, fields),
        (Datum::RowValue(row), _) => row.data.into_iter().map(untyped).collect(),
        (Datum::TimeSeriesValue(points), of) => points
            .into_iter()
            .map(|point| {
                let value = match of {
                    Type::TimeSeriesMeasureValueColumnInfo(inner) => {
                        json(point.value, &inner.r#type)
                    }
                    _ => untyped(point.value),
                };
                json!({ "time": point.time, "value": value })
            })
            .collect(),
    }
}

/// A cell as text, `None` for `NULL`: a scalar as Timestream writes it, anything with parts as
/// JSON on one line.
pub(super) fn text(datum: Datum, of: &Type) -> Option<String> {
    match datum {
        Datum::NullValue(_) => None,
        Datum::ScalarValue(text) => Some(text),
        composed => Some(json(composed, of).to_string()),
    }
}

/// Whether the values of a type are numbers.
pub(super) fn is_number(of: &Type) -> bool {
    matches!(
        of,
        Type::ScalarType(ScalarType::Bigint | ScalarType::Integer | ScalarType::Double)
    )
}

/// The names of the columns, each only once: the second `x` is `x_2`.
pub(super) fn names(columns: &[ColumnInfo]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut names = Vec::with_capacity(columns.len());
    for (position, column) in columns.iter().enumerate() {
        let wanted = column
            .name
            .clone()
            .unwrap_or_else(|| format!("_col{position}"));
        let mut name = wanted.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

fn scalar(text: String, of: &ScalarType) -> Value {
    let number = match of {
        ScalarType::Bigint | ScalarType::Integer => text.parse().ok().map(i64::into),
        ScalarType::Double => text.parse().ok().and_then(Number::from_f64),
        ScalarType::Boolean => return text.parse().map_or(Value::String(text), Value::Bool),
        _ => None,
    };
    number.map_or(Value::String(text), Value::Number)
}

fn fields_of(data: Vec<Datum>, fields: &[ColumnInfo]) -> Value {
    let values = data
        .into_iter()
        .zip(fields)
        .map(|(datum, field)| json(datum, &field.r#type));
    if fields.iter().all(|field| field.name.is_some()) {
        Value::Object(names(fields).into_iter().zip(values).collect::<Map<_, _>>())
    } else {
        values.collect()
    }
}

/// A value whose type does not describe it; the service never sends one.
fn untyped(datum: Datum) -> Value {
    json(datum, &Type::ScalarType(ScalarType::Varchar))
}
