//! A store on simulated files, a clock that stands still, records in a few words, rows as text.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::prelude::SessionContext;

use crate::files::simulated::SimulatedFiles;
use crate::{
    Clock, Measures, OpenError, Options, Record, Retention, Store, TableSnapshot, TableSpec, Value,
    WriteError, Written,
};

/// 2026-11-22T07:30:00Z.
pub(super) const NOW: i64 = 1_795_332_600_000_000_000;
pub(super) const SECOND: i64 = 1_000_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

pub(super) const DB: &str = "db";
pub(super) const TABLE: &str = "rows";

#[derive(Debug)]
pub(super) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(super) fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Where a store lives through crashes.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) files: SimulatedFiles,
    pub(super) clock: Arc<ManualClock>,
}

impl Machine {
    pub(super) fn new() -> Machine {
        Machine {
            files: SimulatedFiles::default(),
            clock: Arc::new(ManualClock(NOW.into())),
        }
    }

    /// The same files on another machine.
    pub(super) fn copy(&self) -> Machine {
        Machine {
            files: self.files.copy(),
            clock: self.clock.clone(),
        }
    }

    pub(super) fn root() -> PathBuf {
        PathBuf::from("/store")
    }

    pub(super) fn options(&self) -> Options {
        let mut options = Options::new(self.clock.clone());
        options.files = Arc::new(self.files.clone());
        options.housekeeping_every = Duration::ZERO;
        options
    }

    pub(super) async fn open(&self) -> Result<Store, OpenError> {
        Store::open(&Machine::root(), self.options()).await
    }

    /// A store with the table [`TABLE`], which keeps 24 hours and 400 days.
    pub(super) async fn start(&self) -> Store {
        let store = self.open().await.unwrap();
        store.create_database(DB, None).await.unwrap();
        store.create_table(DB, TABLE, spec()).await.unwrap();
        store
    }

    /// The files of a folder of the store.
    pub(super) fn names(&self, folder: &str) -> Vec<PathBuf> {
        self.files.names(&Machine::root().join(folder))
    }

    pub(super) fn bytes(&self, path: &Path) -> Vec<u8> {
        self.files.bytes(path)
    }
}

pub(super) fn spec() -> TableSpec {
    TableSpec {
        retention: Retention {
            memory_hours: 24,
            magnetic_days: 400,
        },
        magnetic_writes: true,
        ..TableSpec::default()
    }
}

/// A multi-measure record of monitor `monitor` at `NOW + at`, with one double `value`.
pub(super) fn probe(monitor: &str, at: i64, version: i64, value: f64) -> Record {
    Record {
        dimensions: vec![
            ("tenant".to_owned(), "acme".to_owned()),
            ("monitor_id".to_owned(), monitor.to_owned()),
        ],
        measure_name: "probe".to_owned(),
        time: NOW + at,
        version,
        measures: Measures::Multi(vec![("value".to_owned(), Value::Double(value))]),
    }
}

/// A single-measure record.
pub(super) fn single(monitor: &str, at: i64, version: i64, value: Value) -> Record {
    Record {
        measure_name: "single".to_owned(),
        measures: Measures::Single(value),
        ..probe(monitor, at, version, 0.0)
    }
}

pub(super) async fn write(store: &Store, records: Vec<Record>) -> Result<Written, WriteError> {
    store.write(DB, TABLE, records).await
}

/// Writes records that must all be accepted.
pub(super) async fn accept(store: &Store, records: Vec<Record>) {
    let count = records.len();
    let written = write(store, records).await.unwrap();
    assert_eq!(written.rejected, [], "none should be rejected");
    assert_eq!(written.memory_store + written.magnetic_store, count);
}

/// Writes one record and says why it was rejected and for which version, if it was.
pub(super) async fn rejection(store: &Store, record: Record) -> Option<(String, Option<i64>)> {
    let written = write(store, vec![record]).await.unwrap();
    let rejected = written.rejected.into_iter().next()?;
    assert_eq!(rejected.index, 0);
    assert_eq!(written.memory_store + written.magnetic_store, 0);
    Some((rejected.reason, rejected.existing_version))
}

pub(super) fn snapshot(store: &Store) -> TableSnapshot {
    store.snapshot(DB, TABLE).unwrap()
}

/// The answer to a query on table `t`, the cells of a row joined by blanks, nulls as `-`.
pub(super) async fn query(snapshot: &TableSnapshot, sql: &str) -> Vec<String> {
    try_query(snapshot, sql).await.unwrap()
}

/// The same, or the error and what led to it.
pub(super) async fn try_query(snapshot: &TableSnapshot, sql: &str) -> Result<Vec<String>, String> {
    let context = SessionContext::new();
    context.register_table("t", snapshot.provider()).unwrap();
    let answer = context.sql(sql).await.unwrap();
    let batches = answer.collect().await.map_err(|error| chain(&error))?;
    Ok(batches.iter().flat_map(lines).collect())
}

/// An error and what led to it, as one text.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

pub(super) async fn count(store: &Store) -> usize {
    let answer = query(&snapshot(store), "SELECT count(*) FROM t").await;
    answer[0].parse().unwrap()
}

/// All rows as `monitor_id minutes value`, sorted.
pub(super) async fn rows(store: &Store) -> Vec<String> {
    rows_of(&snapshot(store)).await
}

pub(super) async fn rows_of(snapshot: &TableSnapshot) -> Vec<String> {
    let has = |name: &str| snapshot.columns().iter().any(|column| column.name == name);
    if !has("monitor_id") || !has("value") {
        return Vec::new();
    }
    let sql = format!(
        "SELECT monitor_id, (CAST(time AS BIGINT) - {NOW}) / {MINUTE}, value FROM t ORDER BY 1, 2, 3"
    );
    query(snapshot, &sql).await
}

/// The rows of a batch, their cells joined by blanks, nulls as `-`.
pub(super) fn lines(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null("-");
    let columns: Vec<ArrayFormatter<'_>> = batch
        .columns()
        .iter()
        .map(|array: &Arc<dyn Array>| ArrayFormatter::try_new(array.as_ref(), &options).unwrap())
        .collect();
    let line = |row| {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| column.value(row).to_string())
            .collect();
        cells.join(" ")
    };
    (0..batch.num_rows()).map(line).collect()
}
