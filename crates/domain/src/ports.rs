//! What the core needs from the world. Adapters implement these; tests bring their own.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::monitor::{Monitor, SecretRef};
use crate::probe::ProbeResult;
use crate::record::Record;
use crate::time::Timestamp;

/// The wall clock. Latencies never come from it.
pub trait Clock: Send + Sync + Debug {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// Runs probes.
#[async_trait]
pub trait Prober: Send + Sync {
    /// Probes `monitor` for `slot` and tells what was found.
    ///
    /// There is no error: a dead target, a broken definition and a prober short of descriptors
    /// are all results, with a cause and its owner.
    async fn probe(&self, monitor: &Monitor, slot: Timestamp) -> ProbeResult;
}

/// The table that a record goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Probe, state, monitor, ops, rollup and notification rows.
    Main,
    /// Attempt rows, kept for days only.
    Attempts,
}

/// Takes records for good.
#[async_trait]
pub trait RecordSink: Send + Sync {
    /// Writes `records`; on return they are durable or named in the report.
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError>;
}

/// What became of written records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Records stored.
    pub accepted: usize,
    /// Records that were there already, as they are after a repeat of a slot.
    pub duplicates: usize,
    /// Records refused for good: position and reason.
    pub rejected: Vec<(usize, String)>,
}

/// The sink could not take the records at all; none of them is stored for sure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SinkError {
    /// What went wrong.
    pub message: String,
    /// Whether the same records may be taken later.
    pub retryable: bool,
}

/// Reads secrets.
#[async_trait]
pub trait SecretStore: Send + Sync + Debug {
    /// The value of a secret.
    async fn secret(&self, reference: &SecretRef) -> Result<String, SecretError>;
}

/// A secret could not be read. The text never has the value in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret `{reference}` cannot be read: {reason}")]
pub struct SecretError {
    /// The reference as written.
    pub reference: String,
    /// Why, and what to do about it.
    pub reason: String,
}
