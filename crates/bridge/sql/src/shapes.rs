//! Timestream's types as Arrow types.
//!
//! | Timestream | Arrow |
//! | --- | --- |
//! | INTERVAL_DAY_TO_SECOND | Duration(Nanosecond) |
//! | INTERVAL_YEAR_TO_MONTH | Interval(YearMonth) |
//! | ROW | Struct; a field without a name is called `?` and its position |
//! | ARRAY | List whose element field is called `item` |
//! | TIMESERIES | List of Struct(time, value) whose element field is called `point` |
//! | MAP | Map of Struct(key, value), keys in the order of their appearance |
//!
//! The name of a list's element field is part of the type, so that a time series stays one
//! through every operator, which field metadata would not.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, IntervalUnit, TimeUnit};

use crate::types::Type;

const SERIES_ELEMENT: &str = "point";
const ANONYMOUS_FIELD: char = '?';

/// Nanoseconds since the Unix epoch, UTC.
pub(crate) const TIMESTAMP: DataType = DataType::Timestamp(TimeUnit::Nanosecond, None);
/// Nanoseconds.
pub(crate) const DAY_TO_SECOND: DataType = DataType::Duration(TimeUnit::Nanosecond);
/// Months.
pub(crate) const YEAR_TO_MONTH: DataType = DataType::Interval(IntervalUnit::YearMonth);
/// Nanoseconds since midnight.
pub(crate) const TIME: DataType = DataType::Time64(TimeUnit::Nanosecond);

/// An array of `element`.
pub(crate) fn list_of(element: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(element, true)))
}

/// A time series of `value`.
pub(crate) fn series_of(value: DataType) -> DataType {
    DataType::List(series_element(value))
}

/// The element field of a time series of `value`.
pub(crate) fn series_element(value: DataType) -> FieldRef {
    Arc::new(Field::new(
        SERIES_ELEMENT,
        DataType::Struct(series_fields(value)),
        true,
    ))
}

/// The two fields of a point.
pub(crate) fn series_fields(value: DataType) -> Fields {
    Fields::from(vec![
        Field::new("time", TIMESTAMP, true),
        Field::new("value", value, true),
    ])
}

/// The type of the values of a time series, or `None` when the type is something else.
pub(crate) fn series_value(data_type: &DataType) -> Option<&DataType> {
    let DataType::List(element) = data_type else {
        return None;
    };
    let DataType::Struct(fields) = element.data_type() else {
        return None;
    };
    (element.name() == SERIES_ELEMENT).then(|| fields[1].data_type())
}

/// The type of the elements of an array or a time series.
pub(crate) fn list_element(data_type: &DataType) -> Option<&FieldRef> {
    match data_type {
        DataType::List(element) => Some(element),
        _ => None,
    }
}

/// A map from `key` to `value`.
pub(crate) fn map_of(key: DataType, value: DataType) -> DataType {
    let entries = Field::new("entries", DataType::Struct(map_entry(key, value)), false);
    DataType::Map(Arc::new(entries), false)
}

/// The two fields of an entry of a map. A key is never null.
pub(crate) fn map_entry(key: DataType, value: DataType) -> Fields {
    Fields::from(vec![
        Field::new("key", key, false),
        Field::new("value", value, true),
    ])
}

/// The types of the keys and of the values of a map, or `None` when the type is something else.
pub(crate) fn map_types(data_type: &DataType) -> Option<(&DataType, &DataType)> {
    let DataType::Map(entries, _) = data_type else {
        return None;
    };
    match entries.data_type() {
        DataType::Struct(fields) => match fields.as_ref() {
            [key, value] => Some((key.data_type(), value.data_type())),
            _ => None,
        },
        _ => None,
    }
}

/// The name that stands for "no name" at a position of a row, counted from zero.
pub(crate) fn anonymous_field(position: usize) -> String {
    format!("{ANONYMOUS_FIELD}{position}")
}

/// Whether values are text.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

/// The name of a type in messages and of `typeof`. It also names maps, which a result cannot hold.
pub(crate) fn type_name(data_type: &DataType) -> String {
    if let Some((key, value)) = map_types(data_type) {
        return format!("map({}, {})", type_name(key), type_name(value));
    }
    if let Some(value) = series_value(data_type) {
        return format!("timeseries({})", type_name(value));
    }
    match data_type {
        DataType::List(element) => format!("array({})", type_name(element.data_type())),
        DataType::Struct(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|field| match field_name(field.name()) {
                    Some(name) => format!("{name} {}", type_name(field.data_type())),
                    None => type_name(field.data_type()),
                })
                .collect();
            format!("row({})", fields.join(", "))
        }
        other => type_of(other).map_or_else(|| other.to_string(), |named| named.to_string()),
    }
}

/// Timestream's type of a result for an Arrow type, or `None` when a result cannot hold it.
pub(crate) fn type_of(data_type: &DataType) -> Option<Type> {
    Some(match data_type {
        DataType::Null => Type::Unknown,
        DataType::Boolean => Type::Boolean,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::UInt8 | DataType::UInt16 => {
            Type::Integer
        }
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => Type::Bigint,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Type::Double,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Type::Varchar,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Type::Varchar,
        DataType::Dictionary(_, value) => return type_of(value),
        DataType::Timestamp(_, _) => Type::Timestamp,
        DataType::Date32 | DataType::Date64 => Type::Date,
        DataType::Time32(_) | DataType::Time64(_) => Type::Time,
        DataType::Duration(_) => Type::IntervalDayToSecond,
        DataType::Interval(IntervalUnit::YearMonth) => Type::IntervalYearToMonth,
        DataType::Interval(_) => Type::IntervalDayToSecond,
        DataType::List(element) => match series_value(data_type) {
            Some(value) => Type::TimeSeries(Box::new(type_of(value)?)),
            None => Type::Array(Box::new(type_of(element.data_type())?)),
        },
        DataType::Struct(fields) => Type::Row(
            fields
                .iter()
                .map(|field| Some((field_name(field.name()), type_of(field.data_type())?)))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// Whether a field of a row stands for one without a name.
pub(crate) fn is_anonymous(name: &str) -> bool {
    name.starts_with(ANONYMOUS_FIELD)
}

fn field_name(name: &str) -> Option<String> {
    (!is_anonymous(name)).then(|| name.to_owned())
}
