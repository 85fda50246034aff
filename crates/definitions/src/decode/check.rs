//! What is done to watch the target: one module per kind of check.

use tidewatch_domain::monitor::{Check, Kind};

use super::secrets::Policy;
use super::{dns, http, target};
use crate::fields::Fields;
use crate::report::Report;

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
            });
        }
        Some(kind @ Kind::Dns) => {
            let dns = dns::dns(target.as_ref(), fields, secrets.mode, report);
            decoded.check = dns.map(Check::Dns);
            decoded.answer = Some(Answer {
                kind,
                has_body: false,
            });
        }
        None => {
            // What a request has depends on the kind, which is the fault to be corrected first.
            let _ = fields.get("request");
        }
    }
    decoded
}
