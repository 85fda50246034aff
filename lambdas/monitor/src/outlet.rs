//! Where the function hands on what it found.

mod queue;
mod store;

pub(crate) use queue::QueueOutlet;
pub(crate) use store::StoreOutlet;

use async_trait::async_trait;
use tidewatch_aws::message::Row;
use tidewatch_aws::queue::{Outgoing, Queue, SendReport};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::missed_row;
use tidewatch_domain::{Cause, Location, ProbeResult};
use tokio::time::Instant;

use crate::jobs::Job;

/// What an invocation found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Harvest {
    /// Results of probes.
    pub(crate) results: Vec<(Job, ProbeResult)>,
    /// Rows of slots that were missed, and of the function itself.
    pub(crate) rows: Vec<Row>,
}

/// What was handed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HandedOn {
    /// Messages, or requests that wrote rows.
    pub(crate) parcels: usize,
    /// How often something was handed in again.
    pub(crate) retries: usize,
    /// Results and rows that nobody takes, each of them logged.
    pub(crate) refused: usize,
}

/// Not everything could be handed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{lost} of {all} parcels with results could not be handed on: {reason}")]
pub(crate) struct OutletError {
    /// How many of them.
    pub(crate) lost: usize,
    /// How many there are.
    pub(crate) all: usize,
    /// Why the first of them could not.
    pub(crate) reason: String,
}

/// Takes what was found, for good.
#[async_trait]
pub(crate) trait Outlet: Send + Sync {
    /// What it is called: `queue` or `store`.
    fn name(&self) -> &'static str;

    /// Hands `harvest` on, trying again until it succeeds or `until` has come.
    async fn hand_on(&self, harvest: Harvest, until: Instant) -> Result<HandedOn, OutletError>;
}

/// Takes messages.
#[async_trait]
pub(crate) trait Sender: Send + Sync {
    /// Sends messages; see [`Queue::send`].
    async fn send(&self, messages: &[Outgoing]) -> SendReport;
}

#[async_trait]
impl Sender for Queue {
    async fn send(&self, messages: &[Outgoing]) -> SendReport {
        Queue::send(self, messages).await
    }
}

/// The row of a slot that passed without a probe.
pub(crate) fn missed(job: &Job, location: &Location, cause: &Cause) -> Row {
    Row {
        destination: Destination::Main,
        tenant: job.monitor.key.tenant.clone(),
        record: missed_row(&job.monitor, location, job.slot, 1, cause),
    }
}
