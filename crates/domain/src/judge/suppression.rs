//! Outages that call nobody, because something above is in trouble itself.
//!
//! The check goes on, the outage is recorded with its number and its cause; only its call is
//! held. It is made as soon as nothing above explains the outage any more, and once it was made
//! it is not taken back: a call that is withdrawn would look like a recovery.

use std::time::Duration;

use super::verdict::{State, Verdict};
use crate::name::MonitorId;
use crate::time::Timestamp;

/// How old the news of an ancestor may be, in its intervals, before it explains nothing.
const STALE: u32 = 3;

/// A monitor above another one, as far as it matters below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestor {
    /// Which monitor it is.
    pub monitor_id: MonitorId,
    /// Its state.
    pub state: State,
    /// Since when the state holds.
    pub since: Timestamp,
    /// When the newest attempt began that said something about it.
    pub heard: Option<Timestamp>,
    /// How often it is probed.
    pub interval: Duration,
}

/// What is known of the monitor below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Below<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) heard: Option<Timestamp>,
    pub(super) failed: Option<Timestamp>,
    pub(super) interval: Duration,
}

/// Whether the call for an outage is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// No outage was decided on yet.
    Open,
    /// The call for outage `epoch` is held because of a monitor above.
    Held {
        /// The number of the outage.
        epoch: u64,
        /// The monitor above.
        by: MonitorId,
    },
    /// The call for outage `epoch` is not held, or no longer.
    Over {
        /// The number of the outage.
        epoch: u64,
    },
}

impl Suppression {
    /// What an earlier run decided.
    pub(super) fn restored(verdict: &Verdict) -> Self {
        let epoch = verdict.epoch;
        match (&verdict.suppressed_by, verdict.state.is_outage()) {
            (Some(by), true) => Suppression::Held {
                epoch,
                by: by.clone(),
            },
            (None, true) => Suppression::Over { epoch },
            (_, false) => Suppression::Open,
        }
    }

    /// Who holds the call for the outage of `verdict`.
    pub(super) fn of(&self, verdict: &Verdict) -> Option<&MonitorId> {
        match self {
            Suppression::Held { epoch, by }
                if *epoch == verdict.epoch && verdict.state.is_outage() =>
            {
                Some(by)
            }
            _ => None,
        }
    }

    /// What to do, given the monitors above, the nearest first.
    pub(super) fn decide(&self, below: Below<'_>, above: &[Ancestor]) -> Self {
        let epoch = below.verdict.epoch;
        if !below.verdict.state.is_outage() {
            return Suppression::Open;
        }
        let held = |by: &Ancestor| Suppression::Held {
            epoch,
            by: by.monitor_id.clone(),
        };
        let in_trouble = above.iter().find(|one| one.is_in_trouble(below));
        match self {
            Suppression::Over { epoch: decided } if *decided == epoch => self.clone(),
            Suppression::Held { epoch: decided, by } if *decided == epoch => {
                let holder = || above.iter().find(|one| one.monitor_id == *by);
                match in_trouble.or_else(|| holder().filter(|one| one.may_still_explain(below))) {
                    Some(one) => held(one),
                    None => Suppression::Over { epoch },
                }
            }
            _ => in_trouble
                .filter(|one| one.began_before(below))
                .or_else(|| above.iter().find(|one| one.is_awaited(below)))
                .map_or(Suppression::Over { epoch }, held),
        }
    }
}

impl Ancestor {
    fn is_in_trouble(&self, below: Below<'_>) -> bool {
        let is_stale = match (self.heard, below.heard) {
            (Some(here), Some(there)) => there.since(here) > self.interval.saturating_mul(STALE),
            // Known from an earlier run only.
            (None, _) | (_, None) => false,
        };
        !is_stale && (self.state.is_outage() || self.state == State::Suspect)
    }

    /// Whether the outage below began while this one was in trouble. That trouble may have begun
    /// up to an interval before it was seen.
    fn began_before(&self, below: Below<'_>) -> bool {
        below.verdict.since >= self.since.minus(self.interval)
    }

    /// Whether this one was not looked at since the outage below began, and will be soon. The
    /// next probe of the monitor below ends the wait.
    fn is_awaited(&self, below: Below<'_>) -> bool {
        let began = below.verdict.since;
        let waited = below
            .heard
            .map_or(Duration::ZERO, |heard| heard.since(began));
        self.heard.is_none_or(|heard| heard < began)
            && self.interval <= below.interval.saturating_mul(2)
            && waited < below.interval / 2
    }

    /// Whether this one, in no trouble now, is still a reason not to call: it was not looked at
    /// yet, or it recovered and the outage below has not failed again since, so that nobody knows
    /// whether it is over as well.
    fn may_still_explain(&self, below: Below<'_>) -> bool {
        let began = below.verdict.since;
        if self.heard.is_none_or(|heard| heard < began) {
            return self.is_awaited(below);
        }
        self.since > began && below.failed.is_none_or(|failed| failed <= self.since)
    }
}
