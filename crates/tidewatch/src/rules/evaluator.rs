//! Evaluates the groups of rules, each at its interval, one rule at a time.
//!
//! Rules never run side by side: what they ask of the store must not be in the way of probes. An
//! instant that passes while others are evaluated is left out and counted, never made up for, as a
//! Grafana does.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_alerting::evaluate::{Defaults, Given, evaluate};
use tidewatch_alerting::rule::Group;
use tidewatch_alerting::schedule;
use tidewatch_alerting::source::Source;
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Pulse};

/// The longest time without a look at the clock.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// After a sleep of the machine longer than this, what is in the store is not the present.
const GAP: Duration = Duration::from_secs(60);
/// So long after a gap every monitor has been probed and every state has been written anew: states
/// are written every five minutes.
const SETTLED_AFTER: Duration = Duration::from_secs(5 * 60 + 30);

/// Evaluates rules.
pub(crate) struct Evaluator {
    /// Has the rules, and remembers what comes of them.
    pub(crate) desk: Arc<Desk>,
    /// Answers their queries.
    pub(crate) source: Arc<dyn Source>,
    /// Where the rows are.
    pub(crate) defaults: Defaults,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Evaluator {
    /// Evaluates until `stop`. To be called when there is something to judge by.
    pub(crate) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep_up() => {}
        }
    }

    async fn keep_up(&self) {
        let groups = self.desk.groups();
        let mut agenda = Agenda::new(groups, self.clock.now());
        let mut seen = Seen::new(self.clock.now());
        while let Some((index, at)) = agenda.next() {
            if let Some(anew) = self.sleep_until(at, &mut seen).await {
                agenda = Agenda::new(groups, anew);
                continue;
            }
            let (at, skipped) = agenda.take(index, self.clock.now());
            if skipped > 0 {
                tracing::warn!(
                    group = %groups[index].name,
                    skipped,
                    "evaluations of rules took too long, and others were left out"
                );
            }
            self.group(index, at, skipped).await;
        }
        // Without rules there is nothing to do until the end.
        std::future::pending().await
    }

    /// Waits for `at`. Where the clock did not just go on since it was `seen` last, returns from
    /// when on the instants are to be counted anew.
    async fn sleep_until(&self, at: Timestamp, seen: &mut Seen) -> Option<Timestamp> {
        loop {
            let before = self.clock.now();
            if let Some(gap) = seen.gap(before) {
                return Some(settled_after(gap, before));
            }
            let wait = at.since(before);
            if wait.is_zero() {
                return None;
            }
            tokio::time::sleep(wait.min(LONGEST_SLEEP)).await;
            let now = self.clock.now();
            if now < before {
                *seen = Seen::new(now);
                return Some(now);
            }
            let passed = now.since(before);
            if passed > GAP {
                *seen = Seen::new(now);
                return Some(settled_after(passed, now));
            }
        }
    }

    /// Evaluates the rules of a group as of `at`.
    async fn group(&self, index: usize, at: Timestamp, skipped: u64) {
        let group = &self.desk.groups()[index];
        let begun = Instant::now();
        for rule in group.rules.iter().filter(|rule| !rule.paused) {
            let active = self.desk.active(&rule.uid);
            let given = Given {
                source: self.source.as_ref(),
                defaults: &self.defaults,
                active: &active,
                now: self.clock.now(),
            };
            let evaluated = evaluate(rule, at, &given).await;
            self.desk.judge(group, rule, &evaluated.evaluation);
        }
        let pulse = Pulse {
            evaluated_at: Some(at),
            took: begun.elapsed(),
            skipped,
        };
        self.desk.evaluated(index, pulse).await;
    }
}

/// Says that nothing ran for `gap` until `now`; from when on there is something to judge by.
fn settled_after(gap: Duration, now: Timestamp) -> Timestamp {
    let settled = now.plus(SETTLED_AFTER);
    tracing::info!(
        "nothing ran for {} s: rules are evaluated again from {settled} on, when there is \
         something to judge by",
        gap.as_secs()
    );
    settled
}

/// What both clocks said last. The machine may sleep while rules are evaluated: then the wall clock
/// goes on, and the monotonic one does not.
#[derive(Debug)]
struct Seen {
    wall: Timestamp,
    monotonic: Instant,
}

impl Seen {
    fn new(wall: Timestamp) -> Self {
        Seen {
            wall,
            monotonic: Instant::now(),
        }
    }

    /// How long the machine slept until `now`, if it was long; what is seen now counts from here.
    fn gap(&mut self, now: Timestamp) -> Option<Duration> {
        let before = std::mem::replace(self, Seen::new(now));
        let ran = self.monotonic.duration_since(before.monotonic);
        let slept = now.since(before.wall).saturating_sub(ran);
        (slept > GAP).then_some(slept)
    }
}

/// When which group is evaluated next.
#[derive(Debug)]
struct Agenda<'a> {
    groups: &'a [Group],
    due: Vec<Timestamp>,
}

impl<'a> Agenda<'a> {
    /// The instants after `now`.
    fn new(groups: &'a [Group], now: Timestamp) -> Self {
        Agenda {
            groups,
            due: groups
                .iter()
                .map(|group| schedule::next(group, now))
                .collect(),
        }
    }

    /// The group whose turn it is next, and when.
    fn next(&self) -> Option<(usize, Timestamp)> {
        let due = self.due.iter().copied().enumerate();
        due.min_by_key(|(index, at)| (*at, *index))
    }

    /// Takes the newest instant of a group that is not after `now`, and says how many before it
    /// are left out.
    fn take(&mut self, index: usize, now: Timestamp) -> (Timestamp, u64) {
        let group = &self.groups[index];
        let mut at = self.due[index];
        let mut skipped = 0;
        let mut next = schedule::next(group, at);
        while next <= now {
            at = next;
            skipped += 1;
            next = schedule::next(group, at);
        }
        self.due[index] = next;
        (at, skipped)
    }
}

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Evaluator")
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
