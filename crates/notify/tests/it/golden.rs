//! Requests as Grafana sends them, beside the messages that they lead to.
//!
//! Each file of `tests/golden` with `.json` at its end has one body, or a list of bodies that
//! arrive one after another; the file beside it has what people read. `TIDEWATCH_UPDATE_EXPECTED=1`
//! writes them anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tidewatch_domain::ports::Clock;
use tidewatch_notify::auth::{SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};

use crate::stage::{Running, SECRET};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// What people read after the bodies, which are two minutes apart.
async fn messages(bodies: &[Value]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({
        "hmac": ["env:TIDEWATCH_SECRET_KEY"],
        "grafana": "https://grafana.example",
        "runbooks": "https://docs.example/runbooks",
    });
    let mut running = Running::start(folder.path(), settings, true).await;
    let mut text = String::new();
    for body in bodies {
        let body = body.to_string();
        let timestamp = running.clock.now().as_secs().to_string();
        let hmac = signature(SECRET.as_bytes(), Some(&timestamp), body.as_bytes());
        let response = reqwest::Client::new()
            .post(running.url("/grafana"))
            .header(SIGNATURE_HEADER, hmac)
            .header(TIMESTAMP_HEADER, timestamp)
            .body(body)
            .send()
            .await
            .unwrap();
        writeln!(text, "======== {}", response.status()).unwrap();
        // A test alert at the end says that everything before it was worked off.
        mark(&running).await;
        loop {
            let message = running.messages.recv().await.unwrap();
            if message.is_test() && message.text(10_000).contains("end of the round") {
                break;
            }
            let body = message.text(10_000);
            writeln!(text, "{}\n--------\n{body}\n--------", message.subject()).unwrap();
        }
        running.clock.advance(Duration::from_secs(120));
    }
    running.end().await;
    text
}

/// Sends a test alert that is worked off after whatever came before.
async fn mark(running: &Running) {
    let now = running.clock.now();
    let body = json!({ "alerts": [{
        "status": "firing",
        "labels": { "alertname": "TestAlert", "zone": "end of the round" },
        "fingerprint": "zzzz", "startsAt": now.to_string(),
    }] })
    .to_string();
    // Queues hand out the oldest first.
    running.clock.advance(Duration::from_millis(1));
    let timestamp = running.clock.now().as_secs().to_string();
    let hmac = signature(SECRET.as_bytes(), Some(&timestamp), body.as_bytes());
    let request = reqwest::Client::new()
        .post(running.url("/grafana"))
        .header(SIGNATURE_HEADER, hmac)
        .header(TIMESTAMP_HEADER, timestamp)
        .body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn requests_lead_to_the_messages_beside_them() {
    let update = std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some();
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .unwrap()
        .map(|found| found.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let bodies: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let bodies = match bodies {
            Value::Array(bodies) => bodies,
            body => vec![body],
        };
        let found = messages(&bodies).await;
        let expected = file.with_extension("txt");
        if update {
            fs::write(&expected, &found).unwrap();
            continue;
        }
        let wanted = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, wanted, "{}", expected.display());
    }
}
