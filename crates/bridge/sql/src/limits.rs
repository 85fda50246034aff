//! How much of the machine the statements may use.

use std::path::PathBuf;

/// The bounds of an [`Engine`](crate::Engine), shared by all its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Memory for sorts, groups and joins of all statements together, in bytes. Statements that
    /// need more spill to disk if they can, else they fail with
    /// [`SqlError::Exhausted`](crate::SqlError::Exhausted). Default 512 MiB.
    pub memory_bytes: usize,
    /// Where to spill. `None`, the default, means that nothing is spilled.
    pub spill_dir: Option<PathBuf>,
    /// The most that may lie in `spill_dir` at a time, in bytes. Default 10 GiB.
    pub spill_bytes: u64,
    /// Into how many parallel parts a statement is cut. Default 2.
    pub parallelism: usize,
    /// Rows of a batch inside the engine. Default 8192.
    pub batch_rows: usize,
    /// The longest statement text, in bytes. Default 256 KiB, as the service's.
    pub query_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 * 1024 * 1024,
            spill_dir: None,
            spill_bytes: 10 * 1024 * 1024 * 1024,
            parallelism: 2,
            batch_rows: 8192,
            query_bytes: 256 * 1024,
        }
    }
}
