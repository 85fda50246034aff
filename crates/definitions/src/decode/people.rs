//! How bad an outage is, who is called, and what they do then.

use tidewatch_domain::monitor::{Severity, limits};

use super::target::web_url;
use crate::fields::Fields;
use crate::report::Report;

/// Severity, team and runbook.
#[derive(Debug)]
pub(super) struct People {
    pub(super) severity: Severity,
    pub(super) team: Option<String>,
    pub(super) runbook_url: Option<String>,
}

/// The fields `severity`, `team` and `runbook_url`.
pub(super) fn people(fields: &mut Fields<'_>, report: &mut Report) -> People {
    let choices: Vec<_> = Severity::ALL
        .iter()
        .map(|severity| (severity.name(), *severity))
        .collect();
    let severity = fields
        .get("severity")
        .and_then(|node| node.choice(&choices, report))
        .unwrap_or(Severity::Critical);
    let team = fields
        .get("team")
        .and_then(|node| node.line(limits::TEXT, report))
        .map(str::to_owned);
    let runbook_url = fields
        .get("runbook_url")
        .filter(|node| web_url(node, report).is_some())
        .and_then(|node| node.text(report))
        .map(str::to_owned);
    People {
        severity,
        team,
        runbook_url,
    }
}
