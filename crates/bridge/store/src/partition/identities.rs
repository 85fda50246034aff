//! The identities of rows, read from their columns.

use arrow::array::{Array, AsArray, RecordBatch, StringViewArray};
use arrow::datatypes::{SchemaRef, TimestampNanosecondType};

use crate::error::StoreError;
use crate::row::SeriesHasher;

/// Follows the identity of rows from batch to batch.
#[derive(Debug)]
pub(super) struct IdentityColumns {
    hasher: SeriesHasher,
    measure_name: usize,
    time: usize,
    /// Name and position of the dimensions, by ascending name.
    dimensions: Vec<(String, usize)>,
    last: Option<RecordBatch>,
    series: u128,
}

impl IdentityColumns {
    /// Of rows of `schema`, whose columns `dimensions` are the dimensions.
    pub(super) fn new(
        schema: &SchemaRef,
        dimensions: &[String],
        hasher: SeriesHasher,
    ) -> IdentityColumns {
        let position = |name: &str| schema.index_of(name).unwrap_or_default();
        let mut dimensions: Vec<(String, usize)> = dimensions
            .iter()
            .filter_map(|name| Some((name.clone(), schema.index_of(name).ok()?)))
            .collect();
        dimensions.sort_unstable();
        IdentityColumns {
            hasher,
            measure_name: position("measure_name"),
            time: position("time"),
            dimensions,
            last: None,
            series: 0,
        }
    }

    /// Calls `each` with position, series, time and whether the measure name is a new one.
    pub(super) fn visit(
        &mut self,
        batch: &RecordBatch,
        mut each: impl FnMut(usize, u128, i64, bool),
    ) -> Result<(), StoreError> {
        let unsound = || StoreError::Engine {
            action: "tell the rows of a parquet file apart",
            source: "a column has an unexpected type".into(),
        };
        let text = |batch: &RecordBatch, column: usize| -> Result<StringViewArray, StoreError> {
            let array = batch.column(column).as_string_view_opt();
            Ok(array.ok_or_else(unsound)?.clone())
        };
        let times = batch
            .column(self.time)
            .as_primitive_opt::<TimestampNanosecondType>()
            .ok_or_else(unsound)?;
        let columns: Vec<usize> = std::iter::once(self.measure_name)
            .chain(self.dimensions.iter().map(|(_, column)| *column))
            .collect();
        let texts = |batch: &RecordBatch| -> Result<Vec<StringViewArray>, StoreError> {
            columns.iter().map(|column| text(batch, *column)).collect()
        };
        let mut previous: Option<(Vec<StringViewArray>, usize)> = match &self.last {
            Some(last) => Some((texts(last)?, 0)),
            None => None,
        };
        let current = texts(batch)?;
        for row in 0..batch.num_rows() {
            let (same, same_measure) = match &previous {
                Some((arrays, at)) => {
                    let mut pairs = arrays.iter().zip(&current);
                    let measure = pairs.next().is_some_and(|(a, b)| equal(a, *at, b, row));
                    (
                        measure && pairs.all(|(a, b)| equal(a, *at, b, row)),
                        measure,
                    )
                }
                None => (false, false),
            };
            if !same {
                let [measure_name, dimensions @ ..] = current.as_slice() else {
                    return Err(unsound());
                };
                let values = self.dimensions.iter().zip(dimensions);
                let present = values.filter(|(_, array)| array.is_valid(row));
                self.series = self.hasher.of_sorted(
                    measure_name.value(row),
                    present.map(|((name, _), array)| (name.as_str(), array.value(row))),
                );
            }
            each(row, self.series, times.value(row), !same_measure);
            match &mut previous {
                Some((_, at)) if row > 0 => *at = row,
                previous => *previous = Some((current.clone(), row)),
            }
        }
        if batch.num_rows() > 0 {
            self.last = Some(batch.slice(batch.num_rows() - 1, 1));
        }
        Ok(())
    }
}

fn equal(a: &StringViewArray, at: usize, b: &StringViewArray, row: usize) -> bool {
    match (a.is_valid(at), b.is_valid(row)) {
        (true, true) => a.value(at) == b.value(row),
        (a, b) => a == b,
    }
}
