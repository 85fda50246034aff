//! Alerts of our own in the form of Grafana's webhook.

use serde_json::{Map, Value, json};
use tidewatch_domain::incident::{Alert, Status};

use crate::instant;

/// What Grafana writes for an end that is not there yet.
const NO_END: &str = "0001-01-01T00:00:00Z";

/// The body of a webhook with `alerts`, from a sender that calls itself `receiver`.
pub fn payload_of(receiver: &str, alerts: &[Alert]) -> Value {
    let fires = alerts.iter().any(|alert| alert.status == Status::Firing);
    json!({
        "receiver": receiver,
        "status": if fires { "firing" } else { "resolved" },
        "alerts": alerts.iter().map(alert_json).collect::<Vec<_>>(),
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "version": "1",
        "groupKey": receiver,
        "truncatedAlerts": 0,
    })
}

/// One alert of the list.
pub fn alert_json(alert: &Alert) -> Value {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    set("status", json!(alert.status.name()));
    set("labels", json!(alert.labels));
    set("annotations", json!(alert.annotations));
    set("startsAt", json!(instant::format(alert.starts_at)));
    let end = alert.ends_at.map(instant::format);
    set("endsAt", json!(end.as_deref().unwrap_or(NO_END)));
    set("fingerprint", json!(alert.fingerprint));
    set("values", json!(alert.values));
    let links = [
        ("generatorURL", &alert.links.generator),
        ("silenceURL", &alert.links.silence),
        ("dashboardURL", &alert.links.dashboard),
        ("panelURL", &alert.links.panel),
    ];
    for (name, link) in links {
        set(name, json!(link.as_deref().unwrap_or_default()));
    }
    Value::Object(fields)
}
