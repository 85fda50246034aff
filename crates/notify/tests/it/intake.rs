use std::sync::Arc;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tidewatch_notify::auth::{Authenticator, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};
use tidewatch_notify::intake::{BODY_LIMIT, Intake, router};
use tidewatch_notify::queue::FolderQueue;
use tidewatch_testkit::ManualClock;
use tower::ServiceExt;

use crate::stage::{NOW, Running, SECRET};

fn body() -> String {
    json!({ "alerts": [alert()] }).to_string()
}

fn alert() -> Value {
    json!({
        "status": "firing", "labels": { "alertname": "a" }, "fingerprint": "f",
        "startsAt": "2026-11-22T07:00:00Z",
    })
}

/// A request as Grafana signs it at `seconds`.
async fn post(running: &Running, body: &str, seconds: i64) -> Response {
    let timestamp = seconds.to_string();
    let hmac = signature(SECRET.as_bytes(), Some(&timestamp), body.as_bytes());
    Client::new()
        .post(running.url("/grafana"))
        .header(SIGNATURE_HEADER, hmac)
        .header(TIMESTAMP_HEADER, timestamp)
        .body(body.to_owned())
        .send()
        .await
        .unwrap()
}

async fn told(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn waiting(folder: &tempfile::TempDir) -> usize {
    let waiting = folder.path().join("queue/waiting");
    std::fs::read_dir(waiting).unwrap().count()
}

#[tokio::test]
async fn verified_alerts_are_on_disk_before_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "hmac": ["env:TIDEWATCH_SECRET_KEY"] });
    let running = Running::start(folder.path(), settings, false).await;
    let (status, answer) = told(post(&running, &body(), NOW.as_secs()).await).await;
    assert_eq!(
        (status, &answer),
        (200, &json!({ "accepted": 1, "refused": [] }))
    );
    assert_eq!(waiting(&folder), 1);
    let mixed = json!({ "alerts": [alert(), 5] }).to_string();
    let (status, answer) = told(post(&running, &mixed, NOW.as_secs()).await).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["refused"],
        json!(["alerts[1]: it is a number, not an object"])
    );
    assert_eq!(waiting(&folder), 2);
    running.end().await;
}

#[tokio::test]
async fn whatever_is_wrong_with_a_request_has_its_status_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "hmac": ["env:TIDEWATCH_SECRET_KEY"] });
    let running = Running::start(folder.path(), settings, false).await;
    let now = NOW.as_secs();
    let no_alert = json!({ "alerts": [5] }).to_string();
    for (body, seconds, status, reason) in [
        ("not json", now, 400, "the body is not JSON"),
        ("[]", now, 422, "the body is a list"),
        (r#"{"text":"x"}"#, now, 422, "`alerts` is missing"),
        (
            no_alert.as_str(),
            now,
            422,
            "no alert can be read; alerts[0]",
        ),
        (&body(), now - 301, 401, "more than 300 s"),
        (&body(), now + 301, 401, "more than 300 s"),
    ] {
        let (found, answer) = told(post(&running, body, seconds).await).await;
        let text = answer["error"].as_str().unwrap();
        assert_eq!(found, status, "{text}");
        assert!(text.contains(reason), "{text}");
    }
    let client = Client::new();
    let hmac = signature(SECRET.as_bytes(), Some(&now.to_string()), body().as_bytes());
    for (headers, status) in [
        (vec![], 401),
        (vec![(SIGNATURE_HEADER, hmac.clone())], 401),
        (
            vec![
                (SIGNATURE_HEADER, hmac.clone()),
                (TIMESTAMP_HEADER, (now - 1).to_string()),
            ],
            401,
        ),
        (vec![("Authorization", format!("Bearer {SECRET}"))], 401),
    ] {
        let mut request = client.post(running.url("/grafana")).body(body());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
    }
    let tampered = client
        .post(running.url("/grafana"))
        .header(SIGNATURE_HEADER, hmac)
        .header(TIMESTAMP_HEADER, now.to_string())
        .body(body().replace("firing", "resolved"));
    assert_eq!(tampered.send().await.unwrap().status(), 401);
    assert_eq!(waiting(&folder), 0);
    for (path, status) in [
        ("/healthz", 200),
        ("/grafana", 405),
        ("/sns", 404),
        ("/", 404),
    ] {
        let found = client.get(running.url(path)).send().await.unwrap().status();
        assert_eq!(found.as_u16(), status, "{path}");
    }
    running.end().await;
}

#[tokio::test]
async fn a_sender_without_timestamp_needs_that_setting() {
    let folder = tempfile::tempdir().unwrap();
    let settings = json!({ "hmac": ["env:TIDEWATCH_SECRET_KEY"], "timestamp-header": "" });
    let running = Running::start(folder.path(), settings, false).await;
    let hmac = signature(SECRET.as_bytes(), None, body().as_bytes());
    let request = Client::new()
        .put(running.url("/grafana"))
        .header(SIGNATURE_HEADER, hmac)
        .body(body());
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    running.end().await;
}

#[tokio::test]
async fn a_queue_that_takes_nothing_is_said_and_to_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), json!({}), false).await;
    std::fs::remove_dir_all(folder.path().join("queue/waiting")).unwrap();
    let response = post(&running, &body(), NOW.as_secs()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "10");
    let (_, answer) = told(response).await;
    // Nothing about our insides.
    assert_eq!(
        answer,
        json!({ "error": "the alerts could not be stored; try again" })
    );
    running.end().await;
}

/// Without a socket: whoever sends that much over one sees the connection end, or the answer.
#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let queue = FolderQueue::open(&folder.path().join("queue"), clock.clone()).unwrap();
    let router = router(Intake {
        authenticator: Arc::new(Authenticator::open()),
        sns: None,
        queue: Arc::new(Arc::new(queue)),
        clock,
    });
    for (spaces, status) in [(0, 200), (BODY_LIMIT, 413)] {
        let body = format!("{}{}", body(), " ".repeat(spaces));
        let request = http::Request::post("/grafana").body(axum::body::Body::from(body));
        let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    assert_eq!(waiting(&folder), 1);
}
