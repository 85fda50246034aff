//! A ledger with monitors whose answers are played, for tests of whole stories.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Assessment, AttemptRows, Ledger};
use crate::cause::{Cause, ErrorClass};
use crate::judge::{State, Verdict};
use crate::monitor::{Check, Monitor};
use crate::name::{Location, MonitorId, MonitorKey};
use crate::probe::{Attempt, ProbeResult};
use crate::record::{Record, Value};
use crate::schema::{dimension, measure, measure_name};
use crate::summary::tests::{attempt, failed, monitor, result};
use crate::time::Timestamp;

/// What a target does when it is probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It answers within 100 ms.
    Ok,
    /// It fails, after five seconds where it does not answer; so does the retry, if there is one.
    Fails(ErrorClass),
    /// It fails once, and answers the retry.
    FailsOnce(ErrorClass),
}

/// A ledger, monitors and everything that became of them.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) ledger: Ledger,
    monitors: BTreeMap<String, Arc<Monitor>>,
    pub(crate) assessments: Vec<Assessment>,
}

/// A slot, in seconds of the story.
pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_secs(1_000_020).plus(Duration::from_secs(second))
}

impl Stage {
    pub(crate) fn new() -> Self {
        Stage {
            ledger: Ledger::new(AttemptRows::Off),
            monitors: BTreeMap::new(),
            assessments: Vec::new(),
        }
    }

    /// A stage with monitors `a`, `b`, ... at unrelated targets.
    pub(crate) fn with(count: u8) -> Self {
        let mut stage = Stage::new();
        for number in 0..count {
            stage.define(&char::from(b'a' + number).to_string(), |_| {});
        }
        stage
    }

    /// Defines a monitor of 60 s at `www.ID.example`, or defines it anew.
    pub(crate) fn define(&mut self, id: &str, change: impl FnOnce(&mut Monitor)) {
        let mut monitor = monitor();
        monitor.key = key(id);
        point_to(&mut monitor, &format!("www.{id}.example"));
        change(&mut monitor);
        let monitor = Arc::new(monitor);
        let assessments = self.ledger.track(&monitor, None, at(0));
        self.assessments.extend(assessments);
        self.monitors.insert(id.to_owned(), monitor);
    }

    /// The same monitors in another process, from the last rows of this one.
    pub(crate) fn restarted(&self) -> Self {
        let mut next = Stage::new();
        next.monitors.clone_from(&self.monitors);
        for (id, monitor) in &self.monitors {
            let last = self.state_rows(id).last().map(|row| {
                crate::rows::verdict_of_row(row.time, |name| row.measure(name).cloned()).unwrap()
            });
            next.ledger.track(monitor, last, at(0));
        }
        next
    }

    /// Probes one monitor; returns what became of it and of others.
    pub(crate) fn probe(&mut self, id: &str, second: u64, answer: Answer) -> Vec<Assessment> {
        let result = played(&self.monitors[id], second, answer);
        self.take(id, &result)
    }

    /// Probes every monitor once a minute, evenly spread, and hands the results in as they end.
    pub(crate) fn run(
        &mut self,
        seconds: std::ops::Range<u64>,
        answer: impl Fn(&str, u64) -> Answer,
    ) {
        let count = u64::try_from(self.monitors.len()).unwrap();
        let mut results = Vec::new();
        for (id, number) in self.monitors.keys().zip(0_u64..) {
            let phase = number * 60 / count;
            for second in seconds.clone().filter(|second| second % 60 == phase) {
                let result = played(&self.monitors[id], second, answer(id, second));
                results.push((ended(&result), id.clone(), result));
            }
        }
        results.sort_by_key(|(ended, id, _)| (*ended, id.clone()));
        for (_, id, result) in results {
            self.take(&id, &result);
        }
    }

    pub(crate) fn take(&mut self, id: &str, result: &ProbeResult) -> Vec<Assessment> {
        let monitor = Arc::clone(&self.monitors[id]);
        let assessments = self.ledger.take(&monitor, result);
        self.assessments.extend(assessments.clone());
        assessments
    }

    pub(crate) fn verdict(&self, id: &str) -> &Verdict {
        self.ledger.verdict(&key(id)).unwrap()
    }

    pub(crate) fn state(&self, id: &str) -> State {
        self.verdict(id).state
    }

    pub(crate) fn suppressed_by(&self, id: &str) -> Option<&str> {
        self.verdict(id)
            .suppressed_by
            .as_ref()
            .map(MonitorId::as_str)
    }

    /// Every state row of a monitor over all locations, in the order of writing.
    pub(crate) fn state_rows(&self, id: &str) -> Vec<Record> {
        self.rows(id, measure_name::STATE)
            .into_iter()
            .filter(|row| {
                row.dimensions
                    .contains(&(dimension::LOCATION, Location::all().to_string()))
            })
            .collect()
    }

    /// What the store holds of a monitor's probes: of each slot the row with the highest version.
    pub(crate) fn outcomes(&self, id: &str) -> Vec<String> {
        let mut newest: BTreeMap<Timestamp, Record> = BTreeMap::new();
        for row in self.rows(id, measure_name::PROBE) {
            let held = newest.get(&row.time);
            if held.is_none_or(|held| held.version < row.version) {
                newest.insert(row.time, row);
            }
        }
        newest
            .values()
            .map(|row| text(row, measure::OUTCOME))
            .collect()
    }

    /// How often somebody would have been called for a monitor: outages that a rule over the
    /// newest state row would see, one after another.
    pub(crate) fn calls(&self, id: &str) -> usize {
        let calls = |row: &Record| {
            let overlays = text(row, measure::OVERLAYS);
            let quiet = ["suppressed", "maintenance", "paused"];
            let outage = State::from_name(&text(row, measure::STATE))
                .unwrap()
                .is_outage();
            outage
                && !quiet
                    .iter()
                    .any(|name| overlays.split(',').any(|found| found == *name))
        };
        let mut calling = false;
        let mut count = 0;
        for row in self.state_rows(id) {
            let now = calls(&row);
            count += usize::from(now && !calling);
            calling = now;
        }
        count
    }

    fn rows(&self, id: &str, name: &str) -> Vec<Record> {
        self.assessments
            .iter()
            .flat_map(|assessment| &assessment.rows)
            .map(|(_, row)| row)
            .filter(|row| {
                row.measure_name == name
                    && row
                        .dimensions
                        .contains(&(dimension::MONITOR_ID, id.to_owned()))
            })
            .cloned()
            .collect()
    }
}

/// Lets a monitor watch another host.
#[allow(irrefutable_let_patterns, reason = "HTTP need not be the only kind")]
pub(crate) fn point_to(monitor: &mut Monitor, host: &str) {
    let Check::Http(check) = &mut monitor.check else {
        panic!("the monitor of these tests speaks HTTP");
    };
    check.url.set_host(Some(host)).unwrap();
}

pub(crate) fn key(id: &str) -> MonitorKey {
    MonitorKey {
        monitor_id: MonitorId::try_new(id).unwrap(),
        ..monitor().key
    }
}

pub(crate) fn text(row: &Record, name: &str) -> String {
    match row.measure(name) {
        Some(Value::Varchar(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

pub(crate) fn played(monitor: &Monitor, second: u64, answer: Answer) -> ProbeResult {
    let began = at(second).plus(Duration::from_millis(2));
    let one = |class: Option<ErrorClass>, after: Duration| Attempt {
        started_at: began.plus(after),
        remote_addr: None,
        ..match class {
            None => attempt(1, 100),
            Some(class) if is_quick(class) => failed(1, 100, class),
            Some(class) => failed(1, 5_000, class),
        }
    };
    let (class, retry) = match answer {
        Answer::Ok => (None, None),
        Answer::Fails(class) => (Some(class), Some(class)),
        Answer::FailsOnce(class) => (Some(class), None),
    };
    let is_retried = class.is_some_and(|class| Cause::new(class, "").is_worth_a_retry());
    ProbeResult {
        key: monitor.key.clone(),
        slot: at(second),
        started_at: began,
        retry: is_retried.then(|| one(retry, Duration::from_secs(10))),
        ..result(vec![one(class, Duration::ZERO)])
    }
}

/// Whether a failure is known at once.
fn is_quick(class: ErrorClass) -> bool {
    !matches!(class, ErrorClass::ConnectTimeout | ErrorClass::DnsTimeout)
}

fn ended(result: &ProbeResult) -> Timestamp {
    let last = result.retry.as_ref().unwrap_or(&result.samples[0]);
    last.started_at.plus(last.phases.total)
}
