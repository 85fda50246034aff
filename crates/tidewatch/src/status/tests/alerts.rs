//! Alerts and silences, on the page and over HTTP.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::super::StatusState;
use super::{Answer, empty, send};
use crate::rules::Alerting;
use crate::rules::story::Story;
use crate::settings::AlertSource;

/// A machine on which one alert fires.
async fn firing() -> Story {
    let mut story = Story::new();
    story.values.are(&[("<shop>", 1.0)]);
    story.start();
    assert_eq!(story.hears().await, "firing <shop>");
    story
}

fn alerting(story: &Story) -> Alerting {
    Alerting {
        source: AlertSource::Local,
        desk: Some(Arc::clone(&story.desk)),
        heartbeat: None,
    }
}

async fn ask(story: &Story, method: Method, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let state = StatusState {
        clock: Arc::clone(&story.clock) as _,
        ..empty(alerting(story))
    };
    send(state, request).await
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

#[tokio::test(start_paused = true)]
async fn a_silence_is_made_shown_and_ended() {
    let story = firing().await;
    let nothing = Value::Null;
    let wish = json!({
        "matchers": ["monitor_id=~\".*shop.*\""], "ends_at": "2026-11-23T07:00:00Z",
        "author": "ann", "comment": "known",
    });
    let made = ask(&story, Method::POST, "/api/silences", &wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let id = json_of(&made)["id"].as_str().unwrap().to_owned();
    let page = ask(&story, Method::GET, "/", &nothing).await;
    page.shows_in_order(&[
        "1 firing, 1 of them silenced",
        "Monitor down",
        "&lt;shop&gt; is down",
        &id,
        "1 group of rules, the last evaluation",
        "Silences",
        &id,
        "monitor_id=~&quot;.*shop.*&quot;",
        "ann",
        "known",
    ]);
    page.hides("<shop>");
    let list = json_of(&ask(&story, Method::GET, "/api/alerts", &nothing).await);
    assert_eq!(list["alerts"][0]["silenced_by"], json!(id));
    assert_eq!(list["silences"][0]["ends_at"], "2026-11-23T07:00:00.000Z");
    let status = json_of(&ask(&story, Method::GET, "/api/status", &nothing).await);
    assert_eq!(status["alerting"]["alerts"], list["alerts"]);
    let path = format!("/api/silences/{id}");
    let ended = ask(&story, Method::DELETE, &path, &nothing).await;
    assert_eq!(ended.status, StatusCode::OK);
    let again = ask(&story, Method::DELETE, &path, &nothing).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn an_alert_is_acknowledged_by_the_beginning_of_its_id() {
    let story = firing().await;
    let path = format!("/api/alerts/{}/acknowledge", &story.open()[..8]);
    let wish = json!({"author": "ann", "comment": "on it"});
    let made = ask(&story, Method::POST, &path, &wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = json_of(&made);
    assert_eq!(
        (&made["ends_at"], &made["alert"]),
        (&Value::Null, &json!(story.open()))
    );
    let page = ask(&story, Method::GET, "/", &Value::Null).await;
    page.shows_in_order(&["Silences", "it is resolved", "ann", "on it"]);
    for (path, body, status) in [
        (
            path.as_str(),
            json!({"comment": "nobody"}),
            StatusCode::BAD_REQUEST,
        ),
        (
            "/api/alerts/feedfeed/acknowledge",
            wish,
            StatusCode::NOT_FOUND,
        ),
    ] {
        let answer = ask(&story, Method::POST, path, &body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(json_of(&answer)["error"].is_string());
    }
}

#[tokio::test(start_paused = true)]
async fn only_this_machines_own_programs_change_something() {
    let story = firing().await;
    let send_with = async |headers: &[(&str, &str)]| {
        let mut request = Request::post("/api/silences");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = json!({
            "matchers": ["a=b"], "ends_at": "2026-11-23T07:00:00Z", "author": "ann",
        });
        let request = request.body(Body::from(body.to_string())).unwrap();
        send(empty(alerting(&story)), request).await.status
    };
    let json = ("content-type", "application/json; charset=utf-8");
    let host = ("host", "localhost:8080");
    let cases: [(&[(&str, &str)], StatusCode); 9] = [
        (&[host, json], StatusCode::CREATED),
        (
            &[host, json, ("origin", "http://localhost:8080")],
            StatusCode::CREATED,
        ),
        (
            &[host, json, ("origin", "https://evil.example")],
            StatusCode::FORBIDDEN,
        ),
        (&[host, json, ("origin", "null")], StatusCode::FORBIDDEN),
        (
            &[("host", "evil.example:8080"), json],
            StatusCode::FORBIDDEN,
        ),
        (&[("host", "127.0.0.1:8086"), json], StatusCode::FORBIDDEN),
        (&[json], StatusCode::FORBIDDEN),
        (&[host], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            &[host, ("content-type", "text/plain")],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
    ];
    for (headers, status) in cases {
        assert_eq!(send_with(headers).await, status, "{headers:?}");
    }
}

#[tokio::test]
async fn where_a_grafana_has_the_alerts_nothing_is_silenced_here() {
    let grafana = || {
        empty(Alerting {
            source: AlertSource::Grafana,
            desk: None,
            heartbeat: None,
        })
    };
    let page = send(grafana(), Request::get("/").body(Body::empty()).unwrap()).await;
    page.hides("id=\"alerts\"");
    let request = Request::delete("/api/silences/1")
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .body(Body::empty())
        .unwrap();
    let answer = send(grafana(), request).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.text.contains("--alert-source local"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn links_that_are_meant_for_a_grafana_lead_to_what_is_here() {
    let nobody = || Alerting {
        source: AlertSource::Local,
        desk: None,
        heartbeat: None,
    };
    for (path, place) in [
        (
            "/d/tidewatch-monitor?var-tenant=acme&var-monitor=shop",
            "/monitors/acme/shop",
        ),
        ("/d/tidewatch-monitor?var-tenant=%2F&var-monitor=shop", "/"),
        ("/d/tidewatch-operations?viewPanel=1", "/"),
        ("/alerting/grafana/tidewatch-down/view", "/#alerts"),
    ] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = send(empty(nobody()), request).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(answer.header("location"), place, "{path}");
    }
}
