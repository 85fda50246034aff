//! States and verdicts.

use crate::cause::Cause;
use crate::name::{Location, MonitorId};
use crate::time::Timestamp;

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

/// What is known of a monitor, over all its locations or from one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// Since when the state holds; during an outage, the start of its first failed attempt (with
    /// a quorum, that of the location with which the quorum was complete).
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
    /// What the score is made of: one bit for each evaluation, the newest lowest, set where it
    /// came out otherwise than the one before.
    pub flap_history: u32,
    /// Overlay: the monitor above that is in trouble itself, so that this outage calls nobody.
    pub suppressed_by: Option<MonitorId>,
    /// Overlay: the locations that watch it lost their network; the state is the last that was
    /// known.
    pub network_lost: bool,
}

impl Verdict {
    /// The verdict on a monitor that nothing is known of.
    pub fn unknown() -> Self {
        Verdict {
            state: State::Unknown,
            since: Timestamp::EPOCH,
            decided_at: Timestamp::EPOCH,
            epoch: 0,
            cause: None,
            failing: Vec::new(),
            degraded: false,
            flapping: false,
            flap_score: 0.0,
            flap_history: 0,
            suppressed_by: None,
            network_lost: false,
        }
    }

    /// Whether two verdicts agree in what a person is told: state, outage and overlays.
    pub fn same_state(&self, other: &Verdict) -> bool {
        self.state == other.state
            && self.epoch == other.epoch
            && self.since == other.since
            && self.degraded == other.degraded
            && self.flapping == other.flapping
            && self.failing == other.failing
            && self.suppressed_by == other.suppressed_by
            && self.network_lost == other.network_lost
    }
}
