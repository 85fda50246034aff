//! What a run found, and how it is printed.

use std::collections::HashMap;
use std::time::Duration;

use crate::Outcome;

/// The figures of one run.
#[derive(Debug)]
pub(crate) struct Report {
    /// Attempts that succeeded.
    pub(crate) succeeded: usize,
    /// Attempts that did not.
    pub(crate) failed: usize,
    /// Attempts whose latency the prober itself marked as not to be trusted.
    pub(crate) tainted: usize,
    /// How long all of them took together.
    pub(crate) elapsed: Duration,
    /// The CPU time that they took.
    pub(crate) cpu: Duration,
    /// The most memory that the measured process had, in KiB.
    pub(crate) peak_memory_kib: u64,
    /// Reported minus true latency of each successful attempt in ms, in ascending order.
    pub(crate) errors: Vec<f64>,
}

impl Report {
    /// One line of JSON.
    pub(crate) fn print(&self) {
        let attempts = self.succeeded + self.failed;
        println!(
            "{{\"succeeded\": {}, \"failed\": {}, \"tainted\": {}, \"elapsed_s\": {:.4}, \
             \"cpu_ms_per_attempt\": {:.5}, \"peak_memory_mib\": {:.2}, \
             \"error_p50_ms\": {:.4}, \"error_p99_ms\": {:.4}}}",
            self.succeeded,
            self.failed,
            self.tainted,
            self.elapsed.as_secs_f64(),
            self.cpu.as_secs_f64() * 1_000.0 / attempts.max(1) as f64,
            self.peak_memory_kib as f64 / 1_024.0,
            self.percentile(50),
            self.percentile(99),
        );
    }

    /// The smallest error that is not exceeded by `percent` of all; 0 without any.
    fn percentile(&self, percent: usize) -> f64 {
        let rank = (self.errors.len() * percent).div_ceil(100).max(1);
        self.errors.get(rank - 1).copied().unwrap_or_default()
    }
}

/// The differences between reported latencies and the target's own, in ms and ascending order.
///
/// Errors: an attempt is not known to the target.
pub(crate) fn errors(
    reported: &[(usize, Duration)],
    own: &HashMap<usize, Duration>,
) -> Outcome<Vec<f64>> {
    let mut errors = Vec::with_capacity(reported.len());
    for (number, latency) in reported {
        let own = own
            .get(number)
            .ok_or_else(|| format!("the target has not seen attempt {number}"))?;
        errors.push((latency.as_secs_f64() - own.as_secs_f64()) * 1_000.0);
    }
    errors.sort_by(f64::total_cmp);
    Ok(errors)
}
