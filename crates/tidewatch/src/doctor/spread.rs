//! The middle and the bad end of repeated measurements.

use std::time::Duration;

/// Two percentiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// Half are not above this.
    pub(super) p50: Duration,
    /// 99 of 100 are not above this.
    pub(super) p99: Duration,
}

impl Spread {
    /// Nearest-rank percentiles; `None` of nothing.
    pub(super) fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let rank = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.saturating_sub(1)).copied()
        };
        Some(Spread {
            p50: rank(50)?,
            p99: rank(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let times = |to: u64| {
            (1..=to)
                .rev()
                .map(Duration::from_millis)
                .collect::<Vec<_>>()
        };
        let millis = Duration::from_millis;
        assert_eq!(
            Spread::of(times(100)),
            Some(Spread {
                p50: millis(50),
                p99: millis(99)
            })
        );
        assert_eq!(
            Spread::of(times(3)),
            Some(Spread {
                p50: millis(2),
                p99: millis(3)
            })
        );
        assert_eq!(
            Spread::of(times(1)),
            Some(Spread {
                p50: millis(1),
                p99: millis(1)
            })
        );
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
