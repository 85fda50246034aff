//! From outcomes to the state of a monitor.
//!
//! Judging is apart from measuring: a pure function over evidence, sorted by slot. Evidence that
//! comes late is merged where it belongs and never applied last; evidence that comes twice
//! changes nothing; the order in which locations report does not matter. To make that so, a
//! [`History`] keeps the evidence of the last slots beside the state before them, and folds it
//! anew whenever something arrives.

mod fold;
mod verdict;

pub use verdict::{Rules, State, Verdict};

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cause::Cause;
use crate::name::Location;
use crate::probe::ProbeResult;
use crate::summary::{Outcome, Summary};
use crate::time::Timestamp;
use fold::Folded;

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
    /// When the attempt began that decided the outcome.
    pub decided_at: Timestamp,
    /// Whether the confirmation retry failed as well; `None` without one.
    pub retry_failed: Option<bool>,
}

impl Evidence {
    /// The evidence of a finished probe.
    pub fn of(result: &ProbeResult, summary: &Summary) -> Self {
        let failed = |attempt: &&crate::probe::Attempt| !attempt.succeeded();
        let deciding = match summary.outcome {
            Outcome::Fail => result.samples.iter().find(failed).or(result.samples.last()),
            _ => result.samples.last(),
        };
        Evidence {
            slot: result.slot,
            location: result.location.clone(),
            outcome: summary.outcome,
            cause: summary.cause.clone(),
            decided_at: deciding.map_or(result.started_at, |attempt| attempt.started_at),
            retry_failed: result.retry.as_ref().map(|retry| !retry.succeeded()),
        }
    }
}

/// The state of one monitor and the recent evidence that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    before: Folded,
    evidence: BTreeMap<(Timestamp, Location), Evidence>,
    current: Folded,
}

/// What an observation did.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// The verdict is what it was.
    Unchanged,
    /// State or overlays changed.
    Changed {
        /// The verdict before.
        before: Box<Verdict>,
        /// The verdict now.
        after: Box<Verdict>,
    },
    /// The evidence is older than what is kept, and was left out.
    TooLate,
}

impl History {
    /// How many intervals of evidence are kept for late arrivals.
    pub const INTERVALS_KEPT: u32 = 8;

    /// The history of a monitor that nothing is known of.
    pub fn new() -> Self {
        History::from(Folded::unknown())
    }

    /// The history of a monitor whose last verdict is known, for instance after a restart.
    pub fn restored(last: Verdict) -> Self {
        History::from(Folded::restored(last))
    }

    /// The current verdict.
    pub fn verdict(&self) -> &Verdict {
        self.current.verdict()
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
            let before = self.current.verdict().clone();
            self.current.apply(rules, &evidence);
            self.evidence.insert(key, evidence);
            self.forget_old(rules);
            return self.compare(before);
        }
        let before = self.current.verdict().clone();
        self.evidence.insert(key, evidence);
        self.current = self.before.clone();
        for evidence in self.evidence.values() {
            self.current.apply(rules, evidence);
        }
        self.compare(before)
    }

    fn compare(&self, before: Verdict) -> Observed {
        let after = self.current.verdict();
        if before.same_state(after) {
            return Observed::Unchanged;
        }
        Observed::Changed {
            before: Box::new(before),
            after: Box::new(after.clone()),
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

impl From<Folded> for History {
    fn from(folded: Folded) -> Self {
        History {
            before: folded.clone(),
            evidence: BTreeMap::new(),
            current: folded,
        }
    }
}

#[cfg(test)]
mod tests;
