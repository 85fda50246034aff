//! A test file: which rules, what the tables hold, and what is expected when.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use tidewatch_domain::Timestamp;

use super::row::{Row, TableName};
use crate::evaluate::Labels;
use crate::silence::Silence;
use crate::state::State;

/// A test file, read by [`read`](super::read).
#[derive(Clone, Debug, PartialEq)]
pub struct TestFile {
    /// Where it was read from.
    pub file: PathBuf,
    /// The rules, as paths that the program can open.
    pub rule_files: Vec<RuleFile>,
    /// What rule files find in place of environment variables; others are empty.
    pub variables: BTreeMap<String, String>,
    /// What `$__database` and `$__table` stand for, and where rows go that name no table.
    pub table: TableName,
    /// What `$__measure` stands for.
    pub measure: String,
    /// How the table is made.
    pub schema: Schema,
    /// The address of Grafana in links.
    pub external_url: String,
    /// The time 0 of every test.
    pub start: Timestamp,
    /// In the order of the file.
    pub tests: Vec<Test>,
}

/// A file with rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// As the program can open it: relative to the test file.
    pub path: PathBuf,
    /// The line that names it.
    pub line: Option<u64>,
}

/// How a table is made before a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schema {
    /// It has the columns that rows bring, as in Timestream.
    #[default]
    Own,
    /// It has every column of Tidewatch from the start, as Tidewatch makes it.
    Tidewatch,
}

/// One test: a story and what is expected of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its name, unique in the file.
    pub name: String,
    /// Where it begins.
    pub line: Option<u64>,
    /// When rules are evaluated first, from the start; what was written before is history.
    pub evaluate_from: Duration,
    /// Everything that is written, in the order in which it can be read.
    pub rows: Vec<Row>,
    /// Whether hours are rolled up, as the product does with rows of monitors.
    pub rolls_up: bool,
    /// When the data source fails.
    pub failures: Vec<Failure>,
    /// Who does not want to hear of what.
    pub silences: Vec<Silence>,
    /// What is expected of alerts.
    pub alerts: Vec<AlertCheck>,
    /// What is expected to be sent.
    pub notifications: Vec<NotificationCheck>,
}

/// A time in which the data source answers nothing but an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// From when.
    pub from: Timestamp,
    /// Until when, itself not in it.
    pub to: Timestamp,
    /// What it says.
    pub message: String,
}

/// The alerts of a rule that are expected at one time: all that are not `Normal`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertCheck {
    /// Where it is written.
    pub line: Option<u64>,
    /// When, from the start; the newest evaluation then counts.
    pub at: Duration,
    /// The rule's uid or title.
    pub rule: String,
    /// Its alerts.
    pub alerts: Vec<ExpectedAlert>,
}

/// An alert that is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedAlert {
    /// Its state.
    pub state: State,
    /// All of its labels; `alertname` and `grafana_folder` may be left out.
    pub labels: Labels,
    /// Those of its annotations that are compared.
    pub annotations: BTreeMap<String, String>,
    /// Whether it has no other annotations.
    pub no_other_annotations: bool,
    /// Those of its numbers that are compared, by refId.
    pub values: BTreeMap<String, f64>,
}

/// The notifications of a rule that are expected within a time.
#[derive(Clone, Debug, PartialEq)]
pub struct NotificationCheck {
    /// Where it is written.
    pub line: Option<u64>,
    /// From when, from the start.
    pub from: Duration,
    /// Until when, itself in it.
    pub to: Duration,
    /// The rule's uid or title.
    pub rule: String,
    /// All that are sent within that time, in order.
    pub notifications: Vec<ExpectedNotification>,
}

/// A notification that is expected.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedNotification {
    /// When, from the start.
    pub at: Duration,
    /// The contact point, where it is compared.
    pub receiver: Option<String>,
    /// By what the group is one, where it is compared.
    pub group_labels: Option<Labels>,
    /// Status (`firing` or `resolved`) and labels of each alert; in any order.
    pub alerts: Vec<(String, Labels)>,
    /// What the webhook's body holds at least, where it is compared.
    pub payload: Option<serde_json::Value>,
}

impl Test {
    /// When the last check is, from the start.
    pub fn length(&self) -> Duration {
        let alerts = self.alerts.iter().map(|check| check.at);
        let notifications = self.notifications.iter().map(|check| check.to);
        alerts.chain(notifications).max().unwrap_or_default()
    }

    /// The rules that are checked, by what the checks call them.
    pub fn rules(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        let alerts = self.alerts.iter();
        let notifications = self.notifications.iter();
        alerts
            .map(|check| (check.rule.as_str(), check.line))
            .chain(notifications.map(|check| (check.rule.as_str(), check.line)))
    }
}
