//! Demands on values within a body of JSON.

use tidewatch_domain::monitor::{Assertion, JsonPath, JsonPathError, JsonTest, NumberTest};

use super::tests_on;
use crate::decode::http;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 1_024;
const TESTS: [&str; 8] = [
    "exists",
    "count",
    "equals",
    "contains",
    "not_contains",
    "matches",
    "at_least",
    "at_most",
];

pub(super) fn json(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let remedy = "write a JSONPath, like `$.status`";
    let path = fields
        .required("path", remedy, report)
        .and_then(|node| path(&node, report));
    let test = test(fields, report);
    Some(Assertion::Json {
        path: path?,
        test: test?,
    })
}

fn path(node: &Node<'_>, report: &mut Report) -> Option<JsonPath> {
    let text = node.line(LONGEST_PATH, report)?;
    match JsonPath::parse(text) {
        Ok(path) => Some(path),
        Err(error) => {
            let remedy = match error {
                JsonPathError::Syntax { .. } => {
                    "begin with `$` and write names like `$.hits[0].id`; RFC 9535 has the rest"
                }
                JsonPathError::Costly { .. } => "name the way to the value, and use `@` in filters",
            };
            report.fault(node, error.to_string(), remedy);
            None
        }
    }
}

fn test(fields: &mut Fields<'_>, report: &mut Report) -> Option<JsonTest> {
    // An explicit null is a value that is looked for here.
    let given: Vec<&str> = TESTS
        .into_iter()
        .filter(|name| fields.given(name).is_some())
        .collect();
    match given.as_slice() {
        ["exists"] => {
            let node = fields.given("exists")?;
            node.boolean(report).map(JsonTest::Exists)
        }
        ["count"] => {
            let node = fields.given("count")?;
            count(&node, report).map(JsonTest::Count)
        }
        ["equals"] => {
            let node = fields.given("equals")?;
            http::json(&node, None, report).map(JsonTest::Equals)
        }
        ["contains" | "not_contains" | "matches"] => {
            tests_on::text(fields, report).map(JsonTest::Text)
        }
        ["at_least" | "at_most"] | ["at_least", "at_most"] => {
            tests_on::number(fields, report).map(JsonTest::Number)
        }
        others => {
            let problem = match others.len() {
                0 => "has no test".to_owned(),
                count => format!("has {count} tests"),
            };
            let remedy = "write one of exists, count, equals, contains, not_contains and matches, \
                          or at_least, at_most or both";
            report.fault(fields.own_place(), problem, remedy);
            None
        }
    }
}

/// A number, or bounds of one.
fn count(node: &Node<'_>, report: &mut Report) -> Option<NumberTest> {
    if let Value::Map(_) = node.tree.value {
        let mut fields = node.fields("", report)?;
        let test = tests_on::number(&mut fields, report);
        fields.finish(&[("min", "at_least"), ("max", "at_most")], report);
        return test;
    }
    let number = node.decimal("write a number, or `{at_least: 1}`", report)?;
    NumberTest::try_new(Some(number), Some(number))
}
