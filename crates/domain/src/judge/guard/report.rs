//! What a guard has to know of a finished probe.

use std::time::Duration;

use super::kinship::{family_of, host_of, is_nearby};
use crate::cause::{Cause, ErrorClass, ErrorOwner};
use crate::monitor::Monitor;
use crate::name::MonitorKey;
use crate::probe::{Attempt, ProbeResult};
use crate::summary::{Outcome, Summary};
use crate::time::Timestamp;

/// What a guard has to know of a finished probe; instants are in whole milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whose probe it was.
    pub key: MonitorKey,
    /// Its slot.
    pub slot: Timestamp,
    /// What hosts that belong together have in common.
    pub family: String,
    /// Whether the definition calls it a reference target.
    pub reference: bool,
    /// How often it is probed.
    pub interval: Duration,
    /// When it began.
    pub began: Timestamp,
    /// When its last attempt ended.
    pub ended: Timestamp,
    /// What it says about the network of the location.
    pub reading: Reading,
}

/// What a probe says about the network of its location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The target answered in some way, so that there is a network.
    Answered,
    /// It failed in a way that a lost network would explain; the first such attempt began then.
    Lost(Timestamp),
    /// Nothing: the prober could not tell, or the target is in its own surroundings.
    Silent,
}

impl Report {
    /// What the guard has to know of `result`.
    pub fn of(monitor: &Monitor, result: &ProbeResult, summary: &Summary) -> Self {
        let target = monitor.public_target();
        let host = host_of(&target);
        let address = result
            .samples
            .iter()
            .rev()
            .find_map(|attempt| attempt.remote_addr)
            .map(|address| address.ip());
        let attempts = || result.samples.iter().chain(&result.retry);
        let ended = attempts()
            .map(|attempt| attempt.started_at.plus(attempt.phases.total))
            .max();
        let reading = if is_nearby(host, address) {
            Reading::Silent
        } else {
            reading(result, summary)
        };
        Report {
            key: result.key.clone(),
            slot: result.slot,
            family: family_of(host),
            reference: monitor.reference,
            interval: monitor.interval,
            began: result.started_at.truncated_to_millis(),
            ended: ended.unwrap_or(result.started_at).truncated_to_millis(),
            reading,
        }
    }
}

fn reading(result: &ProbeResult, summary: &Summary) -> Reading {
    match summary.outcome {
        Outcome::Unknown | Outcome::Missed => return Reading::Silent,
        Outcome::Ok | Outcome::Degraded => return Reading::Answered,
        Outcome::Fail => {}
    }
    let explained = |attempt: &&Attempt| attempt.cause().is_some_and(may_be_the_network);
    let summary_explained = summary.cause.as_ref().is_some_and(may_be_the_network);
    // The network may go between a sample and the retry that was to confirm it.
    let retry_explained = result.retry.as_ref().filter(explained).is_some();
    if !summary_explained && !retry_explained {
        return Reading::Answered;
    }
    let first = result
        .samples
        .iter()
        .chain(&result.retry)
        .find(|attempt| !attempt.succeeded());
    let failed_at = first.map_or(result.started_at, |attempt| attempt.started_at);
    Reading::Lost(failed_at.truncated_to_millis())
}

/// Whether a lost network would give this cause: anything on the way, and anything about names,
/// because a network that is not there answers every name wrongly or not at all.
fn may_be_the_network(cause: &Cause) -> bool {
    cause.owner == ErrorOwner::Network
        || matches!(cause.class, ErrorClass::DnsNxdomain | ErrorClass::DnsNodata)
}
