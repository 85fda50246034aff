//! A table as a source of definitions: asked now and then whether it says something new.

use sha2::{Digest, Sha256};
use tidewatch_definitions::Mode;

use super::{Checked, MonitorsTable, TableError, check};

/// A table whose changes are noticed by reading it again.
#[derive(Clone, Debug)]
pub struct TableWatch {
    table: MonitorsTable,
    mode: Mode,
    /// Of the entries that were read last; `None` before.
    seen: Option<[u8; 32]>,
}

impl TableWatch {
    /// Watches `table`; its entries are validated for `mode`.
    pub fn new(table: MonitorsTable, mode: Mode) -> Self {
        TableWatch {
            table,
            mode,
            seen: None,
        }
    }

    /// Reads the whole table; `None` where the entries are what they were the last time. What
    /// Tidewatch itself notes in items is no change.
    pub async fn poll(&mut self) -> Result<Option<Checked>, TableError> {
        let stored = self.table.all().await?;
        let mut digest = Sha256::new();
        for entry in &stored {
            digest.update(entry.entry.to_item().to_string());
            digest.update([0]);
        }
        let digest: [u8; 32] = digest.finalize().into();
        if self.seen == Some(digest) {
            return Ok(None);
        }
        self.seen = Some(digest);
        Ok(Some(check(&stored, |_| self.mode)))
    }
}
