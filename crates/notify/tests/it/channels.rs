use std::io::Write;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tidewatch_notify::auth::{SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};
use tidewatch_notify::channel::{Channel, Command, Console};
use tidewatch_notify::message::Message;
use tidewatch_notify::settings::{ChannelSettings, Settings, Sources, TopicSettings};
use tidewatch_testkit::{ManualClock, Reply, Target};

use crate::stage::{NOW, Running, SECRET};

/// A message about an outage whose texts are not to be trusted.
pub(crate) async fn a_message() -> Message {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), json!({}), true).await;
    let alert = json!({
        "status": "firing",
        "labels": {
            "alertname": "Monitor down", "rule": "down", "severity": "critical",
            "tenant": "acme", "monitor_id": "shop", "epoch": "7",
        },
        "annotations": { "summary": "<!channel> & \u{1b}[31mred" },
        "startsAt": "2026-11-22T07:00:00Z",
    });
    let request = reqwest::Client::new()
        .post(running.url("/grafana"))
        .body(json!({ "alerts": [alert] }).to_string());
    assert_eq!(request.send().await.unwrap().status(), 200);
    let message = running.messages.recv().await.unwrap();
    running.end().await;
    message
}

/// The channel that settings lead to.
fn channel(settings: Value) -> Box<dyn Channel> {
    let settings: ChannelSettings = serde_json::from_value(settings).unwrap();
    let settings = Settings {
        channels: vec![settings],
        ..Settings::default()
    };
    let variable = |name: &str| (name == "TIDEWATCH_SECRET_KEY").then(|| SECRET.to_owned());
    let topic = |_: &TopicSettings| Err("none".to_owned());
    let sources = Sources {
        variable: &variable,
        topic: &topic,
        clock: Arc::new(ManualClock::at(NOW)),
    };
    let mut subscriptions = settings.subscriptions(&sources).unwrap();
    subscriptions.remove(0).channel
}

#[tokio::test]
async fn a_webhook_gets_signed_json_with_the_dedupe_id() {
    let receiver = Target::http(|_| Reply::status(204)).await.unwrap();
    let url = format!("http://{}/alerts", receiver.address());
    let channel = channel(json!({
        "kind": "webhook", "name": "w", "url": url, "secret": "env:TIDEWATCH_SECRET_KEY",
    }));
    let message = a_message().await;
    assert_eq!(channel.send(std::slice::from_ref(&message)).await, [Ok(())]);
    let seen = receiver.seen().remove(0);
    assert_eq!(seen.header("idempotency-key"), Some(message.dedupe_id()));
    let timestamp = seen.header(&TIMESTAMP_HEADER.to_lowercase()).unwrap();
    assert_eq!(
        seen.header(&SIGNATURE_HEADER.to_lowercase()),
        Some(signature(SECRET.as_bytes(), Some(timestamp), &seen.body).as_str())
    );
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["notices"][0]["incident"], "acme/shop#7");
    assert_eq!(body["status"], "firing");
}

#[tokio::test]
async fn a_receiver_that_fails_or_moves_away_is_said_without_its_address() {
    for status in [500, 404, 302] {
        let receiver = Target::http(move |_| Reply::status(status)).await.unwrap();
        let url = format!("http://{}/secret-path", receiver.address());
        let channel = channel(json!({ "kind": "slack", "name": "s", "url": url }));
        let error = channel
            .send(&[a_message().await])
            .await
            .remove(0)
            .unwrap_err();
        assert!(error.to_string().contains(&status.to_string()), "{error}");
        assert!(!error.to_string().contains("secret-path"), "{error}");
    }
    let gone = tidewatch_testkit::refused_port().unwrap();
    let url = format!("http://{gone}/secret-path");
    let channel = channel(json!({ "kind": "slack", "name": "s", "url": url }));
    let error = channel
        .send(&[a_message().await])
        .await
        .remove(0)
        .unwrap_err();
    assert!(!error.to_string().contains("secret-path"), "{error}");
}

#[tokio::test]
async fn slack_gets_text_that_commands_nothing() {
    let receiver = Target::http(|_| Reply::status(200)).await.unwrap();
    let url = format!("http://{}/services/T0", receiver.address());
    let channel = channel(json!({ "kind": "slack", "name": "s", "url": url }));
    assert_eq!(channel.send(&[a_message().await]).await, [Ok(())]);
    let body: Value = serde_json::from_slice(&receiver.seen()[0].body).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(
        text.starts_with("*[CRITICAL] DOWN acme/shop since 07:00 UTC*\n"),
        "{text}"
    );
    assert!(
        text.contains("&lt;!channel&gt; &amp;") && !text.contains("<!"),
        "{text}"
    );
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_terminal_gets_no_control_characters_of_others() {
    let paper = Paper::default();
    let console = Console::new("c", Box::new(paper.clone()));
    assert_eq!(console.send(&[a_message().await]).await, [Ok(())]);
    let text = String::from_utf8(paper.0.lock().clone()).unwrap();
    assert!(
        text.contains("DOWN acme/shop") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[tokio::test]
async fn a_program_gets_json_and_its_exit_code_counts() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let script = format!(
        "printf '%s\\n' \"$TIDEWATCH_SUBJECT\" > {0}; cat >> {0}",
        out.display()
    );
    let shell = |script: &str| Command::new("p", "sh", vec!["-c".to_owned(), script.to_owned()]);
    let message = a_message().await;
    assert_eq!(
        shell(&script).send(std::slice::from_ref(&message)).await,
        [Ok(())]
    );
    let written = std::fs::read_to_string(out).unwrap();
    let (subject, json) = written.split_once('\n').unwrap();
    assert_eq!(subject, message.subject());
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["dedupe_id"], message.dedupe_id());
    let failed = shell("exit 3")
        .send(std::slice::from_ref(&message))
        .await
        .remove(0);
    assert!(failed.unwrap_err().to_string().contains("exit status: 3"));
    let missing = Command::new("p", "/does/not/exist", Vec::new());
    let failed = missing.send(&[message]).await.remove(0);
    assert!(
        failed
            .unwrap_err()
            .to_string()
            .contains("cannot be started")
    );
}
