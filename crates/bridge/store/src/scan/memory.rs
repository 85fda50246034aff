//! Rows in memory as record batches.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use crate::head::{CHUNK_ROWS, ChunkView};
use crate::schema::Published;

/// Batches, spread over partitions.
pub(super) struct Batches {
    pub(super) schema: SchemaRef,
    pub(super) partitions: Vec<Vec<RecordBatch>>,
}

/// The live rows of chunks in the columns of `projection`, or in all. Columns are shared with the
/// chunks; only rows of chunks in which some were replaced are copied.
pub(super) fn batches(
    chunks: &[&ChunkView],
    published: &Published,
    projection: Option<&Vec<usize>>,
    partitions: usize,
) -> Result<Batches, ArrowError> {
    let all = published.arrow();
    let wanted: Vec<usize> = match projection {
        Some(columns) => columns.clone(),
        None => (0..all.fields().len()).collect(),
    };
    let schema = Arc::new(all.project(&wanted)?);
    let mut nulls: Vec<Option<ArrayRef>> = vec![None; wanted.len()];
    let mut batches = Batches {
        schema: schema.clone(),
        partitions: vec![Vec::new(); partitions.clamp(1, chunks.len().max(1))],
    };
    for (number, chunk) in chunks.iter().enumerate() {
        let mut columns = Vec::with_capacity(wanted.len());
        for (column, nulls) in wanted.iter().zip(&mut nulls) {
            let array = chunk.columns.array(published.sources()[*column]);
            let array = array.unwrap_or_else(|| {
                let of = all.field(*column).data_type();
                let shared = nulls.get_or_insert_with(|| new_null_array(of, CHUNK_ROWS));
                shared.clone()
            });
            columns.push(array.slice(0, chunk.rows));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(chunk.rows));
        let mut batch = RecordBatch::try_new_with_options(schema.clone(), columns, &options)?;
        if let Some(live) = &chunk.live {
            batch = filter_record_batch(&batch, &BooleanArray::new(live.clone(), None))?;
        }
        let partition = number % batches.partitions.len();
        batches.partitions[partition].push(batch);
    }
    Ok(batches)
}
