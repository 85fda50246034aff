//! What judging remembers of all monitors.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::case::{Case, Step};
use super::{Assessment, AttemptRows, JudgedProbe};
use crate::judge::{Ancestor, Evidence, Guard, Recalled, Report, Ruling, Settled, Verdict};
use crate::monitor::Monitor;
use crate::name::{Location, MonitorKey};
use crate::ports::Destination;
use crate::probe::ProbeResult;
use crate::record::Record;
use crate::rows;
use crate::summary::Summary;
use crate::time::Timestamp;

/// The longest chain of parents that is followed. The validator refuses circles; a ledger that
/// is given one all the same must not hang.
const LONGEST_CHAIN: usize = 32;

/// What judging remembers of all monitors between their probes.
#[derive(Clone, Debug)]
pub struct Ledger {
    attempt_rows: AttemptRows,
    pub(super) cases: HashMap<MonitorKey, Case>,
    children: HashMap<MonitorKey, BTreeSet<MonitorKey>>,
    pub(super) guards: BTreeMap<Location, Guard>,
    /// Failed probes that a guard doubts.
    pub(super) doubted: HashMap<ProbeKey, Doubted>,
}

/// Monitor, location and slot of a probe.
type ProbeKey = (MonitorKey, Location, Timestamp);

#[derive(Clone, Debug)]
pub(super) struct Doubted {
    pub(super) monitor: Arc<Monitor>,
    pub(super) result: ProbeResult,
}

impl Doubted {
    pub(super) fn key(&self) -> ProbeKey {
        let result = &self.result;
        (result.key.clone(), result.location.clone(), result.slot)
    }
}

impl Ledger {
    /// A ledger without monitors.
    pub fn new(attempt_rows: AttemptRows) -> Self {
        Ledger {
            attempt_rows,
            cases: HashMap::new(),
            children: HashMap::new(),
            guards: BTreeMap::new(),
            doubted: HashMap::new(),
        }
    }

    /// Begins to remember a monitor, from its last known verdict if there is one; or takes over
    /// its new definition. What that changes is written at `now`.
    pub fn track(
        &mut self,
        monitor: &Arc<Monitor>,
        last: Option<Verdict>,
        now: Timestamp,
    ) -> Vec<Assessment> {
        let key = &monitor.key;
        self.unlink(key);
        self.link(monitor);
        let mut assessments = Vec::new();
        let Some(case) = self.cases.get_mut(key) else {
            // Its relatives may not be known yet: what they mean is decided with its next probe.
            let case = Case::new(Arc::clone(monitor), last);
            self.cases.insert(key.clone(), case);
            return assessments;
        };
        let step = case.redefine(Arc::clone(monitor), now);
        assessments.extend(without_probe(case, step));
        self.relate(key, now, &mut assessments);
        self.relate_below(key, now, &mut assessments);
        assessments
    }

    /// Forgets a monitor that is gone. What that changes for others is written at `now`.
    pub fn forget(&mut self, key: &MonitorKey, now: Timestamp) -> Vec<Assessment> {
        self.unlink(key);
        self.cases.remove(key);
        self.doubted.retain(|(doubted, _, _), _| doubted != key);
        for guard in self.guards.values_mut() {
            guard.forget(key);
        }
        let mut assessments = Vec::new();
        self.relate_below(key, now, &mut assessments);
        assessments
    }

    /// The current verdict on a monitor.
    pub fn verdict(&self, key: &MonitorKey) -> Option<&Verdict> {
        self.cases.get(key).map(Case::verdict)
    }

    /// The monitors that are remembered, in no order.
    pub fn monitors(&self) -> impl Iterator<Item = &Arc<Monitor>> {
        self.cases.values().map(|case| &case.monitor)
    }

    /// The definition of a monitor that is remembered.
    pub fn monitor(&self, key: &MonitorKey) -> Option<&Arc<Monitor>> {
        self.cases.get(key).map(|case| &case.monitor)
    }

    /// When the last `state` row of a monitor was written; `None` before the first.
    pub fn last_state_row(&self, key: &MonitorKey) -> Option<Timestamp> {
        self.cases.get(key).and_then(Case::last_row)
    }

    /// The newest slot of a monitor that was judged, from any location.
    pub fn newest_slot(&self, key: &MonitorKey) -> Option<Timestamp> {
        self.cases.get(key).and_then(Case::newest_slot)
    }

    /// Since when a location has no network; `None` while it has one.
    pub fn network_lost_since(&self, location: &Location) -> Option<Timestamp> {
        self.guards.get(location)?.lost_since()
    }

    /// The `state` rows of a monitor, for a time at which they are due anyway.
    pub fn state_rows(&mut self, key: &MonitorKey, at: Timestamp) -> Vec<Record> {
        self.cases
            .get_mut(key)
            .map(|case| case.state_rows(at))
            .unwrap_or_default()
    }

    /// Judges a finished probe of `monitor`, and whatever it decides about others. The first
    /// assessment is the probe's own; there is none for a monitor that is not remembered.
    ///
    /// A repeat of a slot gives the same probe row again and changes nothing, so that the use
    /// case may run any number of times for one probe. Neither does a slot that is too old.
    pub fn take(&mut self, monitor: &Arc<Monitor>, result: &ProbeResult) -> Vec<Assessment> {
        let Some(case) = self.cases.get(&monitor.key) else {
            return Vec::new();
        };
        let summary = Summary::of(monitor, result);
        let ruling = match case.recall(result.slot, &result.location) {
            Recalled::New => return self.judge(monitor, result, summary),
            Recalled::Known(ruling) => ruling,
            Recalled::Covered => self.ruling_on_the_past(monitor, result, &summary),
        };
        vec![self.written_again(monitor, result, summary, ruling)]
    }

    fn judge(
        &mut self,
        monitor: &Arc<Monitor>,
        result: &ProbeResult,
        summary: Summary,
    ) -> Vec<Assessment> {
        let evidence = Evidence::of(result, &summary);
        let at = evidence.decided_at;
        let guard = self.guards.entry(result.location.clone()).or_default();
        guard.expect(self.cases.len());
        let rulings = guard.take(&Report::of(monitor, result, &summary));
        if rulings.own == Ruling::Doubted {
            let doubted = Doubted {
                monitor: Arc::clone(monitor),
                result: result.clone(),
            };
            self.doubted.insert(doubted.key(), doubted);
        }
        let summary = ruled(summary, rulings.own);
        let above = self.above(&monitor.key);
        let mut assessments = Vec::new();
        if let Some(case) = self.cases.get_mut(&monitor.key) {
            let step = case.observe(evidence.ruled(rulings.own), &above);
            let mut rows = self.probe_rows(monitor, result, &summary);
            rows.extend(step.rows);
            assessments.push(Assessment {
                monitor: Arc::clone(monitor),
                probe: Some(JudgedProbe::new(result, summary)),
                rows,
                change: step.change,
            });
        }
        self.relate_below(&monitor.key, at, &mut assessments);
        for settled in rulings.settled {
            self.settle(&result.location, settled, &mut assessments);
        }
        assessments
    }

    /// What is known by now about the network at the time of a probe that comes too late.
    fn ruling_on_the_past(
        &self,
        monitor: &Monitor,
        result: &ProbeResult,
        summary: &Summary,
    ) -> Ruling {
        let report = Report::of(monitor, result, summary);
        let guard = self.guards.get(&result.location);
        if guard.is_some_and(|guard| guard.explains(&report)) {
            Ruling::NetworkLost
        } else {
            Ruling::Credible
        }
    }

    /// The rows of a probe that changes nothing.
    fn written_again(
        &self,
        monitor: &Arc<Monitor>,
        result: &ProbeResult,
        summary: Summary,
        ruling: Ruling,
    ) -> Assessment {
        let summary = ruled(summary, ruling);
        Assessment {
            rows: self.probe_rows(monitor, result, &summary),
            monitor: Arc::clone(monitor),
            probe: Some(JudgedProbe::new(result, summary)),
            change: None,
        }
    }

    /// Takes over what the guard made of a probe that it had doubted. Its row was written as a
    /// failure; where it says nothing about the target, the row is written again as such.
    fn settle(&mut self, location: &Location, settled: Settled, assessments: &mut Vec<Assessment>) {
        let Settled { key, slot, ruling } = settled;
        let Some(doubted) = self.doubted.remove(&(key.clone(), location.clone(), slot)) else {
            return;
        };
        let Doubted { monitor, result } = doubted;
        let summary = Summary::of(&monitor, &result);
        let evidence = Evidence::of(&result, &summary).ruled(ruling);
        let at = evidence.decided_at;
        let above = self.above(&key);
        let Some(case) = self.cases.get_mut(&key) else {
            return;
        };
        let step = case.revise(evidence, &above);
        if ruling == Ruling::NetworkLost {
            let summary = ruled(summary, ruling);
            let mut row = rows::probe_row(&monitor, &result, &summary);
            row.version = REVISED;
            let mut rows = vec![(Destination::Main, row)];
            rows.extend(step.rows);
            assessments.push(Assessment {
                monitor,
                probe: Some(JudgedProbe::new(&result, summary)),
                rows,
                change: step.change,
            });
        } else {
            assessments.extend(without_probe(case, step));
        }
        self.relate_below(&key, at, assessments);
    }

    fn probe_rows(
        &self,
        monitor: &Monitor,
        result: &ProbeResult,
        summary: &Summary,
    ) -> Vec<(Destination, Record)> {
        let attempts = match self.attempt_rows {
            AttemptRows::Off => Vec::new(),
            AttemptRows::All => rows::attempt_rows(result),
            AttemptRows::Failures => rows::attempt_rows(&only_failures(result)),
        };
        let probe = rows::probe_row(monitor, result, summary);
        std::iter::once((Destination::Main, probe))
            .chain(attempts.into_iter().map(|row| (Destination::Attempts, row)))
            .collect()
    }

    /// The monitors above, the nearest first. One that is paused is not looked at, and explains
    /// nothing; what is above it may.
    fn above(&self, key: &MonitorKey) -> Vec<Ancestor> {
        let mut above = Vec::new();
        let mut at = self.cases.get(key).and_then(|case| parent(&case.monitor));
        for _ in 0..LONGEST_CHAIN {
            let Some(case) = at.as_ref().and_then(|key| self.cases.get(key)) else {
                break;
            };
            if case.monitor.enabled {
                above.push(case.as_ancestor());
            }
            at = parent(&case.monitor);
        }
        above
    }

    /// Looks again at every monitor below `key` that has an outage.
    fn relate_below(&mut self, key: &MonitorKey, at: Timestamp, assessments: &mut Vec<Assessment>) {
        let mut below = BTreeSet::new();
        let mut next = vec![key.clone()];
        while let Some(parent) = next.pop() {
            for child in self.children.get(&parent).into_iter().flatten() {
                if below.insert(child.clone()) {
                    next.push(child.clone());
                }
            }
        }
        below.remove(key);
        for key in below {
            self.relate(&key, at, assessments);
        }
    }

    fn relate(&mut self, key: &MonitorKey, at: Timestamp, assessments: &mut Vec<Assessment>) {
        let in_outage = |case: &Case| case.verdict().state.is_outage();
        if !self.cases.get(key).is_some_and(in_outage) {
            return;
        }
        let above = self.above(key);
        if let Some(case) = self.cases.get_mut(key) {
            let step = case.relate(&above, at);
            assessments.extend(without_probe(case, step));
        }
    }

    /// Makes a monitor known to the one above it.
    pub(super) fn link(&mut self, monitor: &Monitor) {
        if let Some(parent) = parent(monitor) {
            let below = self.children.entry(parent).or_default();
            below.insert(monitor.key.clone());
        }
    }

    fn unlink(&mut self, key: &MonitorKey) {
        let Some(parent) = self.cases.get(key).and_then(|case| parent(&case.monitor)) else {
            return;
        };
        if let Some(children) = self.children.get_mut(&parent) {
            children.remove(key);
            if children.is_empty() {
                self.children.remove(&parent);
            }
        }
    }
}

/// The version of a row that a later judgement changed.
const REVISED: i64 = 2;

fn ruled(summary: Summary, ruling: Ruling) -> Summary {
    match ruling {
        Ruling::NetworkLost => summary.without_network(),
        Ruling::Credible | Ruling::Doubted => summary,
    }
}

fn without_probe(case: &Case, step: Step) -> Option<Assessment> {
    (!step.is_nothing()).then(|| Assessment {
        monitor: Arc::clone(&case.monitor),
        probe: None,
        rows: step.rows,
        change: step.change,
    })
}

fn parent(monitor: &Monitor) -> Option<MonitorKey> {
    Some(MonitorKey {
        tenant: monitor.key.tenant.clone(),
        monitor_id: monitor.parent.clone()?,
    })
}

fn only_failures(result: &ProbeResult) -> ProbeResult {
    let mut result = result.clone();
    result.samples.retain(|attempt| !attempt.succeeded());
    result.retry = result.retry.filter(|attempt| !attempt.succeeded());
    result
}
