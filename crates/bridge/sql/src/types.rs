//! The types of Timestream's Query API.

use std::fmt;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as the client sees it: the alias, the column's own name, or `_col<position>`.
    pub name: String,
    /// The type.
    pub r#type: Type,
}

/// A type of the Query API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `VARCHAR`
    Varchar,
    /// `BOOLEAN`
    Boolean,
    /// `BIGINT`: 64 bits.
    Bigint,
    /// `INTEGER`: 32 bits.
    Integer,
    /// `DOUBLE`
    Double,
    /// `TIMESTAMP`: nanoseconds, UTC.
    Timestamp,
    /// `DATE`
    Date,
    /// `TIME`
    Time,
    /// `INTERVAL_DAY_TO_SECOND`
    IntervalDayToSecond,
    /// `INTERVAL_YEAR_TO_MONTH`
    IntervalYearToMonth,
    /// `UNKNOWN`: the type of a bare `NULL`.
    Unknown,
    /// An array of one type.
    Array(Box<Type>),
    /// A row of named or anonymous fields.
    Row(Vec<(Option<String>, Type)>),
    /// A time series of values of one type.
    TimeSeries(Box<Type>),
}

/// The lower-case form that `DESCRIBE` and error messages use, such as `array(bigint)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Varchar => f.write_str("varchar"),
            Self::Boolean => f.write_str("boolean"),
            Self::Bigint => f.write_str("bigint"),
            Self::Integer => f.write_str("integer"),
            Self::Double => f.write_str("double"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::IntervalDayToSecond => f.write_str("interval day to second"),
            Self::IntervalYearToMonth => f.write_str("interval year to month"),
            Self::Unknown => f.write_str("unknown"),
            Self::Array(element) => write!(f, "array({element})"),
            Self::TimeSeries(value) => write!(f, "timeseries({value})"),
            Self::Row(fields) => {
                f.write_str("row(")?;
                for (position, (name, r#type)) in fields.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(name) = name {
                        write!(f, "{name} ")?;
                    }
                    write!(f, "{type}")?;
                }
                f.write_str(")")
            }
        }
    }
}
