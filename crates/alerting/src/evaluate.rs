//! What one evaluation of a rule found.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;

/// Labels of a series, or of an alert.
pub type Labels = BTreeMap<String, String>;

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
        /// What failed, as Grafana writes it into the annotation `Error`.
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
