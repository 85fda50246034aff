//! The body of Grafana's webhook, byte for byte, and its signature.

mod json;
mod links;
mod text;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;

use crate::evaluate::Labels;
use crate::go;
use crate::group::Notification;
use crate::state::Alert;

/// What a body says beside its alerts.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Grafana's address, which links begin with; may be empty.
    pub external_url: &'a str,
    /// Grafana's version; empty for one that does not say it.
    pub app_version: &'a str,
    /// The organisation.
    pub org_id: u64,
}

/// One alert as the body and its texts show it.
struct Shown<'a> {
    alert: &'a Alert,
    resolved: bool,
    generator_url: String,
    silence_url: String,
    dashboard_url: String,
    panel_url: String,
}

/// The body of the request, JSON as Grafana's webhook contact point sends it: keys in its order,
/// maps sorted, `<`, `>` and `&` escaped (grafana/alerting `receivers/webhook/v1/webhook.go`,
/// `templates/template_data.go`).
pub fn body(notification: &Notification, context: &Context<'_>) -> Vec<u8> {
    let shown: Vec<Shown<'_>> = notification
        .alerts
        .iter()
        .map(|alert| links::shown(alert, notification.at, context))
        .collect();
    let status = if notification.fires() {
        "firing"
    } else {
        "resolved"
    };
    let common_labels = common(shown.iter().map(|it| &it.alert.labels));
    let common_annotations = common(shown.iter().map(|it| &it.alert.annotations));

    let mut json = json::Object::new();
    json.text("receiver", &go::quote_meta(&notification.receiver));
    json.text("status", status);
    json.raw("alerts", &json::list(shown.iter().map(json::alert)));
    json.map("groupLabels", &notification.group_labels);
    json.map("commonLabels", &common_labels);
    json.map("commonAnnotations", &common_annotations);
    json.text("externalURL", context.external_url);
    if !context.app_version.is_empty() {
        json.text("appVersion", context.app_version);
    }
    json.text("version", "1");
    json.text("groupKey", &notification.group_key);
    json.raw("truncatedAlerts", "0");
    json.raw("orgId", &context.org_id.to_string());
    json.text(
        "title",
        &text::title(status, &shown, &notification.group_labels, &common_labels),
    );
    json.text("state", if status == "firing" { "alerting" } else { "ok" });
    json.text("message", &text::message(&shown));
    json.close().into_bytes()
}

/// The value of the signature's header: HMAC-SHA256 in lower-case hexadecimal digits, over the
/// body, or over `timestamp:body` where the contact point names a header for the time, Unix
/// seconds (grafana/alerting `http/hmac.go`).
pub fn signature(secret: &str, timestamp: Option<i64>, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    if let Some(timestamp) = timestamp {
        context.update(timestamp.to_string().as_bytes());
        context.update(b":");
    }
    context.update(body);
    HEXLOWER.encode(context.sign().as_ref())
}

/// What all maps have alike.
fn common<'a>(mut maps: impl Iterator<Item = &'a Labels>) -> Labels {
    let mut common = maps.next().cloned().unwrap_or_default();
    for map in maps {
        common.retain(|name, value| map.get(name) == Some(value));
    }
    common
}

#[cfg(test)]
mod tests;
