//! Reading rows of a file outside of queries: for judging repeats and for merging.

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int64Type, TimestampNanosecondType};
use parquet::arrow::arrow_reader::{
    ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection, RowSelector,
};

use super::{FileBytes, Partition};
use crate::head::Columns;
use crate::schema::{Registry, VERSION};

/// What a decoder makes of bytes that this program did not write: an error, also where it panics.
pub(crate) fn decoding<T>(decode: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(decode))
        .unwrap_or_else(|_panic| Err(io::Error::other("its content means nothing to the decoder")))
}

/// Which rows of a file count, given those that do not.
pub(crate) fn row_selection(dead: &BTreeSet<u32>, rows: u64) -> RowSelection {
    let mut selectors = Vec::with_capacity(dead.len() * 2 + 1);
    let mut next = 0u32;
    for row in dead {
        if *row > next {
            selectors.push(RowSelector::select((row - next) as usize));
        }
        selectors.push(RowSelector::skip(1));
        next = row + 1;
    }
    let rest = usize::try_from(rows).map_or(0, |rows| rows.saturating_sub(next as usize));
    if rest > 0 {
        selectors.push(RowSelector::select(rest));
    }
    RowSelection::from(selectors)
}

/// The rows of a file that are not dead, in order.
pub(crate) fn batches(
    partition: &Partition,
    dead: &BTreeSet<u32>,
    batch_rows: usize,
) -> io::Result<ParquetRecordBatchReader> {
    let mut builder = open(partition)?.with_batch_size(batch_rows);
    if !dead.is_empty() {
        builder = builder.with_row_selection(row_selection(dead, partition.meta.rows));
    }
    builder.build().map_err(io::Error::other)
}

/// The given rows of a file, which come by ascending number, without doubles.
pub(crate) fn rows(
    partition: &Partition,
    wanted: &[u32],
    registry: &Registry,
) -> io::Result<Columns> {
    let mut selectors = Vec::with_capacity(wanted.len() * 2);
    let mut next = 0u32;
    for row in wanted {
        if *row > next {
            selectors.push(RowSelector::skip((row - next) as usize));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    let batch = decoding(|| {
        let reader = open(partition)?
            .with_batch_size(wanted.len().max(1))
            .with_row_selection(RowSelection::from(selectors))
            .build()
            .map_err(io::Error::other)?;
        let schema = arrow::record_batch::RecordBatchReader::schema(&reader);
        let batches = reader
            .collect::<Result<Vec<RecordBatch>, _>>()
            .map_err(io::Error::other)?;
        concat_batches(&schema, &batches).map_err(io::Error::other)
    })?;
    if batch.num_rows() != wanted.len() {
        return Err(io::Error::other(
            "the file has fewer rows than its index says",
        ));
    }
    columns(&batch, registry)
}

/// A reader of all rows of a file.
pub(crate) fn open(
    partition: &Partition,
) -> io::Result<ParquetRecordBatchReaderBuilder<FileBytes>> {
    let metadata = partition.reader_metadata()?;
    let bytes = partition.bytes()?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(
        bytes, metadata,
    ))
}

fn columns(batch: &RecordBatch, registry: &Registry) -> io::Result<Columns> {
    let missing = |name: &str| io::Error::other(format!("the file has no sound column `{name}`"));
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| missing(name));
    let time = column("time")?
        .as_primitive_opt::<TimestampNanosecondType>()
        .ok_or_else(|| missing("time"))?;
    let version: &Int64Array = column(VERSION)?
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| missing(VERSION))?;
    let cells = batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .filter_map(|(field, array)| Some((registry.column_id(field.name())?, array.clone())));
    Ok(Columns::new(
        column("measure_name")?.clone(),
        Arc::new(time.clone()),
        Arc::new(version.clone()),
        cells.collect(),
    ))
}
