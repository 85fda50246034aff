//! A consistent view of one table.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::datasource::TableProvider;

use crate::head::ChunkView;
use crate::partition::DAY;
use crate::scan::SnapshotProvider;
use crate::schema::{Column, MeasureInfo, Published};
use crate::table::{Stored, TableHandle};

/// A table as it was at one moment. Cheap to clone; the files it needs stay until it is dropped.
#[derive(Debug, Clone)]
pub struct TableSnapshot {
    content: Arc<Content>,
}

/// What a snapshot holds on to.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) published: Arc<Published>,
    pub(crate) chunks: Vec<ChunkView>,
    pub(crate) partitions: Vec<Stored>,
    /// Rows before this time are past their retention.
    pub(crate) kept_from: i64,
}

impl TableSnapshot {
    /// Everything published in `table` now, from the time `kept_from` on.
    pub(crate) fn new(table: &TableHandle, kept_from: i64) -> TableSnapshot {
        let mut state = table.state.lock();
        let content = Content {
            published: state.published().clone(),
            chunks: state.view_heads(),
            partitions: state.partitions().cloned().collect(),
            kept_from,
        };
        TableSnapshot {
            content: Arc::new(content),
        }
    }

    /// The rows, for DataFusion. Columns come in the order of [`TableSnapshot::columns`];
    /// filters on time and dimensions prune files, row groups and pages.
    pub fn provider(&self) -> Arc<dyn TableProvider> {
        Arc::new(SnapshotProvider::new(self.content.clone()))
    }

    /// Timestream's order: dimensions, `measure_name`, `time`, measure columns.
    pub fn columns(&self) -> &[Column] {
        self.content.published.columns()
    }

    /// The days of UTC, as numbers since the Unix epoch, that any row may lie in.
    pub(crate) fn days(&self) -> BTreeSet<i64> {
        let content = &self.content;
        let chunks = content.chunks.iter();
        let chunks = chunks.map(|chunk| (chunk.min_time, chunk.max_time));
        let files = content
            .partitions
            .iter()
            .map(|stored| &stored.partition.meta);
        let files = files.map(|meta| (meta.min_time, meta.max_time));
        chunks
            .chain(files)
            .flat_map(|(first, last)| first.div_euclid(DAY)..=last.div_euclid(DAY))
            .collect()
    }

    /// Measure names by first appearance.
    pub fn measures(&self) -> &[MeasureInfo] {
        self.content.published.measures()
    }
}
