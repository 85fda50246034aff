//! Rows of any table.

use tidewatch_domain::{Record, Timestamp, Value};

/// A table of a test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The database, without quotes.
    pub database: String,
    /// The table, without quotes.
    pub table: String,
}

/// A row on its way into a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The table.
    pub table: TableName,
    /// Its time.
    pub time: Timestamp,
    /// From when on it can be read: when whoever writes it had it.
    pub known_at: Timestamp,
    /// Name and value of each dimension.
    pub dimensions: Vec<(String, String)>,
    /// The measure name.
    pub measure_name: String,
    /// The version.
    pub version: i64,
    /// What it carries.
    pub measures: Measures,
}

/// What a row carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Measures {
    /// One value under the measure name: a single-measure record.
    Single(Value),
    /// Values with names of their own: a multi-measure record.
    Multi(Vec<(String, Value)>),
}

impl Row {
    /// A row as Tidewatch writes it.
    pub(super) fn of(record: Record, table: &TableName, known_at: Timestamp) -> Self {
        let record = record.fitted();
        Row {
            table: table.clone(),
            time: record.time,
            known_at,
            dimensions: record
                .dimensions
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            measure_name: record.measure_name.to_owned(),
            version: record.version,
            measures: Measures::Multi(
                record
                    .measures
                    .into_iter()
                    // Timestream refuses empty texts; for a reader they are as good as absent.
                    .filter(|(_, value)| *value != Value::Varchar(String::new()))
                    .map(|(name, value)| (name.into_owned(), value))
                    .collect(),
            ),
        }
    }
}
