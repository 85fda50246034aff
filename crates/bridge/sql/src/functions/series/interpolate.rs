//! Values of a series between its points.
//!
//! Each function takes an array of times and gives a series with exactly these times, or one time
//! and gives one value. Outside the observed span the linear and the cubic functions give null;
//! carrying forward gives null before the first point only.

mod spline;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, TimestampNanosecondType};
use datafusion::common::{Result, plan_err};

use super::points::{SeriesBuilder, known_points, numeric, picked, wanted_times};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{Double, Series, Timestamp, Timestamps};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::{series_of, series_value};

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "interpolate_linear",
        overloads: &[
            form(&[Series, Timestamps], Gives::From(doubles), |call| {
                curve(call, linear)
            }),
            form(&[Series, Timestamp], Gives::From(double), |call| {
                value(call, linear)
            }),
        ],
    },
    Scalar {
        name: "interpolate_spline_cubic",
        overloads: &[
            form(&[Series, Timestamps], Gives::From(doubles), |call| {
                curve(call, spline::natural)
            }),
            form(&[Series, Timestamp], Gives::From(double), |call| {
                value(call, spline::natural)
            }),
        ],
    },
    Scalar {
        name: "interpolate_locf",
        overloads: &[
            form(&[Series, Timestamps], Gives::Like(0), carry_forward),
            form(
                &[Series, Timestamp],
                Gives::From(value_type),
                carry_forward_once,
            ),
        ],
    },
    Scalar {
        name: "interpolate_fill",
        overloads: &[
            form(&[Series, Timestamps, Double], Gives::From(doubles), fill),
            form(&[Series, Timestamp, Double], Gives::From(double), fill_once),
        ],
    },
];

fn doubles(types: &[DataType]) -> Result<DataType> {
    numeric("interpolation", types)?;
    Ok(series_of(DataType::Float64))
}

fn double(types: &[DataType]) -> Result<DataType> {
    numeric("interpolation", types)?;
    Ok(DataType::Float64)
}

fn value_type(types: &[DataType]) -> Result<DataType> {
    match series_value(&types[0]) {
        Some(value) => Ok(value.clone()),
        None => plan_err!("a time series was expected"),
    }
}

/// Values at some times from known points in the order of time.
type Method = fn(&[(i64, f64)], &[i64]) -> Vec<Option<f64>>;

fn curve(call: &Call, method: Method) -> Result<ArrayRef> {
    let mut series = SeriesBuilder::default();
    for row in 0..call.rows {
        let (points, times) = (
            known_points(&call.args[0], row)?,
            wanted_times(&call.args[1], row),
        );
        series.append(points.zip(times).map(|(points, times)| {
            let values = method(&points, &times);
            times.into_iter().zip(values).collect()
        }));
    }
    series.finish(&call.gives)
}

fn value(call: &Call, method: Method) -> Result<ArrayRef> {
    let values = (0..call.rows).map(|row| {
        let Some(time) = cell::<i64>(&call.args[1], row) else {
            return Ok(None);
        };
        let Some(points) = known_points(&call.args[0], row)? else {
            return Ok(None);
        };
        Ok(method(&points, &[time]).first().copied().flatten())
    });
    Ok(std::sync::Arc::new(
        values.collect::<Result<Float64Array>>()?,
    ))
}

fn linear(points: &[(i64, f64)], times: &[i64]) -> Vec<Option<f64>> {
    times
        .iter()
        .map(|time| {
            let after = points.partition_point(|(at, _)| at < time);
            let (to, upper) = *points.get(after)?;
            if to == *time {
                return Some(upper);
            }
            let (from, lower) = *points.get(after.checked_sub(1)?)?;
            let part = (i128::from(*time) - i128::from(from)) as f64
                / (i128::from(to) - i128::from(from)) as f64;
            Some(lower + (upper - lower) * part)
        })
        .collect()
}

/// For each row the elements of its series that have a value: time and position among the values.
fn positions(series: &ArrayRef, row: usize) -> Option<Vec<(i64, u32)>> {
    let lists = series.as_list::<i32>();
    if lists.is_null(row) {
        return None;
    }
    let points = lists.values().as_struct();
    let times = points.column(0).as_primitive::<TimestampNanosecondType>();
    let values = points.column(1);
    let range = lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
    Some(
        range
            .filter(|at| times.is_valid(*at) && values.is_valid(*at))
            .map(|at| (times.value(at), at as u32))
            .collect(),
    )
}

fn last_before(points: &[(i64, u32)], time: i64) -> Option<u32> {
    let after = points.partition_point(|(at, _)| *at <= time);
    Some(points.get(after.checked_sub(1)?)?.1)
}

fn carry_forward(call: &Call) -> Result<ArrayRef> {
    let picks = (0..call.rows).map(|row| {
        let (points, times) = (
            positions(&call.args[0], row)?,
            wanted_times(&call.args[1], row)?,
        );
        Some(
            times
                .into_iter()
                .map(|time| (time, last_before(&points, time)))
                .collect(),
        )
    });
    picked(
        call.args[0].as_list::<i32>().values().as_struct().column(1),
        picks.collect(),
    )
}

fn carry_forward_once(call: &Call) -> Result<ArrayRef> {
    let picks: UInt32Array = (0..call.rows)
        .map(|row| {
            last_before(
                &positions(&call.args[0], row)?,
                cell::<i64>(&call.args[1], row)?,
            )
        })
        .collect();
    let values = call.args[0].as_list::<i32>().values();
    Ok(take(values.as_struct().column(1), &picks, None)?)
}

fn exact(points: &[(i64, f64)], time: i64) -> Option<f64> {
    points
        .binary_search_by_key(&time, |(at, _)| *at)
        .ok()
        .map(|at| points[at].1)
}

/// The constant wherever the series has no point at that very time.
fn fill(call: &Call) -> Result<ArrayRef> {
    let mut series = SeriesBuilder::default();
    for row in 0..call.rows {
        let (points, times) = (
            known_points(&call.args[0], row)?,
            wanted_times(&call.args[1], row),
        );
        let constant = cell::<f64>(&call.args[2], row);
        series.append(points.zip(times).map(|(points, times)| {
            times
                .into_iter()
                .map(|time| (time, exact(&points, time).or(constant)))
                .collect()
        }));
    }
    series.finish(&call.gives)
}

fn fill_once(call: &Call) -> Result<ArrayRef> {
    let values = (0..call.rows).map(|row| {
        let Some(time) = cell::<i64>(&call.args[1], row) else {
            return Ok(None);
        };
        let Some(points) = known_points(&call.args[0], row)? else {
            return Ok(None);
        };
        Ok(exact(&points, time).or_else(|| cell::<f64>(&call.args[2], row)))
    });
    Ok(std::sync::Arc::new(
        values.collect::<Result<Float64Array>>()?,
    ))
}
