//! Chance, from a source that tests can seed.

use std::time::Duration;

use parking_lot::Mutex;

/// Spreads pauses so that probes that began together do not stay together.
#[derive(Debug)]
pub(crate) struct Jitter {
    random: Mutex<fastrand::Rng>,
}

impl Jitter {
    /// A source that gives the same row for the same seed, and another one each time without.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Jitter {
            random: Mutex::new(random),
        }
    }

    /// `pause`, longer or shorter by up to a fifth.
    pub(crate) fn around(&self, pause: Duration) -> Duration {
        pause.mul_f64(0.8 + 0.4 * self.random.lock().f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_a_fifth_and_follows_its_seed() {
        let pause = Duration::from_secs(1);
        let row = |seed| -> Vec<Duration> {
            let jitter = Jitter::new(Some(seed));
            (0..200).map(|_| jitter.around(pause)).collect()
        };
        let first = row(7);
        assert!(
            first
                .iter()
                .all(|pause| (800..=1_200).contains(&pause.as_millis()))
        );
        assert!(first.iter().any(|pause| pause.as_millis() < 900));
        assert!(first.iter().any(|pause| pause.as_millis() > 1_100));
        assert_eq!(first, row(7));
        assert_ne!(first, row(8));
    }
}
