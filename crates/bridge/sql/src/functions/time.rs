//! Functions of dates, times and intervals.

mod add;
mod bin;
mod calendar;
mod convert;
mod format;
mod interval;
mod parts;
mod statement;

use super::signature::Scalar;

pub(crate) use calendar::{civil, date, days, nanoseconds};
pub(crate) use convert::parse_timestamp;
pub(crate) use statement::statement_functions;

/// The functions of this family, without those that depend on the statement's `now`.
pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    [
        bin::FUNCTIONS,
        add::FUNCTIONS,
        convert::FUNCTIONS,
        format::FUNCTIONS,
        interval::FUNCTIONS,
        parts::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
