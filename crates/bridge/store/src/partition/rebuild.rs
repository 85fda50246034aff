//! The identity index of a file, made anew from its rows when its own cannot be read.

use std::io;

use arrow::record_batch::RecordBatchReader;
use parquet::arrow::ProjectionMask;

use super::identities::IdentityColumns;
use super::{IdentityIndex, IdentityIndexBuilder, Partition, open};
use crate::row::SeriesHasher;

/// Rows that are looked at at once.
const ROWS: usize = 8 * 1024;

/// Reads the columns that a file is sorted by, which are those that tell its rows apart.
pub(super) fn index_of_rows(partition: &Partition) -> io::Result<IdentityIndex> {
    let untold = || io::Error::other("the file does not say what it is sorted by");
    let metadata = partition.metadata()?;
    let schema = metadata.file_metadata().schema_descr_ptr();
    let sorting = metadata.row_groups().first().ok_or_else(untold)?;
    let sorting = sorting.sorting_columns().ok_or_else(untold)?.iter();
    let columns: Vec<usize> = sorting
        .filter_map(|column| usize::try_from(column.column_idx).ok())
        .filter(|column| *column < schema.num_columns())
        .collect();
    let names: Vec<String> = columns
        .iter()
        .map(|column| schema.column(*column).name().to_owned())
        .collect();
    let [measure_name, dimensions @ .., time] = names.as_slice() else {
        return Err(untold());
    };
    if measure_name != "measure_name" || time != "time" {
        return Err(untold());
    }
    let rows = open(partition)?
        .with_batch_size(ROWS)
        .with_projection(ProjectionMask::leaves(&schema, columns.iter().copied()))
        .build()
        .map_err(io::Error::other)?;
    let schema = RecordBatchReader::schema(&rows);
    let mut identities = IdentityColumns::new(&schema, dimensions, SeriesHasher::default());
    let mut index = IdentityIndexBuilder::default();
    let mut in_order = Ok(());
    for batch in rows {
        let batch = batch.map_err(io::Error::other)?;
        identities
            .visit(&batch, |_, series, time, _| {
                if in_order.is_ok() {
                    in_order = index.push(series, time);
                }
            })
            .map_err(io::Error::other)?;
    }
    in_order.map_err(io::Error::other)?;
    IdentityIndex::parse(index.finish().into())
}
