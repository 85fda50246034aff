//! Maintenance windows: announced times at which nobody is to be called.

use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::time::Timestamp;

/// A window: a wall-clock rule in an IANA time zone, and how long it lasts.
///
/// The rule is read on the zone's own clock, so that "02:00 on Sundays" stays 02:00 when daylight
/// saving time begins or ends; the duration is absolute time.
#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceWindow {
    /// The zone in which the rule is read.
    pub zone: TimeZone,
    /// The days on which a window begins.
    pub occurs: Occurs,
    /// The wall-clock time at which it begins.
    pub start: Time,
    /// How long it lasts, at most [`super::limits::MAINTENANCE`].
    pub duration: Duration,
}

/// The days on which a window begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occurs {
    /// Every day.
    Daily,
    /// On these days of the week.
    Weekly(Vec<Weekday>),
    /// On these dates only.
    On(Vec<Date>),
}

impl MaintenanceWindow {
    /// Whether `at` lies within an occurrence of this window.
    ///
    /// A start that the zone's clock skips is moved forward, one that it shows twice is the first.
    pub fn contains(&self, at: Timestamp) -> bool {
        let Ok(instant) = jiff::Timestamp::from_nanosecond(i128::from(at.as_nanos())) else {
            return false;
        };
        let today = instant.to_zoned(self.zone.clone()).date();
        let days_back = i64::try_from(self.duration.as_secs().div_ceil(24 * 60 * 60)).unwrap_or(7);
        (0..=days_back + 1)
            .filter_map(|back| today.checked_sub(days(back)).ok())
            .chain(today.tomorrow().ok())
            .filter(|date| self.begins_on(*date))
            .filter_map(|date| self.zone.to_timestamp(date.to_datetime(self.start)).ok())
            .any(|begin| {
                instant >= begin && instant.duration_since(begin).unsigned_abs() < self.duration
            })
    }

    fn begins_on(&self, date: Date) -> bool {
        match &self.occurs {
            Occurs::Daily => true,
            Occurs::Weekly(weekdays) => weekdays.contains(&date.weekday()),
            Occurs::On(dates) => dates.contains(&date),
        }
    }
}

fn days(count: i64) -> Span {
    count.days()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    fn at(text: &str) -> Timestamp {
        let instant: jiff::Timestamp = text.parse().unwrap();
        Timestamp::from_secs(instant.as_second())
    }

    fn berlin(occurs: Occurs, start: Time, hours: u64) -> MaintenanceWindow {
        MaintenanceWindow {
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            occurs,
            start,
            duration: Duration::from_secs(hours * 3_600),
        }
    }

    #[test]
    fn follows_the_zone_through_daylight_saving_time() {
        let window = berlin(Occurs::Weekly(vec![Weekday::Sunday]), time(4, 0, 0, 0), 2);
        // Winter time, UTC+1, and summer time, UTC+2.
        assert!(window.contains(at("2026-01-04T03:00:00Z")));
        assert!(!window.contains(at("2026-01-04T02:59:59Z")));
        assert!(window.contains(at("2026-07-05T02:00:00Z")));
        assert!(!window.contains(at("2026-07-05T04:00:00Z")));
        assert!(!window.contains(at("2026-07-06T02:30:00Z")));
    }

    #[test]
    fn a_start_that_the_clock_skips_is_moved_forward() {
        // On 2026-03-29 Berlin goes from 02:00 to 03:00.
        let window = berlin(Occurs::Daily, time(2, 30, 0, 0), 1);
        assert!(window.contains(at("2026-03-29T01:30:00Z")));
        assert!(window.contains(at("2026-03-29T02:29:59Z")));
        assert!(!window.contains(at("2026-03-29T02:30:00Z")));
    }

    #[test]
    fn reaches_over_midnight_and_over_several_days() {
        let window = berlin(Occurs::On(vec![date(2026, 12, 31)]), time(23, 0, 0, 0), 48);
        assert!(window.contains(at("2026-12-31T22:00:00Z")));
        assert!(window.contains(at("2027-01-02T21:59:59Z")));
        assert!(!window.contains(at("2027-01-02T22:00:00Z")));
    }
}
