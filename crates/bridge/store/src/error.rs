//! Everything that can go wrong, by what the caller was doing.

use std::path::PathBuf;

/// Opening a store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has the folder open.
    #[error(
        "the store in `{}` is in use by {}; stop it or give this process another folder",
        folder.display(),
        pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    InUse {
        /// The store's folder.
        folder: PathBuf,
        /// The holder's process id, if it could be read.
        pid: Option<u32>,
    },
    /// The folder was written by a later version of this program.
    #[error(
        "the store in `{}` has format {found}, this program reads up to {supported}; use a newer program",
        folder.display()
    )]
    NewerFormat {
        /// The store's folder.
        folder: PathBuf,
        /// The format of the folder.
        found: u32,
        /// The highest format this program knows.
        supported: u32,
    },
    /// A backup into the folder, or from one, broke off.
    #[error("`{}` holds a copy that was not finished; remove it and make the copy again", folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// A file does not hold what it should.
    #[error("`{}` is damaged at byte {offset}: {what}; restore the folder from a backup", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Where in the file, in bytes.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// The catalog could not be read or written.
    #[error("the catalog `{}` could not be opened", file.display())]
    Catalog {
        /// The catalog's file.
        file: PathBuf,
        /// What redb said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file system said no.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// A database or table operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// No such database.
    #[error("the database `{database}` does not exist")]
    DatabaseNotFound {
        /// The name asked for.
        database: String,
    },
    /// No such table in that database.
    #[error("the table `{table}` does not exist in the database `{database}`")]
    TableNotFound {
        /// The database, which exists.
        database: String,
        /// The name asked for.
        table: String,
    },
    /// The name is taken.
    #[error("the database `{database}` already exists")]
    DatabaseExists {
        /// The name asked for.
        database: String,
    },
    /// The name is taken.
    #[error("the table `{table}` already exists in the database `{database}`")]
    TableExists {
        /// The database.
        database: String,
        /// The name asked for.
        table: String,
    },
    /// A database with tables cannot be deleted.
    #[error("the database `{database}` still has {tables} tables; delete them first")]
    DatabaseNotEmpty {
        /// The database.
        database: String,
        /// How many tables remain.
        tables: usize,
    },
    /// The wish cannot be granted as it stands.
    #[error("{message}")]
    Invalid {
        /// What is wrong and what would be right.
        message: String,
    },
    /// The store refuses changes since an earlier failure; reading goes on.
    #[error("the store is read-only: {reason}")]
    ReadOnly {
        /// The failure that led to it.
        reason: String,
    },
    /// The catalog file could not be written.
    #[error("the catalog could not be changed")]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A write failed as a whole; nothing of it will ever be visible. Only after [`WriteError::Io`]
/// a restart may bring it back, and then all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// No such database or table.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Too much is waiting to be written; the same request may be sent again.
    #[error("the store is overloaded; send the request again later")]
    Overloaded,
    /// The store refuses writes since an earlier failure; reading goes on.
    #[error("the store is read-only: {reason}")]
    ReadOnly {
        /// The failure that led to it.
        reason: String,
    },
    /// The log could not be written. The store is read-only from now on.
    #[error("the write-ahead log could not be written; restart to recover")]
    Io(#[source] std::sync::Arc<std::io::Error>),
    /// A stored row that a record is to be compared with could not be read.
    #[error("a stored row that a record is to be compared with could not be read")]
    Unreadable(#[source] std::io::Error),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// Work on the store as a whole failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store refuses changes since an earlier failure; reading goes on.
    #[error("the store is read-only: {reason}")]
    ReadOnly {
        /// The failure that led to it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Arrow, Parquet or the catalog refused.
    #[error("cannot {action}")]
    Engine {
        /// What was tried, as a verb.
        action: &'static str,
        /// What the library said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// A backup could not be made a data folder. What was copied is no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The backup is no store, or one that cannot be opened.
    #[error("the backup cannot be opened")]
    Backup(#[from] OpenError),
    /// A file of the backup does not hold what it should.
    #[error("`{}` of the backup is damaged: {what}; take another backup", file.display())]
    Damaged {
        /// The file of the backup.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CatalogError> for StoreError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::ReadOnly { reason } => StoreError::ReadOnly { reason },
            error => StoreError::Engine {
                action: "record the change in the catalog",
                source: Box::new(error),
            },
        }
    }
}

/// What `error` comes down to: arrow and Parquet wrap what the file layer says.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
