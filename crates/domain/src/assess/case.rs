//! One monitor between its probes.

use std::sync::Arc;
use std::time::Duration;

use super::snapshot::CaseSnapshot;
use crate::judge::{Ancestor, Evidence, History, Observed, Recalled, Rules, Verdict};
use crate::monitor::Monitor;
use crate::name::Location;
use crate::ports::Destination;
use crate::record::Record;
use crate::rows::{self, Overlays};
use crate::time::Timestamp;

/// One monitor between its probes: its history, and what its last `state` row said.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) monitor: Arc<Monitor>,
    history: History,
    /// The overlays of the last row; `None` before the first of this run.
    written: Option<Overlays>,
    /// The time of the last row. The newest row is the one that counts, so that none may be
    /// older than the one before, however late its evidence came.
    last_row: Timestamp,
}

/// What a step led to.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) rows: Vec<(Destination, Record)>,
    pub(super) change: Option<(Verdict, Verdict)>,
}

impl Case {
    pub(super) fn new(monitor: Arc<Monitor>, last: Option<Verdict>) -> Self {
        Case {
            monitor,
            last_row: last
                .as_ref()
                .map_or(Timestamp::EPOCH, |last| last.decided_at),
            history: last.map_or_else(History::new, History::restored),
            written: None,
        }
    }

    /// This case as plain data.
    pub(super) fn snapshot(&self) -> CaseSnapshot {
        CaseSnapshot {
            monitor: Arc::clone(&self.monitor),
            history: self.history.snapshot(&Rules::of(&self.monitor)),
            written: self.written,
            last_row: self.last_row,
        }
    }

    /// The case that `snapshot` was taken of.
    pub(super) fn of_snapshot(snapshot: CaseSnapshot) -> Self {
        Case {
            history: History::of_snapshot(&Rules::of(&snapshot.monitor), snapshot.history),
            monitor: snapshot.monitor,
            written: snapshot.written,
            last_row: snapshot.last_row,
        }
    }

    /// What is known of the probe of `slot` from `location`.
    pub(super) fn recall(&self, slot: Timestamp, location: &Location) -> Recalled {
        self.history.recall(slot, location)
    }

    /// The time of the last row; `None` before the first.
    pub(super) fn last_row(&self) -> Option<Timestamp> {
        self.written.is_some().then_some(self.last_row)
    }

    /// The newest slot that evidence came of.
    pub(super) fn newest_slot(&self) -> Option<Timestamp> {
        self.history.newest_slot()
    }

    pub(super) fn verdict(&self) -> &Verdict {
        self.history.verdict()
    }

    pub(super) fn as_ancestor(&self) -> Ancestor {
        let id = self.monitor.key.monitor_id.clone();
        self.history.as_ancestor(id, self.monitor.interval)
    }

    /// Takes evidence in.
    pub(super) fn observe(&mut self, evidence: Evidence, above: &[Ancestor]) -> Step {
        self.learn(evidence, above, History::observe)
    }

    /// Takes evidence in that is judged otherwise now.
    pub(super) fn revise(&mut self, evidence: Evidence, above: &[Ancestor]) -> Step {
        self.learn(evidence, above, History::revise)
    }

    /// Looks again at what the monitors above mean for this one.
    pub(super) fn relate(&mut self, above: &[Ancestor], at: Timestamp) -> Step {
        let before = self.verdict().clone();
        self.history.relate(&Rules::of(&self.monitor), above);
        self.step(before, at)
    }

    /// Takes a new definition over.
    pub(super) fn redefine(&mut self, monitor: Arc<Monitor>, at: Timestamp) -> Step {
        self.monitor = monitor;
        if self.written.is_none() {
            return Step::nothing();
        }
        self.step(self.verdict().clone(), at)
    }

    /// The rows of all that is known, for a time at which they are due anyway.
    pub(super) fn state_rows(&mut self, at: Timestamp) -> Vec<Record> {
        let time = self.next_row(at);
        let overlays = self.overlays(time);
        self.written = Some(overlays);
        self.last_row = time;
        let all = Location::all();
        let mut rows = vec![self.row(&all, self.verdict(), overlays, time)];
        rows.extend(
            self.history
                .locations()
                .map(|(location, verdict)| self.row(location, verdict, overlays, time)),
        );
        rows
    }

    fn learn(
        &mut self,
        evidence: Evidence,
        above: &[Ancestor],
        take: impl FnOnce(&mut History, &Rules, Evidence) -> Observed,
    ) -> Step {
        let rules = Rules::of(&self.monitor);
        let (location, at) = (evidence.location.clone(), evidence.decided_at);
        let before = self.verdict().clone();
        let there_before = self.history.verdict_from(&location).cloned();
        if take(&mut self.history, &rules, evidence) == Observed::TooLate {
            return Step::nothing();
        }
        self.history.relate(&rules, above);
        let mut step = self.step(before, at);
        if let Some(there) = self.history.verdict_from(&location)
            && there_before.is_none_or(|before| !before.same_state(there))
        {
            let time = if step.rows.is_empty() {
                self.next_row(at)
            } else {
                self.last_row
            };
            let row = self.row(&location, there, self.overlays(time), time);
            self.last_row = time;
            step.rows.push((Destination::Main, row));
        }
        step
    }

    /// A row where what a person is told has changed since `before` or since the last row.
    fn step(&mut self, before: Verdict, at: Timestamp) -> Step {
        let after = self.verdict().clone();
        let changed = !before.same_state(&after);
        let time = self.next_row(at);
        let overlays = self.overlays(time);
        if !changed && self.written == Some(overlays) {
            return Step::nothing();
        }
        self.written = Some(overlays);
        self.last_row = time;
        let row = self.row(&Location::all(), &after, overlays, time);
        Step {
            rows: vec![(Destination::Main, row)],
            change: changed.then_some((before, after)),
        }
    }

    /// The time of a row about `at`: later than the last row, which would be the newer one else.
    fn next_row(&self, at: Timestamp) -> Timestamp {
        at.max(self.last_row.plus(Duration::from_nanos(1)))
    }

    fn overlays(&self, at: Timestamp) -> Overlays {
        Overlays::of(&self.monitor, at)
    }

    fn row(
        &self,
        location: &Location,
        verdict: &Verdict,
        overlays: Overlays,
        time: Timestamp,
    ) -> Record {
        rows::state_row(&self.monitor, location, verdict, overlays, time)
    }
}

impl Step {
    fn nothing() -> Self {
        Step {
            rows: Vec::new(),
            change: None,
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.rows.is_empty() && self.change.is_none()
    }
}
