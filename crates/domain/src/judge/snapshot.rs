//! What judging has to keep of a monitor between two processes, as plain data.
//!
//! A [`History`] that is rebuilt from its snapshot goes on exactly as the first one would have.
//! How a snapshot is written down is its keeper's matter.

pub use super::flaps::Flaps;
pub use super::fold::Folded;
pub use super::guard::{DoubtedReport, GuardSnapshot, Loss, Run, Track};
pub use super::standing::Standing;
pub use super::suppression::Suppression;

use super::evidence::Evidence;
use super::rules::Rules;
use super::verdict::Verdict;
use super::{BTreeMap, History};

/// A [`History`] as plain data.
#[derive(Clone, Debug, PartialEq)]
pub struct HistorySnapshot {
    /// What the evidence before the kept one comes to.
    pub before: Folded,
    /// The evidence kept, sorted by slot and location.
    pub evidence: Vec<Evidence>,
    /// What all of it comes to, where folding the evidence by today's rules would give something
    /// else, as it does for a while after the rules changed.
    pub current: Option<Folded>,
    /// Whether the call for the outage is held.
    pub suppression: Suppression,
}

impl History {
    /// This history as plain data. `rules` are those that it is rebuilt by.
    pub fn snapshot(&self, rules: &Rules) -> HistorySnapshot {
        let mut folded = self.clone();
        folded.fold_anew(rules);
        HistorySnapshot {
            before: self.before.clone(),
            evidence: self.evidence.values().cloned().collect(),
            current: (folded.current != self.current).then(|| self.current.clone()),
            suppression: self.suppression.clone(),
        }
    }

    /// The history that `snapshot` was taken of with the same `rules`.
    pub fn of_snapshot(rules: &Rules, snapshot: HistorySnapshot) -> Self {
        let keyed = |evidence: Evidence| ((evidence.slot, evidence.location.clone()), evidence);
        let evidence: BTreeMap<_, _> = snapshot.evidence.into_iter().map(keyed).collect();
        let mut history = History {
            current: snapshot.before.clone(),
            before: snapshot.before,
            evidence,
            suppression: snapshot.suppression,
            verdict: Verdict::unknown(),
        };
        match snapshot.current {
            Some(current) => history.current = current,
            None => history.fold_anew(rules),
        }
        history.conclude();
        history
    }
}
