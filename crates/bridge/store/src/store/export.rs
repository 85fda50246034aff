//! Rows as files for other programs.

mod file;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{col, lit};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use tokio::runtime::Handle;

use self::file::{FinishedFile, TableFile};
use crate::error::StoreError;
use crate::files::{At, FileLayer};
use crate::partition::DAY;
use crate::snapshot::TableSnapshot;

/// Files of what kind are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Apache Parquet, compressed with zstd. Times are nanoseconds without a zone, meant in UTC.
    Parquet,
    /// Comma-separated values with a header (RFC 4180). Times are `2026-11-22 07:30:00.000000000`
    /// in UTC; what is null is empty.
    Csv,
}

impl ExportFormat {
    /// How names of files end, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            ExportFormat::Parquet => "parquet",
            ExportFormat::Csv => "csv",
        }
    }
}

/// What was written of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// By day; days without rows have no file.
    pub files: Vec<ExportedFile>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Where it is within the export: `DATABASE/TABLE/2026-11-22.parquet`.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// The time of the earliest row, nanoseconds since the Unix epoch.
    pub first_time: i64,
    /// That of the latest row.
    pub last_time: i64,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
}

/// The folder of a database or a table. Names have no slashes, but may consist of dots.
pub(super) fn folder_name(name: &str) -> String {
    match name {
        "." | ".." => name.replace('.', "%2E"),
        name => name.to_owned(),
    }
}

/// Writes a file for each day. Blocks; needs a runtime.
pub(super) fn run(
    files: &Arc<dyn FileLayer>,
    snapshot: &TableSnapshot,
    range: Range<i64>,
    format: ExportFormat,
    folder: &Path,
    progress: &dyn Fn(u64),
) -> Result<Exported, StoreError> {
    files.create_dir(folder).at("create", folder)?;
    let mut exported = Exported::default();
    for day in snapshot.days() {
        let start = day.saturating_mul(DAY).max(range.start);
        let end = day.saturating_add(1).saturating_mul(DAY).min(range.end);
        if start >= end {
            continue;
        }
        let file = write_day(files, snapshot, start..end, (day, format), folder, progress)?;
        exported.files.extend(file);
    }
    Ok(exported)
}

fn write_day(
    files: &Arc<dyn FileLayer>,
    snapshot: &TableSnapshot,
    range: Range<i64>,
    (day, format): (i64, ExportFormat),
    folder: &Path,
    progress: &dyn Fn(u64),
) -> Result<Option<ExportedFile>, StoreError> {
    let runtime = Handle::current();
    let mut rows = runtime
        .block_on(scan(snapshot, range))
        .map_err(|source| failed("read the rows of an export", source))?;
    let mut file: Option<TableFile> = None;
    while let Some(batch) = runtime.block_on(rows.next()) {
        let batch = batch.map_err(|source| failed("read the rows of an export", source))?;
        if batch.num_rows() == 0 {
            continue;
        }
        let open = match &mut file {
            Some(open) => open,
            none => none.insert(TableFile::create(files, folder, &batch.schema(), format)?),
        };
        open.write(&batch)?;
        progress(batch.num_rows() as u64);
    }
    let Some(file) = file else {
        return Ok(None);
    };
    let name = format!("{}.{}", day_name(day), format.extension());
    let FinishedFile {
        rows,
        bytes,
        times,
        sha256,
    } = file.finish(&name)?;
    // The last two folders are the database's and the table's.
    let mut parts: Vec<_> = folder.iter().rev().take(2).collect();
    parts.reverse();
    let parts = parts.iter().map(|part| part.to_string_lossy());
    Ok(Some(ExportedFile {
        name: parts.map(|part| format!("{part}/")).chain([name]).collect(),
        rows,
        bytes,
        first_time: times.0,
        last_time: times.1,
        sha256,
    }))
}

/// The rows of a stretch of time, in the order in which they are stored.
async fn scan(
    snapshot: &TableSnapshot,
    range: Range<i64>,
) -> datafusion::common::Result<SendableRecordBatchStream> {
    // One part after another: the same table gives the same files.
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let instant = |at| lit(ScalarValue::TimestampNanosecond(Some(at), None));
    let inside = col("time")
        .gt_eq(instant(range.start))
        .and(col("time").lt(instant(range.end)));
    let rows = context.read_table(snapshot.provider())?.filter(inside)?;
    rows.execute_stream().await
}

fn day_name(day: i64) -> String {
    let date = i32::try_from(day).ok().and_then(|day| {
        jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().try_days(day).ok()?)
            .ok()
    });
    date.map_or_else(|| format!("day{day}"), |date| date.to_string())
}

fn failed(
    action: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Engine {
        action,
        source: source.into(),
    }
}
