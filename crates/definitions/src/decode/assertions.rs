//! What must hold of the answer.

mod dns;

use regex::RegexBuilder;
use tidewatch_domain::monitor::{Assertion, Kind, StatusRange, StatusSet, TextTest, limits};

use super::check::Answer;
use super::headers;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::{Place, Report};
use crate::suggest::alternatives;
use crate::tree::Value;

/// The longest wanted text or regular expression, in bytes.
const LONGEST: usize = 4 * 1024;
/// A compiled expression beyond this is refused: every monitor keeps its own.
const LARGEST_REGEX: usize = 1024 * 1024;
const TESTS: [&str; 4] = ["equals", "contains", "not_contains", "matches"];

/// The field `assertions`.
pub(super) fn assertions(
    fields: &mut Fields<'_>,
    answer: Option<Answer>,
    report: &mut Report,
) -> Vec<Assertion> {
    let Some(node) = fields.get("assertions") else {
        return Vec::new();
    };
    let remedy = "write a list, like `[{on: status, is: [200]}]`";
    let Some(nodes) = node.list(remedy, report) else {
        return Vec::new();
    };
    if nodes.len() > limits::ASSERTIONS {
        let problem = format!("has {} elements", nodes.len());
        report.fault(
            &node,
            problem,
            format!("use at most {}", limits::ASSERTIONS),
        );
        return Vec::new();
    }
    let Some(answer) = answer else {
        // What can be asked for depends on the kind, which is the fault to be corrected first.
        return Vec::new();
    };
    nodes
        .iter()
        .filter_map(|node| assertion(node, answer, report))
        .collect()
}

#[derive(Clone, Copy)]
enum On {
    Status,
    Header,
    Body,
    Dns(dns::On),
}

fn assertion(node: &Node<'_>, answer: Answer, report: &mut Report) -> Option<Assertion> {
    let mut fields = node.fields("write a map, like `{on: status, is: [200]}`", report)?;
    let choices: Vec<(&str, On)> = match answer.kind {
        Kind::Http => vec![
            ("status", On::Status),
            ("header", On::Header),
            ("body", On::Body),
        ],
        Kind::Dns => dns::ON.map(|(word, on)| (word, On::Dns(on))).into(),
    };
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let remedy = format!("say what is looked at: {}", alternatives(&words));
    let on = fields.required("on", &remedy, report)?;
    let assertion = match on.choice(&choices, report)? {
        On::Status => status(&mut fields, report),
        On::Header => header(&mut fields, report),
        On::Body => {
            if !answer.has_body {
                let remedy = "use the method GET, or look at status and headers only";
                report.fault(&on, "is never there in the answer to HEAD", remedy);
            }
            text_test(&mut fields, report).map(Assertion::Body)
        }
        On::Dns(on) => dns::assertion(on, &mut fields, report).map(Assertion::Dns),
    };
    fields.finish(
        &[("equal", "equals"), ("regex", "matches"), ("in", "is")],
        report,
    );
    assertion
}

fn status(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let is = fields.required("is", "list the wanted codes, like `[200, \"3xx\"]`", report)?;
    let nodes = is.one_or_more(report)?;
    if nodes.is_empty() {
        report.fault(
            &is,
            "is empty, so no answer would do",
            "list the wanted codes",
        );
        return None;
    }
    let wanted = nodes.len();
    let ranges: Vec<_> = nodes
        .iter()
        .filter_map(|node| status_range(node, report))
        .collect();
    (ranges.len() == wanted).then(|| Assertion::Status(StatusSet::new(ranges)))
}

/// `200`, `"2xx"` or `"300-399"`.
fn status_range(node: &Node<'_>, report: &mut Report) -> Option<StatusRange> {
    let text = match &node.tree.value {
        Value::Number(text) | Value::Text(text) => text.as_str(),
        _ => {
            node.mismatch("a status code", "write 200, \"2xx\" or \"300-399\"", report);
            return None;
        }
    };
    let code = |text: &str| text.parse().ok().filter(|code| (100..=599).contains(code));
    let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
    let range = if let Some(class) = class {
        code(&format!("{class}00")).map(|first| StatusRange {
            first,
            last: first + 99,
        })
    } else if let Some((first, last)) = text.split_once('-') {
        code(first)
            .zip(code(last))
            .map(|(first, last)| StatusRange { first, last })
    } else {
        code(text).map(|code| StatusRange {
            first: code,
            last: code,
        })
    };
    let range = range.filter(|range| range.first <= range.last);
    if range.is_none() {
        let remedy = "write codes from 100 to 599 as 200, \"2xx\" or \"300-399\"";
        report.fault(node, "is no status code", remedy);
    }
    range
}

fn header(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let name = fields.required("name", "name the header, like `content-type`", report);
    let name = name.and_then(|node| {
        let text = node.text(report)?;
        headers::response_name(text, Place::from(&node), report)
    });
    let test = text_test(fields, report);
    Some(Assertion::Header {
        name: name?,
        test: test?,
    })
}

fn text_test(fields: &mut Fields<'_>, report: &mut Report) -> Option<TextTest> {
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
        _ => match RegexBuilder::new(text).size_limit(LARGEST_REGEX).build() {
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
        },
    }
}
