//! What is done to watch the target: one module per kind of check.

use tidewatch_domain::monitor::{Check, DnsCheck, DnsTransport, Expectation, Kind};

use super::secrets::Policy;
use super::{dns, http, target, tcp};
use crate::fields::Fields;
use crate::node::Node;
use crate::report::Report;
use crate::tree::Value;

/// What was decoded; faults are in the report.
#[derive(Debug)]
pub(super) struct Decoded {
    /// The target as written.
    pub(super) target: Option<String>,
    /// `None` when something is wrong with it.
    pub(super) check: Option<Check>,
    /// What there is to be said about an answer; `None` when the kind is not known.
    pub(super) answer: Option<Answer>,
}

/// What an answer can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The kind that gives it.
    pub(super) kind: Kind,
    /// Whether it can have a body.
    pub(super) has_body: bool,
    /// Whether it can come over TLS.
    pub(super) can_be_secure: bool,
    /// Whether it is a reply of a dialogue.
    pub(super) has_reply: bool,
}

/// The fields `target`, `kind` and `request`.
pub(super) fn check(fields: &mut Fields<'_>, secrets: Policy<'_>, report: &mut Report) -> Decoded {
    let target = target::target(fields, report);
    let kind = target::kind(fields, target.as_ref(), report);
    let mut decoded = Decoded {
        target: target.as_ref().map(|target| target.text.to_owned()),
        check: None,
        answer: None,
    };
    match kind {
        Some(kind @ Kind::Http) => {
            let http = http::http(target.as_ref(), fields, secrets, report);
            decoded.check = http.check.map(Check::Http);
            decoded.answer = Some(Answer {
                kind,
                has_body: http.has_body,
                can_be_secure: http.can_be_secure,
                has_reply: false,
            });
        }
        Some(kind @ Kind::Dns) => {
            let dns = dns::dns(target.as_ref(), fields, secrets, report);
            let over_tls = |check: &DnsCheck| check.transport == Some(DnsTransport::Tls);
            decoded.answer = Some(Answer {
                kind,
                has_body: false,
                can_be_secure: dns.as_ref().is_none_or(over_tls),
                has_reply: false,
            });
            decoded.check = dns.map(Check::Dns);
        }
        Some(kind @ Kind::Tcp) => {
            let tcp = tcp::tcp(target.as_ref(), fields, secrets, report);
            decoded.answer = Some(Answer {
                kind,
                has_body: false,
                can_be_secure: tcp.as_ref().is_none_or(|check| check.encryption.is_some()),
                has_reply: tcp.as_ref().is_none_or(tcp::has_reply),
            });
            decoded.check = tcp.map(Check::Tcp);
            refuse_reuse(fields, kind, report);
        }
        Some(kind @ Kind::Tls) => {
            decoded.check = tcp::tls(target.as_ref(), fields, secrets, report).map(Check::Tls);
            decoded.answer = Some(Answer {
                kind,
                has_body: false,
                can_be_secure: true,
                has_reply: false,
            });
            refuse_reuse(fields, kind, report);
        }
        None => {
            // What a request has depends on the kind, which is the fault to be corrected first.
            let _ = fields.get("request");
        }
    }
    decoded
}

/// The field `expect`.
pub(super) fn expectation(fields: &mut Fields<'_>, report: &mut Report) -> Option<Expectation> {
    let choices: Vec<_> = Expectation::ALL
        .iter()
        .map(|expectation| (expectation.name(), *expectation))
        .collect();
    fields.get("expect")?.choice(&choices, report)
}

/// Reports timeouts of parts that attempts of this kind do not have.
pub(super) fn refuse_idle_timeouts(
    fields: &mut Fields<'_>,
    answer: Option<Answer>,
    report: &mut Report,
) {
    let (Some(answer), Some(timeouts)) = (answer, fields.get("timeouts")) else {
        return;
    };
    let idle = [
        ("tls", answer.can_be_secure, "nothing here speaks TLS"),
        (
            "header",
            answer.kind == Kind::Http,
            "only answers of the kind http have a header",
        ),
    ];
    for (name, has_part, problem) in idle {
        let given = timeouts.tree.get(name);
        let given = given.filter(|tree| !matches!(tree.value, Value::Null));
        if let Some(tree) = given.filter(|_| !has_part) {
            let node = Node {
                path: format!("{}.{name}", timeouts.path),
                tree,
                hidden: false,
            };
            report.fault(&node, format!("limits nothing: {problem}"), "leave it out");
        }
    }
}

/// Reports that attempts of `kind` are to share a connection, which is what they check.
fn refuse_reuse(fields: &mut Fields<'_>, kind: Kind, report: &mut Report) {
    if let Some(node) = fields.get("connection")
        && node.tree.is_text("reuse")
    {
        let problem = format!(
            "is not for the kind {}: the connection is checked",
            kind.name()
        );
        report.fault(&node, problem, "write `fresh`, or leave it out");
    }
}
