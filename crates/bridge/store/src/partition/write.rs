//! Writing a file.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::bytes::FileSink;
use super::identities::IdentityColumns;
use super::{INDEX_KEY, IdentityIndexBuilder, TailSum};
use crate::error::StoreError;
use crate::files::{At, FileLayer, OpenHow};
use crate::row::SeriesHasher;
use crate::schema::VERSION;

/// Rows of a row group at most. Smaller ones prune better, larger ones compress better.
const GROUP_ROWS: usize = 128 * 1024;
/// Rows from which on a new measure name begins a new row group.
const GROUP_ROWS_BEFORE_NEXT_MEASURE: usize = 8 * 1024;
/// Rows of a page at most: what a query for one monitor has to decode.
const PAGE_ROWS: usize = 8 * 1024;

/// Writes sorted rows into a file that gets its name only when it is complete.
#[derive(Debug)]
pub(crate) struct PartitionWriter {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    draft: PathBuf,
    writer: ArrowWriter<FileSink>,
    index: IdentityIndexBuilder,
    identity: IdentityColumns,
    min_time: i64,
    max_time: i64,
}

/// A file that is complete but has no name yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) rows: u64,
    pub(crate) min_time: i64,
    pub(crate) max_time: i64,
    pub(crate) bytes: u64,
    pub(crate) tail: TailSum,
}

impl PartitionWriter {
    /// Begins a file in `folder`. The rows to come are sorted by the columns `sort`, nulls first.
    pub(crate) fn new(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        schema: &SchemaRef,
        sort: &[usize],
        dimensions: &[String],
        hasher: SeriesHasher,
    ) -> Result<PartitionWriter, StoreError> {
        let draft = folder.join("draft.tmp");
        let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
        let sink = FileSink::new(handle);
        let writer =
            ArrowWriter::try_new(sink, schema.clone(), Some(properties(sort))).map_err(failed)?;
        Ok(PartitionWriter {
            files,
            folder: folder.to_owned(),
            draft,
            writer,
            index: IdentityIndexBuilder::default(),
            identity: IdentityColumns::new(schema, dimensions, hasher),
            min_time: i64::MAX,
            max_time: i64::MIN,
        })
    }

    /// Adds rows behind those already written.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        let mut start = 0;
        let mut changes = Vec::new();
        let index = &mut self.index;
        let mut in_order = Ok(());
        let (min_time, max_time) = (&mut self.min_time, &mut self.max_time);
        self.identity
            .visit(batch, |row, series, time, new_measure| {
                if new_measure && row > 0 {
                    changes.push(row);
                }
                if in_order.is_ok() {
                    in_order = index.push(series, time);
                }
                *min_time = time.min(*min_time);
                *max_time = time.max(*max_time);
            })?;
        in_order.map_err(failed)?;
        changes.push(batch.num_rows());
        for end in changes {
            self.writer
                .write(&batch.slice(start, end - start))
                .map_err(failed)?;
            if end < batch.num_rows()
                && self.writer.in_progress_rows() >= GROUP_ROWS_BEFORE_NEXT_MEASURE
            {
                self.writer.flush().map_err(failed)?;
            }
            start = end;
        }
        Ok(())
    }

    /// Completes the file, makes it durable and gives it its name. A file without rows is given
    /// up, and `None` returned.
    pub(crate) fn finish(
        mut self,
        name: impl FnOnce(Finished) -> String,
    ) -> Result<Option<Finished>, StoreError> {
        let rows = u64::from(self.index.rows());
        if rows == 0 {
            self.files.remove(&self.draft).at("remove", &self.draft)?;
            return Ok(None);
        }
        self.writer.flush().map_err(failed)?;
        let index = self.index.finish();
        let at = self.writer.bytes_written();
        self.writer.write_all(&index).at("write", &self.draft)?;
        self.writer.append_key_value_metadata(KeyValue::new(
            INDEX_KEY.to_owned(),
            format!("{at},{}", index.len()),
        ));
        // Everything before the sums has to be in them.
        self.writer.sync().at("write", &self.draft)?;
        let sums = self.writer.inner_mut().begin_tail();
        self.writer.write_all(&sums).at("write", &self.draft)?;
        self.writer.finish().map_err(failed)?;
        let sink = self.writer.inner();
        sink.sync().at("sync", &self.draft)?;
        let (at, crc) = sink.tail().expect("the tail was begun above");
        let finished = Finished {
            rows,
            min_time: self.min_time,
            max_time: self.max_time,
            bytes: sink.len(),
            tail: TailSum { at, crc },
        };
        let path = self.folder.join(name(finished));
        self.files.rename(&self.draft, &path).at("rename", &path)?;
        self.files.sync_dir(&self.folder).at("sync", &self.folder)?;
        Ok(Some(finished))
    }
}

fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
    StoreError::Engine {
        action: "write a parquet file",
        source: source.into(),
    }
}

fn properties(sort: &[usize]) -> WriterProperties {
    let sorting = sort.iter().map(|column| SortingColumn {
        column_idx: *column as i32,
        descending: false,
        nulls_first: true,
    });
    let time = ColumnPath::from("time");
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_sorting_columns(Some(sorting.collect()))
        // Slots are regular: their differences take next to nothing.
        .set_column_dictionary_enabled(time.clone(), false)
        .set_column_encoding(time, Encoding::DELTA_BINARY_PACKED)
        .set_column_statistics_enabled(ColumnPath::from(VERSION), EnabledStatistics::Chunk)
        .set_created_by(concat!("tidewatch ", env!("CARGO_PKG_VERSION")).to_owned())
        .build()
}
