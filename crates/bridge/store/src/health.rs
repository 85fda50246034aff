//! Whether the store still takes changes.

use std::sync::OnceLock;

/// Read-only from the first failure on whose effect on the disk nobody knows, until the store is
/// opened anew.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failure: OnceLock<String>,
}

impl Health {
    /// Takes no changes any more, because of `reason`. The first reason stays.
    pub(crate) fn fail(&self, reason: String) {
        if self.failure.set(reason.clone()).is_ok() {
            tracing::error!(
                reason,
                "the store is read-only: {reason}; restart to recover"
            );
        }
    }

    /// The failure that ended changes, if there was one.
    pub(crate) fn read_only(&self) -> Option<String> {
        self.failure.get().cloned()
    }
}
