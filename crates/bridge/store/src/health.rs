//! Whether the store still takes changes.

use std::fmt::Display;
use std::sync::OnceLock;

/// Read-only from the first failure on whose effect on the disk nobody knows, or from the start when
/// a file that is needed for changes cannot be read; until the store is opened anew.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failure: OnceLock<String>,
}

impl Health {
    /// Takes no changes any more, because of `reason`, from which the next start recovers. The
    /// first reason stays.
    pub(crate) fn fail(&self, reason: impl Display) {
        self.refuse(format!("{reason}; restart to recover"));
    }

    /// Takes no changes any more, because of `reason`, which says what to do. The first reason
    /// stays.
    pub(crate) fn refuse(&self, reason: String) {
        if self.failure.set(reason.clone()).is_ok() {
            tracing::error!(reason, "the store is read-only: {reason}");
        }
    }

    /// Why it takes no changes, and what to do, if it takes none.
    pub(crate) fn read_only(&self) -> Option<String> {
        self.failure.get().cloned()
    }
}
