//! How long calls took.

use std::time::Duration;

use super::text::Page;

/// Upper bounds of the buckets in seconds. A durable write takes a few milliseconds, a dashboard's
/// query some hundred, and queries are cut after 20 s.
const BOUNDS: [f64; 14] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// Durations, counted in buckets.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Of each bucket; not of those below it.
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    pub(super) fn add(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        if let Some(bucket) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.counts[bucket] += 1;
        }
        self.count += 1;
        self.sum += seconds;
    }

    /// Adds the samples of one operation to the family that was begun last.
    pub(super) fn put(&self, page: &mut Page, operation: &str) {
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(self.counts) {
            below += count;
            let bound = bound.to_string();
            page.suffixed(
                "_bucket",
                &[("operation", operation), ("le", &bound)],
                below as f64,
            );
        }
        let all = [("operation", operation), ("le", "+Inf")];
        page.suffixed("_bucket", &all, self.count as f64);
        page.suffixed("_sum", &[("operation", operation)], self.sum);
        page.suffixed("_count", &[("operation", operation)], self.count as f64);
    }
}
