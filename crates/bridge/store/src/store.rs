//! The store as its callers see it.

mod background;
mod backup;
mod check;
mod committer;
mod export;
mod restore;
mod stats;
mod yielding;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use tokio::sync::oneshot;

pub use self::backup::Backup;
pub use self::check::{Check, FileFault};
pub(crate) use self::committer::CommitterHandle;
pub use self::export::{ExportFormat, Exported, ExportedFile};
pub use self::stats::Stats;
use crate::catalog::{Database, Table, TableSpec, TableUpdate};
use crate::commit::{Command, Write};
use crate::error::{CatalogError, OpenError, RestoreError, StoreError, WriteError};
use crate::files::At;
use crate::judge::Window;
use crate::options::Options;
use crate::record::{Record, Written};
use crate::row::SeriesHasher;
use crate::shared::{Layout, Shared};
use crate::snapshot::TableSnapshot;
use crate::{flush, recover};

/// Writes are refused while heads take this many times the size at which they are flushed.
const HEAD_LIMIT: usize = 3;

/// An open store. Cheap to clone; the clones are one store. It must be used within a tokio
/// runtime. When the last clone is dropped the store is closed, though
/// [`Store::close`] alone waits for a flush that is under way.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // Dropped first: the committer must have stopped before the folder is let go.
    committer: CommitterHandle,
    shared: Arc<Shared>,
    /// Held while a flush runs.
    flushing: Arc<tokio::sync::Mutex<()>>,
    background: background::Background,
    lock: parking_lot::Mutex<Option<Box<dyn std::any::Any + Send + Sync>>>,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Command::Write(_) => "Write",
            Command::Run(_) => "Run",
            Command::Stop => "Stop",
        })
    }
}

impl Store {
    /// Opens the store in `dir`, which is created if need be, and recovers what an earlier
    /// process left in the log.
    pub async fn open(dir: &Path, options: Options) -> Result<Store, OpenError> {
        let layout = Layout::new(dir);
        let opening = tokio::task::spawn_blocking(move || {
            let files = options.files.clone();
            let root = &layout.root;
            files.create_dir(root).at("create", root)?;
            if let Some(parent) = root
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty())
            {
                files.sync_dir(parent).at("sync", parent)?;
            }
            let Some(lock) = files.lock(&layout.lock).at("lock", &layout.lock)? else {
                let pid = crate::files::read_all(files.as_ref(), &layout.lock).ok();
                let pid = pid.and_then(|bytes| String::from_utf8(bytes).ok()?.trim().parse().ok());
                let folder = root.clone();
                return Err(OpenError::InUse { folder, pid });
            };
            let (shared, log) = recover::open(layout, options)?;
            Ok((shared, log, lock))
        });
        let (shared, log, lock) = match opening.await {
            Ok(opened) => opened?,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        };
        let committer =
            CommitterHandle::start(shared.clone(), log).map_err(|source| OpenError::Io {
                action: "start the committer of",
                path: dir.to_owned(),
                source,
            })?;
        let inner = Arc::new(Inner {
            committer,
            shared,
            flushing: Arc::default(),
            background: background::Background::default(),
            lock: parking_lot::Mutex::new(Some(lock)),
        });
        inner.background.start(&inner);
        Ok(Store { inner })
    }

    /// Creates a database; durable when it returns.
    pub async fn create_database(
        &self,
        name: &str,
        kms_key_id: Option<&str>,
    ) -> Result<Database, CatalogError> {
        let (name, key) = (name.to_owned(), kms_key_id.map(str::to_owned));
        self.change(move |shared, now| shared.catalog.create_database(&name, key.as_deref(), now))
            .await
    }

    /// Describes a database.
    pub fn describe_database(&self, name: &str) -> Result<Database, CatalogError> {
        self.inner.shared.catalog.describe_database(name)
    }

    /// All databases by name.
    pub fn list_databases(&self) -> Vec<Database> {
        self.inner.shared.catalog.list_databases()
    }

    /// Names another key for a database; durable when it returns.
    pub async fn update_database(
        &self,
        name: &str,
        kms_key_id: &str,
    ) -> Result<Database, CatalogError> {
        let (name, key) = (name.to_owned(), kms_key_id.to_owned());
        self.change(move |shared, now| shared.catalog.update_database(&name, &key, now))
            .await
    }

    /// Deletes a database without tables; durable when it returns.
    pub async fn delete_database(&self, name: &str) -> Result<(), CatalogError> {
        let name = name.to_owned();
        self.change(move |shared, _| shared.catalog.delete_database(&name))
            .await
    }

    /// Creates a table; durable when it returns.
    pub async fn create_table(
        &self,
        database: &str,
        table: &str,
        spec: TableSpec,
    ) -> Result<Table, CatalogError> {
        let (database, table) = (database.to_owned(), table.to_owned());
        self.change(move |shared, now| shared.catalog.create_table(&database, &table, spec, now))
            .await
    }

    /// Describes a table.
    pub fn describe_table(&self, database: &str, table: &str) -> Result<Table, CatalogError> {
        let handle = self.inner.shared.catalog.table(database, table)?;
        Ok(handle.definition.read().clone())
    }

    /// The tables of one database, or of all, by database and name.
    pub fn list_tables(&self, database: Option<&str>) -> Result<Vec<Table>, CatalogError> {
        self.inner.shared.catalog.list_tables(database)
    }

    /// Changes a table; durable when it returns.
    pub async fn update_table(
        &self,
        database: &str,
        table: &str,
        update: TableUpdate,
    ) -> Result<Table, CatalogError> {
        let (database, table) = (database.to_owned(), table.to_owned());
        self.change(move |shared, now| shared.catalog.update_table(&database, &table, update, now))
            .await
    }

    /// Deletes a table and its rows; durable when it returns.
    pub async fn delete_table(&self, database: &str, table: &str) -> Result<(), CatalogError> {
        let (database, table) = (database.to_owned(), table.to_owned());
        let inner = self.inner.clone();
        self.change(move |shared, _| {
            let table = shared.catalog.delete_table(&database, &table)?;
            let cleared = inner.committer.run(move |committer| {
                let freed = table.state.lock().clear();
                let counters = &committer.shared.counters;
                counters.head_bytes.fetch_sub(freed, Relaxed);
            });
            // A committer that has stopped holds no rows for long.
            cleared.or(Ok(()))
        })
        .await
    }

    /// Stores records. When it returns, the accepted ones are on disk and visible to every
    /// snapshot taken from then on. Refused ones are named in the answer. The records are stored
    /// even if the caller stops waiting.
    pub async fn write(
        &self,
        database: &str,
        table: &str,
        mut records: Vec<Record>,
    ) -> Result<Written, WriteError> {
        let shared = &self.inner.shared;
        if let Some(reason) = shared.health.read_only() {
            return Err(WriteError::ReadOnly { reason });
        }
        let table = shared.catalog.table(database, table)?;
        let counters = &shared.counters;
        let limit = shared.options.head_bytes.saturating_mul(HEAD_LIMIT);
        let waiting = counters.queued.fetch_add(records.len(), Relaxed);
        let too_many = waiting > 0 && waiting + records.len() > shared.options.queue_records;
        if too_many || counters.head_bytes.load(Relaxed) > limit {
            counters.queued.fetch_sub(records.len(), Relaxed);
            shared.flush_wanted.notify_one();
            return Err(WriteError::Overloaded);
        }
        let mut hasher = SeriesHasher::default();
        let series = records.iter_mut().map(|record| hasher.of_record(record));
        let (answer, written) = oneshot::channel();
        let write = Write {
            table,
            series: series.collect(),
            records,
            answer,
        };
        self.inner
            .committer
            .send(Command::Write(write))
            .map_err(|_closed| WriteError::Closed)?;
        written.await.map_err(|_closed| WriteError::Closed)?
    }

    /// The table as it is now.
    pub fn snapshot(&self, database: &str, table: &str) -> Result<TableSnapshot, CatalogError> {
        let shared = &self.inner.shared;
        let table = shared.catalog.table(database, table)?;
        let now = shared.options.clock.now();
        let kept_from = Window::kept_from(&table.definition.read(), &shared.options, now);
        Ok(TableSnapshot::new(&table, kept_from))
    }

    /// Moves all rows in memory to Parquet files, merges files that are due for it, drops files
    /// past their retention, and truncates the log.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.inner.flush().await
    }

    /// Copies the store as it is at this moment into `folder`, which must be empty or not be
    /// there. Writes go on meanwhile, and are not in the copy; flushes wait. A copy that broke off
    /// cannot be opened.
    pub async fn backup(&self, folder: &Path) -> Result<Backup, StoreError> {
        let flushing = self.inner.flushing.clone().lock_owned().await;
        let inner = self.inner.clone();
        let folder = folder.to_owned();
        let copying = tokio::task::spawn_blocking(move || {
            let _flushing = flushing;
            backup::run(&inner.shared, &inner.committer, &folder)
        });
        match copying.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Makes the backup in `backup` a data folder in `folder`, which must be empty or not be
    /// there, and compares every byte of it with its checksum. A folder in which that was not
    /// finished cannot be opened.
    pub async fn restore(
        backup: &Path,
        folder: &Path,
        options: Options,
    ) -> Result<Backup, RestoreError> {
        let (backup, folder) = (backup.to_owned(), folder.to_owned());
        let copying = tokio::task::spawn_blocking(move || restore::run(&backup, &folder, options));
        match copying.await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Writes the rows of a table whose time lies in `range` (nanoseconds since the Unix epoch)
    /// into files that other programs read, one for each day of UTC, in a folder of the table's
    /// within `folder`. `progress` is told of rows as they are written. Files of these names that
    /// are there are replaced.
    pub async fn export(
        &self,
        database: &str,
        table: &str,
        range: Range<i64>,
        format: ExportFormat,
        folder: &Path,
        progress: impl Fn(u64) + Send + 'static,
    ) -> Result<Exported, StoreError> {
        let snapshot = self.snapshot(database, table)?;
        let folder = folder
            .join(export::folder_name(database))
            .join(export::folder_name(table));
        let files = self.inner.shared.files.clone();
        let work = move || export::run(&files, &snapshot, range, format, &folder, &progress);
        match tokio::task::spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Reads all Parquet files to their ends. The log and the catalog were read, and their sums
    /// compared, when the store was opened.
    pub async fn check(&self) -> Check {
        let inner = self.inner.clone();
        match tokio::task::spawn_blocking(move || check::run(&inner.shared)).await {
            Ok(check) => check,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Stops background work, waits for what is under way and lets go of the folder. Rows in
    /// memory stay in the log. Snapshots stay readable.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.inner.background.stop().await;
        let _flushing = self.inner.flushing.lock().await;
        let inner = self.inner.clone();
        let stopped = tokio::task::spawn_blocking(move || inner.committer.stop()).await;
        *self.inner.lock.lock() = None;
        match stopped {
            Ok(()) => Ok(()),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Counters for the operator.
    pub fn stats(&self) -> Stats {
        Stats::of(&self.inner.shared)
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Shared, i64) -> Result<T, CatalogError> + Send + 'static,
    ) -> Result<T, CatalogError> {
        let shared = self.inner.shared.clone();
        let now = shared.options.clock.now();
        match tokio::task::spawn_blocking(move || change(&shared, now)).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

impl Inner {
    async fn flush(self: &Arc<Self>) -> Result<(), StoreError> {
        let flushing = self.flushing.clone().lock_owned().await;
        let inner = self.clone();
        yielding::run(move || {
            let _flushing = flushing;
            flush::run(&inner.shared, &inner.committer)
        })
        .await
    }
}
