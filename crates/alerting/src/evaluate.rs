//! One evaluation of a rule: its queries, its expressions, and what they come to
//! (`pkg/services/ngalert/eval` of Grafana).

mod run;
mod trace;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_domain::Timestamp;

use crate::source::Source;

pub use run::evaluate;
pub use trace::{Action, StepTrace, Trace};

/// Labels of a series, or of an alert.
pub type Labels = BTreeMap<String, String>;

/// What an evaluation works with.
#[derive(Clone, Copy)]
#[expect(
    missing_debug_implementations,
    reason = "a source of answers has nothing to show"
)]
pub struct Given<'a> {
    /// Where queries are answered.
    pub source: &'a dyn Source,
    /// What the data source's settings say.
    pub defaults: &'a Defaults,
    /// Labels, as the query gave them, of the alerts that fire or are pending now; for recovery
    /// thresholds.
    pub active: &'a BTreeSet<Labels>,
    /// The clock, for `$__now_ms`.
    pub now: Timestamp,
}

/// Settings of the data source, for macros where a query says nothing itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// `$__database`, with its quotes.
    pub database: String,
    /// `$__table`, with its quotes.
    pub table: String,
    /// `$__measure`.
    pub measure: String,
}

/// An evaluation and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// What it found.
    pub evaluation: Evaluation,
    /// Each step.
    pub trace: Trace,
}

/// One evaluation of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// When it was, truncated to the scheduler's beat; ranges end here.
    pub at: Timestamp,
    /// What it found.
    pub found: Found,
}

/// What an evaluation found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A verdict for each series of the condition.
    Instances(Vec<Instance>),
    /// The queries found nothing: an alert for each data source that was empty. None is named
    /// where the condition came to nothing although every query found something.
    NoData(Vec<Empty>),
    /// A query or an expression failed.
    Error {
        /// What failed, as Grafana writes it into the annotation `Error`, with the id of the error
        /// in brackets in front.
        message: String,
        /// The step that failed, where one did, for the label `ref_id`.
        ref_id: Option<String>,
        /// The data source of that step, for the label `datasource_uid`.
        datasource_uid: Option<String>,
    },
}

/// A data source whose queries found nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empty {
    /// For the label `datasource_uid`.
    pub datasource_uid: String,
    /// The refIds that were empty, sorted; separated by commas in the label `ref_id`.
    pub ref_ids: Vec<String>,
}

/// The verdict about one series.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The labels of the series, from the query.
    pub labels: Labels,
    /// Whether the condition holds: whether its value is not 0, so that it holds for NaN; `None`
    /// where there is no value (no data for this series).
    pub holds: Option<bool>,
    /// What each refId gave for these labels, for `$values`: reduced numbers and results of
    /// expressions.
    pub values: BTreeMap<String, Value>,
    /// The text of all of it, Grafana's `valueString`:
    /// `[ var='A' labels={monitor_id=shop} value=3 ]`.
    pub value_string: String,
}

/// A number of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Its labels, of this very number.
    pub labels: Labels,
    /// `None` where there is none; it can be NaN.
    pub value: Option<f64>,
}

#[cfg(test)]
mod tests;
