//! Rows in memory, in the order of files.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringViewArray};
use arrow::compute::interleave;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::merge::FileColumn;
use crate::head::{CHUNK_ROWS, ChunkView};
use crate::partition::Span;

/// Where a row lies, and what it is sorted by besides its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowKey {
    time: i64,
    chunk: u32,
    row: u32,
    series: u32,
}

/// Rows of a table in memory that are to go into one file, sorted.
#[derive(Debug)]
pub(super) struct SortedRows {
    keys: Vec<RowKey>,
    next: usize,
    schema: SchemaRef,
    /// For each column of the file, its array in each chunk.
    columns: Vec<Vec<ArrayRef>>,
}

impl SortedRows {
    /// The live rows from `kept_from` on, by the hour they lie in.
    pub(super) fn by_hour(chunks: &[ChunkView], kept_from: i64) -> BTreeMap<Span, Vec<RowKey>> {
        let mut hours: BTreeMap<Span, Vec<RowKey>> = BTreeMap::new();
        for (chunk, view) in (0..).zip(chunks) {
            for row in 0..view.rows {
                let time = view.columns.time(row);
                let live = view.live.as_ref().is_none_or(|live| live.value(row));
                if !live || time < kept_from {
                    continue;
                }
                let key = RowKey {
                    time,
                    chunk,
                    row: row as u32,
                    series: view.series[row],
                };
                hours.entry(Span::hour_of(time)).or_default().push(key);
            }
        }
        hours
    }

    /// Sorts rows by the columns at `sort`, which end with the time.
    pub(super) fn new(
        chunks: &[ChunkView],
        mut keys: Vec<RowKey>,
        schema: SchemaRef,
        file_columns: &[FileColumn],
        sort: &[usize],
    ) -> SortedRows {
        let columns: Vec<Vec<ArrayRef>> = file_columns
            .iter()
            .map(|column| column.in_chunks(chunks))
            .collect();
        let texts = sort.iter().filter_map(|at| {
            let arrays = columns.get(*at)?.iter();
            arrays
                .map(|array| array.as_string_view_opt())
                .collect::<Option<Vec<&StringViewArray>>>()
        });
        let ranks = rank_series(&keys, &texts.collect::<Vec<_>>());
        keys.sort_unstable_by_key(|key| (ranks[&key.series], key.time));
        SortedRows {
            keys,
            next: 0,
            schema,
            columns,
        }
    }

    fn batch(&self, keys: &[RowKey]) -> Result<RecordBatch, ArrowError> {
        // Only the chunks these rows lie in, so that a batch does not drag all text along.
        let mut numbers: HashMap<u32, usize> = HashMap::new();
        let mut used = Vec::new();
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            let number = *numbers.entry(key.chunk).or_insert_with(|| {
                used.push(key.chunk as usize);
                used.len() - 1
            });
            places.push((number, key.row as usize));
        }
        let columns = self.columns.iter().map(|arrays| {
            let arrays: Vec<&dyn Array> =
                used.iter().map(|chunk| arrays[*chunk].as_ref()).collect();
            interleave(&arrays, &places)
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(keys.len()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }
}

impl Iterator for SortedRows {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = self.keys.len().min(self.next + CHUNK_ROWS);
        let keys = self
            .keys
            .get(self.next..end)
            .filter(|keys| !keys.is_empty())?;
        let batch = self.batch(keys);
        self.next = end;
        Some(batch)
    }
}

/// Gives each series its place in the order of the text columns.
fn rank_series(keys: &[RowKey], texts: &[Vec<&StringViewArray>]) -> HashMap<u32, u32> {
    let mut examples: HashMap<u32, RowKey> = HashMap::new();
    for key in keys {
        examples.entry(key.series).or_insert(*key);
    }
    let mut order: Vec<RowKey> = examples.into_values().collect();
    order.sort_unstable_by(|a, b| compare(a, b, texts));
    let ranked = order.iter().zip(0..);
    ranked.map(|(key, rank)| (key.series, rank)).collect()
}

fn compare(a: &RowKey, b: &RowKey, texts: &[Vec<&StringViewArray>]) -> Ordering {
    let cell = |key: &RowKey, column: usize| {
        let array = texts[column][key.chunk as usize];
        let row = key.row as usize;
        array.is_valid(row).then(|| array.value(row).to_owned())
    };
    for column in 0..texts.len() {
        match cell(a, column).cmp(&cell(b, column)) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    Ordering::Equal
}
