use serde_json::json;

use super::*;

fn alert() -> Value {
    json!({
        "status": "resolved",
        "labels": { "alertname": "Monitor down", "rule": "down", "n": 5 },
        "annotations": { "since": "2026-11-22T06:59:57Z" },
        "startsAt": "2026-11-22T08:00:00+01:00",
        "endsAt": "2026-11-22T07:12:03.25Z",
        "generatorURL": "https://grafana/alerting/grafana/x/view",
        "fingerprint": "00c8e2",
        "silenceURL": "", "dashboardURL": "", "panelURL": "",
        "values": { "A": 12, "C": null, "D": { "value": 1 } },
        "valueString": "", "orgId": 1, "enrichments": [], "brandNew": true,
    })
}

#[test]
fn an_alert_is_read_with_tolerance_for_what_is_new() {
    let read = read_alert(&alert()).unwrap();
    assert_eq!(read.status, Status::Resolved);
    assert_eq!(read.labels.len(), 2, "what is no text is no label");
    assert_eq!(read.values, BTreeMap::from([("A".to_owned(), 12.0)]));
    assert_eq!(read.starts_at.to_string(), "2026-11-22T07:00:00.000Z");
    assert_eq!(
        read.ends_at.unwrap().to_string(),
        "2026-11-22T07:12:03.250Z"
    );
    assert_eq!(read.since.unwrap().to_string(), "2026-11-22T06:59:57.000Z");
    assert_eq!(read.links.silence, None);
    let mut firing = alert();
    firing["status"] = json!("firing");
    firing["endsAt"] = json!("0001-01-01T00:00:00Z");
    firing["values"] = Value::Null;
    assert_eq!(read_alert(&firing).unwrap().ends_at, None);
}

#[test]
fn what_was_written_is_read_again() {
    let read = read_alert(&alert()).unwrap();
    assert_eq!(read_alert(&alert_json(&read)), Ok(read));
}

#[test]
fn bad_alerts_are_named_and_the_others_count() {
    let mut no_start = alert();
    no_start["startsAt"] = json!("yesterday");
    let body = json!({
        "alerts": [7, { "status": "pending" }, { "status": "firing" }, no_start, alert()],
        "truncatedAlerts": 3,
    });
    let payload = Payload::read(&body).unwrap();
    assert_eq!((payload.alerts.len(), payload.truncated), (1, 3));
    let faults: Vec<String> = payload.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "alerts[0]: it is a number, not an object",
            "alerts[1]: `status` is `pending`, neither firing nor resolved",
            "alerts[2]: `labels` is missing",
            "alerts[3]: `startsAt` is `yesterday`, not an instant in RFC 3339",
        ]
    );
}

#[test]
fn what_is_no_webhook_body_is_refused() {
    let refused = |body: Value| Payload::read(&body).unwrap_err().to_string();
    assert_eq!(
        refused(json!([])),
        "the body is a list, not the JSON object of a Grafana webhook"
    );
    assert!(refused(json!({ "alerts": "none" })).starts_with("`alerts` is a text, not a list"));
    assert!(refused(json!({ "text": "custom" })).starts_with("`alerts` is missing"));
}

#[test]
fn texts_and_numbers_of_entries_are_limited() {
    let mut large = alert();
    large["labels"]["long"] = json!("ä".repeat(LONGEST_TEXT));
    for number in 0..200 {
        large["annotations"][format!("a{number}")] = json!("x");
    }
    let read = read_alert(&large).unwrap();
    assert_eq!(read.labels["long"].len(), LONGEST_TEXT);
    assert_eq!(read.annotations.len(), MOST_ENTRIES);
}

#[test]
fn who_sends_no_fingerprint_is_told_apart_by_labels() {
    let of = |name: &str| {
        let mut alert = alert();
        alert.as_object_mut().unwrap().remove("fingerprint");
        alert["labels"]["monitor_id"] = json!(name);
        read_alert(&alert).unwrap().fingerprint
    };
    assert_eq!(of("a"), of("a"));
    assert_ne!(of("a"), of("b"));
}
