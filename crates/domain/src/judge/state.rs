//! One step from state to state.

use super::flaps::Flaps;
use super::verdict::{State, Verdict};
use crate::time::Timestamp;

/// The locations that reported lately, counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    /// Those that reported.
    pub(super) reported: usize,
    /// Those that count, with the ones that are waited for.
    pub(super) expected: usize,
    /// Those whose last probe failed.
    pub(super) failing: usize,
    /// Those of them that did not fail often enough.
    pub(super) unconfirmed: usize,
    /// Those that failed often enough.
    pub(super) confirmed: usize,
    /// Those that succeeded for long enough.
    pub(super) recovered: usize,
}

/// The state after `state`. `quorum` is taken of the locations that are expected, `present` of
/// those that reported.
pub(super) fn next_state(state: State, count: &Count, quorum: usize, present: usize) -> State {
    match state {
        State::Unknown | State::Up | State::Suspect => {
            let waiting = count.confirmed > 0 && count.expected > count.reported;
            if count.confirmed >= quorum {
                State::Down
            } else if count.unconfirmed > 0 || waiting {
                State::Suspect
            } else {
                // Fewer locations than the quorum see it failing: shown as degraded, not paged.
                State::Up
            }
        }
        State::Down | State::Recovering => {
            if count.failing >= present {
                State::Down
            } else if count.expected - count.recovered < quorum {
                State::Up
            } else {
                State::Recovering
            }
        }
    }
}

impl Verdict {
    /// Goes over to `state`, decided by an attempt that began at `decided_at`; an outage that
    /// begins with it began at `failing_since`.
    pub(super) fn enter(
        &mut self,
        state: State,
        decided_at: Timestamp,
        failing_since: Option<Timestamp>,
    ) {
        let before = self.state;
        if before == state {
            return;
        }
        self.state = state;
        self.decided_at = decided_at;
        if before.is_outage() && state.is_outage() {
            // One outage keeps its number and its beginning until it is over.
            return;
        }
        self.since = decided_at;
        if state == State::Down {
            self.since = failing_since.unwrap_or(decided_at);
            self.epoch += 1;
        }
    }

    /// Takes over what the last evaluations say about restlessness.
    pub(super) fn rate(&mut self, flaps: &Flaps) {
        self.flap_history = flaps.changes();
        self.flap_score = flaps.score();
        self.flapping = flaps.flapping(self.flapping);
    }
}
