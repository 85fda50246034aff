//! Between points in time and numbers or text.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use jiff::Timestamp as Instant;
use jiff::civil::DateTime;

use super::calendar::{civil, days, nanoseconds};
use crate::dialect::{Duration, parse_duration};
use crate::functions::cells::map1;
use crate::functions::signature::Param::{Bigint, Date, DayToSecond, Double, Timestamp, Varchar};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::{DAY_TO_SECOND, TIMESTAMP};

const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const INSTANT: Gives = Gives::Is(|| TIMESTAMP);

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "from_milliseconds",
        overloads: &[form(&[Bigint], INSTANT, from_milliseconds)],
    },
    Scalar {
        name: "from_nanoseconds",
        overloads: &[form(&[Bigint], INSTANT, from_nanoseconds)],
    },
    Scalar {
        name: "from_unixtime",
        overloads: &[form(&[Double], INSTANT, from_unixtime)],
    },
    Scalar {
        name: "from_iso8601_timestamp",
        overloads: &[form(&[Varchar], INSTANT, from_iso8601_timestamp)],
    },
    Scalar {
        name: "from_iso8601_date",
        overloads: &[form(
            &[Varchar],
            Gives::Is(|| DataType::Date32),
            from_iso8601_date,
        )],
    },
    Scalar {
        name: "to_milliseconds",
        overloads: &[
            form(&[DayToSecond], BIGINT, interval_to_milliseconds),
            form(&[Timestamp], BIGINT, to_milliseconds),
        ],
    },
    Scalar {
        name: "to_nanoseconds",
        overloads: &[
            form(&[DayToSecond], BIGINT, to_nanoseconds),
            form(&[Timestamp], BIGINT, to_nanoseconds),
        ],
    },
    Scalar {
        name: "to_unixtime",
        overloads: &[form(
            &[Timestamp],
            Gives::Is(|| DataType::Float64),
            to_unixtime,
        )],
    },
    Scalar {
        name: "to_iso8601",
        overloads: &[
            form(&[Timestamp], Gives::Is(|| DataType::Utf8View), to_iso8601),
            form(&[Date], Gives::Is(|| DataType::Utf8View), date_to_iso8601),
        ],
    },
    Scalar {
        name: "date",
        overloads: &[
            form(&[Date], Gives::Like(0), |call| Ok(call.args[0].clone())),
            form(&[Timestamp], Gives::Is(|| DataType::Date32), date_of),
        ],
    },
    Scalar {
        name: "parse_duration",
        overloads: &[form(&[Varchar], Gives::Is(|| DAY_TO_SECOND), duration)],
    },
];

fn from_milliseconds(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| {
        value
            .checked_mul(1_000_000)
            .map(Some)
            .ok_or_else(|| out_of_range(value))
    })
}

fn from_nanoseconds(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(value)))
}

/// Seconds with a fraction; the fraction counts to the millisecond, as in Trino.
fn from_unixtime(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: f64| {
        let milliseconds = (value * 1e3).round();
        if !(-9.2e12..=9.2e12).contains(&milliseconds) {
            return exec_err!("Timestamp out of range: {value} seconds");
        }
        Ok(Some(milliseconds as i64 * 1_000_000))
    })
}

fn out_of_range(value: i64) -> datafusion::error::DataFusionError {
    exec_datafusion_err!("Timestamp out of range: {value} milliseconds")
}

fn from_iso8601_timestamp(call: &Call) -> Result<ArrayRef> {
    map1(call, |text: &str| {
        let parsed = text
            .parse::<Instant>()
            .ok()
            .and_then(|at| i64::try_from(at.as_nanosecond()).ok());
        match parsed.or_else(|| parse_timestamp(text)) {
            Some(value) => Ok(Some(value)),
            None => exec_err!("Invalid format: \"{text}\""),
        }
    })
}

fn from_iso8601_date(call: &Call) -> Result<ArrayRef> {
    map1(call, |text: &str| match text.parse::<jiff::civil::Date>() {
        Ok(date) => days(date).map(Some),
        Err(_) => exec_err!("Invalid format: \"{text}\""),
    })
}

/// Rounds down, so that instants before 1970 keep their order.
fn to_milliseconds(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(value.div_euclid(1_000_000))))
}

fn interval_to_milliseconds(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(value / 1_000_000)))
}

fn to_nanoseconds(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| Ok(Some(value)))
}

fn to_unixtime(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| {
        let (seconds, rest) = (
            value.div_euclid(1_000_000_000),
            value.rem_euclid(1_000_000_000),
        );
        Ok(Some(seconds as f64 + rest as f64 / 1e9))
    })
}

fn to_iso8601(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| {
        let at = civil(value);
        Ok(Some(format!(
            "{}T{:02}:{:02}:{:02}.{:09}Z",
            at.date(),
            at.hour(),
            at.minute(),
            at.second(),
            at.subsec_nanosecond()
        )))
    })
}

fn date_to_iso8601(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i32| {
        Ok(Some(super::calendar::date(value)?.to_string()))
    })
}

fn date_of(call: &Call) -> Result<ArrayRef> {
    map1(call, |value: i64| {
        Ok(i32::try_from(value.div_euclid(86_400_000_000_000)).ok())
    })
}

fn duration(call: &Call) -> Result<ArrayRef> {
    debug_assert_ne!(call.gives, DataType::Interval(IntervalUnit::YearMonth));
    map1(call, |text: &str| match parse_duration(text) {
        Some(Duration::Nanoseconds(value)) => Ok(Some(value)),
        Some(Duration::Months(_)) | None => exec_err!("Invalid duration: '{text}'"),
    })
}

/// Parses `2022-06-17`, `2022-06-17 10:15`, `2022-06-17 10:15:20.123456789`, with a blank or a `T`
/// between date and time and an optional zone: nanoseconds since the epoch.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(local) = text.parse::<DateTime>()
        && !text.ends_with(['Z', 'z'])
        && !has_offset(text)
    {
        return nanoseconds(local).ok();
    }
    let text = text
        .strip_suffix(" UTC")
        .map_or_else(|| text.to_owned(), |local| format!("{local}Z"));
    let instant: Instant = text.parse().ok()?;
    i64::try_from(instant.as_nanosecond()).ok()
}

/// Whether a numeric offset such as `+02:00` follows the time of day.
fn has_offset(text: &str) -> bool {
    text.find([' ', 'T', 't'])
        .is_some_and(|time| text[time..].contains(['+', '-']))
}
