//! What must hold of the answer.

mod answer;
mod certificate;
mod dns;
mod json;
mod tests_on;
mod transport;

use tidewatch_domain::monitor::{Assertion, Kind, limits};

use super::check::Answer;
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::suggest::alternatives;

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
#[derive(Clone, Copy, Debug)]
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
    Dns(dns::On),
    Reply,
}

/// What answers to HTTP requests have.
const OF_HTTP: [(&str, On); 8] = [
    ("status", On::Status),
    ("http_version", On::HttpVersion),
    ("header", On::Header),
    ("body", On::Body),
    ("body_length", On::BodyLength),
    ("body_sha256", On::BodySha256),
    ("json", On::Json),
    ("final_url", On::FinalUrl),
];

/// What answers of every kind have, as far as they come over TLS.
const OF_ALL: [(&str, On); 4] = [
    ("timing", On::Timing),
    ("certificate", On::Certificate),
    ("tls", On::Tls),
    ("remote_addr", On::RemoteAddr),
];

/// What answers of `kind` can be asked for.
fn choices(kind: Kind) -> Vec<(&'static str, On)> {
    let mut choices = match kind {
        Kind::Http => OF_HTTP.to_vec(),
        Kind::Tcp => vec![("reply", On::Reply)],
        Kind::Tls => Vec::new(),
        Kind::Dns => dns::ON.map(|(word, on)| (word, On::Dns(on))).to_vec(),
    };
    choices.extend(OF_ALL);
    choices
}

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
    const fn is_of_body(self) -> bool {
        matches!(self, On::Body | On::BodyLength | On::BodySha256 | On::Json)
    }
}

fn assertion(node: &Node<'_>, answer: Answer, report: &mut Report) -> Option<Assertion> {
    let mut fields = node.fields("write a map, like `{on: status, is: [200]}`", report)?;
    let choices = choices(answer.kind);
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let remedy = format!("say what is looked at: {}", alternatives(&words));
    let field = fields.required("on", &remedy, report)?;
    let on = field.choice(&choices, report)?;
    if on.is_of_body() && !answer.has_body {
        let remedy = "use the method GET, or look at status and headers only";
        report.fault(&field, "is never there in the answer to HEAD", remedy);
    } else if matches!(on, On::Certificate | On::Tls) && !answer.can_be_secure {
        let remedy = match answer.kind {
            Kind::Http => "watch the https address, or follow redirects",
            Kind::Tcp | Kind::Tls | Kind::Dns => "ask for TLS in `request`",
        };
        report.fault(&field, "is never there without TLS", remedy);
    } else if matches!(on, On::Reply) && !answer.has_reply {
        let remedy = "add an `expect` to `request.dialogue`";
        report.fault(&field, "is never there, because nothing is read", remedy);
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
        On::Dns(on) => dns::assertion(on, fields, report).map(Assertion::Dns),
        On::Reply => tests_on::text(fields, report).map(Assertion::Reply),
    };
    fields.finish(&SYNONYMS, report);
    assertion
}
