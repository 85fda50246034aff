//! Functions of time series.

mod calculus;
mod correlate;
mod interpolate;
mod points;

use super::signature::Scalar;

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    [
        interpolate::FUNCTIONS,
        calculus::FUNCTIONS,
        correlate::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
