//! From latencies to heights: one scale from zero, so that heights can be compared.

use std::time::Duration;

/// A scale from zero to a round number of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    top: f64,
}

impl Scale {
    /// The scale with the smallest round top that has room for all of `values`: 1, 2, 4 or 5 times
    /// a power of ten, because their halves are round as well.
    pub(super) fn of(values: impl Iterator<Item = Duration>) -> Self {
        let largest = values.map(millis).fold(0.1, f64::max);
        let decade = 10f64.powf(largest.log10().floor());
        let top = [1.0, 2.0, 4.0, 5.0, 10.0]
            .into_iter()
            .map(|step| step * decade)
            .find(|top| *top >= largest)
            .unwrap_or(largest);
        Scale { top }
    }

    /// The upper end.
    pub(super) fn top(self) -> Duration {
        Duration::from_secs_f64(self.top / 1e3)
    }

    /// How far up a value is, 0 to 1; values above the scale have no place on it.
    pub(super) fn share(self, value: Duration) -> Option<f64> {
        let share = millis(value) / self.top;
        (share <= 1.0).then_some(share)
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round_and_not_below_the_values() {
        let cases = [
            (0.02, 0.1),
            (1.0, 1.0),
            (1.1, 2.0),
            (3.0, 4.0),
            (4.2, 5.0),
            (151.0, 200.0),
        ];
        for (largest, top) in cases {
            let scale = Scale::of([Duration::from_secs_f64(largest / 1e3)].into_iter());
            assert!((scale.top - top).abs() < 1e-9, "{largest}: {scale:?}");
        }
        assert!(Scale::of(std::iter::empty()).top() > Duration::ZERO);
    }

    #[test]
    fn values_have_their_share_of_the_height() {
        let scale = Scale::of([Duration::from_millis(180)].into_iter());
        assert_eq!(scale.share(Duration::from_millis(50)), Some(0.25));
        assert_eq!(scale.share(Duration::from_millis(201)), None);
    }
}
