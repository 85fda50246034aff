//! Addresses of an alert's rule, silence, dashboard and panel in Grafana
//! (grafana/alerting `templates/template_data.go`; the rule's from `StateToPostableAlert` of
//! `pkg/services/ngalert/state/compat.go`).

use std::time::Duration;

use tidewatch_domain::Timestamp;
use url::Url;

use crate::go;
use crate::state::{Alert, RULE_UID};

use super::{Context, Shown};

/// A dashboard opens from this long before the alert began.
const BEFORE: Duration = Duration::from_secs(3600);

/// An alert with its links, in a message that is sent at `at`.
pub(super) fn shown<'a>(alert: &'a Alert, at: Timestamp, context: &Context<'_>) -> Shown<'a> {
    let resolved = alert.resolved_at.is_some();
    let mut shown = Shown {
        alert,
        resolved,
        generator_url: String::new(),
        silence_url: String::new(),
        dashboard_url: String::new(),
        panel_url: String::new(),
    };
    let Ok(base) = Url::parse(context.external_url) else {
        return shown;
    };
    let org_id = Some(("orgId", alert.org_id.to_string())).filter(|_| alert.org_id != 0);

    let rule = ["alerting", "grafana", &alert.rule_uid, "view"];
    shown.generator_url = address(&base, &rule, org_id.clone());

    let mut matchers = vec![format!("{RULE_UID}={}", alert.rule_uid)];
    matchers.extend(
        alert
            .labels
            .iter()
            .filter(|(name, _)| *name != "alertname" && *name != "grafana_folder")
            .map(|(name, value)| format!("{name}={value}")),
    );
    let query = [("alertmanager", "grafana".to_owned())]
        .into_iter()
        .chain(matchers.into_iter().map(|matcher| ("matcher", matcher)))
        .chain(org_id.clone());
    shown.silence_url = address(&base, &["alerting", "silence", "new"], query);

    if let Some(uid) = &alert.dashboard_uid {
        let to = if resolved { alert.ends_at } else { at };
        let from = alert.starts_at.minus(BEFORE);
        let range = [("from", from.as_millis().to_string())]
            .into_iter()
            .chain(org_id)
            .chain([("to", to.as_millis().to_string())]);
        shown.dashboard_url = address(&base, &["d", uid], range.clone());
        if let Some(panel) = alert.panel_id {
            let range = range.chain([("viewPanel", panel.to_string())]);
            shown.panel_url = address(&base, &["d", uid], range);
        }
    }
    shown
}

/// An address below `base`. The keys of `query` are in order, as Go encodes them.
fn address(
    base: &Url,
    segments: &[&str],
    query: impl IntoIterator<Item = (&'static str, String)>,
) -> String {
    let mut address = base.clone();
    address.set_query(None);
    if let Ok(mut path) = address.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    let query: Vec<String> = query
        .into_iter()
        .map(|(key, value)| format!("{key}={}", go::query_escape(&value)))
        .collect();
    if query.is_empty() {
        address.into()
    } else {
        format!("{address}?{}", query.join("&"))
    }
}
