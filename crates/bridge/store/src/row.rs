//! A row as log, head and Parquet files know it: columns by number instead of name.

use sha2::{Digest, Sha256};

use crate::record::{Record, Value};
use crate::schema::ColumnType;

/// Borrowed content of one cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    Double(f64),
    Bigint(i64),
    Varchar(&'a str),
    Boolean(bool),
    Timestamp(i64),
}

impl Cell<'_> {
    /// The type of the columns it fits.
    pub(crate) fn data_type(&self) -> ColumnType {
        match self {
            Cell::Double(_) => ColumnType::Double,
            Cell::Bigint(_) => ColumnType::Bigint,
            Cell::Varchar(_) => ColumnType::Varchar,
            Cell::Boolean(_) => ColumnType::Boolean,
            Cell::Timestamp(_) => ColumnType::Timestamp,
        }
    }
}

impl PartialEq for Cell<'_> {
    /// As values of a measure: a NaN equals a NaN.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Cell::Double(a), Cell::Double(b)) => a == b || a.is_nan() && b.is_nan(),
            (Cell::Bigint(a), Cell::Bigint(b)) | (Cell::Timestamp(a), Cell::Timestamp(b)) => a == b,
            (Cell::Varchar(a), Cell::Varchar(b)) => a == b,
            (Cell::Boolean(a), Cell::Boolean(b)) => a == b,
            _ => false,
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Double(value) => Cell::Double(*value),
            Value::Bigint(value) => Cell::Bigint(*value),
            Value::Varchar(value) => Cell::Varchar(value),
            Value::Boolean(value) => Cell::Boolean(*value),
            Value::Timestamp(value) => Cell::Timestamp(*value),
        }
    }
}

/// A row that was accepted. Cells are of distinct columns, dimensions first; cells not given are
/// null.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) measure: u32,
    pub(crate) time: i64,
    pub(crate) version: i64,
    /// Identity together with `time`; see [`SeriesHasher`].
    pub(crate) series: u128,
    pub(crate) cells: &'a [(u32, Cell<'a>)],
}

/// Computes what identifies a series: its measure name and the set of its dimensions.
///
/// That is the first half of the SHA-256 over `measure_name`, then name and value of each
/// dimension by ascending name, every text preceded by its length as u32 LE. Nobody can construct
/// two series that collide, so the texts themselves need not be compared.
#[derive(Debug, Clone, Default)]
pub(crate) struct SeriesHasher {
    key: Vec<u8>,
}

impl SeriesHasher {
    /// The series of a record. Sorts its dimensions by name.
    pub(crate) fn of_record(&mut self, record: &mut Record) -> u128 {
        record
            .dimensions
            .sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let dimensions = record.dimensions.iter();
        self.of_sorted(
            &record.measure_name,
            dimensions.map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    /// The series of a measure name and its dimensions, which come by ascending name.
    pub(crate) fn of_sorted<'a>(
        &mut self,
        measure_name: &str,
        dimensions: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> u128 {
        self.key.clear();
        put(&mut self.key, measure_name);
        for (name, value) in dimensions {
            put(&mut self.key, name);
            put(&mut self.key, value);
        }
        let hash: [u8; 32] = Sha256::digest(&self.key).into();
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        u128::from_le_bytes(half)
    }
}

fn put(key: &mut Vec<u8>, text: &str) {
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}
