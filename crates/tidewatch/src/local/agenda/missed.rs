//! Slots that passed without a probe.

use std::time::Duration;

use tidewatch_domain::Timestamp;

/// Up to so many missed slots in a row have a row each; more are told by one for all, so that a
/// machine that slept for a night does not wake up to a million rows.
const ONE_BY_ONE: u64 = 5;

/// One or more slots in a row that passed without a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The first of them.
    pub(crate) first: Timestamp,
    /// The last of them.
    pub(crate) last: Timestamp,
    /// How many there are.
    pub(crate) slots: u64,
}

impl Missed {
    /// A single slot.
    pub(crate) fn one(slot: Timestamp) -> Self {
        Missed {
            first: slot,
            last: slot,
            slots: 1,
        }
    }
}

/// Slots in a row: one, and `more` that lie on the grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) first: Timestamp,
    pub(super) second: Timestamp,
    pub(super) more: u64,
    pub(super) interval: Duration,
}

impl Passed {
    /// The newest of them, and those before it.
    pub(super) fn newest_and_rest(self) -> (Timestamp, Vec<Missed>) {
        (self.slot(self.more), self.missed(self.more))
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<Missed> {
        self.missed(self.more + 1)
    }

    /// The first `count` of them.
    fn missed(self, count: u64) -> Vec<Missed> {
        if count <= ONE_BY_ONE {
            return (0..count)
                .map(|index| Missed::one(self.slot(index)))
                .collect();
        }
        vec![Missed {
            first: self.first,
            last: self.slot(count - 1),
            slots: count,
        }]
    }

    fn slot(self, index: u64) -> Timestamp {
        match index.checked_sub(1) {
            None => self.first,
            Some(steps) => {
                let steps = u32::try_from(steps).unwrap_or(u32::MAX);
                self.second.plus(self.interval.saturating_mul(steps))
            }
        }
    }
}
