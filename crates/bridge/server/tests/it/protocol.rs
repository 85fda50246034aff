//! What is the same for all operations.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::server::Server;

fn request(target: Option<&str>, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut request = Request::post("/").header("host", "localhost");
    if let Some(target) = target {
        request = request.header("x-amz-target", target);
    }
    request.body(Full::from(body.into())).unwrap()
}

#[tokio::test]
async fn answers_have_the_headers_of_the_protocol_and_no_others() {
    let server = Server::start().await;
    for (operation, status) in [("ListDatabases", 200), ("Nonsense", 400)] {
        let answer = server.call(operation, json!({})).await;
        assert_eq!(answer.status, status);
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["content-length", "content-type", "date", "x-amzn-requestid"]
        );
        assert_eq!(answer.headers["content-type"], "application/x-amz-json-1.0");
        let id = answer.headers["x-amzn-requestid"].to_str().unwrap();
        assert!(
            id.len() == 26
                && id
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
            "{id}"
        );
    }
}

#[tokio::test]
async fn unknown_operations_are_named() {
    let server = Server::start().await;
    let cases = [
        (
            Some("Timestream_20181101.Nonsense"),
            "The operation Timestream_20181101.Nonsense is not known.",
        ),
        (
            Some("DynamoDB_20120810.Query"),
            "The operation DynamoDB_20120810.Query is not known.",
        ),
        (None, "The request has no X-Amz-Target header."),
    ];
    for (target, message) in cases {
        let answer = server.send(request(target, "{}")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json(),
            json!({"__type": "com.amazon.coral.service#UnknownOperationException",
                   "message": message, "Message": message})
        );
    }
}

#[tokio::test]
async fn operations_that_are_not_there_say_so() {
    let server = Server::start().await;
    server
        .fails(
            "CreateScheduledQuery",
            json!({}),
            "ValidationException",
            "CreateScheduledQuery is not supported: this server has no scheduled queries; use Query instead.",
        )
        .await;
    server
        .fails(
            "ListBatchLoadTasks",
            json!({}),
            "ValidationException",
            "ListBatchLoadTasks is not supported: this server has no batch loads; use WriteRecords instead.",
        )
        .await;
}

#[tokio::test]
async fn bodies_that_are_not_the_right_json_are_refused() {
    let server = Server::start().await;
    for (body, message) in [
        (
            "{",
            "The request body does not fit Query: EOF while parsing an object at line 1 column 1.",
        ),
        (
            r#"{"QueryString":7}"#,
            "The member QueryString does not fit Query: invalid type: integer `7`, expected a string \
             at line 1 column 16.",
        ),
    ] {
        let answer = server
            .send(request(Some("Timestream_20181101.Query"), body))
            .await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json(),
            json!({"__type": "com.amazon.coral.service#SerializationException",
                   "message": message, "Message": message})
        );
    }
}

#[tokio::test]
async fn an_empty_body_is_an_empty_object() {
    let server = Server::start().await;
    let answer = server
        .send(request(Some("Timestream_20181101.ListDatabases"), ""))
        .await;
    assert_eq!(
        (answer.status, answer.json()),
        (StatusCode::OK, json!({"Databases": []}))
    );
}

#[tokio::test]
async fn bodies_are_read_up_to_the_limit() {
    let server = Server::start_with(|settings| settings.body_bytes = 100).await;
    let body = |length: usize| format!("{:<length$}", "{}");
    let target = Some("Timestream_20181101.ListDatabases");
    assert_eq!(
        server.send(request(target, body(100))).await.status,
        StatusCode::OK
    );
    let answer = server.send(request(target, body(101))).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let message = "The request body is larger than 100 bytes.";
    assert_eq!(
        answer.json(),
        json!({"__type": "com.amazon.coral.service#RequestEntityTooLargeException",
               "message": message, "Message": message})
    );
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_given_up() {
    let server =
        Server::start_with(|settings| settings.body_timeout = std::time::Duration::from_millis(1))
            .await;
    let mut stream = tokio::net::TcpStream::connect(server.url().trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: Timestream_20181101.Query\r\ncontent-length: 9\r\n\r\n{";
    tokio::io::AsyncWriteExt::write_all(&mut stream, head.as_bytes())
        .await
        .unwrap();
    let mut answer = vec![0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer)
        .await
        .unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), "HTTP/1.1 408");
}

#[tokio::test]
async fn other_methods_and_paths_are_not_there() {
    let server = Server::start().await;
    for (method, path, status) in [
        (Method::GET, "/", 405),
        (Method::POST, "/healthz", 405),
        (Method::GET, "/x", 404),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "x")
            .body(Full::default())
            .unwrap();
        assert_eq!(server.send(request).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn health_counts_rows() {
    let server = Server::start().await.with_table().await;
    let health = || async {
        let request = Request::get("/healthz")
            .header("host", "x")
            .body(Full::default())
            .unwrap();
        let answer = server.send(request).await;
        assert_eq!(answer.headers["content-type"], "application/json");
        (answer.status, answer.json())
    };
    let version = env!("CARGO_PKG_VERSION");
    let ok = |rows: u64| {
        (
            StatusCode::OK,
            json!({"status": "ok", "version": version, "rows": rows}),
        )
    };
    assert_eq!(health().await, ok(0));
    server
        .ok(
            "WriteRecords",
            json!({"DatabaseName": "db", "TableName": "t", "Records": [
                {"MeasureName": "m", "MeasureValue": "1", "Time": "1772366400000"}]}),
        )
        .await;
    assert_eq!(health().await, ok(1));
}
