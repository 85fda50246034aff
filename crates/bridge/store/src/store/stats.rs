//! Counters.

use std::sync::atomic::Ordering::Relaxed;

use crate::shared::Shared;

/// Counters for the operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Databases.
    pub databases: usize,
    /// Tables of all databases.
    pub tables: usize,
    /// Rows in memory that are not yet in Parquet files; replaced ones included.
    pub head_rows: usize,
    /// Estimated memory of those rows.
    pub head_bytes: usize,
    /// Parquet files.
    pub partitions: usize,
    /// Rows in Parquet files.
    pub partition_rows: u64,
    /// Bytes of Parquet files.
    pub partition_bytes: u64,
    /// Segments of the write-ahead log.
    pub log_segments: u64,
    /// Bytes of the write-ahead log.
    pub log_bytes: u64,
    /// Groups committed since the store was opened.
    pub groups: u64,
    /// Writes of groups to the log since then, each synced to the disk.
    pub log_syncs: u64,
    /// How long those took in all, in microseconds.
    pub log_sync_micros: u64,
    /// Records accepted since the store was opened.
    pub accepted: u64,
    /// Records refused since the store was opened.
    pub rejected: u64,
    /// Records that wait to be committed.
    pub queued: usize,
    /// Reads of Parquet files since the store was opened that met bytes other than those written.
    pub damaged_reads: u64,
    /// Parquet files that could not be read and are not merged with others any more.
    pub partitions_aside: usize,
    /// Why writes are refused, if they are.
    pub read_only: Option<String>,
}

impl Stats {
    pub(super) fn of(shared: &Shared) -> Stats {
        let counters = &shared.counters;
        let first = counters.first_segment.load(Relaxed);
        let last = counters.last_segment.load(Relaxed);
        let tables = shared.catalog.tables();
        let mut stats = Stats {
            databases: shared.catalog.list_databases().len(),
            tables: tables.len(),
            head_bytes: counters.head_bytes.load(Relaxed),
            log_segments: (last + 1).saturating_sub(first),
            log_bytes: counters.log_bytes.load(Relaxed),
            groups: counters.groups.load(Relaxed),
            log_syncs: counters.log_syncs.load(Relaxed),
            log_sync_micros: counters.log_sync_micros.load(Relaxed),
            accepted: counters.accepted.load(Relaxed),
            rejected: counters.rejected.load(Relaxed),
            queued: counters.queued.load(Relaxed),
            damaged_reads: shared.metadata.damaged_reads(),
            read_only: shared.health.read_only(),
            ..Stats::default()
        };
        for table in tables {
            let state = table.state.lock();
            stats.head_rows += state.head_rows();
            for stored in state.partitions() {
                stats.partitions += 1;
                stats.partitions_aside += usize::from(stored.partition.is_aside());
                stats.partition_rows += stored.partition.meta.rows;
                stats.partition_bytes += stored.partition.meta.bytes;
            }
        }
        stats
    }
}
