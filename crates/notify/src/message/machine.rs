//! Messages for machines.
//!
//! ```json
//! {"v":1, "dedupe_id":"..", "kind":"opened", "status":"firing", "severity":"critical",
//!  "tenant":"acme", "team":"payments", "subject":"[CRITICAL] DOWN acme/shop since 07:00 UTC",
//!  "notices":[{"incident":"acme/shop#7", "kind":"opened", "reminder":0, "tenant":"acme",
//!    "monitor_id":"shop", "outage":7, "since":"..", "until":null, "duration_s":12.5,
//!    "flapping_outages":null, "alerts":[..], "attached":[..], "earlier":[..]}],
//!  "left_out":0}
//! ```
//!
//! Alerts have the form of Grafana's webhook. `left_out` counts those that did not fit.

use serde_json::{Value, json};
use tidewatch_domain::incident::{Alert, Notice, Subject};

use super::Message;
use crate::instant;
use crate::payload::alert_json;

pub(super) fn json(message: &Message, limit: usize) -> String {
    let most = message
        .dispatch()
        .notices()
        .iter()
        .map(|notice| notice.alerts.len() + notice.attached.len() + notice.earlier.len())
        .sum::<usize>();
    let whole = write(message, Detail::Everything, most);
    if whole.len() <= limit {
        return whole;
    }
    let bare = |alerts| write(message, Detail::NoAnnotations, alerts);
    // The most alerts that fit; the text grows with their number.
    let (mut fits, mut too_many) = (0, most + 1);
    while too_many - fits > 1 {
        let middle = fits.midpoint(too_many);
        if bare(middle).len() <= limit {
            fits = middle;
        } else {
            too_many = middle;
        }
    }
    let text = bare(fits);
    if text.len() <= limit {
        return text;
    }
    // Not even the notices fit: what happened, without the list.
    write(message, Detail::Summary, 0)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Everything,
    NoAnnotations,
    Summary,
}

fn write(message: &Message, detail: Detail, most: usize) -> String {
    let mut room = most;
    let mut left_out = 0;
    let mut list = |alerts: &[Alert]| -> Vec<Value> {
        let taken = alerts.len().min(room);
        room -= taken;
        left_out += alerts.len() - taken;
        alerts[..taken]
            .iter()
            .map(|alert| one_alert(alert, detail))
            .collect()
    };
    let notices: Vec<Value> = message
        .dispatch()
        .notices()
        .iter()
        .map(|notice| one_notice(notice, &mut list))
        .collect();
    json!({
        "v": 1,
        "dedupe_id": message.dedupe_id(),
        "kind": message.dispatch().kind(),
        "status": if message.is_firing() { "firing" } else { "resolved" },
        "severity": message.severity().name(),
        "tenant": message.tenant(),
        "team": message.team(),
        "subject": message.subject(),
        "notices": if detail == Detail::Summary { Vec::new() } else { notices },
        "left_out": left_out,
    })
    .to_string()
}

fn one_notice(notice: &Notice, list: &mut impl FnMut(&[Alert]) -> Vec<Value>) -> Value {
    let monitor_id = match &notice.subject {
        Subject::Monitor(key) => Some(key.monitor_id.as_str()),
        Subject::Alert(_) => None,
    };
    let until = notice.until();
    let lasted = until.unwrap_or(notice.at).since(notice.since());
    json!({
        "incident": notice.incident(),
        "kind": notice.kind.name(),
        "reminder": notice.number,
        "tenant": notice.tenant(),
        "monitor_id": monitor_id,
        "outage": notice.outage(),
        "since": instant::format(notice.since()),
        "until": until.map(instant::format),
        "duration_s": lasted.as_secs_f64(),
        "flapping_outages": notice.flapping,
        "alerts": list(&notice.alerts),
        "attached": list(&notice.attached),
        "earlier": list(&notice.earlier),
    })
}

fn one_alert(alert: &Alert, detail: Detail) -> Value {
    let mut json = alert_json(alert);
    if detail != Detail::Everything
        && let Some(fields) = json.as_object_mut()
    {
        fields.remove("annotations");
    }
    json
}
