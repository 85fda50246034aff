//! What the results of a bucket come to: a pure step from the state before to the state after, and
//! to the rows and alerts that follow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tidewatch_aws::message::Row;
use tidewatch_aws::state_table::{BucketState, Outbox};
use tidewatch_domain::assess::{Assessment, AttemptRows, Ledger, LedgerSnapshot};
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::{Overlays, STATE_EVERY};
use tidewatch_domain::schema::measure_name;
use tidewatch_domain::{Monitor, MonitorKey, ProbeResult, Record, Timestamp};
use tidewatch_notify::envelope::Source;
use tidewatch_notify::state_change;

/// How long a monitor is remembered that sends nothing any more, besides a few of its intervals.
/// Longer than any interruption that its number of outages should survive.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Intervals without results after which a monitor is silent.
const SILENT_AFTER: u32 = 3;

/// A result with the definition by which it was probed.
#[derive(Clone, Debug)]
pub(crate) struct Probed {
    /// The definition.
    pub(crate) monitor: Arc<Monitor>,
    /// What was found.
    pub(crate) result: ProbeResult,
}

/// What there is to judge in one bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work {
    /// Results, in any order.
    pub(crate) results: Vec<Probed>,
    /// Monitors that are gone, and since when.
    pub(crate) gone: Vec<(MonitorKey, Timestamp)>,
}

/// How it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Which attempts leave rows.
    pub(crate) attempt_rows: AttemptRows,
    /// Whether state changes are told as alerts.
    pub(crate) alerts: bool,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Judged {
    /// The state after it, with what was decided.
    pub(crate) state: BucketState,
    /// Whether that is another state than before. Where it is not, there is nothing to commit.
    pub(crate) changed: bool,
    /// Rows that can be made again from the same results.
    pub(crate) rows: Vec<Row>,
}

/// Judges `work`, in the order in which the probes ended. Monitors that the state does not know go
/// on from the verdict in `earlier`, where there is one.
///
/// What can be made again by judging the same results once more, such as the row of a probe, is
/// in `rows`. What is said only once, when it is decided, is in the outbox of the state.
pub(crate) fn judge(
    before: LedgerSnapshot,
    work: &Work,
    earlier: &HashMap<MonitorKey, Option<Verdict>>,
    options: Options,
    now: Timestamp,
) -> Judged {
    let ledger = Ledger::of_snapshot(options.attempt_rows, before.clone());
    let mut bench = Bench {
        overlays: before
            .cases
            .iter()
            .filter_map(|case| Some((case.monitor.key.clone(), case.written?)))
            .collect(),
        ledger,
        alerts: options.alerts,
        outbox: Outbox::default(),
        rows: Vec::new(),
    };
    let mut results: Vec<&Probed> = work.results.iter().collect();
    results.sort_by_key(|probed| (ended(&probed.result), probed.result.slot));
    for probed in &results {
        // All of them first: a guard has to know how many there are, and a child its parent.
        if bench.ledger.verdict(&probed.monitor.key).is_none() {
            let last = earlier.get(&probed.monitor.key).cloned().flatten();
            let told = bench.ledger.track(&probed.monitor, last, now);
            bench.take(told);
        }
    }
    for probed in results {
        bench.redefine(probed);
        let told = bench.ledger.take(&probed.monitor, &probed.result);
        bench.take(told);
    }
    for (key, since) in &work.gone {
        if bench.ledger.newest_slot(key) > Some(*since) {
            // It was defined again meanwhile.
            continue;
        }
        let told = bench.ledger.forget(key, *since);
        bench.take(told);
    }
    bench.forget_silent(now);
    bench.repeat_states(now);
    let state = BucketState {
        ledger: bench.ledger.snapshot(),
        outbox: bench.outbox,
    };
    Judged {
        changed: state.ledger != before,
        state,
        rows: bench.rows,
    }
}

/// Where one bucket is judged.
struct Bench {
    ledger: Ledger,
    /// The overlays of each monitor as they were told last.
    overlays: HashMap<MonitorKey, Overlays>,
    alerts: bool,
    outbox: Outbox,
    rows: Vec<Row>,
}

impl Bench {
    /// Takes over the definition of a result that is newer than all before. A message that was
    /// under way for long may hold an old one.
    fn redefine(&mut self, Probed { monitor, result }: &Probed) {
        let key = &monitor.key;
        let newest = self.ledger.newest_slot(key);
        let is_newer = newest.is_none_or(|newest| result.slot > newest);
        if is_newer
            && self
                .ledger
                .monitor(key)
                .is_some_and(|known| known != monitor)
        {
            let told = self.ledger.track(monitor, None, result.started_at);
            self.take(told);
        }
    }

    fn take(&mut self, assessments: Vec<Assessment>) {
        for assessment in assessments {
            let at = assessment.rows.iter().find_map(|(_, row)| state_time(row));
            if let Some(at) = at {
                self.tell(&assessment, at);
            }
            for (destination, record) in assessment.rows {
                let is_decision = record.measure_name == measure_name::STATE || record.version > 1;
                let row = Row {
                    destination,
                    tenant: assessment.monitor.key.tenant.clone(),
                    record,
                };
                if is_decision {
                    self.outbox.rows.push(row);
                } else {
                    self.rows.push(row);
                }
            }
        }
    }

    /// Tells people, where the writer does that, of what a state row says.
    fn tell(&mut self, assessment: &Assessment, at: Timestamp) {
        let monitor = &assessment.monitor;
        let Some(after) = self.ledger.verdict(&monitor.key) else {
            return;
        };
        let overlays = Overlays::of(monitor, at);
        let overlays_before = self
            .overlays
            .insert(monitor.key.clone(), overlays)
            .unwrap_or(overlays);
        if !self.alerts {
            return;
        }
        let (before, after) = match &assessment.change {
            Some((before, after)) => (before, after),
            None => (after, after),
        };
        let envelope = state_change::envelope_of_change(
            Source::Writer,
            monitor,
            (before, overlays_before),
            (after, overlays),
            at,
        );
        let alerts = envelope.map(|envelope| envelope.to_json());
        self.outbox.alerts.extend(alerts);
    }

    fn forget_silent(&mut self, now: Timestamp) {
        let gone: Vec<MonitorKey> = self
            .ledger
            .monitors()
            .filter(|monitor| {
                let patience = REMEMBERED + monitor.interval * SILENT_AFTER;
                let newest = self.ledger.newest_slot(&monitor.key);
                newest.is_some_and(|newest| now.since(newest) > patience)
            })
            .map(|monitor| monitor.key.clone())
            .collect();
        for key in gone {
            let told = self.ledger.forget(&key, now);
            self.take(told);
        }
    }

    /// Says the states again that were not said for a while. Not of monitors that are silent: what
    /// is known of them gets no truer by being repeated.
    fn repeat_states(&mut self, now: Timestamp) {
        let mut due: Vec<MonitorKey> = self
            .ledger
            .monitors()
            .filter(|monitor| {
                let key = &monitor.key;
                let told = self.ledger.last_state_row(key);
                let heard = self.ledger.newest_slot(key);
                let patience = STATE_EVERY + monitor.interval * SILENT_AFTER;
                told.is_some_and(|told| now.since(told) >= STATE_EVERY)
                    && heard.is_some_and(|heard| now.since(heard) < patience)
            })
            .map(|monitor| monitor.key.clone())
            .collect();
        due.sort();
        for key in due {
            let rows = self.ledger.state_rows(&key, now);
            self.outbox.rows.extend(rows.into_iter().map(|record| Row {
                destination: Destination::Main,
                tenant: key.tenant.clone(),
                record,
            }));
        }
    }
}

/// When the last attempt of a probe ended.
fn ended(result: &ProbeResult) -> Timestamp {
    let attempts = result.samples.iter().chain(&result.retry);
    attempts
        .map(|attempt| attempt.started_at.plus(attempt.phases.total))
        .max()
        .unwrap_or(result.started_at)
}

fn state_time(row: &Record) -> Option<Timestamp> {
    (row.measure_name == measure_name::STATE).then_some(row.time)
}

#[cfg(test)]
mod tests;
