//! The engine's columns and cells in the shapes of the API.

use tidewatch_sql::{Column, Datum, Type};
use tidewatch_wire::{ColumnInfo, Row, ScalarType, TimeSeriesDataPoint};

/// A column of a result.
pub(crate) fn column(column: &Column) -> ColumnInfo {
    ColumnInfo {
        name: Some(column.name.clone()),
        r#type: column_type(&column.r#type),
    }
}

/// A type. The inner type of an array and of a time series has no name.
pub(crate) fn column_type(data_type: &Type) -> tidewatch_wire::Type {
    let unnamed = |inner: &Type| {
        Box::new(ColumnInfo {
            name: None,
            r#type: column_type(inner),
        })
    };
    tidewatch_wire::Type::ScalarType(match data_type {
        Type::Varchar => ScalarType::Varchar,
        Type::Boolean => ScalarType::Boolean,
        Type::Bigint => ScalarType::Bigint,
        Type::Integer => ScalarType::Integer,
        Type::Double => ScalarType::Double,
        Type::Timestamp => ScalarType::Timestamp,
        Type::Date => ScalarType::Date,
        Type::Time => ScalarType::Time,
        Type::IntervalDayToSecond => ScalarType::IntervalDayToSecond,
        Type::IntervalYearToMonth => ScalarType::IntervalYearToMonth,
        Type::Unknown => ScalarType::Unknown,
        Type::Array(inner) => return tidewatch_wire::Type::ArrayColumnInfo(unnamed(inner)),
        Type::TimeSeries(inner) => {
            return tidewatch_wire::Type::TimeSeriesMeasureValueColumnInfo(unnamed(inner));
        }
        Type::Row(fields) => {
            let field = |(name, inner): &(Option<String>, Type)| ColumnInfo {
                name: name.clone(),
                r#type: column_type(inner),
            };
            return tidewatch_wire::Type::RowColumnInfo(fields.iter().map(field).collect());
        }
    })
}

/// A row.
pub(crate) fn row(data: Vec<Datum>) -> Row {
    Row {
        data: data.into_iter().map(datum).collect(),
    }
}

fn datum(value: Datum) -> tidewatch_wire::Datum {
    match value {
        Datum::Scalar(text) => tidewatch_wire::Datum::ScalarValue(text),
        Datum::Array(items) => {
            tidewatch_wire::Datum::ArrayValue(items.into_iter().map(datum).collect())
        }
        Datum::Row(fields) => tidewatch_wire::Datum::RowValue(row(fields)),
        Datum::TimeSeries(points) => {
            let point = |(time, value)| TimeSeriesDataPoint {
                time,
                value: datum(value),
            };
            tidewatch_wire::Datum::TimeSeriesValue(points.into_iter().map(point).collect())
        }
        Datum::Null => tidewatch_wire::Datum::NullValue(true),
    }
}

/// How long a row is as JSON, in bytes, when no character needs an escape.
pub(crate) fn json_bytes(row: &Row) -> usize {
    r#"{"Data":[]},"#.len() + row.data.iter().map(datum_bytes).sum::<usize>()
}

fn datum_bytes(value: &tidewatch_wire::Datum) -> usize {
    match value {
        tidewatch_wire::Datum::ScalarValue(text) => r#"{"ScalarValue":""},"#.len() + text.len(),
        tidewatch_wire::Datum::ArrayValue(items) => {
            r#"{"ArrayValue":[]},"#.len() + items.iter().map(datum_bytes).sum::<usize>()
        }
        tidewatch_wire::Datum::RowValue(row) => r#"{"RowValue":},"#.len() + json_bytes(row),
        tidewatch_wire::Datum::TimeSeriesValue(points) => {
            let point = |point: &TimeSeriesDataPoint| {
                r#"{"Time":"","Value":},"#.len() + point.time.len() + datum_bytes(&point.value)
            };
            r#"{"TimeSeriesValue":[]},"#.len() + points.iter().map(point).sum::<usize>()
        }
        tidewatch_wire::Datum::NullValue(_) => r#"{"NullValue":true},"#.len(),
    }
}
