//! One file of an export.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{SchemaRef, TimestampNanosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};

use super::{ExportFormat, failed};
use crate::error::StoreError;
use crate::files::{At, FileHandle, FileLayer, OpenHow};

/// Times as Timestream writes them.
const TIME: &str = "%Y-%m-%d %H:%M:%S%.9f";
/// Bytes of CSV that are gathered before they are written.
const BUFFER: usize = 256 * 1024;

/// A file that gets its name when it is complete.
pub(super) struct TableFile {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    draft: PathBuf,
    form: Form,
    rows: u64,
    /// Times of the earliest and the latest row.
    times: (i64, i64),
}

enum Form {
    Parquet(Box<ArrowWriter<Sink>>),
    Csv(Box<csv::Writer<Sink>>),
}

/// What is known of a complete file.
pub(super) struct FinishedFile {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) times: (i64, i64),
    pub(super) sha256: [u8; 32],
}

impl TableFile {
    pub(super) fn create(
        files: &Arc<dyn FileLayer>,
        folder: &Path,
        schema: &SchemaRef,
        format: ExportFormat,
    ) -> Result<TableFile, StoreError> {
        let draft = folder.join("draft.tmp");
        let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
        let sink = Sink {
            handle,
            at: 0,
            hash: Sha256::new(),
        };
        let form = match format {
            ExportFormat::Parquet => Form::Parquet(Box::new(parquet(sink, schema)?)),
            ExportFormat::Csv => {
                let mut writer = csv::WriterBuilder::new()
                    .buffer_capacity(BUFFER)
                    .from_writer(sink);
                let names = schema.fields().iter().map(|field| field.name());
                writer.write_record(names).map_err(csv_failed)?;
                Form::Csv(Box::new(writer))
            }
        };
        Ok(TableFile {
            files: files.clone(),
            folder: folder.to_owned(),
            draft,
            form,
            rows: 0,
            times: (i64::MAX, i64::MIN),
        })
    }

    /// Adds rows, which have the column `time`.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        let times = batch
            .column_by_name("time")
            .and_then(|times| times.as_primitive_opt::<TimestampNanosecondType>())
            .ok_or_else(|| failed("export a table", "it has no column `time`"))?;
        for time in times.values() {
            self.times = (self.times.0.min(*time), self.times.1.max(*time));
        }
        self.rows += batch.num_rows() as u64;
        match &mut self.form {
            Form::Parquet(writer) => writer.write(batch).map_err(parquet_failed),
            Form::Csv(writer) => write_lines(writer, batch),
        }
    }

    /// Makes the file durable and gives it its name.
    pub(super) fn finish(self, name: &str) -> Result<FinishedFile, StoreError> {
        let sink = match self.form {
            Form::Parquet(writer) => writer.into_inner().map_err(parquet_failed)?,
            Form::Csv(writer) => writer
                .into_inner()
                .map_err(|error| csv_failed(error.into_error()))?,
        };
        sink.handle.sync().at("sync", &self.draft)?;
        let path = self.folder.join(name);
        self.files.rename(&self.draft, &path).at("rename", &path)?;
        self.files.sync_dir(&self.folder).at("sync", &self.folder)?;
        Ok(FinishedFile {
            rows: self.rows,
            bytes: sink.at,
            times: self.times,
            sha256: sink.hash.finalize().into(),
        })
    }
}

fn parquet(sink: Sink, schema: &SchemaRef) -> Result<ArrowWriter<Sink>, StoreError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("tidewatch ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    // Arrow's own description of the columns names types that older readers do not know.
    let options = ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(sink, schema.clone(), options).map_err(parquet_failed)
}

fn write_lines(writer: &mut csv::Writer<Sink>, batch: &RecordBatch) -> Result<(), StoreError> {
    let options = FormatOptions::new().with_timestamp_format(Some(TIME));
    let columns = batch
        .columns()
        .iter()
        .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| failed("export a table", error))?;
    let mut cell = String::new();
    for row in 0..batch.num_rows() {
        for column in &columns {
            cell.clear();
            let written = column.value(row).write(&mut cell);
            written.map_err(|error| failed("export a table", error))?;
            writer.write_field(&cell).map_err(csv_failed)?;
        }
        let end: Option<&[u8]> = None;
        writer.write_record(end).map_err(csv_failed)?;
    }
    Ok(())
}

fn parquet_failed(error: parquet::errors::ParquetError) -> StoreError {
    failed("write a parquet file", error)
}

fn csv_failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    failed("write a file of comma-separated values", error)
}

/// Writes a file from its beginning, and hashes it.
struct Sink {
    handle: Arc<dyn FileHandle>,
    at: u64,
    hash: Sha256,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.handle.write_at(self.at, data)?;
        self.at += data.len() as u64;
        self.hash.update(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
