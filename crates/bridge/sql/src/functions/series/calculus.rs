//! Derivatives and integrals of series.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};

use super::points::{SeriesBuilder, known_points, numeric};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{DayToSecond, Series};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::series_of;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "derivative_linear",
        overloads: &[form(&[Series, DayToSecond], Gives::From(series), |call| {
            derive(call, false)
        })],
    },
    Scalar {
        name: "non_negative_derivative_linear",
        overloads: &[form(&[Series, DayToSecond], Gives::From(series), |call| {
            derive(call, true)
        })],
    },
    Scalar {
        name: "integral_trapezoidal",
        overloads: &[
            form(&[Series], Gives::From(double), integrate),
            form(&[Series, DayToSecond], Gives::From(double), integrate),
        ],
    },
];

fn series(types: &[DataType]) -> Result<DataType> {
    numeric("the derivative", types)?;
    Ok(series_of(DataType::Float64))
}

fn double(types: &[DataType]) -> Result<DataType> {
    numeric("integral_trapezoidal", types)?;
    Ok(DataType::Float64)
}

fn unit(call: &Call, row: usize) -> Result<Option<f64>> {
    let Some(units) = call.args.get(1) else {
        return Ok(Some(1e9));
    };
    match cell::<i64>(units, row) {
        Some(unit) if unit > 0 => Ok(Some(unit as f64)),
        Some(_) => exec_err!("the interval must be above zero"),
        None => Ok(None),
    }
}

/// The change from each point to the next per interval, at the time of the later point.
fn derive(call: &Call, non_negative: bool) -> Result<ArrayRef> {
    let mut result = SeriesBuilder::default();
    for row in 0..call.rows {
        let points = known_points(&call.args[0], row)?;
        let unit = unit(call, row)?;
        result.append(points.zip(unit).map(|(points, unit)| {
            points
                .windows(2)
                .filter(|pair| pair[1].0 > pair[0].0)
                .map(|pair| {
                    let elapsed = (i128::from(pair[1].0) - i128::from(pair[0].0)) as f64;
                    let slope = (pair[1].1 - pair[0].1) / elapsed * unit;
                    (pair[1].0, (!non_negative || slope >= 0.0).then_some(slope))
                })
                .filter(|(_, slope)| slope.is_some())
                .collect()
        }));
    }
    result.finish(&call.gives)
}

/// The area under the lines between the points, in values times intervals (one second by default).
fn integrate(call: &Call) -> Result<ArrayRef> {
    let areas = (0..call.rows).map(|row| {
        let (Some(points), Some(unit)) = (known_points(&call.args[0], row)?, unit(call, row)?)
        else {
            return Ok(None);
        };
        let area = |pair: &[(i64, f64)]| {
            let width = (i128::from(pair[1].0) - i128::from(pair[0].0)) as f64 / unit;
            (pair[0].1 + pair[1].1) / 2.0 * width
        };
        Ok(Some(points.windows(2).map(area).sum::<f64>()))
    });
    Ok(Arc::new(areas.collect::<Result<Float64Array>>()?))
}
