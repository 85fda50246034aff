//! Reading all of a catalog, and whether it is what was written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use redb::{Database as Redb, ReadTransaction, ReadableDatabase, ReadableTable};

use super::seal::Sum;
use super::{
    COLUMNS, DATABASES, DatabaseEntry, DiskError, MEASURES, META, PARTITIONS, SEAL, TABLES, Table,
    attach, values,
};
use crate::files::FileHandle;
use crate::partition::PartitionMeta;
use crate::schema::Registry;

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

/// Opens a catalog, compares it with its sums and reads all of it; gives the number of its last
/// change too.
pub(super) fn open(handle: Arc<dyn FileHandle>) -> Result<(Redb, u64, Contents), DiskError> {
    let opening = move || {
        let mut redb = attach(handle)?;
        if !redb.check_integrity()? {
            return Err("its pages contradict their checksums".into());
        }
        let (number, contents) = read(&redb)?;
        Ok((redb, number, contents))
    };
    // Some of what redb reads before it compares sums, it takes at its word, and panics.
    match catch_unwind(AssertUnwindSafe(opening)) {
        Ok(opened) => opened,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            let text = text.unwrap_or_else(|| "for a reason that is no text".to_owned());
            Err(format!("reading it panicked: {text}").into())
        }
    }
}

/// The number of the last change, and everything.
fn read(redb: &Redb) -> Result<(u64, Contents), DiskError> {
    let read = redb.begin_read()?;
    let number = check_seal(&read)?;
    let meta = read.open_table(META)?;
    let mut contents = Contents {
        next_table: counter(&meta, "next_table")?.try_into()?,
        next_partition: counter(&meta, "next_partition")?,
        first_segment: counter(&meta, "first_segment")?,
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
    Ok((number, contents))
}

/// Compares the sum of everything with the one that was written with it; gives the number of the
/// last change.
fn check_seal(read: &ReadTransaction) -> Result<u64, DiskError> {
    let seal = read.open_table(SEAL)?;
    let number = counter(&seal, "change")?;
    let mut sum = Sum::of_change(number);
    sum.add(&read.open_table(META)?)?;
    sum.add(&read.open_table(DATABASES)?)?;
    sum.add(&read.open_table(TABLES)?)?;
    sum.add(&read.open_table(COLUMNS)?)?;
    sum.add(&read.open_table(MEASURES)?)?;
    sum.add(&read.open_table(PARTITIONS)?)?;
    match sum.finish() == counter(&seal, "sum")? {
        true => Ok(number),
        false => Err("its content contradicts its checksum".into()),
    }
}

fn counter(table: &impl ReadableTable<&'static str, u64>, key: &str) -> Result<u64, DiskError> {
    let value = table.get(key)?;
    Ok(value.ok_or_else(|| format!("`{key}` is missing"))?.value())
}
