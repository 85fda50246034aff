//! The catalog on disk: a redb file behind the [`FileLayer`]. Every change is one transaction,
//! durable when the call returns.

mod backend;
mod read;
mod seal;
mod values;

use std::path::Path;
use std::sync::Arc;

use redb::{
    Database as Redb, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    Value, WriteTransaction,
};

use self::backend::Backend;
pub(crate) use self::read::Contents;
pub(crate) use self::seal::MARK;
use self::seal::{Mark, Sum};
use super::{DatabaseEntry, Table};
use crate::error::OpenError;
use crate::files::{At, FileError, FileHandle, FileLayer, OpenHow};
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

/// `change`, the number of the last one, and `sum` over all of the above.
const SEAL: TableDefinition<'_, &str, u64> = TableDefinition::new("seal");

/// Memory for pages of the catalog.
const CACHE_BYTES: usize = 4 << 20; // 4 MiB

/// Whatever redb has to complain about.
pub(crate) type DiskError = Box<dyn std::error::Error + Send + Sync>;

/// The open catalog file.
#[derive(Debug)]
pub(crate) struct Disk {
    redb: Redb,
    mark: Mark,
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
        files: &Arc<dyn FileLayer>,
        folder: &Path,
        path: &Path,
    ) -> Result<(Disk, Contents), OpenError> {
        let failed = |source| OpenError::Catalog {
            file: path.to_owned(),
            source,
        };
        let mark = Mark::new(files.clone(), folder);
        let noted = mark.read()?;
        let names = files.list(folder).at("list", folder)?;
        if !names.iter().any(|name| folder.join(name) == path) {
            mark.compare(0, noted)?;
            // Under another name until it is complete, as redb cannot open half a file.
            let draft = path.with_extension("tmp");
            let handle = files.open(&draft, OpenHow::Fresh).at("create", &draft)?;
            Disk::create(handle).map_err(failed)?;
            files.rename(&draft, path).at("rename", &draft)?;
            files.sync_dir(folder).at("sync", folder)?;
        }
        let handle = files.open(path, OpenHow::ReadWrite).at("open", path)?;
        // The process before may have died before it did: what is read counts from now on.
        handle.sync().at("sync", path)?;
        let (redb, number, contents) = read::open(handle).map_err(failed)?;
        mark.compare(number, noted)?;
        if noted != Some(number) {
            mark.write(number)?;
        }
        Ok((Disk { redb, mark }, contents))
    }

    fn create(handle: Arc<dyn FileHandle>) -> Result<(), DiskError> {
        let redb = attach(handle)?;
        change(&redb, |change| {
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
        redb.close()?;
        Ok(())
    }

    /// Writes everything into the files of another catalog, durably.
    pub(crate) fn copy_into(&self, folder: &Path, path: &Path) -> Result<(), DiskError> {
        let files = &self.mark.files;
        let handle = files.open(path, OpenHow::Fresh).at("create", path)?;
        let read = self.redb.begin_read()?;
        let copy = attach(handle)?;
        let number = change(&copy, |change| {
            copy_table(&read, change, META)?;
            copy_table(&read, change, DATABASES)?;
            copy_table(&read, change, TABLES)?;
            copy_table(&read, change, COLUMNS)?;
            copy_table(&read, change, MEASURES)?;
            copy_table(&read, change, PARTITIONS)
        })?;
        copy.close()?;
        Mark::new(files.clone(), folder).write(number)?;
        Ok(())
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
        let number = change(&self.redb, apply)?;
        Ok(self.mark.write(number)?)
    }
}

fn attach(handle: Arc<dyn FileHandle>) -> Result<Redb, DiskError> {
    let mut builder = Redb::builder();
    builder.set_cache_size(CACHE_BYTES);
    Ok(builder.create_with_backend(Backend::new(handle))?)
}

/// Makes a change and returns its number; durable, but not yet noted in the mark.
fn change(
    redb: &Redb,
    apply: impl FnOnce(&WriteTransaction) -> Result<(), DiskError>,
) -> Result<u64, DiskError> {
    let change = redb.begin_write()?;
    apply(&change)?;
    let number = {
        let mut seal = change.open_table(SEAL)?;
        let before = seal.get("change")?.map_or(0, |before| before.value());
        let number = before + 1;
        let mut sum = Sum::of_change(number);
        sum.add(&change.open_table(META)?)?;
        sum.add(&change.open_table(DATABASES)?)?;
        sum.add(&change.open_table(TABLES)?)?;
        sum.add(&change.open_table(COLUMNS)?)?;
        sum.add(&change.open_table(MEASURES)?)?;
        sum.add(&change.open_table(PARTITIONS)?)?;
        seal.insert("change", number)?;
        seal.insert("sum", sum.finish())?;
        number
    };
    change.commit()?;
    Ok(number)
}

impl From<FileError> for DiskError {
    fn from(error: FileError) -> DiskError {
        Box::new(crate::error::StoreError::from(error))
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
