//! The queue between taking alerts in and telling people: what is in it survives a crash.

mod folder;

use std::time::Duration;

use async_trait::async_trait;

use crate::envelope::Envelope;

pub use folder::{Entry, FolderError, FolderQueue};

/// Takes envelopes for good.
#[async_trait]
pub trait AlertQueue: Send + Sync {
    /// On return the envelope is durable. With a `delay` it comes out that much later, or earlier
    /// where the queue cannot wait that long; whoever gets it has to look at the time.
    async fn put(&self, envelope: &Envelope, delay: Duration) -> Result<(), QueueError>;
}

/// The queue did not take an envelope; whoever sent it has to try again.
#[derive(Debug, thiserror::Error)]
#[error("the alert queue did not take the alerts: {0}")]
pub struct QueueError(pub String);
