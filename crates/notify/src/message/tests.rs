use serde_json::{Value, json};
use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::text::Surroundings;
use tidewatch_domain::incident::{Case, Delivery, Dispatch, Policy};

use super::*;
use crate::payload::read_alert;

/// A message about an outage with `others` alerts beside it.
pub(crate) fn a_message(others: usize) -> Message {
    let alert = |name: &str, rule: &str| {
        let alert = json!({
            "status": "firing",
            "labels": {
                "alertname": rule, "rule": rule, "severity": "critical",
                "tenant": "acme", "monitor_id": "shop", "epoch": "7",
            },
            "annotations": { "summary": format!("{name} & <co>"), "description": "d".repeat(300) },
            "startsAt": "2026-11-22T07:00:00Z",
            "fingerprint": name,
        });
        read_alert(&alert).unwrap()
    };
    let mut alerts = vec![alert("down", "down")];
    alerts.extend((0..others).map(|number| alert(&format!("slow{number}"), "latency")));
    let received = Timestamp::from_secs(1_795_330_810);
    let deliveries = alerts
        .into_iter()
        .map(|alert| Delivery { alert, received })
        .collect::<Vec<_>>();
    let mut case = Case::new(deliveries[0].alert.subject());
    let notice = case
        .fold(&Policy::default(), deliveries, received)
        .remove(0);
    let dispatch = Dispatch::single(notice);
    let id = dispatch.dedupe_id();
    Message::new(dispatch, id, Surroundings::default(), received)
}

#[test]
fn machines_get_everything_that_fits_and_the_number_of_the_rest() {
    let message = a_message(50);
    let whole: Value = serde_json::from_str(&message.json(1_000_000)).unwrap();
    assert_eq!(whole["left_out"], 0);
    assert_eq!(
        whole["notices"][0]["attached"].as_array().unwrap().len(),
        50
    );
    assert_eq!(whole["notices"][0]["incident"], "acme/shop#7");
    let mut shown = usize::MAX;
    for limit in [20_000, 10_000, 5_000, 2_000, 1_000] {
        let text = message.json(limit);
        assert!(text.len() <= limit, "{} of {limit}", text.len());
        let json: Value = serde_json::from_str(&text).unwrap();
        let count = |list: &str| json["notices"][0][list].as_array().map_or(0, Vec::len);
        let found = count("alerts") + count("attached");
        assert_eq!(json["left_out"], 51 - found);
        assert!(found < shown || found == 0);
        shown = found;
        assert_eq!(json["subject"], message.subject());
    }
}
