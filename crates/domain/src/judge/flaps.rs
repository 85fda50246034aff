//! How restless a monitor is.

/// How many evaluations the score looks back.
const WINDOW: u32 = 20;
/// The score above which a monitor is flapping.
const ENTER: f64 = 0.5;
/// The score below which it no longer is.
const LEAVE: f64 = 0.25;

/// The last evaluations. With several locations there are several pieces of evidence in an
/// interval; what they come to at its end is one evaluation, or else a monitor with many
/// locations could never flap.
#[derive(Clone, Debug, PartialEq)]
pub struct Flaps {
    /// One bit for each evaluation, the newest lowest: whether it came out otherwise than the one
    /// before.
    pub changes: u32,
    /// The newest evaluation, whether it failed, behind the number of the round that it is of.
    pub newest: Option<(i64, bool)>,
    /// Whether the round before failed.
    pub before: Option<bool>,
}

impl Flaps {
    /// The evaluations of an earlier run; `failing` is what the last one came to, if it is known.
    pub(super) fn restored(changes: u32, failing: Option<bool>) -> Self {
        Flaps {
            changes,
            newest: failing.map(|failing| (i64::MIN, failing)),
            before: None,
        }
    }

    /// Takes in what the evidence of `round` comes to so far.
    pub(super) fn evaluate(&mut self, round: i64, failing: bool) {
        match self.newest {
            Some((newest, _)) if newest == round => self.changes &= !1,
            newest => {
                self.changes <<= 1;
                self.before = newest.map(|(_, failing)| failing);
            }
        }
        self.newest = Some((round, failing));
        self.changes |= u32::from(self.before.is_some_and(|before| before != failing));
        self.changes &= (1 << WINDOW) - 1;
    }

    /// The evaluations as bits, to go on from after a restart.
    pub(super) fn changes(&self) -> u32 {
        self.changes
    }

    /// The weighted share of changes, 0 to 1: the newest evaluation weighs most, the oldest of
    /// the window least.
    pub(super) fn score(&self) -> f64 {
        let (mut score, mut whole) = (0, 0);
        for age in 0..WINDOW {
            let weight = WINDOW - age;
            whole += weight;
            if self.changes & (1 << age) != 0 {
                score += weight;
            }
        }
        f64::from(score) / f64::from(whole)
    }

    /// Whether the monitor flaps, given whether it did before.
    pub(super) fn flapping(&self, before: bool) -> bool {
        self.score() > if before { LEAVE } else { ENTER }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(rounds: &[(i64, bool)]) -> Flaps {
        let mut flaps = Flaps::restored(0, None);
        for (round, failing) in rounds {
            flaps.evaluate(*round, *failing);
        }
        flaps
    }

    #[test]
    fn seven_changes_in_a_row_are_flapping_and_six_are_not() {
        let alternating: Vec<_> = (0..8).map(|round| (round, round % 2 == 1)).collect();
        assert!(!played(&alternating[..7]).flapping(false));
        assert!(played(&alternating).flapping(false));
    }

    #[test]
    fn what_several_locations_say_within_an_interval_is_one_evaluation() {
        // In each round the first location alone looks the other way for a moment.
        let rounds: Vec<_> = (0..20)
            .flat_map(|round| [(round, true), (round, false)])
            .collect();
        assert_eq!(played(&rounds).changes(), 0);
        let alternating: Vec<_> = (0..40)
            .map(|step| (step / 2, (step / 2) % 2 == 1))
            .collect();
        assert_eq!(played(&alternating).changes().count_ones(), 19);
    }

    #[test]
    fn the_score_goes_on_after_a_restart() {
        let alternating: Vec<_> = (0..12).map(|round| (round, round % 2 == 1)).collect();
        let mut first = played(&alternating);
        let mut second = Flaps::restored(first.changes(), Some(true));
        for round in 12..16 {
            first.evaluate(round, round % 2 == 1);
            second.evaluate(round, round % 2 == 1);
        }
        assert_eq!(first.changes(), second.changes());
    }
}
