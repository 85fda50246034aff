//! How a store is run.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::files::{FileLayer, RealFiles};

/// Where the store gets the time from.
pub trait Clock: Send + Sync + Debug {
    /// Nanoseconds since the Unix epoch, UTC.
    fn now(&self) -> i64;
}

/// Settings of a store. Durability is not one of them: an acknowledged write is always on disk.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The clock that retention and creation times are judged by.
    pub clock: Arc<dyn Clock>,
    /// Bytes of rows in memory at which they are moved to Parquet files. Default 128 MiB; at
    /// three times as much, writes are answered with [`crate::WriteError::Overloaded`].
    pub head_bytes: usize,
    /// How often rows are moved to Parquet files at the latest. Default 30 minutes.
    pub flush_every: Duration,
    /// How often size, age and retention are looked at. Default 10 seconds. Zero turns all
    /// background work off; [`crate::Store::flush`] is then the caller's.
    pub housekeeping_every: Duration,
    /// Records that may wait for the committer before writes are answered with
    /// [`crate::WriteError::Overloaded`]. Default 100,000.
    pub queue_records: usize,
    /// Widens the span of accepted and kept times into the past, for backfills. Default none.
    pub extra_past: Duration,
    /// Widens the span of accepted times into the future. Default none.
    pub extra_future: Duration,
    /// The file system.
    pub(crate) files: Arc<dyn FileLayer>,
}

impl Options {
    /// The defaults, on `clock`.
    pub fn new(clock: Arc<dyn Clock>) -> Options {
        Options {
            clock,
            head_bytes: 128 << 20, // 128 MiB
            flush_every: Duration::from_secs(30 * 60),
            housekeeping_every: Duration::from_secs(10),
            queue_records: 100_000,
            extra_past: Duration::ZERO,
            extra_future: Duration::ZERO,
            files: Arc::new(RealFiles),
        }
    }
}
