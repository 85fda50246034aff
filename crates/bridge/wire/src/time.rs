//! Points in time on the wire.

use serde::{Deserialize, Serialize};

/// A point in time as a JSON number: seconds since the Unix epoch, UTC, with three decimals, the
/// protocol's form for members of type timestamp.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochSeconds(pub f64);

impl EpochSeconds {
    /// From nanoseconds since the Unix epoch; the part below a millisecond is cut off.
    pub fn from_nanos(nanos: i64) -> EpochSeconds {
        // 2^53 milliseconds are 285,000 years, so the division is the only rounding.
        EpochSeconds(nanos.div_euclid(1_000_000) as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_survive() {
        let at = |nanos| serde_json::to_string(&EpochSeconds::from_nanos(nanos)).unwrap();
        assert_eq!(at(1_637_280_000_123_456_789), "1637280000.123");
        assert_eq!(at(1_637_280_000_000_000_000), "1637280000.0");
        assert_eq!(at(-1_500_000_000), "-1.5");
    }
}
