//! Databases, tables, columns, measures and partitions: in memory for reading, on disk for ever.
//! A change is on disk before it shows in memory.

mod disk;
mod entities;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::error::{CatalogError, StoreError};
use crate::health::Health;
use crate::schema::Registry;
use crate::table::TableHandle;
pub(crate) use disk::{Disk, DiskError, FlushRecord, MARK, TableFlush};
pub use entities::{
    Database, Enforcement, PartitionKey, Retention, S3Location, Table, TableSpec, TableUpdate,
};

/// What is kept of a database besides its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabaseEntry {
    pub(crate) kms_key_id: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// The catalog of an open store.
#[derive(Debug)]
pub(crate) struct Catalog {
    disk: Disk,
    health: Arc<Health>,
    state: RwLock<State>,
    /// Held by whoever changes the catalog, so that changes come one after another.
    changing: Mutex<()>,
}

#[derive(Debug)]
struct State {
    next_table: u32,
    databases: BTreeMap<String, OpenDatabase>,
    by_id: HashMap<u32, Arc<TableHandle>>,
}

#[derive(Debug)]
struct OpenDatabase {
    entry: DatabaseEntry,
    tables: BTreeMap<String, Arc<TableHandle>>,
}

impl Catalog {
    pub(crate) fn new(
        disk: Disk,
        health: Arc<Health>,
        next_table: u32,
        databases: Vec<(String, DatabaseEntry)>,
        tables: Vec<Arc<TableHandle>>,
    ) -> Catalog {
        let open = |(name, entry)| {
            let tables = BTreeMap::new();
            (name, OpenDatabase { entry, tables })
        };
        let mut state = State {
            next_table,
            databases: databases.into_iter().map(open).collect(),
            by_id: HashMap::new(),
        };
        for table in tables {
            let (database, name) = {
                let definition = table.definition.read();
                (definition.database.clone(), definition.name.clone())
            };
            if let Some(database) = state.databases.get_mut(&database) {
                database.tables.insert(name, table.clone());
                state.by_id.insert(table.id, table);
            }
        }
        Catalog {
            disk,
            health,
            state: RwLock::new(state),
            changing: Mutex::new(()),
        }
    }

    /// Writes everything into another catalog, the file `path` in `folder`.
    pub(crate) fn copy_into(&self, folder: &Path, path: &Path) -> Result<(), StoreError> {
        self.disk
            .copy_into(folder, path)
            .map_err(|source| StoreError::Engine {
                action: "copy the catalog",
                source,
            })
    }

    pub(crate) fn tables(&self) -> Vec<Arc<TableHandle>> {
        self.state.read().by_id.values().cloned().collect()
    }

    pub(crate) fn table(
        &self,
        database: &str,
        table: &str,
    ) -> Result<Arc<TableHandle>, CatalogError> {
        let state = self.state.read();
        let tables = &state.database(database)?.tables;
        tables
            .get(table)
            .cloned()
            .ok_or_else(|| CatalogError::TableNotFound {
                database: database.to_owned(),
                table: table.to_owned(),
            })
    }

    pub(crate) fn describe_database(&self, name: &str) -> Result<Database, CatalogError> {
        let state = self.state.read();
        Ok(state.database(name)?.describe(name))
    }

    pub(crate) fn list_databases(&self) -> Vec<Database> {
        let state = self.state.read();
        let databases = state.databases.iter();
        databases.map(|(name, open)| open.describe(name)).collect()
    }

    pub(crate) fn list_tables(&self, database: Option<&str>) -> Result<Vec<Table>, CatalogError> {
        let state = self.state.read();
        let databases: Vec<&OpenDatabase> = match database {
            Some(name) => vec![state.database(name)?],
            None => state.databases.values().collect(),
        };
        let tables = databases.iter().flat_map(|open| open.tables.values());
        Ok(tables
            .map(|table| table.definition.read().clone())
            .collect())
    }

    pub(crate) fn create_database(
        &self,
        name: &str,
        kms_key_id: Option<&str>,
        now: i64,
    ) -> Result<Database, CatalogError> {
        let _changing = self.changing.lock();
        check_name("database", name)?;
        if self.state.read().databases.contains_key(name) {
            let database = name.to_owned();
            return Err(CatalogError::DatabaseExists { database });
        }
        let entry = DatabaseEntry {
            kms_key_id: kms_key_id.map(str::to_owned),
            created_at: now,
            updated_at: now,
        };
        self.durably(|disk| disk.put_database(name, &entry))?;
        let tables = BTreeMap::new();
        let open = OpenDatabase { entry, tables };
        let described = open.describe(name);
        self.state.write().databases.insert(name.to_owned(), open);
        Ok(described)
    }

    pub(crate) fn update_database(
        &self,
        name: &str,
        kms_key_id: &str,
        now: i64,
    ) -> Result<Database, CatalogError> {
        let _changing = self.changing.lock();
        let mut entry = self.state.read().database(name)?.entry.clone();
        entry.kms_key_id = Some(kms_key_id.to_owned());
        entry.updated_at = now;
        self.durably(|disk| disk.put_database(name, &entry))?;
        let mut state = self.state.write();
        if let Some(open) = state.databases.get_mut(name) {
            open.entry = entry;
        }
        Ok(state.database(name)?.describe(name))
    }

    pub(crate) fn delete_database(&self, name: &str) -> Result<(), CatalogError> {
        let _changing = self.changing.lock();
        let tables = self.state.read().database(name)?.tables.len();
        if tables > 0 {
            let database = name.to_owned();
            return Err(CatalogError::DatabaseNotEmpty { database, tables });
        }
        self.durably(|disk| disk.remove_database(name))?;
        self.state.write().databases.remove(name);
        Ok(())
    }

    pub(crate) fn create_table(
        &self,
        database: &str,
        name: &str,
        spec: TableSpec,
        now: i64,
    ) -> Result<Table, CatalogError> {
        let _changing = self.changing.lock();
        check_name("table", name)?;
        check_retention(spec.retention)?;
        let id = {
            let state = self.state.read();
            if state.database(database)?.tables.contains_key(name) {
                return Err(CatalogError::TableExists {
                    database: database.to_owned(),
                    table: name.to_owned(),
                });
            }
            state.next_table
        };
        let definition = Table {
            database: database.to_owned(),
            name: name.to_owned(),
            retention: spec.retention,
            magnetic_writes: spec.magnetic_writes,
            magnetic_rejected_location: spec.magnetic_rejected_location,
            partition_key: spec.partition_key,
            created_at: now,
            updated_at: now,
        };
        let next = id.checked_add(1).ok_or_else(|| CatalogError::Invalid {
            message: "the store has run out of table numbers; begin a new one".to_owned(),
        })?;
        self.durably(|disk| disk.put_table(id, &definition, next))?;
        let registry = Registry::default();
        let handle = TableHandle::new(id, definition.clone(), registry, Vec::new());
        let handle = Arc::new(handle);
        let mut state = self.state.write();
        state.next_table = next;
        state.by_id.insert(id, handle.clone());
        if let Some(open) = state.databases.get_mut(database) {
            open.tables.insert(name.to_owned(), handle);
        }
        Ok(definition)
    }

    pub(crate) fn update_table(
        &self,
        database: &str,
        name: &str,
        update: TableUpdate,
        now: i64,
    ) -> Result<Table, CatalogError> {
        let _changing = self.changing.lock();
        let handle = self.table(database, name)?;
        let mut definition = handle.definition.read().clone();
        if let Some(retention) = update.retention {
            check_retention(retention)?;
            definition.retention = retention;
        }
        if let Some(key) = update.partition_key {
            check_same_key(&definition.partition_key, &key)?;
            definition.partition_key = key;
        }
        if let Some(magnetic_writes) = update.magnetic_writes {
            definition.magnetic_writes = magnetic_writes;
        }
        if let Some(location) = update.magnetic_rejected_location {
            definition.magnetic_rejected_location = location;
        }
        definition.updated_at = now;
        let next = self.state.read().next_table;
        self.durably(|disk| disk.put_table(handle.id, &definition, next))?;
        *handle.definition.write() = definition.clone();
        Ok(definition)
    }

    /// Returns the table, whose rows are still in memory.
    pub(crate) fn delete_table(
        &self,
        database: &str,
        name: &str,
    ) -> Result<Arc<TableHandle>, CatalogError> {
        let _changing = self.changing.lock();
        let handle = self.table(database, name)?;
        let partitions: Vec<_> = {
            let state = handle.state.lock();
            state
                .partitions()
                .map(|stored| stored.partition.clone())
                .collect()
        };
        self.durably(|disk| disk.remove_table(handle.id))?;
        handle.delete();
        for partition in partitions {
            partition.discard();
        }
        let mut state = self.state.write();
        state.by_id.remove(&handle.id);
        if let Some(open) = state.databases.get_mut(database) {
            open.tables.remove(name);
        }
        drop(state);
        Ok(handle)
    }

    /// Makes the outcome of a flush durable; tables deleted in the meantime are left out.
    pub(crate) fn record_flush(&self, flush: &FlushRecord<'_>) -> Result<(), CatalogError> {
        let _changing = self.changing.lock();
        self.durably(|disk| disk.put_flush(flush))
    }

    /// Runs a change on disk. When it fails nobody knows what reached the disk, so the store
    /// takes no further changes.
    fn durably(
        &self,
        change: impl FnOnce(&Disk) -> Result<(), DiskError>,
    ) -> Result<(), CatalogError> {
        if let Some(reason) = self.health.read_only() {
            return Err(CatalogError::ReadOnly { reason });
        }
        change(&self.disk).map_err(|error| {
            self.health
                .fail(format!("the catalog could not be written: {error}"));
            CatalogError::Io(error)
        })
    }
}

impl State {
    fn database(&self, name: &str) -> Result<&OpenDatabase, CatalogError> {
        self.databases
            .get(name)
            .ok_or_else(|| CatalogError::DatabaseNotFound {
                database: name.to_owned(),
            })
    }
}

impl OpenDatabase {
    fn describe(&self, name: &str) -> Database {
        Database {
            name: name.to_owned(),
            kms_key_id: self.entry.kms_key_id.clone(),
            table_count: self.tables.len(),
            created_at: self.entry.created_at,
            updated_at: self.entry.updated_at,
        }
    }
}

/// Names are 1 to 256 bytes of `a-z A-Z 0-9 _ . -`.
fn check_name(of: &str, name: &str) -> Result<(), CatalogError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if (1..=256).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(CatalogError::Invalid {
        message: format!(
            "the {of} name `{name}` is not 1 to 256 characters of a-z, A-Z, 0-9, `_`, `.` and `-`"
        ),
    })
}

fn check_retention(retention: Retention) -> Result<(), CatalogError> {
    let Retention {
        memory_hours,
        magnetic_days,
    } = retention;
    if !(1..=8766).contains(&memory_hours) {
        return Err(CatalogError::Invalid {
            message: format!("the memory-store retention of {memory_hours} hours is not 1 to 8766"),
        });
    }
    if !(1..=73_000).contains(&magnetic_days) {
        return Err(CatalogError::Invalid {
            message: format!(
                "the magnetic-store retention of {magnetic_days} days is not 1 to 73000"
            ),
        });
    }
    Ok(())
}

fn check_same_key(old: &PartitionKey, new: &PartitionKey) -> Result<(), CatalogError> {
    let same = match (old, new) {
        (PartitionKey::Measure, PartitionKey::Measure) => true,
        (PartitionKey::Dimension { name: old, .. }, PartitionKey::Dimension { name: new, .. }) => {
            old == new
        }
        _ => false,
    };
    if same {
        return Ok(());
    }
    Err(CatalogError::Invalid {
        message: "the partition key of a table cannot be changed, only its enforcement".to_owned(),
    })
}
