//! What a [`Ledger`] has to keep between two processes, as plain data.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::AttemptRows;
use super::case::Case;
use super::ledger::{Doubted, Ledger};
use crate::judge::Guard;
use crate::judge::snapshot::{GuardSnapshot, HistorySnapshot};
use crate::monitor::Monitor;
use crate::name::Location;
use crate::probe::ProbeResult;
use crate::rows::Overlays;
use crate::time::Timestamp;

/// A [`Ledger`] as plain data: rebuilt from it, a ledger judges exactly as the first one would
/// have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LedgerSnapshot {
    /// The monitors, sorted by key.
    pub cases: Vec<CaseSnapshot>,
    /// What each location knows about its own network.
    pub guards: Vec<(Location, GuardSnapshot)>,
    /// The failed probes that a guard doubts, sorted by monitor, location and slot.
    pub doubted: Vec<DoubtedProbe>,
}

/// One monitor of a [`LedgerSnapshot`].
#[derive(Clone, Debug, PartialEq)]
pub struct CaseSnapshot {
    /// Its definition.
    pub monitor: Arc<Monitor>,
    /// Its evidence and what it comes to.
    pub history: HistorySnapshot,
    /// The overlays of its last `state` row; `None` before the first.
    pub written: Option<Overlays>,
    /// The time of its last `state` row.
    pub last_row: Timestamp,
}

/// A failed probe that a guard doubts.
#[derive(Clone, Debug, PartialEq)]
pub struct DoubtedProbe {
    /// The definition by which it ran.
    pub monitor: Arc<Monitor>,
    /// What was found.
    pub result: ProbeResult,
}

impl Ledger {
    /// This ledger as plain data.
    pub fn snapshot(&self) -> LedgerSnapshot {
        let mut cases: Vec<_> = self.cases.values().map(Case::snapshot).collect();
        cases.sort_by(|one, other| one.monitor.key.cmp(&other.monitor.key));
        let doubted: BTreeMap<_, _> = self.doubted.iter().collect();
        LedgerSnapshot {
            cases,
            guards: self
                .guards
                .iter()
                .map(|(location, guard)| (location.clone(), guard.snapshot()))
                .collect(),
            doubted: doubted
                .into_values()
                .map(|doubted| DoubtedProbe {
                    monitor: Arc::clone(&doubted.monitor),
                    result: doubted.result.clone(),
                })
                .collect(),
        }
    }

    /// The ledger that `snapshot` was taken of.
    pub fn of_snapshot(attempt_rows: AttemptRows, snapshot: LedgerSnapshot) -> Self {
        let mut ledger = Ledger::new(attempt_rows);
        for case in snapshot.cases {
            ledger.link(&case.monitor);
            let key = case.monitor.key.clone();
            ledger.cases.insert(key, Case::of_snapshot(case));
        }
        let guard = |(location, guard)| (location, Guard::of_snapshot(guard));
        ledger.guards = snapshot.guards.into_iter().map(guard).collect();
        ledger.doubted = snapshot
            .doubted
            .into_iter()
            .map(|doubted| Doubted {
                monitor: doubted.monitor,
                result: doubted.result,
            })
            .map(|doubted| (doubted.key(), doubted))
            .collect::<HashMap<_, _>>();
        ledger
    }
}

#[cfg(test)]
mod tests;
