//! What one probe says about its monitor.

use crate::cause::Cause;
use crate::name::Location;
use crate::probe::{Attempt, ProbeResult};
use crate::summary::{Outcome, Summary};
use crate::time::Timestamp;

/// What one probe says about its monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The slot of the probe.
    pub slot: Timestamp,
    /// Where it ran.
    pub location: Location,
    /// What it came to.
    pub outcome: Outcome,
    /// Why it was not ok.
    pub cause: Option<Cause>,
    /// When the attempt began that decided the outcome, in whole milliseconds.
    pub decided_at: Timestamp,
    /// Whether the confirmation retry failed as well; `None` without one, and where it failed for
    /// a reason that says nothing about the target.
    pub retry_failed: Option<bool>,
    /// What the guard of the location made of it.
    pub ruling: Ruling,
}

/// What the guard of a location makes of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It stands as it is.
    Credible,
    /// It failed in a way that the prober's own network could be the reason of, and that is not
    /// known yet: enough to be suspicious, not enough for an outage.
    Doubted,
    /// The location had lost its network: it says nothing about the target.
    NetworkLost,
}

impl Evidence {
    /// The evidence of a finished probe, credible until a guard says otherwise.
    pub fn of(result: &ProbeResult, summary: &Summary) -> Self {
        let counted = |attempt: &&Attempt| {
            attempt
                .cause()
                .is_some_and(|cause| cause.owner.counts_against_availability())
        };
        let deciding = match summary.outcome {
            Outcome::Fail => result
                .samples
                .iter()
                .find(counted)
                .or(result.samples.last()),
            _ => result.samples.last(),
        };
        Evidence {
            slot: result.slot,
            location: result.location.clone(),
            outcome: summary.outcome,
            cause: summary.cause.clone(),
            decided_at: deciding
                .map_or(result.started_at, |attempt| attempt.started_at)
                .truncated_to_millis(),
            retry_failed: result.retry.as_ref().and_then(|retry| match retry.cause() {
                None => Some(false),
                Some(cause) => cause.owner.counts_against_availability().then_some(true),
            }),
            ruling: Ruling::Credible,
        }
    }

    /// The same evidence after the guard ruled on it.
    #[must_use]
    pub fn ruled(mut self, ruling: Ruling) -> Self {
        self.ruling = ruling;
        if ruling == Ruling::NetworkLost {
            self.outcome = Outcome::Unknown;
        }
        self
    }
}
