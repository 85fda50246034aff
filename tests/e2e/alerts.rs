//! From an outage to a person, on one machine.

use std::path::Path;

use serde_json::json;

use crate::command_line::{parsed, tell};
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

/// The shipped rules.
const RULES: &str = include_str!("../../grafana/provisioning/alerting/rules.yaml");

/// Writes the shipped rules down, evaluated and told of as often as Grafana can; returns the line
/// of the settings that names them.
fn quick_rules(folder: &Path) -> String {
    let path = folder.join("rules.yaml");
    let rules = RULES
        .replace("interval: 1m", "interval: 10s")
        .replace("group_wait: 10s", "group_wait: 0s")
        .replace("group_interval: 1m", "group_interval: 10s");
    assert_ne!(rules, RULES);
    std::fs::write(&path, rules).expect("the folder can be written to");
    format!("rules = [{:?}]\n", path.to_str().expect("a plain path"))
}

async fn start(folder: &Path, entries: &[String], more: &[&str]) -> Tidewatch {
    let settings = folder.join("tidewatch.toml");
    let text = SETTINGS.replacen('\n', &format!("\n{}", rules(folder, more)), 1);
    std::fs::write(&settings, text).expect("the folder can be written to");
    let file = definitions(folder, entries);
    let mut arguments = vec!["--config", settings.to_str().expect("a plain path")];
    arguments.extend(more);
    Tidewatch::start_with(&folder.join("data"), &file, &arguments).await
}

/// What the settings say of rules; nothing where a Grafana has them.
fn rules(folder: &Path, more: &[&str]) -> String {
    match more.contains(&"grafana") {
        true => String::new(),
        false => quick_rules(folder),
    }
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
    let writer = ["--alert-source", "writer"];
    let mut tidewatch = start(folder.path(), std::slice::from_ref(&entry), &writer).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    site.answer(503);
    said(&tidewatch, "shop", &["opened"]).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));

    // The outage goes on: nobody is told of it again.
    let tidewatch = start(folder.path(), &[entry], &writer).await;
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
async fn rules_find_an_outage_and_its_end_also_over_a_power_cut() {
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
    let page = ["--status-url", &tidewatch.status];
    let listed = tell(&[&["alerts", "list", "--json"], &page[..]].concat()).await;
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    let listed = parsed(&listed.stdout);
    let mut alerts = listed["alerts"].as_array().unwrap().iter();
    let alert = alerts.find(|alert| alert["rule"] == "tidewatch-down");
    let alert = alert.expect("the outage is listed");
    let id = alert["id"].as_str().unwrap();
    let acknowledge = ["alerts", "ack", id, "--author", "ann", "--comment", "known"];
    let acknowledged = tell(&[&acknowledge[..], &page[..]].concat()).await;
    assert_eq!(acknowledged.code, 0, "{}", acknowledged.stderr);
    tidewatch.kill().await;

    let tidewatch = start(folder.path(), &[entry], &[]).await;
    let text = tidewatch.page("/").await;
    for words in ["Monitor down", "it is resolved", "ann"] {
        assert!(text.contains(words), "{words} is not on the page");
    }
    site.answer(200);
    said(&tidewatch, "shop", &["opened", "resolved"]).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_silenced_by_a_command_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let site = Site::start().await;
    let entry = |id: &str| {
        let url = site.url();
        format!("{{tenant: demo, monitor_id: {id}, target: \"{url}\", interval: 1s}}")
    };
    let entries = [entry("cart"), entry("shop")];
    let mut tidewatch = start(folder.path(), &entries, &[]).await;
    tidewatch.line_with(&["up", "demo/shop"]).await;
    let page = ["--status-url", &tidewatch.status];
    let silence = [
        "alerts",
        "silence",
        "monitor_id=cart",
        "--for",
        "2h",
        "--json",
    ];
    let author = ["--author", "ann"];
    let silenced = tell(&[&silence[..], &author[..], &page[..]].concat()).await;
    assert_eq!(silenced.code, 0, "{}", silenced.stderr);
    let id = parsed(&silenced.stdout)["id"].as_str().unwrap().to_owned();
    site.answer(503);
    said(&tidewatch, "shop", &["opened"]).await;
    let ended = tell(&[&["alerts", "unsilence", &id], &page[..]].concat()).await;
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let both = |rows: &[Vec<Option<String>>]| {
        let monitors = rows.iter().filter_map(|row| row[0].as_deref());
        monitors.collect::<Vec<_>>() == ["shop", "cart"]
    };
    tidewatch.query_until(SAID, both).await;
    let again = tell(&[&["alerts", "unsilence", &id], &page[..]].concat()).await;
    assert_eq!(again.code, 1, "{}", again.stderr);
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
