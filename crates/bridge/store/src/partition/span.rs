//! The hours and days files are cut by.

use jiff::Timestamp;

/// Nanoseconds of an hour.
pub(crate) const HOUR: i64 = 3_600_000_000_000;
/// Nanoseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// An hour or a day of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Span {
    /// By its number since the Unix epoch.
    Hour(i64),
    /// By its number since the Unix epoch.
    Day(i64),
}

impl Span {
    pub(crate) fn hour_of(time: i64) -> Span {
        Span::Hour(time.div_euclid(HOUR))
    }

    /// The day this lies in.
    pub(crate) fn day(self) -> Span {
        match self {
            Span::Hour(hour) => Span::Day(hour.div_euclid(24)),
            day @ Span::Day(_) => day,
        }
    }

    /// Its first nanosecond, as far as an `i64` goes.
    pub(crate) fn begin(self) -> i64 {
        match self {
            Span::Hour(hour) => hour.saturating_mul(HOUR),
            Span::Day(day) => day.saturating_mul(DAY),
        }
    }

    /// The first nanosecond after it, as far as an `i64` goes.
    pub(crate) fn end(self) -> i64 {
        match self {
            Span::Hour(hour) => (hour + 1).saturating_mul(HOUR),
            Span::Day(day) => (day + 1).saturating_mul(DAY),
        }
    }

    /// The byte that stands for the kind in the catalog, and the number.
    pub(crate) fn code(self) -> (u8, i64) {
        match self {
            Span::Hour(hour) => (1, hour),
            Span::Day(day) => (2, day),
        }
    }

    pub(crate) fn from_code(kind: u8, number: i64) -> Option<Span> {
        match kind {
            1 => Some(Span::Hour(number)),
            2 => Some(Span::Day(number)),
            _ => None,
        }
    }

    /// As part of a file name: `20261122T07` or `20261122`.
    pub(crate) fn label(self) -> String {
        let (seconds, format) = match self {
            Span::Hour(hour) => (hour.saturating_mul(3_600), "%Y%m%dT%H"),
            Span::Day(day) => (day.saturating_mul(86_400), "%Y%m%d"),
        };
        match Timestamp::from_second(seconds) {
            Ok(start) => start.strftime(format).to_string(),
            Err(_) => seconds.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_hours_and_days() {
        for (time, hour, label) in [
            (0, 0, "19700101T00"),
            (HOUR - 1, 0, "19700101T00"),
            (HOUR, 1, "19700101T01"),
            (-1, -1, "19691231T23"),
            (i64::MIN, -2_562_048, "16770921T00"),
            (i64::MAX, 2_562_047, "22620411T23"),
        ] {
            let span = Span::hour_of(time);
            assert_eq!(span, Span::Hour(hour), "{time}");
            assert_eq!(span.label(), label, "{time}");
        }
        assert_eq!(Span::Hour(-1).day(), Span::Day(-1));
        assert_eq!(Span::Hour(47).day(), Span::Day(1));
        assert_eq!(Span::Hour(2_562_047).end(), i64::MAX);
    }
}
