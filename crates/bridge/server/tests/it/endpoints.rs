//! Endpoint discovery.

use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tidewatch_bridge::Transport;

use super::server::Server;

async fn address(server: &Server, host: &str, agent: &str) -> Value {
    let request = Request::post("/")
        .header("host", host)
        .header("user-agent", agent)
        .header("x-amz-target", "Timestream_20181101.DescribeEndpoints")
        .body(Full::from("{}"))
        .unwrap();
    let answer = server.send(request).await.json();
    assert_eq!(
        answer["Endpoints"][0]["CachePeriodInMinutes"], 1440,
        "{answer}"
    );
    assert_eq!(answer["Endpoints"].as_array().unwrap().len(), 1);
    answer["Endpoints"][0]["Address"].clone()
}

const BOTO: &str = "Boto3/1.44.5 md/Botocore#1.44.5";
const RUST: &str = "aws-sdk-rust/1.6.0 os/linux lang/rust/1.94.1";
const JAVASCRIPT: &str = "aws-sdk-js/3.1137.0 ua/2.1";

#[tokio::test]
async fn each_client_gets_what_it_can_use() {
    let server = Server::start().await;
    for (host, agent, expected) in [
        ("127.0.0.1:8086", BOTO, "http://127.0.0.1:8086"),
        ("localhost", BOTO, "http://localhost"),
        ("[::1]:8086", BOTO, "http://[::1]:8086"),
        ("127.0.0.1:8086", JAVASCRIPT, "127.0.0.1"),
        ("[::1]:8086", JAVASCRIPT, "[::1]"),
    ] {
        assert_eq!(
            address(&server, host, agent).await,
            expected,
            "{host} {agent}"
        );
    }
}

#[tokio::test]
async fn an_advertised_url_wins() {
    let server = Server::start_with(|settings| {
        settings.advertised_url = Some("https://db.example:444".into())
    })
    .await;
    assert_eq!(
        address(&server, "127.0.0.1:8086", BOTO).await,
        "https://db.example:444"
    );
    assert_eq!(
        address(&server, "127.0.0.1:8086", JAVASCRIPT).await,
        "db.example"
    );
}

#[tokio::test]
async fn over_tls_the_answer_is_https() {
    let server = Server::start_with(|settings| settings.transport = Transport::Tls).await;
    for (host, agent, expected) in [
        ("localhost:8443", BOTO, "https://localhost:8443"),
        ("localhost:8443", JAVASCRIPT, "localhost"),
        ("localhost:8443", RUST, "localhost:8443"),
    ] {
        assert_eq!(address(&server, host, agent).await, expected);
    }
}

#[tokio::test]
async fn without_a_host_there_is_no_answer() {
    let server = Server::start().await;
    let error = server
        .bridge
        .describe_endpoints(None, None)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "ValidationException: The request needs a Host header that names this server, \
         or the server an advertised URL."
    );
    let call = server.call("DescribeEndpoints", json!({})).await.json();
    assert_eq!(call["Endpoints"][0]["Address"], server.url());
}
