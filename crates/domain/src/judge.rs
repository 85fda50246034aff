//! From outcomes to the state of a monitor.
//!
//! Judging is apart from measuring: a pure function over evidence, sorted by slot. Evidence that
//! comes late is merged where it belongs and never applied last; evidence that comes twice
//! changes nothing; the order in which locations report does not matter. To make that so, a
//! [`History`] keeps the evidence of the last slots beside the state before them, and folds it
//! anew whenever something arrives.
//!
//! Two things are decided over several monitors: whether a location has a network at all
//! ([`Guard`]), and whether an outage calls somebody or is explained by a monitor above
//! ([`Ancestor`]).

mod evidence;
mod flaps;
mod fold;
mod guard;
mod rules;
pub mod snapshot;
mod standing;
mod state;
mod suppression;
mod verdict;

pub use evidence::{Evidence, Ruling};
pub use guard::{Guard, Reading, Report, Rulings, Settled};
pub use rules::{FailureShare, Rules};
pub use suppression::Ancestor;
pub use verdict::{State, Verdict};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::name::{Location, MonitorId};
use crate::time::Timestamp;
use fold::Folded;
use suppression::{Below, Suppression};

/// The state of one monitor and the recent evidence that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    before: Folded,
    evidence: BTreeMap<(Timestamp, Location), Evidence>,
    current: Folded,
    suppression: Suppression,
    /// What the current evidence comes to, with what lies over it.
    verdict: Verdict,
}

/// What is known of the probe of one slot and location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing: it is new.
    New,
    /// It was taken in, and the guard made this of it.
    Known(Ruling),
    /// The slot is older than what is kept.
    Covered,
}

/// What an observation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// The verdict is what it was.
    Unchanged,
    /// State or overlays changed.
    Changed,
    /// The evidence is older than what is kept, and was left out.
    TooLate,
}

impl History {
    /// How many intervals of evidence are kept for late arrivals.
    pub const INTERVALS_KEPT: u32 = 8;

    /// The history of a monitor that nothing is known of.
    pub fn new() -> Self {
        History::restored(Verdict::unknown())
    }

    /// The history of a monitor whose last verdict is known, for instance after a restart.
    pub fn restored(last: Verdict) -> Self {
        let folded = Folded::restored(last.clone());
        History {
            before: folded.clone(),
            evidence: BTreeMap::new(),
            current: folded,
            suppression: Suppression::restored(&last),
            verdict: last,
        }
    }

    /// The current verdict.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The current verdict from one location alone; `None` before its first report.
    pub fn verdict_from(&self, location: &Location) -> Option<&Verdict> {
        self.current.verdict_from(location)
    }

    /// The current verdicts from each location that has reported.
    pub fn locations(&self) -> impl Iterator<Item = (&Location, &Verdict)> {
        self.current.locations()
    }

    /// What a monitor below this one, `monitor_id`, has to know of it.
    pub fn as_ancestor(&self, monitor_id: MonitorId, interval: Duration) -> Ancestor {
        Ancestor {
            monitor_id,
            state: self.verdict.state,
            since: self.verdict.since,
            heard: self.current.heard(),
            interval,
        }
    }

    /// What is known of the probe of `slot` from `location`.
    pub fn recall(&self, slot: Timestamp, location: &Location) -> Recalled {
        if self.before.covers(slot) {
            return Recalled::Covered;
        }
        match self.evidence.get(&(slot, location.clone())) {
            Some(evidence) => Recalled::Known(evidence.ruling),
            None => Recalled::New,
        }
    }

    /// The newest slot that evidence was taken in of.
    pub fn newest_slot(&self) -> Option<Timestamp> {
        self.current.newest
    }

    /// Takes a piece of evidence into account.
    pub fn observe(&mut self, rules: &Rules, evidence: Evidence) -> Observed {
        if self.before.covers(evidence.slot) {
            return Observed::TooLate;
        }
        let key = (evidence.slot, evidence.location.clone());
        if self.evidence.contains_key(&key) {
            // A repeat of a slot: the first wins, as it does in the store.
            return Observed::Unchanged;
        }
        let is_newest = self
            .evidence
            .last_key_value()
            .is_none_or(|(last, _)| *last < key);
        if is_newest {
            self.current.apply(rules, &evidence);
            self.evidence.insert(key, evidence);
            self.forget_old(rules);
        } else {
            self.evidence.insert(key, evidence);
            self.fold_anew(rules);
        }
        self.conclude()
    }

    /// Puts `evidence` in the place of what was known of the same slot and location, after the
    /// guard ruled on it.
    pub fn revise(&mut self, rules: &Rules, evidence: Evidence) -> Observed {
        let key = (evidence.slot, evidence.location.clone());
        let Some(known) = self.evidence.get_mut(&key) else {
            return Observed::TooLate;
        };
        *known = evidence;
        self.fold_anew(rules);
        self.conclude()
    }

    /// Decides whether the outage, if there is one, calls somebody, given the monitors above, the
    /// nearest first. To be asked after every observation of this monitor or one above.
    pub fn relate(&mut self, rules: &Rules, above: &[Ancestor]) -> Observed {
        let below = Below {
            verdict: self.current.verdict(),
            heard: self.current.heard(),
            failed: self.current.failed(),
            interval: rules.interval,
        };
        self.suppression = self.suppression.decide(below, above);
        self.conclude()
    }

    fn fold_anew(&mut self, rules: &Rules) {
        self.current = self.before.clone();
        for evidence in self.evidence.values() {
            self.current.apply(rules, evidence);
        }
    }

    /// Makes the verdict of what is known now.
    fn conclude(&mut self) -> Observed {
        let mut verdict = self.current.verdict().clone();
        verdict.suppressed_by = self.suppression.of(&verdict).cloned();
        let same = verdict.same_state(&self.verdict);
        self.verdict = verdict;
        if same {
            Observed::Unchanged
        } else {
            Observed::Changed
        }
    }

    /// Folds evidence into the state before it once it is older than the span kept, measured
    /// from the newest slot and not from any clock.
    fn forget_old(&mut self, rules: &Rules) {
        let span = rules
            .interval
            .saturating_mul(Self::INTERVALS_KEPT)
            .max(Duration::from_secs(1));
        let Some(((newest, _), _)) = self.evidence.last_key_value() else {
            return;
        };
        let edge = newest.minus(span);
        while let Some(entry) = self.evidence.first_entry() {
            if entry.key().0 >= edge {
                break;
            }
            self.before.apply(rules, &entry.remove());
        }
    }
}

impl Default for History {
    fn default() -> Self {
        History::new()
    }
}

#[cfg(test)]
mod complaints;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
