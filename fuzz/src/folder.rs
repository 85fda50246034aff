//! A data folder that is made anew for every input: that of `tests/store/format-1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use datafusion::prelude::SessionContext;
use tempfile::TempDir;
use tidewatch_store::{OpenError, Options, Store};

use crate::clock::SetClock;
use crate::repository;

/// The instant at which the folder was written, in nanoseconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_795_332_600_000_000_000;

/// A folder in memory where the system has such a place: the store syncs what it writes.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    made.expect("a folder for temporary files can be made")
}

/// A copy of the folder of the first format.
pub(crate) struct Folder {
    place: TempDir,
    files: Vec<(String, Vec<u8>)>,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        let source = repository::root().join("tests/store/format-1");
        let mut files = Vec::new();
        read_into(&mut files, &source, "");
        files.sort();
        Folder {
            place: scratch(),
            files,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// The files as they were written, by their paths.
    pub(crate) fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// Puts everything back as it was.
    pub(crate) fn reset(&self) {
        for name in ["log", "partitions"] {
            let folder = self.path().join(name);
            if folder.is_dir() {
                fs::remove_dir_all(&folder).expect("the folder is ours");
            }
            fs::create_dir_all(&folder).expect("the folder is ours");
        }
        for (name, bytes) in &self.files {
            self.put(name, bytes);
        }
    }

    /// Writes a file.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path().join(name), bytes).expect("the folder is ours");
    }
}

fn read_into(files: &mut Vec<(String, Vec<u8>)>, folder: &Path, prefix: &str) {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    for entry in entries {
        let path: PathBuf = entry.expect("the folder can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = format!("{prefix}{}", name.expect("names there are ASCII"));
        if path.is_dir() {
            read_into(files, &path, &format!("{name}/"));
        } else {
            files.push((name, fs::read(&path).expect("the file can be read")));
        }
    }
}

/// Opens a store that does nothing of its own accord.
pub(crate) async fn open(folder: &Path) -> Result<Store, OpenError> {
    let mut options = Options::new(Arc::new(SetClock::new(NOW)));
    options.housekeeping_every = Duration::ZERO;
    Store::open(folder, options).await
}

/// An error and what led to it.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

/// Rows that a statement on one table, called `t`, gives.
pub(crate) async fn count(
    store: &Store,
    database: &str,
    table: &str,
    statement: &str,
) -> Result<usize, String> {
    let snapshot = store
        .snapshot(database, table)
        .map_err(|error| error.to_string())?;
    // Making one, with all its functions, would take longer than a statement.
    static CONTEXT: LazyLock<SessionContext> = LazyLock::new(SessionContext::new);
    let context = &*CONTEXT;
    let told = |error: datafusion::error::DataFusionError| error.to_string();
    context
        .register_table("t", snapshot.provider())
        .map_err(told)?;
    let frame = context.sql(statement).await;
    // A provider holds on to its store.
    context.deregister_table("t").map_err(told)?;
    // In a task of its own, as the bridge runs statements: the panic of a decoder ends the statement.
    let collected = tokio::spawn(frame.map_err(told)?.collect()).await;
    let batches = collected
        .map_err(|panic| panic.to_string())?
        .map_err(told)?;
    Ok(batches.iter().map(|batch| batch.num_rows()).sum())
}

/// Rows of all tables, as a query counts them.
pub(crate) async fn rows(store: &Store) -> Result<usize, String> {
    let mut rows = 0;
    for table in store.list_tables(None).map_err(|error| error.to_string())? {
        rows += count(store, &table.database, &table.name, "SELECT * FROM t").await?;
    }
    Ok(rows)
}
