//! The columns and measures of a table, as its rows have shaped them so far.

mod published;
mod registry;

use arrow::datatypes::{DataType, TimeUnit};

pub(crate) use published::{Published, Source, VERSION, version_field};
pub(crate) use registry::{MeasureDef, Registry};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// UTF-8 text; Arrow `Utf8View`.
    Varchar,
    /// 64-bit float; Arrow `Float64`.
    Double,
    /// Signed 64-bit integer; Arrow `Int64`.
    Bigint,
    /// Truth value; Arrow `Boolean`.
    Boolean,
    /// Nanoseconds since the Unix epoch, UTC; Arrow `Timestamp(Nanosecond, None)`.
    Timestamp,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnRole {
    /// A dimension.
    Dimension,
    /// The column `measure_name`.
    MeasureName,
    /// The column `time`.
    Time,
    /// `measure_value::<type>`: the value of single-measure records of one type.
    MeasureValue,
    /// A named value of multi-measure records.
    Multi,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Case-sensitive name.
    pub name: String,
    /// Type of its values.
    pub data_type: ColumnType,
    /// What it is for.
    pub role: ColumnRole,
}

/// The type of a measure, as `SHOW MEASURES` reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MeasureType {
    /// Single-measure records with a [`ColumnType::Double`] value.
    Double,
    /// Single-measure records with a [`ColumnType::Bigint`] value.
    Bigint,
    /// Single-measure records with a [`ColumnType::Varchar`] value.
    Varchar,
    /// Single-measure records with a [`ColumnType::Boolean`] value.
    Boolean,
    /// Multi-measure records.
    Multi,
}

/// A measure name with its type and the dimensions it was seen with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasureInfo {
    /// Case-sensitive name.
    pub measure_name: String,
    /// Type of its records.
    pub data_type: MeasureType,
    /// Dimension names in the order of the table's columns.
    pub dimensions: Vec<String>,
}

impl ColumnType {
    /// The byte that stands for it in files.
    pub(crate) fn code(self) -> u8 {
        match self {
            ColumnType::Varchar => 1,
            ColumnType::Double => 2,
            ColumnType::Bigint => 3,
            ColumnType::Boolean => 4,
            ColumnType::Timestamp => 5,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<ColumnType> {
        Some(match code {
            1 => ColumnType::Varchar,
            2 => ColumnType::Double,
            3 => ColumnType::Bigint,
            4 => ColumnType::Boolean,
            5 => ColumnType::Timestamp,
            _ => return None,
        })
    }

    pub(crate) fn arrow(self) -> DataType {
        match self {
            ColumnType::Varchar => DataType::Utf8View,
            ColumnType::Double => DataType::Float64,
            ColumnType::Bigint => DataType::Int64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Nanosecond, None),
        }
    }

    /// The word for it in SQL and in reasons of rejection.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ColumnType::Varchar => "varchar",
            ColumnType::Double => "double",
            ColumnType::Bigint => "bigint",
            ColumnType::Boolean => "boolean",
            ColumnType::Timestamp => "timestamp",
        }
    }
}

impl ColumnRole {
    /// The byte that stands for it in files. `measure_name` and `time` are in no list of columns.
    pub(crate) fn code(self) -> u8 {
        match self {
            ColumnRole::Dimension => 1,
            ColumnRole::MeasureName => 2,
            ColumnRole::Time => 3,
            ColumnRole::MeasureValue => 4,
            ColumnRole::Multi => 5,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<ColumnRole> {
        Some(match code {
            1 => ColumnRole::Dimension,
            4 => ColumnRole::MeasureValue,
            5 => ColumnRole::Multi,
            _ => return None,
        })
    }
}

impl MeasureType {
    /// The byte that stands for it in files.
    pub(crate) fn code(self) -> u8 {
        match self {
            MeasureType::Double => 1,
            MeasureType::Bigint => 2,
            MeasureType::Varchar => 3,
            MeasureType::Boolean => 4,
            MeasureType::Multi => 5,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<MeasureType> {
        Some(match code {
            1 => MeasureType::Double,
            2 => MeasureType::Bigint,
            3 => MeasureType::Varchar,
            4 => MeasureType::Boolean,
            5 => MeasureType::Multi,
            _ => return None,
        })
    }

    /// The word for it in SQL and in reasons of rejection.
    pub(crate) fn word(self) -> &'static str {
        match self {
            MeasureType::Double => "double",
            MeasureType::Bigint => "bigint",
            MeasureType::Varchar => "varchar",
            MeasureType::Boolean => "boolean",
            MeasureType::Multi => "multi",
        }
    }
}
