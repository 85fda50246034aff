//! Columns, rows and cells of a result.

use crate::closed_set::closed_set;
use serde::{Deserialize, Serialize};

closed_set! {
    /// A type without parts.
    ScalarType {
        /// Text.
        Varchar = "VARCHAR",
        /// `true` or `false`.
        Boolean = "BOOLEAN",
        /// 64 bits.
        Bigint = "BIGINT",
        /// Binary64.
        Double = "DOUBLE",
        /// A point in time with nanoseconds, UTC.
        Timestamp = "TIMESTAMP",
        /// A day.
        Date = "DATE",
        /// A time of day.
        Time = "TIME",
        /// A duration of days and less.
        IntervalDayToSecond = "INTERVAL_DAY_TO_SECOND",
        /// A duration of months.
        IntervalYearToMonth = "INTERVAL_YEAR_TO_MONTH",
        /// The type of a bare `NULL`.
        Unknown = "UNKNOWN",
        /// 32 bits.
        Integer = "INTEGER",
    }
}

/// A column, or a part of a column's type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ColumnInfo {
    /// The name; absent for the inner type of an array or a time series.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The type.
    pub r#type: Type,
}

/// A type; in JSON an object with exactly one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Type {
    /// A type without parts.
    ScalarType(ScalarType),
    /// An array of one type.
    ArrayColumnInfo(Box<ColumnInfo>),
    /// A row of fields.
    RowColumnInfo(Vec<ColumnInfo>),
    /// A time series of values of one type.
    TimeSeriesMeasureValueColumnInfo(Box<ColumnInfo>),
}

/// A row, or a value of a row type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row {
    /// One for each column.
    pub data: Vec<Datum>,
}

/// A value; in JSON an object with exactly one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Datum {
    /// Any scalar type, as a text.
    ScalarValue(String),
    /// An array.
    ArrayValue(Vec<Datum>),
    /// A row.
    RowValue(Row),
    /// A time series, in the order of time.
    TimeSeriesValue(Vec<TimeSeriesDataPoint>),
    /// No value; always `true`.
    NullValue(bool),
}

/// A point of a time series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeSeriesDataPoint {
    /// As a value of type `TIMESTAMP`.
    pub time: String,
    /// The value.
    pub value: Datum,
}
