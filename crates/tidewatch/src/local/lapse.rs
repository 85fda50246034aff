//! When the wall clock and the loop come apart: the machine slept, was stalled, or its clock was
//! set.

use std::time::Duration;

use tidewatch_domain::Timestamp;

/// The loop looks at the clock at least every half second; after a longer gap than this, what was
/// due is not probed late, all at once, but missed.
const GAP: Duration = Duration::from_secs(10);
/// A clock that goes back by less is waited for.
const SET_BACK: Duration = Duration::from_secs(1);

/// What happened to the time since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lapse {
    /// Nothing but that it passed.
    None,
    /// Nobody looked for so long.
    Gap(Duration),
    /// The clock was set back by so much.
    SetBack(Duration),
}

/// Compares each look at the clock with the one before.
#[derive(Debug)]
pub(super) struct Watch {
    last: Timestamp,
}

impl Watch {
    /// Begins at `now`.
    pub(super) fn new(now: Timestamp) -> Self {
        Watch { last: now }
    }

    /// Takes a look.
    pub(super) fn look(&mut self, now: Timestamp) -> Lapse {
        let before = std::mem::replace(&mut self.last, now);
        if now.since(before) > GAP {
            Lapse::Gap(now.since(before))
        } else if before.since(now) > SET_BACK {
            Lapse::SetBack(before.since(now))
        } else {
            Lapse::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_steps_are_lapses() {
        let at = Timestamp::from_millis;
        let mut watch = Watch::new(at(100_000));
        let looks = [100_500, 105_000, 104_500, 114_500, 200_000, 190_000];
        let lapses = looks.map(|millis| watch.look(at(millis)));
        assert_eq!(
            lapses,
            [
                Lapse::None,
                Lapse::None,
                Lapse::None,
                Lapse::None,
                Lapse::Gap(Duration::from_millis(85_500)),
                Lapse::SetBack(Duration::from_secs(10)),
            ]
        );
    }
}
