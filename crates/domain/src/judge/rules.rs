//! What it takes to change a state.

use std::time::Duration;

use crate::monitor::Monitor;
use crate::time::Timestamp;

/// A share of failures: a location counts as failing when at least `count` of its last `of`
/// scheduled probes failed. Unlike failures in a row it sees a target that fails every second
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FailureShare {
    /// Failures that it takes, 1 to `of`.
    pub count: u32,
    /// How many probes it looks back, at most [`FailureShare::LONGEST`].
    pub of: u32,
}

impl FailureShare {
    /// The most probes that can be looked back at.
    pub const LONGEST: u32 = 50;
}

/// What it takes to change a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that make a location count as failing.
    pub confirmations: u32,
    /// Successes in a row that make a location count as recovered.
    pub recoveries: u32,
    /// Instead of `confirmations`, a share of the last probes.
    pub failures: Option<FailureShare>,
    /// Locations that must fail; `None` is the default for the number that reported.
    pub quorum: Option<u32>,
    /// How many locations are named by the definition; 0 where it leaves that open.
    pub locations: usize,
    /// Time between slots. A location that did not report for three of them is absent: neither
    /// failing nor passing.
    pub interval: Duration,
}

impl Rules {
    /// The rules of a monitor.
    pub fn of(monitor: &Monitor) -> Self {
        Rules {
            confirmations: monitor.confirmations.max(1),
            recoveries: monitor.recoveries.max(1),
            failures: monitor.failures,
            quorum: monitor.quorum,
            locations: monitor.locations.len(),
            interval: monitor.interval,
        }
    }

    /// How many of `reported` locations must fail: the majority, at least two where three or
    /// more reported, and never more than reported.
    pub(super) fn quorum_of(&self, reported: usize) -> usize {
        let majority = reported / 2 + 1;
        self.quorum
            .and_then(|quorum| usize::try_from(quorum).ok())
            .unwrap_or(majority)
            .clamp(1, reported.max(1))
    }

    /// How many locations the quorum is taken of. Within the first round, one interval from the
    /// very first report on, those that are named and have not reported yet are waited for: the
    /// quickest of three must not decide alone.
    pub(super) fn locations_at(&self, first: Timestamp, slot: Timestamp, reported: usize) -> usize {
        if slot.since(first) < self.interval {
            reported.max(self.locations)
        } else {
            reported
        }
    }

    /// The age at which a location's last report no longer counts.
    pub(super) fn freshness(&self) -> Duration {
        self.interval.saturating_mul(3)
    }

    /// The number of the interval that a slot falls into.
    pub(super) fn round_of(&self, slot: Timestamp) -> i64 {
        let interval = i64::try_from(self.interval.as_nanos()).unwrap_or(i64::MAX);
        slot.as_nanos().div_euclid(interval.max(1))
    }
}
