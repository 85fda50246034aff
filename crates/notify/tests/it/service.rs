use serde_json::{Value, json};
use tidewatch_notify::envelope::{Envelope, Source};
use tidewatch_notify::heartbeat::LastSeen;
use tidewatch_notify::queue::{AlertQueue, FolderQueue};
use tidewatch_notify::trial::test_envelope;

use crate::stage::{NOW, Running};

async fn post(running: &Running, alerts: Value) {
    let request = reqwest::Client::new()
        .post(running.url("/grafana"))
        .body(json!({ "alerts": alerts }).to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
}

fn down(status: &str) -> Value {
    json!({
        "status": status,
        "labels": {
            "alertname": "Monitor down", "rule": "down", "severity": "critical",
            "tenant": "acme", "monitor_id": "shop", "epoch": "7",
        },
        "startsAt": "2026-11-22T07:00:00Z",
        "endsAt": "2026-11-22T07:12:03Z",
        "fingerprint": "f7",
    })
}

#[tokio::test]
async fn an_outage_and_its_end_are_told_across_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), json!({}), true).await;
    post(&running, json!([down("firing")])).await;
    let message = running.messages.recv().await.unwrap();
    assert_eq!(
        message.subject(),
        "[CRITICAL] DOWN acme/shop since 07:00 UTC"
    );
    running.end().await;

    let mut running = Running::start(folder.path(), json!({}), true).await;
    post(&running, json!([down("firing"), down("resolved")])).await;
    let message = running.messages.recv().await.unwrap();
    assert_eq!(
        message.subject(),
        "[CRITICAL] RECOVERED acme/shop after 12 min 3 s"
    );
    running.end().await;
}

#[tokio::test]
async fn what_was_taken_while_nobody_sent_is_sent_after_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), json!({}), false).await;
    post(&running, json!([down("firing")])).await;
    running.end().await;
    let mut running = Running::start(folder.path(), json!({}), true).await;
    let message = running.messages.recv().await.unwrap();
    assert!(message.subject().contains("DOWN acme/shop"));
    running.end().await;
}

#[tokio::test]
async fn a_watchdog_leaves_the_time_and_a_test_arrives_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(tidewatch_testkit::ManualClock::at(NOW));
    let queue = FolderQueue::open(&folder.path().join("queue"), clock).unwrap();
    let queue = std::sync::Arc::new(queue);
    let watchdog = json!({ "alerts": [{
        "status": "firing", "labels": { "rule": "watchdog" }, "startsAt": "2026-11-22T07:00:00Z",
    }] });
    let watchdog = Envelope::of_payload(Source::Local, NOW, &watchdog);
    for envelope in [watchdog, test_envelope(NOW)] {
        queue
            .put(&envelope, std::time::Duration::ZERO)
            .await
            .unwrap();
    }
    drop(queue);
    let mut running = Running::start(folder.path(), json!({}), true).await;
    let message = running.messages.recv().await.unwrap();
    assert_eq!(
        message.subject(),
        "[TEST] Test of the way from an alert to you"
    );
    assert!(message.is_test());
    running.end().await;
    let seen = LastSeen::last(&folder.path().join("heartbeat")).unwrap();
    assert_eq!(seen, Some(NOW));
}
