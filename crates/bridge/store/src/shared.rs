//! What all parts of an open store have in common.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};

use tokio::sync::Notify;

use crate::catalog::Catalog;
use crate::files::FileLayer;
use crate::health::Health;
use crate::options::Options;
use crate::partition::MetadataCache;

/// The folders and files of a store.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
    pub(crate) lock: PathBuf,
    pub(crate) format: PathBuf,
    pub(crate) catalog: PathBuf,
    pub(crate) mark: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) partitions: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Layout {
        Layout {
            root: root.to_owned(),
            lock: root.join("LOCK"),
            format: root.join("FORMAT"),
            catalog: root.join("catalog.redb"),
            mark: root.join(crate::catalog::MARK),
            log: root.join("log"),
            partitions: root.join("partitions"),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) files: Arc<dyn FileLayer>,
    pub(crate) layout: Layout,
    pub(crate) options: Options,
    pub(crate) health: Arc<Health>,
    pub(crate) catalog: Catalog,
    pub(crate) metadata: Arc<MetadataCache>,
    pub(crate) next_partition: AtomicU64,
    pub(crate) counters: Counters,
    /// Rung when the head is large enough for a flush.
    pub(crate) flush_wanted: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Records that wait for the committer.
    pub(crate) queued: AtomicUsize,
    /// Estimated memory of all heads.
    pub(crate) head_bytes: AtomicUsize,
    /// Number of the oldest segment of the log that is kept.
    pub(crate) first_segment: AtomicU64,
    /// Number of the segment that is written to.
    pub(crate) last_segment: AtomicU64,
    /// Bytes of the log.
    pub(crate) log_bytes: AtomicU64,
    /// Groups written since the store was opened.
    pub(crate) groups: AtomicU64,
    /// Syncs of the log since then, and how long they took in all, in microseconds.
    pub(crate) log_syncs: AtomicU64,
    pub(crate) log_sync_micros: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) rejected: AtomicU64,
}
