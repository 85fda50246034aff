//! What must hold of the answer.

mod answer;
mod certificate;
mod json;
mod tests_on;
mod transport;

use tidewatch_domain::monitor::{Assertion, Kind, limits};

use super::check::Answer;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;

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

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum On {
    Status,
    HttpVersion,
    Header,
    Body,
    BodyLength,
    BodySha256,
    Json,
    FinalUrl,
    Timing,
    Certificate,
    Tls,
    RemoteAddr,
}

const CHOICES: [(&str, On); 12] = [
    ("status", On::Status),
    ("http_version", On::HttpVersion),
    ("header", On::Header),
    ("body", On::Body),
    ("body_length", On::BodyLength),
    ("body_sha256", On::BodySha256),
    ("json", On::Json),
    ("final_url", On::FinalUrl),
    ("timing", On::Timing),
    ("certificate", On::Certificate),
    ("tls", On::Tls),
    ("remote_addr", On::RemoteAddr),
];

/// Words that other tools use.
const SYNONYMS: [(&str, &str); 12] = [
    ("equal", "equals"),
    ("eq", "equals"),
    ("regex", "matches"),
    ("min", "at_least"),
    ("max", "at_most"),
    ("gte", "at_least"),
    ("lte", "at_most"),
    ("max_ms", "at_most_ms"),
    ("jsonpath", "path"),
    ("query", "path"),
    ("header", "name"),
    ("timing", "phase"),
];

impl On {
    /// Whether there is such a thing in answers to HTTP requests only.
    const fn is_of_http(self) -> bool {
        !matches!(
            self,
            On::Timing | On::Certificate | On::Tls | On::RemoteAddr
        )
    }

    const fn is_of_body(self) -> bool {
        matches!(self, On::Body | On::BodyLength | On::BodySha256 | On::Json)
    }
}

fn assertion(node: &Node<'_>, answer: Answer, report: &mut Report) -> Option<Assertion> {
    let mut fields = node.fields("write a map, like `{on: status, is: [200]}`", report)?;
    let field = fields.required(
        "on",
        "say what is looked at: `status`, `header`, `body`, `json`, or another of docs/monitors.md",
        report,
    )?;
    let on = field.choice(&CHOICES, report)?;
    if on.is_of_http() && answer.kind != Kind::Http {
        let problem = format!(
            "is not there in answers of the kind `{}`",
            answer.kind.name()
        );
        report.fault(&field, problem, "look at something else");
    } else if on.is_of_body() && !answer.has_body {
        let remedy = "use the method GET, or look at status and headers only";
        report.fault(&field, "is never there in the answer to HEAD", remedy);
    } else if matches!(on, On::Certificate | On::Tls) && !answer.can_be_secure {
        let remedy = "watch the https address, or follow redirects";
        report.fault(&field, "is never there without TLS", remedy);
    }
    let fields = &mut fields;
    let assertion = match on {
        On::Status => answer::status(fields, report),
        On::HttpVersion => answer::http_version(fields, report),
        On::Header => answer::header(fields, report),
        On::Body => tests_on::text(fields, report).map(Assertion::Body),
        On::BodyLength => tests_on::number(fields, report).map(Assertion::BodyLength),
        On::BodySha256 => answer::body_sha256(fields, report),
        On::Json => json::json(fields, report),
        On::FinalUrl => tests_on::text(fields, report).map(Assertion::FinalUrl),
        On::Timing => transport::timing(fields, report),
        On::Certificate => certificate::certificate(fields, report),
        On::Tls => transport::tls(fields, report),
        On::RemoteAddr => transport::remote_addr(fields, report),
    };
    fields.finish(&SYNONYMS, report);
    assertion
}
