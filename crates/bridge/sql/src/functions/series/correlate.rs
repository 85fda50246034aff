//! Correlation of two series over the same times.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};

use super::points::{known_points, numeric};
use crate::functions::signature::Param::Series;
use crate::functions::signature::{Call, Gives, Scalar, form};

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "correlate_pearson",
        overloads: &[form(&[Series, Series], Gives::From(double), |call| {
            correlate(call, |v| v)
        })],
    },
    Scalar {
        name: "correlate_spearman",
        overloads: &[form(&[Series, Series], Gives::From(double), |call| {
            correlate(call, ranks)
        })],
    },
];

fn double(types: &[DataType]) -> Result<DataType> {
    numeric("the correlation", &types[..1])?;
    numeric("the correlation", &types[1..])?;
    Ok(DataType::Float64)
}

fn correlate(call: &Call, prepare: fn(Vec<f64>) -> Vec<f64>) -> Result<ArrayRef> {
    let values = (0..call.rows).map(|row| {
        let (a, b) = (
            known_points(&call.args[0], row)?,
            known_points(&call.args[1], row)?,
        );
        let (Some(a), Some(b)) = (a, b) else {
            return Ok(None);
        };
        if a.len() != b.len() || a.iter().zip(&b).any(|(a, b)| a.0 != b.0) {
            return exec_err!("the two time series must have the same times");
        }
        let [a, b] = [a, b].map(|points| prepare(points.into_iter().map(|(_, v)| v).collect()));
        Ok(pearson(&a, &b))
    });
    Ok(Arc::new(values.collect::<Result<Float64Array>>()?))
}

/// Null for fewer than two points; NaN when one series is constant.
fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() < 2 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f(a - mean_a, b - mean_b))
            .sum()
    };
    Some(sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt())
}

/// Ranks from one; equal values share the mean of their ranks.
fn ranks(values: Vec<f64>) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let same = order[first..]
            .iter()
            .take_while(|i| values[**i] == values[order[first]])
            .count()
            .max(1);
        let rank = first as f64 + (same as f64 + 1.0) / 2.0;
        order[first..first + same]
            .iter()
            .for_each(|i| ranks[*i] = rank);
        first += same;
    }
    ranks
}
