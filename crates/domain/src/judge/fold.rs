//! The judgement over all locations: evidence in, verdict out, one piece at a time.

use std::collections::BTreeMap;

use super::Evidence;
use super::evidence::Ruling;
use super::flaps::Flaps;
use super::rules::Rules;
use super::standing::Standing;
use super::state::{Count, next_state};
use super::verdict::{State, Verdict};
use crate::cause::Cause;
use crate::name::Location;
use crate::time::Timestamp;

/// Everything that the next piece of evidence is judged against.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    /// What it comes to over all locations.
    pub verdict: Verdict,
    /// How each location sees the monitor.
    pub locations: BTreeMap<Location, Standing>,
    /// Locations whose last evidence came while they had lost their network, with its slot.
    pub lost: BTreeMap<Location, Timestamp>,
    /// The slot of the first report ever.
    pub first: Option<Timestamp>,
    /// The newest slot.
    pub newest: Option<Timestamp>,
    /// How restless the monitor is.
    pub flaps: Flaps,
    /// When the newest attempt began that said something about the target.
    pub heard: Option<Timestamp>,
    /// When the newest attempt began that failed.
    pub failed: Option<Timestamp>,
}

impl Folded {
    /// A known verdict without the counters behind it: they begin anew, so that an outage ends
    /// only after the full number of successes.
    pub(super) fn restored(verdict: Verdict) -> Self {
        let failing = match verdict.state {
            State::Down => Some(true),
            State::Up => Some(false),
            State::Unknown | State::Suspect | State::Recovering => None,
        };
        Folded {
            flaps: Flaps::restored(verdict.flap_history, failing),
            verdict,
            locations: BTreeMap::new(),
            lost: BTreeMap::new(),
            first: None,
            newest: None,
            heard: None,
            failed: None,
        }
    }

    pub(super) fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    pub(super) fn verdict_from(&self, location: &Location) -> Option<&Verdict> {
        self.locations.get(location).map(Standing::verdict)
    }

    pub(super) fn locations(&self) -> impl Iterator<Item = (&Location, &Verdict)> {
        self.locations
            .iter()
            .map(|(location, standing)| (location, standing.verdict()))
    }

    pub(super) fn heard(&self) -> Option<Timestamp> {
        self.heard
    }

    pub(super) fn failed(&self) -> Option<Timestamp> {
        self.failed
    }

    /// Whether evidence of `slot` would have to be applied before something already folded in.
    pub(super) fn covers(&self, slot: Timestamp) -> bool {
        self.newest.is_some_and(|newest| slot <= newest)
    }

    pub(super) fn apply(&mut self, rules: &Rules, evidence: &Evidence) {
        self.newest = self.newest.max(Some(evidence.slot));
        if evidence.ruling == Ruling::NetworkLost {
            self.lost.insert(evidence.location.clone(), evidence.slot);
            self.mark_network(rules, evidence.slot);
            return;
        }
        let Some(is_up) = evidence.outcome.is_up() else {
            // Neither `unknown` nor `missed` says anything about the target.
            return;
        };
        self.heard = self.heard.max(Some(evidence.decided_at));
        if !is_up {
            self.failed = self.failed.max(Some(evidence.decided_at));
        }
        let first = *self.first.get_or_insert(evidence.slot);
        self.lost.remove(&evidence.location);
        self.locations
            .entry(evidence.location.clone())
            .or_insert_with(|| Standing::new(evidence.slot))
            .update(rules, evidence);

        let mut count = self.count(rules, evidence.slot);
        count.expected = rules.locations_at(first, evidence.slot, count.reported);
        let present = rules.quorum_of(count.reported);
        let quorum = rules.quorum_of(count.expected);
        let round = rules.round_of(evidence.slot);
        self.flaps.evaluate(round, count.failing >= present);
        let state = next_state(self.verdict.state, &count, quorum, present);
        let since = self.failing_since(rules, evidence.slot, quorum);
        self.verdict.enter(state, evidence.decided_at, since);
        self.verdict.rate(&self.flaps);
        self.describe(rules, evidence.slot, count.confirmed > 0);
        self.mark_network(rules, evidence.slot);
    }

    /// The locations that reported lately, at the time of `slot`.
    fn present(
        &self,
        rules: &Rules,
        slot: Timestamp,
    ) -> impl Iterator<Item = (&Location, &Standing)> {
        let edge = slot.minus(rules.freshness());
        self.locations
            .iter()
            .filter(move |(_, standing)| standing.slot >= edge)
    }

    fn count(&self, rules: &Rules, slot: Timestamp) -> Count {
        let mut count = Count {
            reported: 0,
            expected: 0,
            failing: 0,
            unconfirmed: 0,
            confirmed: 0,
            recovered: 0,
        };
        for (_, standing) in self.present(rules, slot) {
            let confirmed = standing.is_confirmed(rules);
            count.reported += 1;
            count.failing += usize::from(standing.failing);
            count.unconfirmed += usize::from(standing.failing && !confirmed);
            count.confirmed += usize::from(confirmed);
            count.recovered += usize::from(standing.is_recovered(rules));
        }
        count
    }

    /// When the quorum of failing locations was complete: an outage is not older than that, even
    /// where one location has failed for days.
    fn failing_since(&self, rules: &Rules, slot: Timestamp, quorum: usize) -> Option<Timestamp> {
        let mut since: Vec<Timestamp> = self
            .present(rules, slot)
            .filter(|(_, standing)| standing.is_confirmed(rules))
            .filter_map(|(_, standing)| standing.failing_since(rules))
            .collect();
        since.sort_unstable();
        since.get(quorum.saturating_sub(1)).copied()
    }

    fn describe(&mut self, rules: &Rules, slot: Timestamp, any_confirmed: bool) {
        let failing = self
            .present(rules, slot)
            .filter(|(_, standing)| standing.failing)
            .map(|(location, _)| location.clone())
            .collect();
        let any_degraded = self
            .present(rules, slot)
            .any(|(_, standing)| standing.degraded);
        self.verdict.cause = self.current_cause(rules, slot);
        self.verdict.failing = failing;
        self.verdict.degraded = !self.verdict.state.is_outage() && (any_confirmed || any_degraded);
    }

    /// The cause of the location that fails longest, else of one that is degraded. During the
    /// recovery the outage's own cause stays.
    fn current_cause(&self, rules: &Rules, slot: Timestamp) -> Option<Cause> {
        let failing = self
            .present(rules, slot)
            .filter(|(_, standing)| standing.failing)
            .min_by_key(|(_, standing)| standing.failing_since(rules))
            .and_then(|(_, standing)| standing.cause.clone());
        let degraded = || {
            self.present(rules, slot)
                .find(|(_, standing)| standing.degraded)
                .and_then(|(_, standing)| standing.cause.clone())
        };
        match self.verdict.state {
            State::Recovering => failing.or_else(|| self.verdict.cause.clone()),
            _ => failing.or_else(degraded),
        }
    }

    /// A monitor is out of sight when every location that watches it lately has no network.
    fn mark_network(&mut self, rules: &Rules, slot: Timestamp) {
        let edge = slot.minus(rules.freshness());
        self.lost.retain(|_, lost| *lost >= edge);
        let seen = self
            .present(rules, slot)
            .any(|(location, _)| !self.lost.contains_key(location));
        self.verdict.network_lost = !seen && !self.lost.is_empty();
        for (location, standing) in &mut self.locations {
            standing.verdict_mut().network_lost = self.lost.contains_key(location);
        }
    }
}
