//! How one location sees a monitor.

use std::collections::VecDeque;

use super::Evidence;
use super::evidence::Ruling;
use super::flaps::Flaps;
use super::rules::Rules;
use super::state::{Count, next_state};
use super::verdict::{State, Verdict};
use crate::cause::Cause;
use crate::summary::Outcome;
use crate::time::Timestamp;

/// How one location sees a monitor.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The slot of its last report.
    pub slot: Timestamp,
    /// Whether its last probe failed.
    pub failing: bool,
    /// Whether its last probe was degraded.
    pub degraded: bool,
    /// Why its last probe was not ok.
    pub cause: Option<Cause>,
    /// Failures in a row; a failed retry is one of its own.
    pub failures: u32,
    /// Successes in a row.
    pub successes: u32,
    /// When the first of the failures in a row began.
    pub run_began: Option<Timestamp>,
    /// Where a share of failures is asked for, the last probes: the failed ones with the start of
    /// the attempt that decided them.
    pub recent: VecDeque<Option<Timestamp>>,
    /// How restless it is.
    pub flaps: Flaps,
    /// What it comes to, from this location alone.
    pub verdict: Verdict,
}

impl Standing {
    pub(super) fn new(slot: Timestamp) -> Self {
        Standing {
            slot,
            failing: false,
            degraded: false,
            cause: None,
            failures: 0,
            successes: 0,
            run_began: None,
            recent: VecDeque::new(),
            flaps: Flaps::restored(0, None),
            verdict: Verdict::unknown(),
        }
    }

    /// The verdict from this location alone.
    pub(super) fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// The verdict from this location alone, to mark what lies over it.
    pub(super) fn verdict_mut(&mut self) -> &mut Verdict {
        &mut self.verdict
    }

    /// Whether it failed often enough to count as failing.
    pub(super) fn is_confirmed(&self, rules: &Rules) -> bool {
        match rules.failures {
            None => self.failures >= rules.confirmations,
            Some(share) => self.recent.iter().flatten().count() >= share.count as usize,
        }
    }

    /// Whether it succeeded for long enough.
    pub(super) fn is_recovered(&self, rules: &Rules) -> bool {
        self.successes >= rules.recoveries && !self.is_confirmed(rules)
    }

    /// When the failures began that it counts as failing for.
    pub(super) fn failing_since(&self, rules: &Rules) -> Option<Timestamp> {
        match rules.failures {
            None => self.run_began,
            Some(_) => self
                .recent
                .iter()
                .flatten()
                .next()
                .copied()
                .or(self.run_began),
        }
    }

    /// Takes in evidence that says something about the target.
    pub(super) fn update(&mut self, rules: &Rules, evidence: &Evidence) {
        if evidence.slot.since(self.slot) > rules.freshness() {
            self.begin_anew();
        }
        self.slot = evidence.slot;
        self.cause.clone_from(&evidence.cause);
        self.degraded = evidence.outcome == Outcome::Degraded;
        self.failing = evidence.outcome == Outcome::Fail;
        let counts = evidence.ruling != Ruling::Doubted;
        self.remember(
            rules,
            (self.failing && counts).then_some(evidence.decided_at),
        );
        if self.failing {
            self.successes = 0;
            self.run_began.get_or_insert(evidence.decided_at);
            self.failures = match evidence.retry_failed {
                _ if !counts => self.failures,
                None => self.failures.saturating_add(1),
                Some(true) => self.failures.saturating_add(2),
                // The second look went well: nothing in a row. The failure itself stands.
                Some(false) => 0,
            };
        } else {
            self.failures = 0;
            self.run_began = None;
            self.successes = self.successes.saturating_add(1);
        }
        self.judge(rules, evidence);
    }

    /// After an absence nothing is in a row any more.
    fn begin_anew(&mut self) {
        self.failures = 0;
        self.successes = 0;
        self.run_began = None;
        self.recent.clear();
    }

    fn remember(&mut self, rules: &Rules, failed: Option<Timestamp>) {
        let Some(share) = rules.failures else {
            self.recent.clear();
            return;
        };
        self.recent.push_back(failed);
        while self.recent.len() > share.of as usize {
            self.recent.pop_front();
        }
    }

    /// The verdict of a quorum of one.
    fn judge(&mut self, rules: &Rules, evidence: &Evidence) {
        let confirmed = self.is_confirmed(rules);
        let count = Count {
            reported: 1,
            expected: 1,
            failing: usize::from(self.failing),
            unconfirmed: usize::from(self.failing && !confirmed),
            confirmed: usize::from(confirmed),
            recovered: usize::from(self.is_recovered(rules)),
        };
        self.flaps
            .evaluate(rules.round_of(evidence.slot), self.failing);
        let state = next_state(self.verdict.state, &count, 1, 1);
        let since = self.failing_since(rules);
        self.verdict.enter(state, evidence.decided_at, since);
        self.verdict.failing = if self.failing {
            vec![evidence.location.clone()]
        } else {
            Vec::new()
        };
        self.verdict.degraded = self.degraded && !state.is_outage();
        if self.cause.is_some() || state != State::Recovering {
            self.verdict.cause.clone_from(&self.cause);
        }
        self.verdict.rate(&self.flaps);
        self.verdict.network_lost = false;
    }
}
