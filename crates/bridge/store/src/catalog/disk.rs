//! The catalog on disk: a redb file behind the [`FileLayer`]. Every change is one transaction,
//! durable when the call returns.

mod backend;
mod values;

use std::path::Path;
use std::sync::Arc;

use redb::{
    Database as Redb, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    Value, WriteTransaction,
};

use self::backend::Backend;
use super::{DatabaseEntry, Table};
use crate::error::OpenError;
use crate::files::{At, FileHandle, FileLayer, OpenHow};
use crate::partition::PartitionMeta;
use crate::schema::Registry;

/// `next_table`, `next_partition`, `first_segment`.
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// By name.
const DATABASES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("databases");
/// By number.
const TABLES: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("tables");
/// By the table's number and their own.
const COLUMNS: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("columns");
/// By the table's number and their own.
const MEASURES: TableDefinition<'_, (u32, u32), &[u8]> = TableDefinition::new("measures");
/// By number.
const PARTITIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("partitions");

/// Memory for pages of the catalog.
const CACHE_BYTES: usize = 4 << 20; // 4 MiB

/// Whatever redb has to complain about.
pub(crate) type DiskError = Box<dyn std::error::Error + Send + Sync>;

/// The open catalog file.
#[derive(Debug)]
pub(crate) struct Disk {
    redb: Redb,
}

/// Everything in the catalog.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) next_table: u32,
    pub(crate) next_partition: u64,
    /// The first segment of the log whose rows are not in files.
    pub(crate) first_segment: u64,
    pub(crate) databases: Vec<(String, DatabaseEntry)>,
    pub(crate) tables: Vec<TableContents>,
}

/// A table in the catalog.
#[derive(Debug)]
pub(crate) struct TableContents {
    pub(crate) id: u32,
    pub(crate) definition: Table,
    pub(crate) registry: Registry,
    pub(crate) partitions: Vec<PartitionMeta>,
}

/// The outcome of a flush, to be made durable at once.
#[derive(Debug)]
pub(crate) struct FlushRecord<'a> {
    /// `None` leaves the log as it is.
    pub(crate) first_segment: Option<u64>,
    pub(crate) next_partition: u64,
    pub(crate) tables: Vec<TableFlush<'a>>,
}

/// What a flush did to one table.
#[derive(Debug)]
pub(crate) struct TableFlush<'a> {
    pub(crate) id: u32,
    pub(crate) registry: &'a Registry,
    pub(crate) added: Vec<PartitionMeta>,
    pub(crate) removed: Vec<u64>,
}

impl Disk {
    /// Opens or creates the catalog and reads all of it.
    pub(crate) fn open(
        files: &dyn FileLayer,
        folder: &Path,
        path: &Path,
    ) -> Result<(Disk, Contents), OpenError> {
        let failed = |source| OpenError::Catalog {
            file: path.to_owned(),
            source,
        };
        let names = files.list(folder).at("list", folder)?;
        if !names.iter().any(|name| folder.join(name) == path) {
            // Under another name until it is complete, as redb cannot open half a file.
            let draft = path.with_extension("tmp");
            let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
            Disk::create(handle).map_err(failed)?;
            files.rename(&draft, path).at("rename", &draft)?;
            files.sync_dir(folder).at("sync", folder)?;
        }
        let handle = files.open(path, OpenHow::ReadWrite).at("open", path)?;
        let disk = Disk::attach(handle).map_err(failed)?;
        let contents = disk.read().map_err(failed)?;
        Ok((disk, contents))
    }

    fn attach(handle: Arc<dyn FileHandle>) -> Result<Disk, DiskError> {
        let mut builder = Redb::builder();
        builder.set_cache_size(CACHE_BYTES);
        let redb = builder.create_with_backend(Backend::new(handle))?;
        Ok(Disk { redb })
    }

    fn create(handle: Arc<dyn FileHandle>) -> Result<(), DiskError> {
        let disk = Disk::attach(handle)?;
        disk.change(|change| {
            let mut meta = change.open_table(META)?;
            meta.insert("next_table", 1)?;
            meta.insert("next_partition", 1)?;
            meta.insert("first_segment", 1)?;
            change.open_table(DATABASES)?;
            change.open_table(TABLES)?;
            change.open_table(COLUMNS)?;
            change.open_table(MEASURES)?;
            change.open_table(PARTITIONS)?;
            Ok(())
        })?;
        disk.redb.close()?;
        Ok(())
    }

    /// Writes everything into another, empty file, durably.
    pub(crate) fn copy_into(&self, target: Arc<dyn FileHandle>) -> Result<(), DiskError> {
        let read = self.redb.begin_read()?;
        let copy = Disk::attach(target)?;
        copy.change(|change| {
            copy_table(&read, change, META)?;
            copy_table(&read, change, DATABASES)?;
            copy_table(&read, change, TABLES)?;
            copy_table(&read, change, COLUMNS)?;
            copy_table(&read, change, MEASURES)?;
            copy_table(&read, change, PARTITIONS)
        })?;
        copy.redb.close()?;
        Ok(())
    }

    fn read(&self) -> Result<Contents, DiskError> {
        let read = self.redb.begin_read()?;
        let meta = read.open_table(META)?;
        let number = |key: &str| -> Result<u64, DiskError> {
            let value = meta.get(key)?;
            Ok(value.ok_or_else(|| format!("`{key}` is missing"))?.value())
        };
        let mut contents = Contents {
            next_table: number("next_table")?.try_into()?,
            next_partition: number("next_partition")?,
            first_segment: number("first_segment")?,
            ..Contents::default()
        };
        for entry in read.open_table(DATABASES)?.iter()? {
            let (name, value) = entry?;
            let database = values::read_database(value.value())?;
            contents.databases.push((name.value().to_owned(), database));
        }
        for entry in read.open_table(TABLES)?.iter()? {
            let (id, value) = entry?;
            contents.tables.push(TableContents {
                id: id.value(),
                definition: values::read_table(value.value())?,
                registry: Registry::default(),
                partitions: Vec::new(),
            });
        }
        let columns = read.open_table(COLUMNS)?;
        let measures = read.open_table(MEASURES)?;
        for table in &mut contents.tables {
            let all = (table.id, 0)..=(table.id, u32::MAX);
            for entry in columns.range(all.clone())? {
                values::read_column(entry?.1.value(), &mut table.registry)?;
            }
            for entry in measures.range(all)? {
                values::read_measure(entry?.1.value(), &mut table.registry)?;
            }
        }
        for entry in read.open_table(PARTITIONS)?.iter()? {
            let (id, value) = entry?;
            let partition = values::read_partition(id.value(), value.value())?;
            let mut tables = contents.tables.iter_mut();
            let table = tables.find(|table| table.id == partition.table);
            let table = table.ok_or_else(|| format!("partition {} has no table", partition.id))?;
            table.partitions.push(partition);
        }
        Ok(contents)
    }

    pub(crate) fn put_database(&self, name: &str, entry: &DatabaseEntry) -> Result<(), DiskError> {
        self.change(|change| {
            let value = values::database(entry);
            change
                .open_table(DATABASES)?
                .insert(name, value.as_slice())?;
            Ok(())
        })
    }

    pub(crate) fn remove_database(&self, name: &str) -> Result<(), DiskError> {
        self.change(|change| {
            change.open_table(DATABASES)?.remove(name)?;
            Ok(())
        })
    }

    /// Writes a table; `next_table` is the number for the one after it.
    pub(crate) fn put_table(
        &self,
        id: u32,
        table: &Table,
        next_table: u32,
    ) -> Result<(), DiskError> {
        self.change(|change| {
            let value = values::table(table);
            change.open_table(TABLES)?.insert(id, value.as_slice())?;
            change
                .open_table(META)?
                .insert("next_table", u64::from(next_table))?;
            Ok(())
        })
    }

    /// Removes a table with its columns, measures and partitions.
    pub(crate) fn remove_table(&self, id: u32) -> Result<(), DiskError> {
        self.change(|change| {
            change.open_table(TABLES)?.remove(id)?;
            let all = (id, 0)..=(id, u32::MAX);
            change
                .open_table(COLUMNS)?
                .retain_in(all.clone(), |_, _| false)?;
            change.open_table(MEASURES)?.retain_in(all, |_, _| false)?;
            change.open_table(PARTITIONS)?.retain(|partition, value| {
                values::read_partition(partition, value)
                    .is_ok_and(|partition| partition.table != id)
            })?;
            Ok(())
        })
    }

    pub(crate) fn put_flush(&self, flush: &FlushRecord<'_>) -> Result<(), DiskError> {
        self.change(|change| {
            let mut meta = change.open_table(META)?;
            meta.insert("next_partition", flush.next_partition)?;
            if let Some(first) = flush.first_segment {
                meta.insert("first_segment", first)?;
            }
            for table in &flush.tables {
                put_table_flush(change, table)?;
            }
            Ok(())
        })
    }

    fn change(
        &self,
        apply: impl FnOnce(&WriteTransaction) -> Result<(), DiskError>,
    ) -> Result<(), DiskError> {
        let change = self.redb.begin_write()?;
        apply(&change)?;
        change.commit()?;
        Ok(())
    }
}

fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    to: &WriteTransaction,
    table: TableDefinition<'static, K, V>,
) -> Result<(), DiskError> {
    let mut target = to.open_table(table)?;
    for entry in from.open_table(table)?.iter()? {
        let (key, value) = entry?;
        target.insert(key.value(), value.value())?;
    }
    Ok(())
}

fn put_table_flush(change: &WriteTransaction, table: &TableFlush<'_>) -> Result<(), DiskError> {
    if change.open_table(TABLES)?.get(table.id)?.is_none() {
        return Ok(()); // deleted in the meantime
    }
    let mut columns = change.open_table(COLUMNS)?;
    for (id, column) in (0..).zip(table.registry.columns()) {
        let value = values::column(column);
        columns.insert((table.id, id), value.as_slice())?;
    }
    let mut measures = change.open_table(MEASURES)?;
    for (id, measure) in (0..).zip(table.registry.measures()) {
        let value = values::measure(measure);
        measures.insert((table.id, id), value.as_slice())?;
    }
    let mut partitions = change.open_table(PARTITIONS)?;
    for removed in &table.removed {
        partitions.remove(removed)?;
    }
    for added in &table.added {
        let value = values::partition(added);
        partitions.insert(added.id, value.as_slice())?;
    }
    Ok(())
}
