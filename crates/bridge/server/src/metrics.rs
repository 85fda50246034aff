//! What the server counts about itself, for `GET /metrics`.
//!
//! Labels are closed sets: names of operations, names of errors, kinds of rejections. Nothing that
//! a caller chooses is ever one, so the number of series is bounded.

mod histogram;
mod text;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_store::{Rejection, Stats};

use histogram::Histogram;
use text::{Kind, Page};

/// The label of calls for operations that there are not.
pub(crate) const UNKNOWN: &str = "unknown";
/// The label of calls that succeeded.
pub(crate) const OK: &str = "ok";

/// Counters since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By operation.
    calls: Mutex<BTreeMap<&'static str, Calls>>,
    pub(crate) records: Records,
    pub(crate) queries_cancelled: AtomicU64,
}

/// What is counted of one operation.
#[derive(Debug, Default)]
struct Calls {
    /// By what came of them: [`OK`], or the name of the error.
    outcomes: BTreeMap<&'static str, u64>,
    seconds: Histogram,
}

/// Records of all writes.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) memory_store: AtomicU64,
    pub(crate) magnetic_store: AtomicU64,
    window: AtomicU64,
    columns: AtomicU64,
    version: AtomicU64,
    /// Refused before the store saw them.
    pub(crate) limit: AtomicU64,
}

impl Records {
    /// Counts a record that the store refused.
    pub(crate) fn rejected(&self, kind: Rejection) {
        let counter = match kind {
            Rejection::Window => &self.window,
            Rejection::Columns => &self.columns,
            Rejection::Version => &self.version,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is so at the moment of asking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Statements that work.
    pub(crate) running: usize,
    /// Results with pages left.
    pub(crate) open: usize,
}

impl Metrics {
    /// Counts a call.
    pub(crate) fn called(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        let mut calls = self.calls.lock();
        let calls = calls.entry(operation).or_default();
        *calls.outcomes.entry(outcome).or_default() += 1;
        calls.seconds.add(took);
    }

    /// Everything in Prometheus's text format.
    pub(crate) fn page(&self, store: &Stats, moment: Moment) -> String {
        let mut page = Page::default();
        self.put_calls(&mut page);
        self.put_records(&mut page);
        put_queries(
            &mut page,
            moment,
            self.queries_cancelled.load(Ordering::Relaxed),
        );
        put_store(&mut page, store);
        page.into_text()
    }

    fn put_calls(&self, page: &mut Page) {
        let calls = self.calls.lock();
        page.family(
            "tidewatch_bridge_requests_total",
            Kind::Counter,
            "Calls of the API, by operation and outcome.",
        );
        for (operation, calls) in calls.iter() {
            for (outcome, count) in &calls.outcomes {
                page.sample(
                    &[("operation", *operation), ("status", *outcome)],
                    *count as f64,
                );
            }
        }
        page.family(
            "tidewatch_bridge_request_duration_seconds",
            Kind::Histogram,
            "Time from the head of a call to its answer, by operation.",
        );
        for (operation, calls) in calls.iter() {
            calls.seconds.put(page, operation);
        }
    }

    fn put_records(&self, page: &mut Page) {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
        let records = &self.records;
        page.family(
            "tidewatch_bridge_records_written_total",
            Kind::Counter,
            "Records accepted by WriteRecords, by the store that their time belongs to.",
        );
        page.sample(&[("store", "memory")], of(&records.memory_store));
        page.sample(&[("store", "magnetic")], of(&records.magnetic_store));
        page.family(
            "tidewatch_bridge_records_rejected_total",
            Kind::Counter,
            "Records refused by WriteRecords: outside the time range, not fitting the table's \
             columns, of a version that is not new, or beyond a limit of one record.",
        );
        for (reason, counter) in [
            ("window", &records.window),
            ("columns", &records.columns),
            ("version", &records.version),
            ("limit", &records.limit),
        ] {
            page.sample(&[("reason", reason)], of(counter));
        }
    }
}

fn put_queries(page: &mut Page, moment: Moment, cancelled: u64) {
    let gauges = [
        (
            "tidewatch_bridge_queries_running",
            "Statements that work at this moment.",
            moment.running,
        ),
        (
            "tidewatch_bridge_results_open",
            "Results of which a client has not asked for all pages.",
            moment.open,
        ),
    ];
    for (name, help, value) in gauges {
        page.family(name, Kind::Gauge, help);
        page.sample(&[], value as f64);
    }
    page.family(
        "tidewatch_bridge_queries_cancelled_total",
        Kind::Counter,
        "Statements that CancelQuery stopped.",
    );
    page.sample(&[], cancelled as f64);
}

fn put_store(page: &mut Page, stats: &Stats) {
    page.family(
        "tidewatch_store_bytes",
        Kind::Gauge,
        "Bytes of the write-ahead log and the Parquet files on disk, and of the head in memory.",
    );
    page.sample(&[("part", "log")], stats.log_bytes as f64);
    page.sample(&[("part", "parquet")], stats.partition_bytes as f64);
    page.sample(&[("part", "head")], stats.head_bytes as f64);
    page.family(
        "tidewatch_store_rows",
        Kind::Gauge,
        "Rows in memory and in Parquet files.",
    );
    page.sample(&[("part", "head")], stats.head_rows as f64);
    page.sample(&[("part", "parquet")], stats.partition_rows as f64);
    let gauges = [
        (
            "tidewatch_store_parquet_files",
            "Parquet files.",
            stats.partitions as f64,
        ),
        (
            "tidewatch_store_parquet_files_aside",
            "Parquet files that could not be read and are not merged with others any more.",
            stats.partitions_aside as f64,
        ),
        ("tidewatch_store_tables", "Tables.", stats.tables as f64),
        (
            "tidewatch_store_queued_records",
            "Records that wait to be committed.",
            stats.queued as f64,
        ),
        (
            "tidewatch_store_read_only",
            "1 while the store refuses writes, else 0.",
            f64::from(u8::from(stats.read_only.is_some())),
        ),
    ];
    for (name, help, value) in gauges {
        page.family(name, Kind::Gauge, help);
        page.sample(&[], value);
    }
    page.family(
        "tidewatch_store_damaged_reads_total",
        Kind::Counter,
        "Reads of Parquet files whose bytes did not match their checksum.",
    );
    page.sample(&[], stats.damaged_reads as f64);
    page.family(
        "tidewatch_store_log_sync_seconds",
        Kind::Summary,
        "Time that the write-ahead log took to write and sync its groups.",
    );
    page.suffixed("_sum", &[], stats.log_sync_micros as f64 / 1e6);
    page.suffixed("_count", &[], stats.log_syncs as f64);
}

#[cfg(test)]
mod tests;
