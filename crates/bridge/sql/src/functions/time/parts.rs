//! Fields of dates, times and intervals: `hour(x)` and `EXTRACT(hour FROM x)`.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use jiff::civil::DateTime;

use super::calendar::{civil, date, days};
use crate::functions::cells::map1;
use crate::functions::signature::Param::{Date, DayToSecond, Double, Time, Timestamp, YearToMonth};
use crate::functions::signature::{Call, Gives, Scalar, form};

const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const DATE: Gives = Gives::Is(|| DataType::Date32);

/// A field of the calendar.
macro_rules! calendar {
    ($name:literal, $part:expr) => {
        Scalar {
            name: $name,
            overloads: &[
                form(&[Timestamp], BIGINT, |call| of_timestamp(call, $part)),
                form(&[Date], BIGINT, |call| of_date(call, $part)),
            ],
        }
    };
    ($name:literal, $part:expr, $months:expr) => {
        Scalar {
            name: $name,
            overloads: &[
                form(&[Timestamp], BIGINT, |call| of_timestamp(call, $part)),
                form(&[Date], BIGINT, |call| of_date(call, $part)),
                form(&[YearToMonth], BIGINT, |call| of_months(call, $months)),
            ],
        }
    };
}

/// A field of the clock: the count of `$unit` nanoseconds within `$within` of them.
macro_rules! clock {
    ($name:literal, $unit:literal, $within:literal) => {
        Scalar {
            name: $name,
            overloads: &[
                form(&[Timestamp], BIGINT, |call| of_clock(call, $unit, $within)),
                form(&[Time], BIGINT, |call| of_clock(call, $unit, $within)),
                form(&[DayToSecond], BIGINT, |call| {
                    of_interval(call, $unit, $within)
                }),
            ],
        }
    };
}

pub(super) const FUNCTIONS: &[Scalar] = &[
    calendar!("year", |at| i64::from(at.year()), |months| months / 12),
    calendar!("quarter", |at| i64::from(at.month() - 1) / 3 + 1),
    calendar!("month", |at| i64::from(at.month()), |months| months % 12),
    calendar!("week", week),
    calendar!("week_of_year", week),
    calendar!("day_of_month", day),
    Scalar {
        name: "day",
        overloads: &[
            form(&[Timestamp], BIGINT, |call| of_timestamp(call, day)),
            form(&[Date], BIGINT, |call| of_date(call, day)),
            form(&[DayToSecond], BIGINT, |call| {
                of_interval(call, 86_400_000_000_000, i64::MAX)
            }),
        ],
    },
    calendar!("day_of_week", day_of_week),
    calendar!("dow", day_of_week),
    calendar!("day_of_year", day_of_year),
    calendar!("doy", day_of_year),
    calendar!("year_of_week", year_of_week),
    calendar!("yow", year_of_week),
    clock!("hour", 3_600_000_000_000, 24),
    clock!("minute", 60_000_000_000, 60),
    clock!("second", 1_000_000_000, 60),
    clock!("millisecond", 1_000_000, 1_000),
    clock!("microsecond", 1_000, 1_000_000),
    clock!("nanosecond", 1, 1_000_000_000),
    Scalar {
        name: "last_day_of_month",
        overloads: &[
            form(&[Timestamp], DATE, |call| {
                map1(call, |value: i64| last_day(civil(value).date()))
            }),
            form(&[Date], DATE, |call| {
                map1(call, |value: i32| last_day(date(value)?))
            }),
        ],
    },
    Scalar {
        // All times are UTC.
        name: "current_timezone",
        overloads: &[form(&[], Gives::Is(|| DataType::Utf8View), |call| {
            let names = StringViewArray::from_iter_values(vec!["UTC"; call.rows]);
            Ok(Arc::new(names) as ArrayRef)
        })],
    },
    Scalar {
        name: "human_readable_seconds",
        overloads: &[form(&[Double], Gives::Is(|| DataType::Utf8View), |call| {
            map1(call, |seconds: f64| readable(seconds).map(Some))
        })],
    },
];

fn last_day(date: jiff::civil::Date) -> Result<Option<i32>> {
    days(date.last_of_month()).map(Some)
}

/// Such as `1 week, 5 days, 3 hours, 47 minutes, 16 seconds`; rounded to whole seconds.
fn readable(seconds: f64) -> Result<String> {
    if !seconds.is_finite() {
        return exec_err!("Invalid argument found: {seconds}");
    }
    let mut rest = seconds.abs().round() as u64;
    let mut parts = Vec::new();
    for (unit, size) in [
        ("week", 604_800),
        ("day", 86_400),
        ("hour", 3_600),
        ("minute", 60),
    ] {
        parts.push((rest / size, unit));
        rest %= size;
    }
    let written = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .chain((rest > 0 || seconds.abs() < 0.5).then_some((rest, "second")))
        .map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
    Ok(written.collect::<Vec<_>>().join(", "))
}

fn of_timestamp(call: &Call, part: fn(DateTime) -> i64) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(part(civil(value)))))
}

fn of_date(call: &Call, part: fn(DateTime) -> i64) -> Result<ArrayRef> {
    map1(call, |days: i32| Ok(Some(part(date(days)?.into()))))
}

fn of_months(call: &Call, part: fn(i64) -> i64) -> Result<ArrayRef> {
    map1(call, |months: i32| Ok(Some(part(i64::from(months)))))
}

fn of_clock(call: &Call, unit: i64, within: i64) -> Result<ArrayRef> {
    map1(call, |value: i64| {
        Ok(Some(value.div_euclid(unit).rem_euclid(within)))
    })
}

/// Intervals have a sign of their own: `-90m` is minus one hour and minus thirty minutes.
fn of_interval(call: &Call, unit: i64, within: i64) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(value / unit % within)))
}

fn day(at: DateTime) -> i64 {
    i64::from(at.day())
}

/// Monday is 1.
fn day_of_week(at: DateTime) -> i64 {
    i64::from(at.weekday().to_monday_one_offset())
}

fn day_of_year(at: DateTime) -> i64 {
    i64::from(at.day_of_year())
}

/// The week of ISO 8601.
fn week(at: DateTime) -> i64 {
    i64::from(at.date().iso_week_date().week())
}

/// The year that the ISO week belongs to.
fn year_of_week(at: DateTime) -> i64 {
    i64::from(at.date().iso_week_date().year())
}
