//! Statistics over the attempts of one probe.

use std::time::Duration;

use tidewatch_domain::Attempt;

/// How a duration spreads over attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// Over so many.
    pub(super) count: usize,
    /// The shortest.
    pub(super) min: Duration,
    /// The mean.
    pub(super) mean: Duration,
    /// The middle one; of two middle ones their mean.
    pub(super) median: Duration,
    /// The longest.
    pub(super) max: Duration,
}

impl Spread {
    fn of(mut durations: Vec<Duration>) -> Option<Self> {
        durations.sort_unstable();
        let count = u32::try_from(durations.len())
            .ok()
            .filter(|count| *count > 0)?;
        let middle = durations.len() / 2;
        Some(Spread {
            count: durations.len(),
            min: durations[0],
            mean: durations.iter().sum::<Duration>() / count,
            median: if durations.len() % 2 == 1 {
                durations[middle]
            } else {
                (durations[middle - 1] + durations[middle]) / 2
            },
            max: durations[durations.len() - 1],
        })
    }
}

/// Each phase that happened, over the attempts in which it did, and `total` as the last.
pub(super) fn of_attempts(attempts: &[&Attempt]) -> Vec<(&'static str, Spread)> {
    let mut spreads = Vec::new();
    let names = tidewatch_domain::Phases::default()
        .named()
        .map(|(name, _)| name);
    for (position, name) in names.into_iter().enumerate() {
        let of_phase = attempts
            .iter()
            .filter_map(|attempt| attempt.phases.named()[position].1);
        spreads.extend(Spread::of(of_phase.collect()).map(|spread| (name, spread)));
    }
    let totals = attempts
        .iter()
        .map(|attempt| attempt.phases.total)
        .collect();
    spreads.extend(Spread::of(totals).map(|spread| ("total", spread)));
    spreads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(numbers: &[u64]) -> Option<Spread> {
        Spread::of(
            numbers
                .iter()
                .map(|number| Duration::from_millis(*number))
                .collect(),
        )
    }

    #[test]
    fn the_middle_of_an_even_count_lies_between_two() {
        let spread = millis(&[9, 1, 4, 2]).unwrap();
        assert_eq!((spread.count, spread.min), (4, Duration::from_millis(1)));
        assert_eq!(spread.max, Duration::from_millis(9));
        assert_eq!(spread.median, Duration::from_millis(3));
        assert_eq!(spread.mean, Duration::from_millis(4));
        assert_eq!(millis(&[7]).unwrap().median, Duration::from_millis(7));
        assert_eq!(millis(&[]), None);
    }
}
