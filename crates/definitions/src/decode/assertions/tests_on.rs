//! Tests on texts and numbers.

use regex::RegexBuilder;
use tidewatch_domain::monitor::{NumberTest, TextTest};

use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

/// The longest wanted text or regular expression, in bytes.
const LONGEST: usize = 4 * 1024;
/// A compiled expression beyond this is refused: every monitor keeps its own.
const LARGEST_REGEX: usize = 1024 * 1024;
const TESTS: [&str; 4] = ["equals", "contains", "not_contains", "matches"];

/// Exactly one test on a text.
pub(super) fn text(fields: &mut Fields<'_>, report: &mut Report) -> Option<TextTest> {
    let given: Vec<_> = TESTS
        .into_iter()
        .filter_map(|name| Some((name, fields.get(name)?)))
        .collect();
    let [(name, node)] = given.as_slice() else {
        let remedy = "write exactly one of equals, contains, not_contains and matches";
        let problem = match given.len() {
            0 => "has no test".to_owned(),
            count => format!("has {count} tests"),
        };
        report.fault(fields.own_place(), problem, remedy);
        return None;
    };
    let text = node.text(report)?;
    if text.len() > LONGEST {
        let problem = format!("is {} bytes long", text.len());
        report.fault(node, problem, format!("use at most {LONGEST} bytes"));
        return None;
    }
    if text.is_empty() && *name != "equals" {
        let problem = "is empty, so the test says nothing";
        report.fault(node, problem, "write the text that is looked for");
        return None;
    }
    match *name {
        "equals" => Some(TextTest::Equals(text.to_owned())),
        "contains" => Some(TextTest::Contains(text.to_owned())),
        "not_contains" => Some(TextTest::NotContains(text.to_owned())),
        _ => matches(node, text, report),
    }
}

fn matches(node: &Node<'_>, text: &str, report: &mut Report) -> Option<TextTest> {
    match RegexBuilder::new(text).size_limit(LARGEST_REGEX).build() {
        Ok(regex) => Some(TextTest::Matches(regex)),
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ").trim();
            let problem = format!("is not a regular expression: {reason}");
            report.fault(
                node,
                problem,
                "correct it; look-around and references are not known",
            );
            None
        }
    }
}

/// Bounds of a number: `equals`, or `at_least`, `at_most` or both.
pub(super) fn number(fields: &mut Fields<'_>, report: &mut Report) -> Option<NumberTest> {
    const REMEDY: &str = "write a number, without quotes";
    let mut bound = |name| {
        let node = fields.get(name)?;
        Some(node.decimal(REMEDY, report))
    };
    let (equals, least, most) = (bound("equals"), bound("at_least"), bound("at_most"));
    let remedy = "write equals, or at_least, at_most or both";
    let (least, most) = match (equals, least, most) {
        (None, None, None) => {
            report.fault(fields.own_place(), "has no test", remedy);
            return None;
        }
        // What could not be read was reported.
        (Some(equals), None, None) => (Some(equals?), Some(equals?)),
        (None, least, most) => (bounded(least)?, bounded(most)?),
        _ => {
            report.fault(fields.own_place(), "has equals and bounds", remedy);
            return None;
        }
    };
    let test = NumberTest::try_new(least, most);
    if test.is_none() {
        let problem = "can never hold: at_least is more than at_most";
        report.fault(fields.own_place(), problem, "exchange the two");
    }
    test
}

/// A bound that is absent, or there and readable.
fn bounded(bound: Option<Option<f64>>) -> Option<Option<f64>> {
    match bound {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

/// One or more wanted values, each read by `read`; `None` after a fault.
pub(super) fn wanted<T>(
    node: &Node<'_>,
    remedy: &str,
    read: impl Fn(&Node<'_>, &mut Report) -> Option<T>,
    report: &mut Report,
) -> Option<Vec<T>> {
    let nodes = node.one_or_more(report)?;
    if nodes.is_empty() {
        report.fault(node, "is empty, so no answer would do", remedy);
        return None;
    }
    let values: Vec<T> = nodes.iter().filter_map(|node| read(node, report)).collect();
    (values.len() == nodes.len()).then_some(values)
}

/// Lets every test stand unread.
pub(super) fn pass_over(fields: &mut Fields<'_>) {
    for name in TESTS.into_iter().chain(["at_least", "at_most", "is"]) {
        let _ = fields.get(name);
    }
}

/// Reports a test on a text beside `only`, which says everything.
pub(super) fn no_other(
    fields: &mut Fields<'_>,
    only: &Node<'_>,
    report: &mut Report,
) -> Option<()> {
    let others = TESTS
        .iter()
        .filter(|name| fields.get(name).is_some())
        .count();
    if others > 0 {
        let problem = "is there beside another test";
        report.fault(only.name_place(), problem, "write two assertions");
        return None;
    }
    Some(())
}
