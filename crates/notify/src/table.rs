//! The table of incidents: one item for each subject, changed only by who read it last.

mod file;

use async_trait::async_trait;
use tidewatch_domain::Timestamp;

pub use file::FileTable;

/// An item with the version that a change of it has to name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Counts changes, from 1.
    pub version: u64,
    /// JSON text.
    pub text: String,
}

/// Keeps one text for each key.
#[async_trait]
pub trait IncidentTable: Send + Sync {
    /// The item of a key.
    async fn load(&self, key: &str) -> Result<Option<Item>, TableError>;

    /// Puts the item that follows version `expected`, 0 for a new one; it gets the version after
    /// that. On return it is durable. It may vanish after `expires`.
    async fn save(
        &self,
        key: &str,
        expected: u64,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), TableError>;
}

/// An item could not be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Somebody else changed it in between; read it again.
    #[error("`{0}` was changed in between")]
    Conflict(String),
    /// The table does not work.
    #[error("the table of incidents: {0}")]
    Failed(String),
}
