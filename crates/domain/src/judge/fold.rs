//! One step of the judgement: evidence in, state out.

use std::collections::BTreeMap;

use super::Evidence;
use super::verdict::{Rules, State, Verdict};
use crate::cause::Cause;
use crate::name::Location;
use crate::summary::Outcome;
use crate::time::Timestamp;

/// How many evaluations the flap score looks back.
const FLAP_WINDOW: u32 = 20;
/// The flap score above which a monitor is flapping.
const FLAP_ENTER: f64 = 0.5;
/// The flap score below which it no longer is.
const FLAP_LEAVE: f64 = 0.25;

/// Everything that the next piece of evidence is judged against.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Folded {
    verdict: Verdict,
    locations: BTreeMap<Location, Standing>,
    newest: Option<Timestamp>,
    /// One bit per evaluation, the newest lowest: whether it failed otherwise than the one before.
    changes: u32,
    last_failing: Option<bool>,
}

/// How a location sees the monitor.
#[derive(Clone, Debug, PartialEq)]
struct Standing {
    slot: Timestamp,
    failing: bool,
    degraded: bool,
    failures: u32,
    successes: u32,
    failing_since: Option<Timestamp>,
    cause: Option<Cause>,
}

/// The locations that reported lately, counted.
struct Tally {
    reported: usize,
    failing: usize,
    confirmed: usize,
    recovered: usize,
    failing_since: Option<Timestamp>,
}

impl Folded {
    pub(super) fn unknown() -> Self {
        Folded::restored(Verdict {
            state: State::Unknown,
            since: Timestamp::EPOCH,
            decided_at: Timestamp::EPOCH,
            epoch: 0,
            cause: None,
            failing: Vec::new(),
            degraded: false,
            flapping: false,
            flap_score: 0.0,
        })
    }

    /// A known verdict without the counters behind it: they begin anew, so that an outage ends
    /// only after the full number of successes.
    pub(super) fn restored(verdict: Verdict) -> Self {
        Folded {
            verdict,
            locations: BTreeMap::new(),
            newest: None,
            changes: 0,
            last_failing: None,
        }
    }

    pub(super) fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Whether evidence of `slot` would have to be applied before something already folded in.
    pub(super) fn covers(&self, slot: Timestamp) -> bool {
        self.newest.is_some_and(|newest| slot <= newest)
    }

    pub(super) fn apply(&mut self, rules: &Rules, evidence: &Evidence) {
        self.newest = Some(
            self.newest
                .map_or(evidence.slot, |newest| newest.max(evidence.slot)),
        );
        if evidence.outcome.is_up().is_none() {
            // Neither `unknown` nor `missed` says anything about the target.
            return;
        }
        self.locations
            .entry(evidence.location.clone())
            .or_insert_with(|| Standing::new(evidence.slot))
            .update(evidence);
        let edge = evidence.slot.minus(rules.freshness());
        self.locations.retain(|_, standing| standing.slot >= edge);
        let tally = self.tally(rules);
        let quorum = rules.quorum_of(tally.reported);
        self.score_flapping(tally.failing >= quorum);
        let state = next_state(self.verdict.state, &tally, quorum);
        self.enter(state, evidence, &tally);
        self.verdict.failing = self.failing_locations();
        self.verdict.cause = self.current_cause();
        self.verdict.degraded = !state.is_outage()
            && (tally.confirmed > 0 || self.locations.values().any(|location| location.degraded));
    }

    fn tally(&self, rules: &Rules) -> Tally {
        let mut tally = Tally {
            reported: self.locations.len(),
            failing: 0,
            confirmed: 0,
            recovered: 0,
            failing_since: None,
        };
        for standing in self.locations.values() {
            if standing.failing {
                tally.failing += 1;
                tally.failing_since = match (tally.failing_since, standing.failing_since) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                if standing.failures >= rules.confirmations {
                    tally.confirmed += 1;
                }
            } else if standing.successes >= rules.recoveries {
                tally.recovered += 1;
            }
        }
        tally
    }

    fn enter(&mut self, state: State, evidence: &Evidence, tally: &Tally) {
        let before = self.verdict.state;
        if before == state {
            return;
        }
        self.verdict.state = state;
        self.verdict.decided_at = evidence.decided_at;
        self.verdict.since = match (before, state) {
            // One outage keeps its beginning until it is over.
            (State::Down, State::Recovering) | (State::Recovering, State::Down) => {
                self.verdict.since
            }
            (_, State::Down) => tally.failing_since.unwrap_or(evidence.decided_at),
            _ => evidence.decided_at,
        };
        if state == State::Down && !before.is_outage() {
            self.verdict.epoch += 1;
        }
    }

    fn failing_locations(&self) -> Vec<Location> {
        self.locations
            .iter()
            .filter(|(_, standing)| standing.failing)
            .map(|(location, _)| location.clone())
            .collect()
    }

    /// The cause of the location that fails longest, else of one that is degraded. During the
    /// recovery the outage's own cause stays.
    fn current_cause(&self) -> Option<Cause> {
        let failing = self
            .locations
            .values()
            .filter(|standing| standing.failing)
            .min_by_key(|standing| standing.failing_since)
            .and_then(|standing| standing.cause.clone());
        let degraded = || {
            self.locations
                .values()
                .find(|standing| standing.degraded)
                .and_then(|standing| standing.cause.clone())
        };
        match self.verdict.state {
            State::Recovering => failing.or_else(|| self.verdict.cause.clone()),
            _ => failing.or_else(degraded),
        }
    }

    fn score_flapping(&mut self, failing: bool) {
        let changed = self.last_failing.is_some_and(|last| last != failing);
        self.last_failing = Some(failing);
        self.changes = (self.changes << 1) | u32::from(changed);
        // The newest evaluation weighs most, the oldest of the window least.
        let (mut score, mut whole) = (0, 0);
        for age in 0..FLAP_WINDOW {
            let weight = FLAP_WINDOW - age;
            whole += weight;
            if self.changes & (1 << age) != 0 {
                score += weight;
            }
        }
        self.verdict.flap_score = f64::from(score) / f64::from(whole);
        let limit = if self.verdict.flapping {
            FLAP_LEAVE
        } else {
            FLAP_ENTER
        };
        self.verdict.flapping = self.verdict.flap_score > limit;
    }
}

impl Standing {
    fn new(slot: Timestamp) -> Self {
        Standing {
            slot,
            failing: false,
            degraded: false,
            failures: 0,
            successes: 0,
            failing_since: None,
            cause: None,
        }
    }

    fn update(&mut self, evidence: &Evidence) {
        self.slot = evidence.slot;
        self.cause.clone_from(&evidence.cause);
        self.degraded = evidence.outcome == Outcome::Degraded;
        self.failing = evidence.outcome == Outcome::Fail;
        if self.failing {
            self.successes = 0;
            self.failing_since.get_or_insert(evidence.decided_at);
            self.failures = match evidence.retry_failed {
                None => self.failures + 1,
                Some(true) => self.failures + 2,
                // The second look went well: nothing in a row. The failure itself stands.
                Some(false) => 0,
            };
        } else {
            self.failures = 0;
            self.failing_since = None;
            self.successes += 1;
        }
    }
}

fn next_state(state: State, tally: &Tally, quorum: usize) -> State {
    let not_recovered = tally.reported - tally.recovered;
    match state {
        State::Unknown | State::Up | State::Suspect => {
            if tally.confirmed >= quorum {
                State::Down
            } else if tally.failing > tally.confirmed {
                State::Suspect
            } else {
                // Fewer locations than the quorum see it failing: shown as degraded, not paged.
                State::Up
            }
        }
        State::Down | State::Recovering => {
            if tally.failing >= quorum {
                State::Down
            } else if not_recovered < quorum {
                State::Up
            } else {
                State::Recovering
            }
        }
    }
}
