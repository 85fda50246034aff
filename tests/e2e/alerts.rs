//! From an outage to a person, on one machine.

use std::path::Path;

use serde_json::json;

use crate::process::{Tidewatch, definitions};
use crate::target::Site;

/// A channel that takes everything, and no waiting for other alerts.
const SETTINGS: &str = "[alerts]\n\
     gather-seconds = 0\n\
     [[alerts.channels]]\n\
     kind = \"command\"\n\
     name = \"pager\"\n\
     command = [\"true\"]\n";

/// What was said about monitors, in order.
const SAID: &str = "SELECT monitor_id, message_kind, channel, result FROM \
     \"CPTMonitoring\".\"WebsiteMonitoringData\" WHERE measure_name = 'notification' \
     AND time > ago(15m) ORDER BY time";

async fn start(folder: &Path, entries: &[String], more: &[&str]) -> Tidewatch {
    let settings = folder.join("tidewatch.toml");
    std::fs::write(&settings, SETTINGS).expect("the folder can be written to");
    let file = definitions(folder, entries);
    let mut arguments = vec!["--config", settings.to_str().expect("a plain path")];
    arguments.extend(more);
    Tidewatch::start_with(&folder.join("data"), &file, &arguments).await
}

/// Waits until exactly this was said about `monitor`.
async fn said(tidewatch: &Tidewatch, monitor: &str, kinds: &[&str]) {
    let wanted: Vec<Vec<Option<String>>> = kinds
        .iter()
        .map(|kind| {
            [monitor, kind, "pager", "sent"]
                .map(|text| Some(text.to_owned()))
                .to_vec()
        })
        .collect();
    tidewatch.query_until(SAID, |rows| rows == wanted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_and_its_end_are_told_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let entry = format!(
        "{{tenant: demo, monitor_id: shop, target: \"{}\", interval: 1s}}",
        site.url()
    );
    let mut tidewatch = start(folder.path(), std::slice::from_ref(&entry), &[]).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    site.answer(503);
    said(&tidewatch, "shop", &["opened"]).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));

    // The outage goes on: nobody is told of it again.
    let tidewatch = start(folder.path(), &[entry], &[]).await;
    site.answer(200);
    said(&tidewatch, "shop", &["opened", "resolved"]).await;
    assert!(
        tidewatch
            .page("/")
            .await
            .contains("Last messages to people")
    );
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_of_a_grafana_are_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let tidewatch = start(folder.path(), &[], &["--alert-source", "grafana"]).await;
    let alert = json!({
        "receiver": "tidewatch",
        "status": "firing",
        "version": "1",
        "alerts": [{
            "status": "firing",
            "labels": {
                "alertname": "Monitor down", "rule": "down", "tenant": "demo",
                "monitor_id": "cart", "epoch": "1", "severity": "critical",
            },
            "annotations": { "summary": "demo/cart is down" },
            "startsAt": "2026-11-22T07:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "0123456789abcdef",
        }],
    });
    let answer = reqwest::Client::new()
        .post(&tidewatch.alerts)
        .json(&alert)
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.status().as_u16(),
        200,
        "{}",
        answer.text().await.unwrap()
    );
    said(&tidewatch, "cart", &["opened"]).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));
}
