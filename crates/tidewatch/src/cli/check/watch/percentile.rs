//! Percentiles over attempts that do not flatter: a timeout counts as at least its length.

use std::collections::VecDeque;
use std::time::Duration;

/// So many of the latest durations are kept: hours of watching, in little memory.
const WINDOW: usize = 10_000;

/// The latest durations of one kind, in order of arrival.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    values: VecDeque<Lasted>,
}

/// How long something took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasted {
    /// Exactly so long.
    Exactly(Duration),
    /// It was cut off after so long.
    AtLeast(Duration),
}

/// A series in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    /// The shortest of those that ended.
    pub(super) min: Option<Duration>,
    /// The mean of those that ended.
    pub(super) mean: Option<Duration>,
    /// Percentiles; `None` until there are enough values for each.
    pub(super) p50: Option<Lasted>,
    pub(super) p95: Option<Lasted>,
    pub(super) p99: Option<Lasted>,
    /// The longest.
    pub(super) max: Option<Lasted>,
}

impl Lasted {
    /// What was cut off lies behind everything that ended: how far, nobody knows.
    fn order(self) -> (bool, Duration) {
        match self {
            Lasted::Exactly(duration) => (false, duration),
            Lasted::AtLeast(duration) => (true, duration),
        }
    }
}

impl Series {
    /// Adds a value; the oldest goes when there are too many.
    pub(super) fn add(&mut self, value: Lasted) {
        if self.values.len() == WINDOW {
            self.values.pop_front();
        }
        self.values.push_back(value);
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The series in figures.
    pub(super) fn figures(&self) -> Figures {
        let mut sorted: Vec<Lasted> = self.values.iter().copied().collect();
        sorted.sort_unstable_by_key(|value| value.order());
        let ended: Vec<Duration> = sorted
            .iter()
            .filter_map(|value| match value {
                Lasted::Exactly(duration) => Some(*duration),
                Lasted::AtLeast(_) => None,
            })
            .collect();
        let count = u32::try_from(ended.len()).unwrap_or(u32::MAX);
        Figures {
            min: ended.first().copied(),
            mean: ended.iter().sum::<Duration>().checked_div(count),
            p50: percentile(&sorted, 50),
            p95: percentile(&sorted, 95),
            p99: percentile(&sorted, 99),
            max: sorted.last().copied(),
        }
    }
}

/// The nearest rank. `None` while less than one value would lie beyond it: the 99th of ten values
/// is their maximum, and says nothing of its own.
fn percentile(sorted: &[Lasted], percent: usize) -> Option<Lasted> {
    let count = sorted.len();
    if count * (100 - percent) < 100 {
        return None;
    }
    sorted.get((count * percent).div_ceil(100) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exactly(millis: u64) -> Lasted {
        Lasted::Exactly(Duration::from_millis(millis))
    }

    fn series(values: impl IntoIterator<Item = Lasted>) -> Series {
        let mut series = Series::default();
        for value in values {
            series.add(value);
        }
        series
    }

    #[test]
    fn percentiles_wait_until_they_mean_something() {
        for (count, p50, p95, p99) in [
            (1, None, None, None),
            (2, Some(1), None, None),
            (19, Some(10), None, None),
            (20, Some(10), Some(19), None),
            (99, Some(50), Some(95), None),
            (100, Some(50), Some(95), Some(99)),
        ] {
            let figures = series((1..=count).rev().map(exactly)).figures();
            assert_eq!(figures.p50, p50.map(exactly), "{count}");
            assert_eq!(figures.p95, p95.map(exactly), "{count}");
            assert_eq!(figures.p99, p99.map(exactly), "{count}");
            assert_eq!(figures.max, Some(exactly(count)));
            assert_eq!(figures.min, Some(Duration::from_millis(1)));
        }
    }

    #[test]
    fn a_timeout_lies_in_the_tail_and_in_no_mean() {
        let cut = Lasted::AtLeast(Duration::from_millis(50));
        let figures = series([exactly(100), cut, exactly(200)]).figures();
        assert_eq!(figures.p50, Some(exactly(200)));
        assert_eq!(figures.max, Some(cut));
        assert_eq!(figures.mean, Some(Duration::from_millis(150)));
        assert_eq!(series([cut]).figures().mean, None);
        assert_eq!(Series::default().figures().max, None);
    }

    #[test]
    fn the_oldest_values_go_first() {
        let long = WINDOW as u64 + 5;
        let figures = series((1..=long).map(exactly)).figures();
        assert_eq!(figures.min, Some(Duration::from_millis(6)));
    }
}
