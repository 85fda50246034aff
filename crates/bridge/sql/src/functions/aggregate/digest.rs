//! Quantiles of weighted samples: exact for few, by a t-digest for many.
//!
//! The digest is the merging variant of Dunning and Ertl, "Computing extremely accurate quantiles
//! using t-digests" (2019), with the arcsine scale function.

/// Up to this many samples are kept as they are, and answers are samples.
const EXACT: usize = 2048;
/// The digest's number of centroids is at most about this.
const COMPRESSION: f64 = 200.0;

/// Samples of one group.
#[derive(Debug, Clone)]
pub(super) struct Digest {
    /// Value and weight; samples while exact, else centroids followed by samples.
    points: Vec<(f64, f64)>,
    exact: bool,
    least: f64,
    most: f64,
}

impl Default for Digest {
    fn default() -> Self {
        Self {
            points: vec![],
            exact: true,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
        }
    }
}

impl Digest {
    /// Adds a sample; weights that are not positive count for nothing.
    pub(super) fn add(&mut self, value: f64, weight: f64) {
        if weight > 0.0 {
            self.least = self.least.min(value);
            self.most = self.most.max(value);
            self.push(value, weight);
        }
    }

    fn push(&mut self, value: f64, weight: f64) {
        self.points.push((value, weight));
        if self.points.len() > EXACT {
            self.compress();
        }
    }

    /// Adds what another digest, given by its parts, has seen.
    pub(super) fn merge(&mut self, parts: &Parts) {
        self.exact &= parts.exact;
        self.least = self.least.min(parts.least);
        self.most = self.most.max(parts.most);
        for (value, weight) in parts.values.iter().zip(&parts.weights) {
            self.push(*value, *weight);
        }
    }

    /// The digest as plain columns.
    pub(super) fn parts(&self) -> Parts {
        let (values, weights) = self.points.iter().copied().unzip();
        Parts {
            values,
            weights,
            exact: self.exact,
            least: self.least,
            most: self.most,
        }
    }

    /// Bytes on the heap.
    pub(super) fn size(&self) -> usize {
        self.points.capacity() * size_of::<(f64, f64)>()
    }

    /// The values at some fractions of the total weight; `None` when nothing was added.
    ///
    /// While exact it is the nearest rank: the smallest sample such that the samples up to it have
    /// at least that fraction of the weight.
    pub(super) fn quantiles(&mut self, fractions: &[f64]) -> Option<Vec<f64>> {
        self.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = self.points.iter().map(|(_, weight)| weight).sum();
        if self.points.is_empty() {
            return None;
        }
        Some(
            fractions
                .iter()
                .map(|fraction| self.quantile(fraction * total))
                .collect(),
        )
    }

    fn quantile(&self, target: f64) -> f64 {
        let mut seen = 0.0;
        let mut previous: Option<(f64, f64)> = None;
        for (value, weight) in &self.points {
            if self.exact {
                seen += weight;
                // Sums of fractions may miss the target by the last bits.
                if seen * (1.0 + 1e-12) >= target {
                    return *value;
                }
                continue;
            }
            let middle = seen + weight / 2.0;
            if target < middle {
                let (at, from) = previous.unwrap_or((0.0, self.least));
                let part = if middle > at {
                    (target - at) / (middle - at)
                } else {
                    1.0
                };
                return from + (value - from) * part;
            }
            previous = Some((middle, *value));
            seen += weight;
        }
        if self.exact {
            return self.most;
        }
        let (at, from) = previous.unwrap_or((0.0, self.most));
        let part = if seen > at {
            ((target - at) / (seen - at)).min(1.0)
        } else {
            1.0
        };
        from + (self.most - from) * part
    }

    fn compress(&mut self) {
        self.exact = false;
        self.points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = self.points.iter().map(|(_, weight)| weight).sum();
        let scale = |q: f64| COMPRESSION / std::f64::consts::TAU * (2.0 * q.min(1.0) - 1.0).asin();
        let mut merged: Vec<(f64, f64)> = Vec::with_capacity(COMPRESSION as usize * 2);
        let mut before = 0.0;
        let mut limit = scale(0.0) + 1.0;
        for (value, weight) in self.points.drain(..) {
            match merged.last_mut() {
                Some((mean, sum)) if scale((before + *sum + weight) / total) <= limit => {
                    *sum += weight;
                    *mean += (value - *mean) * weight / *sum;
                }
                last => {
                    before += last.map_or(0.0, |(_, sum)| *sum);
                    limit = scale(before / total) + 1.0;
                    merged.push((value, weight));
                }
            }
        }
        self.points = merged;
    }
}

/// A digest as plain columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parts {
    pub(super) values: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) exact: bool,
    pub(super) least: f64,
    pub(super) most: f64,
}

#[cfg(test)]
mod tests {
    use super::Digest;

    fn of(values: impl IntoIterator<Item = f64>) -> Digest {
        let mut digest = Digest::default();
        values.into_iter().for_each(|value| digest.add(value, 1.0));
        digest
    }

    #[test]
    fn few_samples_answer_with_a_sample() {
        let mut digest = of([30.0, 10.0, 20.0, 40.0]);
        let fractions = [0.0, 0.25, 0.5, 0.51, 0.75, 0.99, 1.0];
        let expected = vec![10.0, 10.0, 20.0, 30.0, 30.0, 40.0, 40.0];
        assert_eq!(digest.quantiles(&fractions), Some(expected));
        assert_eq!(of([]).quantiles(&[0.5]), None);
    }

    #[test]
    fn weights_count() {
        let mut digest = Digest::default();
        digest.add(1.0, 1.0);
        digest.add(2.0, 8.0);
        digest.add(3.0, 1.0);
        digest.add(4.0, 0.0);
        assert_eq!(
            digest.quantiles(&[0.05, 0.5, 0.95]),
            Some(vec![1.0, 2.0, 3.0])
        );
    }

    #[test]
    fn many_samples_are_close() {
        // 0..100000 in an order that is neither sorted nor random.
        let mut digest = of((0..100_000_u64).map(|i| (i * 7919 % 100_000) as f64));
        let fractions = [0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0];
        let found = digest.quantiles(&fractions).unwrap();
        for (fraction, found) in fractions.into_iter().zip(found) {
            let off = (found - fraction * 99_999.0).abs();
            assert!(off <= 100_000.0 * 0.005, "{fraction}: {found}");
        }
    }

    #[test]
    fn merging_is_like_adding() {
        let mut left = of((0..5_000).map(f64::from));
        let right = of((5_000..10_000).map(f64::from));
        left.merge(&right.parts());
        let found = left.quantiles(&[0.5, 1.0]).unwrap();
        assert!((found[0] - 5_000.0).abs() < 100.0, "{found:?}");
        assert_eq!(found[1], 9_999.0);
    }
}
