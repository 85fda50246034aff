use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::*;
use crate::terminal::Look;

/// A bridge that has five rows, two on a page, and remembers what it was asked.
struct FakeBridge {
    url: Url,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl FakeBridge {
    async fn start() -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        let handler = move |headers: HeaderMap, body: String| {
            let kept = Arc::clone(&kept);
            async move {
                let target = headers["x-amz-target"].to_str().unwrap().to_owned();
                assert_eq!(headers["content-type"], "application/x-amz-json-1.0");
                let request: Value = serde_json::from_str(&body).unwrap();
                kept.lock().push((target.clone(), request.clone()));
                answer_of(&target, &request)
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        tokio::spawn(async move {
            axum::serve(listener, Router::new().route("/", post(handler))).await
        });
        FakeBridge { url, calls }
    }

    fn targets(&self) -> Vec<String> {
        self.calls
            .lock()
            .iter()
            .map(|(target, _)| target.clone())
            .collect()
    }
}

fn answer_of(target: &str, request: &Value) -> (StatusCode, Json<Value>) {
    if target == "Timestream_20181101.CancelQuery" {
        return (StatusCode::OK, Json(json!({})));
    }
    assert_eq!(target, "Timestream_20181101.Query");
    if request["QueryString"] == "SELECT x" {
        let body = json!({
            "__type": "com.amazon.coral.validate#ValidationException",
            "message": "line 1:8: Column 'x' does not exist",
            "Message": "line 1:8: Column 'x' does not exist",
        });
        return (StatusCode::BAD_REQUEST, Json(body));
    }
    let first = request["NextToken"]
        .as_str()
        .map_or(1, |token| token.parse().unwrap());
    let rows: Vec<Value> = (first..=5)
        .take(2)
        .map(|number: i64| json!({ "Data": [{ "ScalarValue": number.to_string() }] }))
        .collect();
    let mut body = json!({
        "QueryId": "AEQA",
        "Rows": rows,
        "ColumnInfo": [{ "Name": "n", "Type": { "ScalarType": "BIGINT" } }],
    });
    if first + 2 <= 5 {
        body["NextToken"] = json!((first + 2).to_string());
    }
    (StatusCode::OK, Json(body))
}

async fn ask(bridge: &FakeBridge, sql: &str, limit: usize) -> (Result<Outcome, Failure>, String) {
    let terminal = Terminal::detect(anstream::ColorChoice::Never);
    let client = Bridge::new(bridge.url.clone(), None).unwrap();
    let mut bytes = Vec::new();
    let mut output = Output::new(Format::Csv, &mut bytes);
    let outcome = answer(&client, sql, limit, &mut output, &terminal).await;
    drop(output);
    (outcome, String::from_utf8(bytes).unwrap())
}

#[tokio::test]
async fn all_pages_are_read_in_order() {
    let bridge = FakeBridge::start().await;
    let (outcome, text) = ask(&bridge, "SELECT n", usize::MAX).await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.rows, outcome.more), (5, false));
    assert_eq!(text, "n\r\n1\r\n2\r\n3\r\n4\r\n5\r\n");
    assert_eq!(bridge.targets(), ["Timestream_20181101.Query"; 3]);
    let tokens: Vec<Value> = bridge
        .calls
        .lock()
        .iter()
        .map(|(_, request)| request["NextToken"].clone())
        .collect();
    assert_eq!(tokens, [Value::Null, json!("3"), json!("5")]);
}

#[tokio::test]
async fn a_limit_stops_early_and_lets_the_bridge_know() {
    let bridge = FakeBridge::start().await;
    let (outcome, text) = ask(&bridge, "SELECT n", 3).await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.rows, outcome.more), (3, true));
    assert_eq!(text, "n\r\n1\r\n2\r\n3\r\n");
    assert_eq!(
        bridge.targets().last().unwrap(),
        "Timestream_20181101.CancelQuery"
    );
}

#[tokio::test]
async fn a_limit_that_is_not_reached_changes_nothing() {
    let bridge = FakeBridge::start().await;
    let outcome = ask(&bridge, "SELECT n", 5).await.0.unwrap();
    assert_eq!((outcome.rows, outcome.more), (5, false));
}

#[tokio::test]
async fn a_refusal_carries_the_words_of_the_dialect() {
    let bridge = FakeBridge::start().await;
    match ask(&bridge, "SELECT x", 5).await.0 {
        Err(Failure::Refused(message)) => {
            assert_eq!(message, "line 1:8: Column 'x' does not exist");
        }
        other => panic!("{:?}", other.map(|outcome| outcome.rows)),
    }
}

#[tokio::test]
async fn no_bridge_is_said_plainly() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", free.local_addr().unwrap())
        .parse()
        .unwrap();
    drop(free);
    let calls = Arc::default();
    match ask(
        &FakeBridge {
            url: url.clone(),
            calls,
        },
        "SELECT 1",
        5,
    )
    .await
    .0
    {
        Err(Failure::Unusable(complaint)) => {
            assert_eq!(complaint.to_string(), format!("no bridge answers at {url}"));
        }
        other => panic!("{:?}", other.map(|outcome| outcome.rows)),
    }
}

#[test]
fn only_tables_on_a_terminal_have_a_limit_of_their_own() {
    let table = Format::Table(Look::plain(80));
    assert_eq!(limit(None, table, true), LIMIT_ON_TERMINAL);
    assert_eq!(limit(None, table, false), usize::MAX);
    assert_eq!(limit(None, Format::Csv, true), usize::MAX);
    assert_eq!(limit(Some(0), table, true), usize::MAX);
    assert_eq!(limit(Some(7), Format::Json, false), 7);
}
