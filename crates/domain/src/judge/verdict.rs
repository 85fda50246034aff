//! Rules, states and verdicts.

use std::time::Duration;

use crate::cause::Cause;
use crate::monitor::Monitor;
use crate::name::Location;
use crate::time::Timestamp;

/// What it takes to change a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Failures in a row that make a location count as failing.
    pub confirmations: u32,
    /// Successes in a row that make a location count as recovered.
    pub recoveries: u32,
    /// Locations that must fail; `None` is the default for the number that reported.
    pub quorum: Option<u32>,
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
            quorum: monitor.quorum,
            interval: monitor.interval,
        }
    }

    /// How many of `reported` locations must fail: the majority, at least two where three or
    /// more reported, and never more than reported.
    pub(super) fn quorum_of(&self, reported: usize) -> usize {
        let default = if reported >= 3 {
            (reported / 2 + 1).max(2)
        } else {
            reported.max(1)
        };
        self.quorum
            .and_then(|quorum| usize::try_from(quorum).ok())
            .unwrap_or(default)
            .clamp(1, reported.max(1))
    }

    /// The age at which a location's last report no longer counts.
    pub(super) fn freshness(&self) -> Duration {
        self.interval.saturating_mul(3)
    }
}

/// The state of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing is known yet.
    Unknown,
    /// It works.
    Up,
    /// Something failed, not confirmed yet.
    Suspect,
    /// It does not work, confirmed.
    Down,
    /// It works again, not for long enough yet.
    Recovering,
}

impl State {
    /// Every state.
    pub const ALL: &'static [State] = &[
        State::Unknown,
        State::Up,
        State::Suspect,
        State::Down,
        State::Recovering,
    ];

    /// The stable name, as written in rows.
    pub const fn name(self) -> &'static str {
        match self {
            State::Unknown => "unknown",
            State::Up => "up",
            State::Suspect => "suspect",
            State::Down => "down",
            State::Recovering => "recovering",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<State> {
        Self::ALL.iter().copied().find(|state| state.name() == name)
    }

    /// Whether an outage is going on.
    pub const fn is_outage(self) -> bool {
        matches!(self, State::Down | State::Recovering)
    }
}

/// What is known of a monitor over all its locations.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// Since when the state holds; during an outage, the start of its first failed attempt.
    pub since: Timestamp,
    /// Start of the attempt that decided the state.
    pub decided_at: Timestamp,
    /// Number of the latest outage, from 1; 0 before the first.
    pub epoch: u64,
    /// Why it is not simply up.
    pub cause: Option<Cause>,
    /// Locations whose last probe failed.
    pub failing: Vec<Location>,
    /// Overlay: it works, but not as wanted, or not from everywhere.
    pub degraded: bool,
    /// Overlay: it changes too often to say anything.
    pub flapping: bool,
    /// Weighted share of changes in the last 20 evaluations, 0 to 1.
    pub flap_score: f64,
}

impl Verdict {
    /// Whether two verdicts agree in what a person is told: state, outage and overlays.
    pub fn same_state(&self, other: &Verdict) -> bool {
        self.state == other.state
            && self.epoch == other.epoch
            && self.degraded == other.degraded
            && self.flapping == other.flapping
            && self.failing == other.failing
    }
}
