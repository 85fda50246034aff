//! Opening a store: lock, format, catalog, files, log.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::catalog::{Catalog, Disk};
use crate::codec::Malformed;
use crate::error::{OpenError, root_cause};
use crate::files::{At, FileError, FileLayer, OpenHow, read_all};
use crate::health::Health;
use crate::log::entry::{self, Sink};
use crate::log::{self, ApplyError, Log};
use crate::options::Options;
use crate::partition::{MetadataCache, Partition, replaced};
use crate::row::Row;
use crate::schema::{ColumnRole, ColumnType, MeasureType};
use crate::shared::{Counters, Layout, Shared};
use crate::table::{TableHandle, TableState};

/// The format this program writes and the highest it reads.
const FORMAT: u32 = 1;
const FORMAT_PREFIX: &str = "tidewatch store ";
/// What the format marker says until a copy is complete, so that nobody opens half of one.
pub(crate) const UNFINISHED: &[u8] = b"an unfinished backup\n";

/// Brings a store to the state in which the last process left it.
pub(crate) fn open(layout: Layout, options: Options) -> Result<(Arc<Shared>, Log), OpenError> {
    let files = options.files.clone();
    check_format(files.as_ref(), &layout)?;
    for folder in [&layout.log, &layout.partitions] {
        files.create_dir(folder).at("create", folder)?;
    }
    files.sync_dir(&layout.root).at("sync", &layout.root)?;
    let (disk, contents) = Disk::open(&files, &layout.root, &layout.catalog)?;
    let metadata = Arc::new(MetadataCache::default());
    let mut tables = Vec::new();
    let mut known = HashSet::new();
    let present = files.list(&layout.partitions);
    let present = HashSet::<String>::from_iter(present.at("list", &layout.partitions)?);
    for table in contents.tables {
        let partitions: Vec<Partition> = table
            .partitions
            .into_iter()
            .map(|meta| Partition::new(meta, files.clone(), &layout.partitions, metadata.clone()))
            .collect();
        for partition in &partitions {
            check_present(partition)?;
            let name = partition.meta.file_name();
            let beside = format!("{name}{}", replaced::ENDING);
            if present.contains(&beside) {
                partition.recall_replaced()?;
                known.insert(beside);
            }
            known.insert(name);
        }
        let handle = TableHandle::new(table.id, table.definition, table.registry, partitions);
        tables.push(Arc::new(handle));
    }

    let mut replay = Replay::new(&tables);
    let recovered = log::recover(
        files.as_ref(),
        &layout.log,
        contents.first_segment,
        |payload| entry::decode(payload, &mut replay),
    )?;
    // Only now that all that is there was found to belong together.
    remove_strangers(files.as_ref(), &layout.partitions, &known)?;
    let health = Arc::new(Health::default());
    if let Some(reason) = replay.undecided {
        health.refuse(reason);
    }
    let rows = replay.rows;
    let counters = Counters::default();
    for table in &tables {
        let mut state = table.state.lock();
        state.publish();
        counters.head_bytes.fetch_add(state.head_bytes(), Relaxed);
    }
    let log = Log::start(files.clone(), &layout.log, recovered.next)?;
    counters
        .first_segment
        .store(contents.first_segment, Relaxed);
    counters.last_segment.store(log.number(), Relaxed);
    counters
        .log_bytes
        .store(recovered.bytes + log.len(), Relaxed);
    tracing::info!(
        folder = %layout.root.display(),
        tables = tables.len(),
        partitions = known.len(),
        rows,
        "opened the store in `{}`",
        layout.root.display(),
    );
    let catalog = Catalog::new(
        disk,
        health.clone(),
        contents.next_table,
        contents.databases,
        tables,
    );
    let shared = Shared {
        files,
        layout,
        options,
        health,
        catalog,
        metadata,
        next_partition: contents.next_partition.into(),
        counters,
        flush_wanted: tokio::sync::Notify::new(),
    };
    Ok((Arc::new(shared), log))
}

/// Reads the format marker, or writes it into a new folder.
fn check_format(files: &dyn FileLayer, layout: &Layout) -> Result<(), OpenError> {
    let present = files.list(&layout.root).at("list", &layout.root)?;
    let marker = layout.format.file_name();
    if !present.iter().any(|name| Some(OsStr::new(name)) == marker) {
        write_format(files, layout)?;
        return Ok(());
    }
    check_marker(files, layout)
}

/// Reads the format marker, which must be there.
pub(crate) fn check_marker(files: &dyn FileLayer, layout: &Layout) -> Result<(), OpenError> {
    let path = &layout.format;
    let bytes = read_all(files, path).at("read", path)?;
    if bytes == UNFINISHED {
        let folder = layout.root.clone();
        return Err(OpenError::Unfinished { folder });
    }
    let found = std::str::from_utf8(&bytes).ok().and_then(|text| {
        text.trim_end()
            .strip_prefix(FORMAT_PREFIX)?
            .parse::<u32>()
            .ok()
    });
    match found {
        Some(1..=FORMAT) => Ok(()),
        Some(found) if found > FORMAT => Err(OpenError::NewerFormat {
            folder: layout.root.clone(),
            found,
            supported: FORMAT,
        }),
        _ => Err(OpenError::Damaged {
            file: path.clone(),
            offset: 0,
            what: format!("it does not say `{FORMAT_PREFIX}` and a number"),
        }),
    }
}

/// Writes the format marker.
pub(crate) fn write_format(files: &dyn FileLayer, layout: &Layout) -> Result<(), FileError> {
    let draft = layout.root.join("FORMAT.tmp");
    let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
    let text = format!("{FORMAT_PREFIX}{FORMAT}\n");
    handle.write_at(0, text.as_bytes()).at("write", &draft)?;
    handle.sync().at("sync", &draft)?;
    files.rename(&draft, &layout.format).at("rename", &draft)?;
    files.sync_dir(&layout.root).at("sync", &layout.root)
}

fn check_present(partition: &Partition) -> Result<(), OpenError> {
    let path = partition.path();
    let handle = partition.open().at("open", path)?;
    let len = handle.len().at("measure", path)?;
    if len == partition.meta.bytes {
        return Ok(());
    }
    Err(OpenError::Damaged {
        file: path.to_owned(),
        offset: len.min(partition.meta.bytes),
        what: format!("it has {len} bytes instead of {}", partition.meta.bytes),
    })
}

/// Removes what a flush that did not finish, or a removal that did not, left behind. The names of
/// the others are durable from then on: the process before may have died before they were.
fn remove_strangers(
    files: &dyn FileLayer,
    folder: &Path,
    known: &HashSet<String>,
) -> Result<(), OpenError> {
    for name in files.list(folder).at("list", folder)? {
        if !known.contains(&name) {
            let path = folder.join(name);
            files.remove(&path).at("remove", &path)?;
        }
    }
    Ok(files.sync_dir(folder).at("sync", folder)?)
}

/// Applies the log's content to the tables it belongs to.
struct Replay {
    tables: HashMap<u32, Arc<TableHandle>>,
    table: Option<Arc<TableHandle>>,
    rows: u64,
    /// Why it is not known which rows of a file those of the log replace, and what to do.
    undecided: Option<String>,
}

impl Replay {
    fn new(tables: &[Arc<TableHandle>]) -> Replay {
        let by_id = |table: &Arc<TableHandle>| (table.id, table.clone());
        Replay {
            tables: tables.iter().map(by_id).collect(),
            table: None,
            rows: 0,
            undecided: None,
        }
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut TableState) -> Result<T, ApplyError>,
    ) -> Result<T, ApplyError> {
        let table = self.table.as_ref();
        let table = table.ok_or(malformed("a row outside of a section"))?;
        change(&mut table.state.lock())
    }
}

fn malformed(what: &'static str) -> ApplyError {
    ApplyError::Malformed(Malformed { at: 0, what })
}

impl Sink for Replay {
    type Error = ApplyError;

    fn table(&mut self, table: u32) -> Result<bool, ApplyError> {
        self.table = self.tables.get(&table).cloned();
        // A table that was deleted leaves its rows in the log for a while.
        Ok(self.table.is_some())
    }

    fn column(
        &mut self,
        id: u32,
        name: &str,
        of: ColumnType,
        role: ColumnRole,
    ) -> Result<(), ApplyError> {
        self.change(|state| {
            match state.registry().column(id) {
                Some(known)
                    if known.name == name && known.data_type == of && known.role == role => {}
                None if id as usize == state.registry().columns().len() => {
                    state.registry_mut().add_column(name, of, role);
                }
                _ => return Err(malformed("a column that contradicts the catalog")),
            }
            Ok(())
        })
    }

    fn measure(&mut self, id: u32, name: &str, of: MeasureType) -> Result<(), ApplyError> {
        self.change(|state| {
            match state.registry().measure(id) {
                Some(known) if known.name == name && known.data_type == of => {}
                None if id as usize == state.registry().measures().len() => {
                    state.registry_mut().add_measure(name, of);
                }
                _ => return Err(malformed("a measure that contradicts the catalog")),
            }
            Ok(())
        })
    }

    fn row(&mut self, row: &Row<'_>) -> Result<(), ApplyError> {
        self.rows += 1;
        let mut undecided = None;
        self.change(|state| {
            if state.registry().measure(row.measure).is_none() {
                return Err(malformed("a row of an unknown measure"));
            }
            for (column, cell) in row.cells {
                let known = state.registry().column(*column);
                if known.is_none_or(|known| known.data_type != cell.data_type()) {
                    return Err(malformed("a cell of an unknown column"));
                }
            }
            let found = state.find(row.series, row.time, |partition, error| {
                let error = root_cause(&error);
                partition.close(&error);
                undecided = Some((partition.path().to_owned(), error));
            });
            state.append(row, found);
            Ok(())
        })?;
        if let Some((file, error)) = undecided {
            self.undecided.get_or_insert_with(|| {
                format!(
                    "`{}` cannot be read, and the write-ahead log has rows that may replace some of \
                     it; put the file back from a backup, and restart ({error})",
                    file.display()
                )
            });
        }
        Ok(())
    }
}
