//! From the text of a test file to tests.

mod cast;
mod checks;
mod csv;
mod rows;

use std::path::Path;
use std::time::Duration;

use tidewatch_definitions::{Tree, Value};
use tidewatch_domain::{Timestamp, schema};

use super::file::{Failure, RuleFile, Schema, Test, TestFile};
use super::play;
use super::row::TableName;
use crate::document::{Faults, Map, Node};
use crate::evaluate::Labels;
use crate::fault::Fault;

/// The time 0 of tests that name none: the beginning of an hour, and of a week.
const START: Timestamp = Timestamp::from_secs(1_767_571_200); // 2026-01-05T00:00:00Z
/// The longest that a test may take.
const LONGEST: Duration = Duration::from_secs(31 * 24 * 60 * 60);

/// Reads a test file. Files beside it, which it names, are opened by `open`.
///
/// Errors: everything that is wrong with it.
pub fn read(
    file: &Path,
    text: &str,
    open: &dyn Fn(&Path) -> std::io::Result<String>,
) -> Result<TestFile, Vec<Fault>> {
    let mut faults = Faults::new(file);
    let tree = faults.parse(text);
    let read = tree.and_then(|tree| {
        let map = Node::root(&tree).map(&mut faults)?;
        Some(test_file(file, map, open, &mut faults))
    });
    match read {
        Some(read) if faults.list.is_empty() => Ok(read),
        _ => Err(faults.list),
    }
}

fn test_file(
    file: &Path,
    mut map: Map<'_>,
    open: &dyn Fn(&Path) -> std::io::Result<String>,
    faults: &mut Faults,
) -> TestFile {
    let mut text = |name: &'static str, default: &str, faults: &mut Faults| {
        let node = map.get(name);
        let found = node.and_then(|node| node.word(faults));
        found.unwrap_or_else(|| default.to_owned())
    };
    let table = TableName {
        database: text("database", schema::DATABASE, faults),
        table: text("table", schema::TABLE, faults),
    };
    let measure = text("measure", "", faults);
    let external_url = text("external_url", "http://localhost:3000/", faults);
    let start = map.get("start").and_then(|node| node.parsed(faults));
    let schemas = [("tidewatch", Schema::Tidewatch), ("own", Schema::Own)];
    let schema = map
        .get("schema")
        .and_then(|node| node.choice(&schemas, faults));
    let folder = file.parent().unwrap_or(Path::new(""));
    let rule_file = |node: &Node<'_>, faults: &mut Faults| {
        Some(RuleFile {
            path: folder.join(node.word(faults)?),
            line: node.line,
        })
    };
    let rule_files: Vec<RuleFile> = match map.required("rule_files", faults) {
        Some(node) => {
            let nodes = node.list(faults);
            nodes
                .iter()
                .filter_map(|node| rule_file(node, faults))
                .collect()
        }
        None => Vec::new(),
    };
    let variables = map.texts("variables", faults).into_iter().collect();
    let place = Place {
        file,
        table: &table,
        start: start.unwrap_or(START),
        open,
    };
    let mut tests: Vec<Test> = Vec::new();
    for node in map.list("tests", faults) {
        let Some(test) = place.test(&node, faults) else {
            continue;
        };
        if tests.iter().any(|earlier| earlier.name == test.name) {
            faults.at(&node, format!("`{}` is the name of two tests", test.name));
        }
        tests.push(test);
    }
    if tests.is_empty() && faults.list.is_empty() {
        faults.at(&map.node, "has no tests; write them under `tests`");
    }
    map.finish(faults);
    TestFile {
        file: file.to_owned(),
        rule_files,
        variables,
        start: place.start,
        schema: schema.unwrap_or_default(),
        table,
        measure,
        external_url,
        tests,
    }
}

/// What the tests of a file have in common.
struct Place<'a> {
    file: &'a Path,
    table: &'a TableName,
    start: Timestamp,
    open: &'a dyn Fn(&Path) -> std::io::Result<String>,
}

impl Place<'_> {
    fn test(&self, node: &Node<'_>, faults: &mut Faults) -> Option<Test> {
        let mut map = node.map(faults)?;
        let name = map
            .required("name", faults)
            .and_then(|node| node.word(faults));
        let interval = map
            .get("interval")
            .and_then(|node| rows::interval(&node, faults))
            .unwrap_or(rows::USUAL_INTERVAL);
        let evaluate_from = map
            .get("evaluate_from")
            .and_then(|node| node.duration(faults));
        let alerts = checks::alerts(&mut map, faults);
        let notifications = checks::notifications(&mut map, faults);
        let mut test = Test {
            name: name.unwrap_or_default(),
            line: node.line,
            evaluate_from: evaluate_from.unwrap_or_default(),
            rows: Vec::new(),
            rolls_up: false,
            failures: self.failures(&mut map, faults),
            silences: checks::silences(&mut map, self.start, faults),
            alerts,
            notifications,
        };
        let length = test.length();
        if length > LONGEST {
            faults.at(node, "takes longer than 31 days; check earlier");
            return None;
        }
        if test.alerts.is_empty() && test.notifications.is_empty() {
            faults.at(
                node,
                "checks nothing; add `alert_rule_test` or `notification_test`",
            );
        }
        for node in map.list("rows", faults) {
            let rows = rows::rows(self, &node, interval, faults);
            test.rows.extend(rows);
        }
        let casts = cast::casts(self.file, &mut map, faults);
        test.rolls_up = !casts.is_empty();
        test.rows
            .extend(play::rows(&casts, self.table, self.start, length));
        test.rows.sort_by_key(|row| row.known_at);
        map.finish(faults);
        Some(test)
    }

    fn failures(&self, map: &mut Map<'_>, faults: &mut Faults) -> Vec<Failure> {
        let mut failures = Vec::new();
        for node in map.list("failures", faults) {
            let Some(mut map) = node.map(faults) else {
                continue;
            };
            let (from, to) = span(&mut map, self.start, faults);
            let message = map.get("message").and_then(|node| node.word(faults));
            map.finish(faults);
            failures.push(Failure {
                from,
                to,
                message: message.unwrap_or_else(|| "the data source does not answer".to_owned()),
            });
        }
        failures
    }
}

/// `from` and `to`; from the start and without an end where they are absent.
fn span(map: &mut Map<'_>, start: Timestamp, faults: &mut Faults) -> (Timestamp, Timestamp) {
    let mut at = |name: &'static str| map.get(name).and_then(|node| node.duration(faults));
    let (from, to) = (at("from").unwrap_or_default(), at("to"));
    let to = to.unwrap_or(LONGEST);
    if to <= from {
        faults.at(
            &map.node,
            "ends before it begins; let `to` be later than `from`",
        );
    }
    (start.plus(from), start.plus(to))
}

fn labels(map: &mut Map<'_>, name: &'static str, faults: &mut Faults) -> Labels {
    map.texts(name, faults).into_iter().collect()
}

/// A value as JSON.
fn json(tree: &Tree) -> serde_json::Value {
    match &tree.value {
        Value::Null | Value::Unreadable { .. } => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(pairs) => pairs
            .iter()
            .map(|(name, tree)| (name.clone(), json(tree)))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
