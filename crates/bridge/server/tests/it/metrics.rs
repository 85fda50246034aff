//! `GET /metrics`.

use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::json;
use tidewatch_bridge::Transport;

use super::server::{Answer, Server};

/// `id:secret` in base 64.
const OWNER: &str = "T1dORVI6c2VjcmV0LW9mLU9XTkVSLTAxMjM=";
const OWNER_WITH_A_WRONG_SECRET: &str = "T1dORVI6c2VjcmV0LW9mLU9XTkVSLTAxMjQ=";
const ACME: &str = "QUNNRTpzZWNyZXQtb2YtQUNNRS0wMTIz";

async fn scrape(server: &Server, authorization: Option<String>) -> Answer {
    let mut request = Request::get("/metrics").header("host", "localhost");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    server.send(request.body(Full::default()).unwrap()).await
}

#[tokio::test]
async fn what_happens_is_counted() {
    let server = Server::start().await.with_table().await;
    let record = |value: &str, time: &str| {
        json!({"DatabaseName": "db", "TableName": "t", "Records": [
            {"MeasureName": "m", "MeasureValue": value, "Time": time}]})
    };
    server
        .ok("WriteRecords", record("1", "1772366400000"))
        .await;
    server
        .call("WriteRecords", record("2", "1772366400000"))
        .await;
    server.call("WriteRecords", record("2", "1")).await;
    server.query("SELECT 1").await;
    server.call("Query", json!({"QueryString": "SELECT"})).await;
    server.call("Nonsense", json!({})).await;

    let answer = scrape(&server, None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let page = String::from_utf8(answer.body).unwrap();
    for line in [
        r#"tidewatch_bridge_requests_total{operation="WriteRecords",status="ok"} 1"#,
        r#"tidewatch_bridge_requests_total{operation="WriteRecords",status="RejectedRecordsException"} 2"#,
        r#"tidewatch_bridge_requests_total{operation="Query",status="ok"} 1"#,
        r#"tidewatch_bridge_requests_total{operation="Query",status="ValidationException"} 1"#,
        r#"tidewatch_bridge_requests_total{operation="unknown",status="UnknownOperationException"} 1"#,
        r#"tidewatch_bridge_records_written_total{store="memory"} 1"#,
        r#"tidewatch_bridge_records_rejected_total{reason="version"} 1"#,
        r#"tidewatch_bridge_records_rejected_total{reason="window"} 1"#,
        r#"tidewatch_store_rows{part="head"} 1"#,
        "tidewatch_store_tables 1",
        "tidewatch_store_log_sync_seconds_count 1",
        "tidewatch_bridge_queries_running 0",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is not in\n{page}"
        );
    }
}

#[tokio::test]
async fn without_keys_only_this_machine_may_ask() {
    let server = Server::start().await;
    let request = Request::get("/metrics").header("host", "rebound.example");
    let answer = server.send(request.body(Full::default()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn with_keys_it_takes_one_that_reads_everything() {
    let server = Server::start().await.guarded();
    let basic = |encoded: &str| Some(format!("Basic {encoded}"));
    let none = scrape(&server, None).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        none.headers["www-authenticate"],
        "Basic realm=\"tidewatch\""
    );
    for (encoded, status) in [
        (OWNER, 200),
        (OWNER_WITH_A_WRONG_SECRET, 401),
        ("%%%", 401),
        (ACME, 403),
    ] {
        let answer = scrape(&server, basic(encoded)).await;
        assert_eq!(answer.status, status, "{encoded}");
    }
    for (id, status) in [("OWNER", 200), ("ACME", 403), ("WRITER", 403)] {
        let request = Request::get("/metrics")
            .header("host", server.url().trim_start_matches("http://"))
            .body(Full::default())
            .unwrap();
        let signed = server.sign(request, id, &format!("secret-of-{id}-0123"), b"");
        assert_eq!(server.send(signed).await.status, status, "{id}");
    }
}

#[tokio::test]
async fn a_secret_that_others_can_read_on_the_way_is_refused() {
    let server = Server::start_with(|settings| settings.transport = Transport::Open)
        .await
        .guarded();
    let answer = scrape(&server, Some(format!("Basic {OWNER}"))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        String::from_utf8(answer.body)
            .unwrap()
            .starts_with("A secret was sent without TLS")
    );
}
