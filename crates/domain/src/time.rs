//! Wall-clock instants as they are stored.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A point in time: nanoseconds since the Unix epoch, UTC.
///
/// Only for what is stored or shown. Durations are measured on a monotonic clock; subtracting two
/// of these to obtain a latency would let a clock step into the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The Unix epoch.
    pub const EPOCH: Timestamp = Timestamp(0);

    /// A point in time from nanoseconds since the Unix epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }

    /// A point in time from milliseconds since the Unix epoch; saturates at the range's ends.
    pub const fn from_millis(millis: i64) -> Self {
        Timestamp(millis.saturating_mul(1_000_000))
    }

    /// A point in time from seconds since the Unix epoch; saturates at the range's ends.
    pub const fn from_secs(seconds: i64) -> Self {
        Timestamp(seconds.saturating_mul(1_000_000_000))
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the Unix epoch, rounded towards the past.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Whole seconds since the Unix epoch, rounded towards the past.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// This instant moved towards the future; saturates.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_add(nanos(duration)))
    }

    /// This instant moved towards the past; saturates.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Timestamp(self.0.saturating_sub(nanos(duration)))
    }

    /// The time from `earlier` to this instant, zero when `earlier` is not earlier.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This instant cut to whole milliseconds, the precision of slots.
    #[must_use]
    pub fn truncated_to_millis(self) -> Self {
        Timestamp::from_millis(self.as_millis())
    }
}

/// RFC 3339 in UTC, with milliseconds: `2026-11-22T07:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_nanosecond(i128::from(self.0))
            .expect("an i64 of nanoseconds lies within the years -9999 to 9999");
        write!(formatter, "{}", instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

/// A text that is no point in time, or none that can be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time; write it like 2026-11-22T07:00:00Z")]
pub struct TimeError(String);

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339, with any offset.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let error = || TimeError(text.chars().take(40).collect());
        let instant: jiff::Timestamp = text.parse().map_err(|_| error())?;
        let nanos = i64::try_from(instant.as_nanosecond()).map_err(|_| error())?;
        Ok(Timestamp(nanos))
    }
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_rfc_3339_with_milliseconds() {
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(
            Timestamp::from_millis(1_795_330_800_123).to_string(),
            "2026-11-22T07:00:00.123Z"
        );
        assert_eq!(
            Timestamp::from_millis(-1).to_string(),
            "1969-12-31T23:59:59.999Z"
        );
    }

    #[test]
    fn reads_rfc_3339() {
        let wanted = Timestamp::from_millis(1_795_330_800_000);
        for text in [
            "2026-11-22T07:00:00Z",
            "2026-11-22T07:00:00.000Z",
            "2026-11-22T09:00:00+02:00",
        ] {
            assert_eq!(text.parse(), Ok(wanted), "{text}");
        }
        for text in [
            "",
            "2026-11-22",
            "now",
            "1795330800",
            "9999-12-30T22:00:00Z",
        ] {
            let error = text.parse::<Timestamp>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` is not a time")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_difference_never_goes_below_zero() {
        let early = Timestamp::from_secs(10);
        let late = Timestamp::from_secs(12);
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(
            Timestamp::from_nanos(i64::MAX)
                .plus(Duration::from_secs(1))
                .as_nanos(),
            i64::MAX
        );
        assert_eq!(Timestamp::from_secs(i64::MAX).as_nanos(), i64::MAX);
    }
}
