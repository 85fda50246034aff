//! Arithmetic of intervals that Arrow lacks; operators are planned as these.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::calendar::{civil, date, days, nanoseconds, plus_months};
use crate::functions::cells::map2;
use crate::functions::signature::Param::{Date, DayToSecond, Double, Timestamp, YearToMonth};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::TIMESTAMP;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "$add_months",
        overloads: &[
            form(
                &[Timestamp, YearToMonth],
                Gives::Is(|| TIMESTAMP),
                add_months_to_timestamp,
            ),
            form(
                &[Date, YearToMonth],
                Gives::Is(|| DataType::Date32),
                add_months_to_date,
            ),
        ],
    },
    Scalar {
        name: "$sum_months",
        overloads: &[form(&[YearToMonth, YearToMonth], Gives::Like(0), |call| {
            map2(call, |a: i32, b: i32| {
                a.checked_add(b).map(Some).ok_or_else(overflow)
            })
        })],
    },
    Scalar {
        name: "$multiply",
        overloads: &[
            form(&[DayToSecond, Double], Gives::Like(0), |call| {
                scale(call, |factor| factor)
            }),
            form(&[YearToMonth, Double], Gives::Like(0), |call| {
                scale_months(call, |factor| factor)
            }),
        ],
    },
    Scalar {
        name: "$divide",
        overloads: &[
            form(&[DayToSecond, Double], Gives::Like(0), |call| {
                scale(call, f64::recip)
            }),
            form(&[YearToMonth, Double], Gives::Like(0), |call| {
                scale_months(call, f64::recip)
            }),
        ],
    },
];

fn overflow() -> datafusion::error::DataFusionError {
    exec_datafusion_err!("interval overflow")
}

fn add_months_to_timestamp(call: &Call) -> Result<ArrayRef> {
    map2(call, |value: i64, months: i32| {
        nanoseconds(plus_months(civil(value), i64::from(months), 1)?).map(Some)
    })
}

fn add_months_to_date(call: &Call) -> Result<ArrayRef> {
    map2(call, |value: i32, months: i32| {
        days(plus_months(date(value)?.into(), i64::from(months), 1)?.date()).map(Some)
    })
}

fn scale(call: &Call, factor: fn(f64) -> f64) -> Result<ArrayRef> {
    map2(call, |interval: i64, number: f64| {
        // Whole factors, which are most, keep every nanosecond.
        if number.fract() == 0.0 && number.abs() < 9e15 {
            let number = number as i64;
            return match (factor(2.0) == 2.0, number) {
                (true, number) => interval.checked_mul(number).map(Some).ok_or_else(overflow),
                (false, 0) => exec_err!("Division by zero"),
                (false, number) => Ok(Some(interval / number)),
            };
        }
        let scaled = (interval as f64 * factor(number)).round();
        if scaled.abs() < 9.2e18 {
            Ok(Some(scaled as i64))
        } else {
            Err(overflow())
        }
    })
}

fn scale_months(call: &Call, factor: fn(f64) -> f64) -> Result<ArrayRef> {
    map2(call, |months: i32, number: f64| {
        let scaled = (f64::from(months) * factor(number)).round();
        if scaled.abs() < f64::from(i32::MAX) {
            Ok(Some(scaled as i32))
        } else {
            Err(overflow())
        }
    })
}
