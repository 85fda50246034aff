//! Rounding points in time down.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use jiff::civil::{Date, DateTime, time};

use super::calendar::{civil, date, days, nanoseconds};
use crate::functions::cells::{map1, map2};
use crate::functions::signature::Param::{
    Bigint, Date as DateParam, DayToSecond, Integer, Timestamp, Varchar,
};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::TIMESTAMP;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "bin",
        overloads: &[
            form(&[Timestamp, DayToSecond], Gives::Is(|| TIMESTAMP), bin),
            form(&[Bigint, Bigint], Gives::Is(|| DataType::Int64), bin),
            form(
                &[Integer, Integer],
                Gives::Is(|| DataType::Int32),
                bin_integer,
            ),
        ],
    },
    Scalar {
        name: "date_trunc",
        overloads: &[
            form(
                &[Varchar, Timestamp],
                Gives::Is(|| TIMESTAMP),
                truncate_timestamp,
            ),
            form(
                &[Varchar, DateParam],
                Gives::Is(|| DataType::Date32),
                truncate_date,
            ),
        ],
    },
];

/// Rounds down to a multiple of the width, counted from the epoch, so that `30day` is not aligned
/// with the calendar.
fn bin(call: &Call) -> Result<ArrayRef> {
    if let Some(Some(width)) = call.constants.get(1) {
        // The width is nearly always a literal: check it once, not per row.
        let width = i64::read_scalar(width)?;
        return match width {
            None => map2(call, |_: i64, _: i64| Ok(None::<i64>)),
            Some(width) => {
                let width = positive(width)?;
                map1(call, |value: i64| floor(value, width).map(Some))
            }
        };
    }
    map2(call, |value: i64, width: i64| {
        floor(value, positive(width)?).map(Some)
    })
}

fn bin_integer(call: &Call) -> Result<ArrayRef> {
    map2(call, |value: i32, width: i32| {
        let width = positive(i64::from(width))?;
        Ok(i32::try_from(floor(i64::from(value), width)?).ok())
    })
}

trait ReadScalar: Sized {
    fn read_scalar(value: &datafusion::common::ScalarValue) -> Result<Option<Self>>;
}

impl ReadScalar for i64 {
    fn read_scalar(value: &datafusion::common::ScalarValue) -> Result<Option<Self>> {
        let array = value.to_array()?;
        Ok(crate::functions::cells::cell(&array, 0))
    }
}

fn positive(width: i64) -> Result<i64> {
    if width <= 0 {
        return exec_err!("bin needs a width above zero");
    }
    Ok(width)
}

fn floor(value: i64, width: i64) -> Result<i64> {
    value
        .checked_sub(value.rem_euclid(width))
        .ok_or_else(|| exec_datafusion_err!("bin: the result is out of range"))
}

fn truncate_timestamp(call: &Call) -> Result<ArrayRef> {
    map2(call, |unit: &str, value: i64| {
        let at = civil(value);
        let exact = |width: i64| floor(value, width);
        Ok(Some(match unit.to_ascii_lowercase().as_str() {
            "millisecond" => exact(1_000_000)?,
            "second" => exact(1_000_000_000)?,
            "minute" => exact(60_000_000_000)?,
            "hour" => exact(3_600_000_000_000)?,
            unit => {
                let day = start_of(unit, at.date())?;
                nanoseconds(DateTime::from_parts(day, time(0, 0, 0, 0)))?
            }
        }))
    })
}

fn truncate_date(call: &Call) -> Result<ArrayRef> {
    map2(call, |unit: &str, value: i32| {
        Ok(Some(days(start_of(
            &unit.to_ascii_lowercase(),
            date(value)?,
        )?)?))
    })
}

/// The first day of the unit that `day` lies in; weeks begin on Monday.
fn start_of(unit: &str, day: Date) -> Result<Date> {
    let first = match unit {
        "day" => return Ok(day),
        "week" => {
            let back = i32::from(day.weekday().to_monday_zero_offset());
            return date(days(day)? - back);
        }
        "month" => Date::new(day.year(), day.month(), 1),
        "quarter" => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
        "year" => Date::new(day.year(), 1, 1),
        _ => return exec_err!("'{unit}' is not a valid Timestamp field"),
    };
    first.map_err(|_| exec_datafusion_err!("Date out of range: {day}"))
}
