//! The file system as the store needs it. Everything the store keeps - log, catalog, Parquet -
//! goes through [`FileLayer`], so that tests can fail any operation and pull the plug.

mod real;
#[cfg(test)]
pub(crate) mod simulated;

use std::any::Any;
use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use real::RealFiles;

use crate::error::{OpenError, StoreError};

/// Folders and names. A name is durable only once [`FileLayer::sync_dir`] returned.
pub(crate) trait FileLayer: Send + Sync + Debug {
    /// Creates a folder and its parents; no error when it is there.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Opens a file.
    fn open(&self, path: &Path, how: OpenHow) -> io::Result<Arc<dyn FileHandle>>;
    /// The names of the files in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Gives a file another name, replacing what had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file's name; open handles stay usable.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes creations, renames and removals in a folder durable.
    fn sync_dir(&self, folder: &Path) -> io::Result<()>;
    /// Takes the lock on a file, or says that somebody else has it. Dropping the guard frees it.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Any + Send + Sync>>>;
}

/// Bytes of an open file. Writes are durable only once [`FileHandle::sync`] returned.
pub(crate) trait FileHandle: Send + Sync + Debug {
    /// Length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Fills `out` from `offset` on; an error when the file is too short.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;
    /// Writes all of `data` at `offset`, growing the file if need be.
    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    /// Cuts or grows the file; new bytes are zero.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Makes bytes and length durable.
    fn sync(&self) -> io::Result<()>;
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenHow {
    /// For reading; it must exist.
    Read,
    /// For reading and writing; created if need be.
    ReadWrite,
    /// For reading and writing; emptied if it exists.
    Fresh,
}

/// Reads a whole file.
pub(crate) fn read_all(files: &dyn FileLayer, path: &Path) -> io::Result<Vec<u8>> {
    let handle = files.open(path, OpenHow::Read)?;
    let len = usize::try_from(handle.len()?).map_err(io::Error::other)?;
    let mut bytes = vec![0; len];
    handle.read_at(0, &mut bytes)?;
    Ok(bytes)
}

/// An I/O error with what was tried and where.
#[derive(Debug)]
pub(crate) struct FileError {
    pub(crate) action: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) source: io::Error,
}

/// Adds what was tried and where to an I/O result.
pub(crate) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, FileError> {
        self.map_err(|source| FileError {
            action,
            path: path.to_owned(),
            source,
        })
    }
}

impl From<FileError> for OpenError {
    fn from(error: FileError) -> Self {
        OpenError::Io {
            action: error.action,
            path: error.path,
            source: error.source,
        }
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        StoreError::Io {
            action: error.action,
            path: error.path,
            source: error.source,
        }
    }
}
