//! Moving a table's rows from memory to files: the two moments at which a flush touches it.

use std::io;
use std::sync::Arc;

use super::{Stored, TableHandle, TableState};
use crate::head::{ChunkView, Head};
use crate::partition::Partition;
use crate::schema::Published;

/// A table as it was when a flush began.
#[derive(Debug)]
pub(crate) struct FrozenTable {
    pub(crate) handle: Arc<TableHandle>,
    pub(crate) published: Arc<Published>,
    /// The rows to move.
    pub(crate) chunks: Vec<ChunkView>,
    pub(crate) partitions: Vec<Stored>,
}

/// What a flush made of a table's files.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) handle: Arc<TableHandle>,
    pub(crate) published: Arc<Published>,
    pub(crate) added: Vec<Arc<Partition>>,
    pub(crate) removed: Vec<Arc<Partition>>,
}

impl TableState {
    /// Whether there are rows to move.
    pub(crate) fn has_active(&self) -> bool {
        !self.active.is_empty()
    }

    /// Sets the rows in memory aside, unless some from a flush that failed still are.
    pub(crate) fn freeze(&mut self) {
        if self.frozen.as_ref().is_none_or(Head::is_empty) {
            let mut head = std::mem::take(&mut self.active);
            head.seal();
            self.frozen = Some(head);
        }
        // What was replaced before is marked in what the flush works on from now on; kept from a
        // flush that failed, it would mark the new rows in the file that they go to.
        self.replaced_since_freeze = Some(Vec::new());
    }

    /// Lets go of all rows, of a table that was deleted, and says how much memory that frees.
    pub(crate) fn clear(&mut self) -> usize {
        let bytes = self.head_bytes();
        self.active = Head::default();
        self.frozen = None;
        self.partitions.clear();
        bytes
    }

    /// What a flush has to work on.
    pub(crate) fn frozen(&mut self, handle: Arc<TableHandle>) -> FrozenTable {
        FrozenTable {
            handle,
            published: self.published.clone(),
            chunks: self.frozen.as_mut().map(Head::view).unwrap_or_default(),
            partitions: self.partitions.values().cloned().collect(),
        }
    }

    /// Puts files in the place of the rows set aside and of other files. Rows that were replaced
    /// while the files were written are marked in them. Returns what can be dropped at leisure.
    pub(crate) fn install(&mut self, replacement: &Replacement) -> io::Result<Option<Head>> {
        let mut added = Vec::with_capacity(replacement.added.len());
        let replaced = self.replaced_since_freeze.take().unwrap_or_default();
        for partition in &replacement.added {
            let mut dead = std::collections::BTreeSet::new();
            for (series, time) in &replaced {
                dead.extend(partition.find(*series, *time)?);
            }
            added.push(Stored {
                partition: partition.clone(),
                dead: Arc::new(dead),
            });
        }
        for partition in &replacement.removed {
            self.partitions.remove(&partition.meta.id);
        }
        for stored in added {
            self.partitions.insert(stored.partition.meta.id, stored);
        }
        Ok(self.frozen.take())
    }
}
