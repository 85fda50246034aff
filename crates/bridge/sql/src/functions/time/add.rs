//! Calendar arithmetic by unit.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use jiff::civil::DateTime;

use super::calendar::{civil, date, days, nanoseconds, plus_months};
use crate::functions::cells::{map2, map3};
use crate::functions::signature::Param::{Bigint, Date, DayToSecond, Time, Timestamp, Varchar};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::TIMESTAMP;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "date_add",
        overloads: &[
            form(
                &[Varchar, Bigint, Timestamp],
                Gives::Is(|| TIMESTAMP),
                add_timestamp,
            ),
            form(
                &[Varchar, Bigint, Date],
                Gives::Is(|| DataType::Date32),
                add_date,
            ),
        ],
    },
    Scalar {
        name: "date_diff",
        overloads: &[
            form(
                &[Varchar, Timestamp, Timestamp],
                Gives::Is(|| DataType::Int64),
                diff_timestamp,
            ),
            form(
                &[Varchar, Date, Date],
                Gives::Is(|| DataType::Int64),
                diff_date,
            ),
        ],
    },
    // A time of day goes round midnight.
    Scalar {
        name: "$time_plus",
        overloads: &[form(&[Time, DayToSecond], Gives::Like(0), |call| {
            map2(call, |time: i64, by: i64| {
                Ok(Some((time + by % DAY).rem_euclid(DAY)))
            })
        })],
    },
    Scalar {
        name: "$time_minus",
        overloads: &[form(&[Time, DayToSecond], Gives::Like(0), |call| {
            map2(call, |time: i64, by: i64| {
                Ok(Some((time - by % DAY).rem_euclid(DAY)))
            })
        })],
    },
];

enum Unit {
    Nanoseconds(i64),
    Months(i64),
}

fn unit(name: &str) -> Result<Unit> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "nanosecond" => Unit::Nanoseconds(1),
        "microsecond" => Unit::Nanoseconds(1_000),
        "millisecond" => Unit::Nanoseconds(1_000_000),
        "second" => Unit::Nanoseconds(1_000_000_000),
        "minute" => Unit::Nanoseconds(60_000_000_000),
        "hour" => Unit::Nanoseconds(3_600_000_000_000),
        "day" => Unit::Nanoseconds(DAY),
        "week" => Unit::Nanoseconds(7 * DAY),
        "month" => Unit::Months(1),
        "quarter" => Unit::Months(3),
        "year" => Unit::Months(12),
        _ => return exec_err!("'{name}' is not a valid Timestamp field"),
    })
}

const DAY: i64 = 86_400_000_000_000;

fn add_timestamp(call: &Call) -> Result<ArrayRef> {
    map3(call, |name: &str, count: i64, value: i64| {
        Ok(Some(match unit(name)? {
            Unit::Nanoseconds(size) => count
                .checked_mul(size)
                .and_then(|delta| value.checked_add(delta))
                .ok_or_else(|| exec_datafusion_err!("date_add: the result is out of range"))?,
            Unit::Months(size) => nanoseconds(plus_months(civil(value), count, size)?)?,
        }))
    })
}

fn add_date(call: &Call) -> Result<ArrayRef> {
    map3(call, |name: &str, count: i64, value: i32| {
        let out_of_range = || exec_datafusion_err!("date_add: the result is out of range");
        Ok(Some(match unit(name)? {
            Unit::Nanoseconds(size) if size % DAY == 0 => i32::try_from(count)
                .ok()
                .and_then(|count| count.checked_mul((size / DAY) as i32))
                .and_then(|delta| value.checked_add(delta))
                .ok_or_else(out_of_range)?,
            Unit::Nanoseconds(_) => return exec_err!("'{name}' is not a valid DATE field"),
            Unit::Months(size) => days(plus_months(date(value)?.into(), count, size)?.date())?,
        }))
    })
}

/// Whole units from the second to the third argument, towards zero.
fn diff_timestamp(call: &Call) -> Result<ArrayRef> {
    map3(call, |name: &str, from: i64, to: i64| {
        Ok(Some(match unit(name)? {
            Unit::Nanoseconds(size) => {
                ((i128::from(to) - i128::from(from)) / i128::from(size)) as i64
            }
            Unit::Months(size) => months_between(civil(from), civil(to)) / size,
        }))
    })
}

fn diff_date(call: &Call) -> Result<ArrayRef> {
    map3(call, |name: &str, from: i32, to: i32| {
        Ok(Some(match unit(name)? {
            Unit::Nanoseconds(size) if size % DAY == 0 => {
                (i64::from(to) - i64::from(from)) / (size / DAY)
            }
            Unit::Nanoseconds(_) => return exec_err!("'{name}' is not a valid DATE field"),
            Unit::Months(size) => months_between(date(from)?.into(), date(to)?.into()) / size,
        }))
    })
}

fn months_between(from: DateTime, to: DateTime) -> i64 {
    let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month());
    let whole = months(to) - months(from);
    let rest = |at: DateTime| (at.day(), at.time());
    // A month counts only when its day and time have been reached.
    match whole.signum() {
        1 if rest(to) < rest(from) => whole - 1,
        -1 if rest(to) > rest(from) => whole + 1,
        _ => whole,
    }
}
