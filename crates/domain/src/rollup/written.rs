//! Rollups that are there already.

use std::collections::HashMap;

use super::{Series, whole};
use crate::record::{Record, Value};
use crate::schema::measure;

/// What is compared of two rollups: everything whole. A sum of floats may differ in its last digit
/// from one reading to the next, and changes only when a count does.
pub(super) const COMPARED: [&str; 16] = [
    measure::GOOD,
    measure::BAD,
    measure::EXPECTED,
    measure::UNOBSERVED,
    measure::MAINTAINED,
    measure::LATENCY_COUNT,
    measure::LATENCY_KEPT,
    measure::LATENCY_LE_25,
    measure::LATENCY_LE_50,
    measure::LATENCY_LE_100,
    measure::LATENCY_LE_200,
    measure::LATENCY_LE_400,
    measure::LATENCY_LE_800,
    measure::LATENCY_LE_1600,
    measure::LATENCY_LE_3200,
    measure::LATENCY_LE_6400,
];

/// A rollup that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whose rollup.
    pub series: Series,
    numbers: HashMap<&'static str, i64>,
}

impl Written {
    /// Reads a row of [`written_statement`](super::written_statement), whose cells `column` gives
    /// by name; `None` for a row that cannot be of a monitor.
    pub fn of_row(column: impl Fn(&str) -> Option<Value>) -> Option<Self> {
        let numbers = COMPARED
            .into_iter()
            .filter_map(|name| Some((name, whole(column(name))?)));
        Some(Written {
            series: Series::of_row(&column)?,
            numbers: numbers.collect(),
        })
    }

    /// Whether it says what `record` says.
    pub(super) fn says(&self, record: &Record) -> bool {
        COMPARED
            .iter()
            .all(|name| self.numbers.get(name).copied() == whole(record.measure(name).cloned()))
    }
}
