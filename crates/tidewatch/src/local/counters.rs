//! What the local mode counts about itself, for `ops` rows and the terminal.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tidewatch_domain::ports::WriteReport;
use tidewatch_domain::rows::Ops;

/// Counts since they were last taken.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    probes: AtomicU64,
    missed: AtomicU64,
    start_lag_max_ns: AtomicU64,
    rows_written: AtomicU64,
    rows_rejected: AtomicU64,
    write_retries: AtomicU64,
    network_lost: AtomicBool,
}

impl Counters {
    /// A probe finished that began so late.
    pub(crate) fn probed(&self, start_lag: Duration) {
        self.probes.fetch_add(1, Ordering::Relaxed);
        let lag = u64::try_from(start_lag.as_nanos()).unwrap_or(u64::MAX);
        self.start_lag_max_ns.fetch_max(lag, Ordering::Relaxed);
    }

    /// Slots passed without a probe.
    pub(crate) fn missed(&self, slots: u64) {
        self.missed.fetch_add(slots, Ordering::Relaxed);
    }

    /// A batch was written.
    pub(crate) fn written(&self, report: &WriteReport) {
        self.rows_written
            .fetch_add(as_u64(report.accepted), Ordering::Relaxed);
        self.rows_rejected
            .fetch_add(as_u64(report.rejected.len()), Ordering::Relaxed);
    }

    /// Rows were given up.
    pub(crate) fn lost(&self, rows: usize) {
        self.rows_rejected
            .fetch_add(as_u64(rows), Ordering::Relaxed);
    }

    /// A write failed and will be tried again.
    pub(crate) fn retried(&self) {
        self.write_retries.fetch_add(1, Ordering::Relaxed);
    }

    /// A probe finished while the location had lost its network, or had not.
    pub(crate) fn network_lost(&self, lost: bool) {
        self.network_lost.fetch_or(lost, Ordering::Relaxed);
    }

    /// The counts since the last call, which start again from zero.
    pub(crate) fn take(&self) -> Ops {
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        Ops {
            probes: take(&self.probes),
            missed: take(&self.missed),
            start_lag_max: Duration::from_nanos(take(&self.start_lag_max_ns)),
            rows_written: take(&self.rows_written),
            rows_rejected: take(&self.rows_rejected),
            write_retries: take(&self.write_retries),
            network_lost: self.network_lost.swap(false, Ordering::Relaxed),
            ..Ops::default()
        }
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
