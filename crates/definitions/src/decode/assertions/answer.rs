//! Demands on the head of an answer, and on its body as a whole.

use tidewatch_domain::monitor::{Assertion, HttpVersion, Sha256Digest, StatusRange, StatusSet};

use super::tests_on;
use crate::decode::headers;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::{Place, Report};
use crate::tree::Value;

pub(super) fn status(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let is = fields.required("is", "list the wanted codes, like `[200, \"3xx\"]`", report)?;
    let ranges = tests_on::wanted(&is, "list the wanted codes", status_range, report)?;
    Some(Assertion::Status(StatusSet::new(ranges)))
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

pub(super) fn http_version(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let is = fields.required("is", "list the wanted versions, like `[\"2\"]`", report)?;
    let versions = tests_on::wanted(&is, "list the wanted versions", version, report)?;
    Some(Assertion::HttpVersion(versions))
}

/// YAML takes `2` and `1.1` for numbers.
fn version(node: &Node<'_>, report: &mut Report) -> Option<HttpVersion> {
    let (Value::Number(text) | Value::Text(text)) = &node.tree.value else {
        node.mismatch("a version of HTTP", "write 1.0, 1.1 or 2", report);
        return None;
    };
    let known = HttpVersion::ALL
        .iter()
        .copied()
        .find(|version| version.name() == text);
    if known.is_none() {
        report.fault(node, "is no version of HTTP", "write 1.0, 1.1 or 2");
    }
    known
}

pub(super) fn header(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let name = fields.required("name", "name the header, like `content-type`", report);
    let name = name.and_then(|node| {
        let text = node.text(report)?;
        headers::response_name(text, Place::from(&node), report)
    });
    if let Some(node) = fields.get("present") {
        let present = node.boolean(report);
        tests_on::no_other(fields, &node, report)?;
        return Some(Assertion::HeaderPresent {
            name: name?,
            present: present?,
        });
    }
    let test = tests_on::text(fields, report);
    Some(Assertion::Header {
        name: name?,
        test: test?,
    })
}

pub(super) fn body_sha256(fields: &mut Fields<'_>, report: &mut Report) -> Option<Assertion> {
    let node = fields.required("equals", "write the digest", report)?;
    digest(&node, report).map(Assertion::BodySha256)
}

/// A SHA-256 digest.
pub(super) fn digest(node: &Node<'_>, report: &mut Report) -> Option<Sha256Digest> {
    let digest = Sha256Digest::parse(node.text(report)?.trim());
    if digest.is_none() {
        let remedy = "write its 64 hexadecimal digits, as `sha256sum` prints them";
        report.fault(node, "is no SHA-256 digest", remedy);
    }
    digest
}
