//! A table while the store is open.

mod freeze;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Mutex, RwLock};

use crate::catalog::Table;
use crate::head::{Head, RowAt};
use crate::partition::{Partition, Span};
use crate::row::Row;
use crate::schema::{Published, Registry};

pub(crate) use freeze::{FrozenTable, Replacement};
pub(crate) use write::Writer;

/// A table, shared by all who work with it.
#[derive(Debug)]
pub(crate) struct TableHandle {
    /// Unique for ever; never given to another table.
    pub(crate) id: u32,
    pub(crate) definition: RwLock<Table>,
    pub(crate) state: Mutex<TableState>,
    deleted: AtomicBool,
}

impl TableHandle {
    pub(crate) fn new(
        id: u32,
        definition: Table,
        registry: Registry,
        partitions: Vec<Partition>,
    ) -> TableHandle {
        TableHandle {
            id,
            definition: RwLock::new(definition),
            state: Mutex::new(TableState::new(registry, partitions)),
            deleted: AtomicBool::new(false),
        }
    }

    /// Lets no more rows in.
    pub(crate) fn delete(&self) {
        self.deleted.store(true, Ordering::Release);
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }
}

/// The rows of a table. Only the committer changes it; what it has not made durable yet is not
/// [published](TableState::publish) and no reader sees it.
#[derive(Debug)]
pub(crate) struct TableState {
    registry: Registry,
    registry_changed: bool,
    published: Arc<Published>,
    /// Takes rows.
    active: Head,
    /// Is being moved to Parquet files.
    frozen: Option<Head>,
    partitions: BTreeMap<u64, Stored>,
    /// Rows that unpublished rows replace.
    replaced: Vec<Place>,
    /// While a flush runs: the identities whose older rows it may be writing to a file.
    replaced_since_freeze: Option<Vec<(u128, i64)>>,
}

/// A Parquet file, and which of its rows were replaced by rows in memory.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) partition: Arc<Partition>,
    pub(crate) dead: Arc<BTreeSet<u32>>,
}

/// Where a row lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Active(RowAt),
    Frozen(RowAt),
    Stored { partition: u64, row: u32 },
}

impl TableState {
    fn new(registry: Registry, partitions: Vec<Partition>) -> TableState {
        let stored = |partition: Partition| {
            let stored = Stored {
                dead: partition.recorded(),
                partition: Arc::new(partition),
            };
            (stored.partition.meta.id, stored)
        };
        TableState {
            published: Arc::new(Published::new(registry.clone())),
            registry,
            registry_changed: false,
            active: Head::default(),
            frozen: None,
            partitions: partitions.into_iter().map(stored).collect(),
            replaced: Vec::new(),
            replaced_since_freeze: None,
        }
    }

    pub(crate) fn published(&self) -> &Arc<Published> {
        &self.published
    }

    pub(crate) fn partitions(&self) -> impl Iterator<Item = &Stored> {
        self.partitions.values()
    }

    /// Everything in memory that readers may see.
    pub(crate) fn view_heads(&mut self) -> Vec<crate::head::ChunkView> {
        let mut views = self.frozen.as_mut().map(Head::view).unwrap_or_default();
        views.append(&mut self.active.view());
        views
    }

    pub(crate) fn head_rows(&self) -> usize {
        self.active.rows() + self.frozen.as_ref().map_or(0, Head::rows)
    }

    pub(crate) fn head_bytes(&self) -> usize {
        self.active.bytes() + self.frozen.as_ref().map_or(0, Head::bytes)
    }

    /// Whether rows in memory may lie in `span`.
    pub(crate) fn may_hold(&self, span: Span) -> bool {
        let frozen = self.frozen.as_ref();
        self.active.touches(span) || frozen.is_some_and(|frozen| frozen.touches(span))
    }

    fn find_in_memory(&self, series: u128, time: i64) -> Option<Place> {
        if let Some(at) = self.active.find(series, time) {
            return Some(Place::Active(at));
        }
        let at = self.frozen.as_ref()?.find(series, time)?;
        Some(Place::Frozen(at))
    }

    /// The file and row with an identity, unless it was replaced. A file that cannot tell is left
    /// to `unreadable`.
    fn find_stored<E>(
        &self,
        series: u128,
        time: i64,
        mut unreadable: impl FnMut(&Partition, io::Error) -> Result<(), E>,
    ) -> Result<Option<(u64, u32)>, E> {
        for (id, stored) in &self.partitions {
            match stored.partition.find(series, time) {
                Ok(Some(row)) if !stored.dead.contains(&row) => return Ok(Some((*id, row))),
                Ok(_) => {}
                Err(error) => unreadable(&stored.partition, error)?,
            }
        }
        Ok(None)
    }

    /// Where the newest row of an identity lies, as far as files can tell; those that cannot are
    /// left to `unreadable`.
    pub(crate) fn find(
        &self,
        series: u128,
        time: i64,
        mut unreadable: impl FnMut(&Partition, io::Error),
    ) -> Option<Place> {
        if let Some(place) = self.find_in_memory(series, time) {
            return Some(place);
        }
        let Ok(stored) = self.find_stored(series, time, |partition, error| {
            unreadable(partition, error);
            Ok::<_, Infallible>(())
        });
        stored.map(|(partition, row)| Place::Stored { partition, row })
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    pub(crate) fn registry_mut(&mut self) -> &mut Registry {
        self.registry_changed = true;
        &mut self.registry
    }

    /// Adds a row that takes the place of another, if there is one.
    pub(crate) fn append(&mut self, row: &Row<'_>, instead_of: Option<Place>) {
        let dimensions = row.cells.iter().map(|(column, _)| *column);
        for column in dimensions {
            let role = self.registry.column(column).map(|column| column.role);
            if role != Some(crate::schema::ColumnRole::Dimension) {
                break; // dimensions come first
            }
            self.registry_changed |= self.registry.note_dimension(row.measure, column);
        }
        self.active.append(row, &self.registry);
        let Some(place) = instead_of else {
            return;
        };
        self.replaced.push(place);
        if let (Place::Frozen(_) | Place::Stored { .. }, Some(since)) =
            (place, &mut self.replaced_since_freeze)
        {
            since.push((row.series, row.time));
        }
    }

    /// Lets readers see everything that was appended. Called once it is durable.
    pub(crate) fn publish(&mut self) {
        self.active.publish();
        for place in self.replaced.drain(..) {
            match place {
                Place::Active(at) => self.active.kill(at),
                Place::Frozen(at) => {
                    if let Some(frozen) = &mut self.frozen {
                        frozen.kill(at);
                    }
                }
                Place::Stored { partition, row } => {
                    if let Some(stored) = self.partitions.get_mut(&partition) {
                        Arc::make_mut(&mut stored.dead).insert(row);
                    }
                }
            }
        }
        if std::mem::take(&mut self.registry_changed) {
            self.published = Arc::new(Published::new(self.registry.clone()));
        }
    }
}
