use aws_sdk_timestreamwrite::types::{MeasureValueType, Record};
use tidewatch_testkit::{Authority, Reply, Seen, Target, Validity};

use super::*;
use crate::sdk::load;

const KEYS: &str =
    r#"{"access_key_id": "TWWRITER1", "secret_access_key": "much longer than that"}"#;

fn nothing(_: &str) -> Option<String> {
    None
}

fn keys() -> Option<Keys> {
    Some(Keys::read(KEYS).unwrap())
}

/// The operation that a request asks for.
fn operation(seen: &Seen) -> &str {
    let target = seen.header("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

/// Timestream in two answers: the cell is where the question came to.
fn timestream(seen: &Seen) -> Reply {
    let reply = match operation(seen) {
        "DescribeEndpoints" => {
            let here = seen.header("host").unwrap();
            format!(r#"{{"Endpoints":[{{"Address":"{here}","CachePeriodInMinutes":1440}}]}}"#)
        }
        "WriteRecords" => r#"{"RecordsIngested":{"Total":1}}"#.to_owned(),
        _ => r#"{"QueryId":"Q","Rows":[],"ColumnInfo":[]}"#.to_owned(),
    };
    Reply::ok(reply).header("content-type", "application/x-amz-json-1.0")
}

async fn use_both(connection: &Connection) {
    let record = Record::builder()
        .measure_name("up")
        .measure_value("1")
        .measure_value_type(MeasureValueType::Bigint)
        .time("1")
        .build();
    let write = connection.write_client().await.unwrap();
    let written = write
        .write_records()
        .database_name("d")
        .table_name("t")
        .records(record);
    written.send().await.unwrap();
    let query = connection.query_client().await.unwrap();
    query.query().query_string("SELECT 1").send().await.unwrap();
}

#[tokio::test]
async fn a_bridge_is_talked_to_directly_and_with_its_own_keys() {
    let bridge = Target::http(timestream).await.unwrap();
    let sdk = load("eu-west-1").await;
    let endpoint = bridge.url("");
    let connection = Connection::new(&sdk, Some(&endpoint), keys(), None, &nothing).unwrap();
    use_both(&connection).await;
    let seen = bridge.seen();
    let operations: Vec<&str> = seen.iter().map(operation).collect();
    assert_eq!(operations, ["WriteRecords", "Query"]);
    for request in &seen {
        let signature = request.header("authorization").unwrap();
        assert!(signature.contains("Credential=TWWRITER1/"), "{signature}");
        assert!(
            signature.contains("/eu-west-1/timestream/aws4_request"),
            "{signature}"
        );
    }
}

#[tokio::test]
async fn the_own_setting_wins_over_the_variables_of_the_sdk() {
    let bridge = Target::http(timestream).await.unwrap();
    let other = bridge.url("").replace("127.0.0.1", "127.0.0.2");
    let lookup = move |name: &str| (name == "AWS_ENDPOINT_URL").then(|| other.clone());
    let sdk = load("eu-west-1").await;
    let endpoint = bridge.url("");
    let connection = Connection::new(&sdk, Some(&endpoint), keys(), None, &lookup).unwrap();
    use_both(&connection).await;
    assert_eq!(bridge.seen().len(), 2);
}

#[tokio::test]
async fn cells_of_timestream_are_discovered_over_tls() {
    let authority = Authority::root();
    let tls = authority
        .server(&["localhost"], Validity::default())
        .serve();
    let service = Target::https(tls, timestream).await.unwrap();
    // In place of the host of the region, which is the SDK's to know.
    let sdk = load("eu-west-1").await;
    let region = service.url_as("localhost", "");
    let sdk = sdk.into_builder().endpoint_url(region).build();
    let pem = authority.certificate_pem();
    let connection = Connection::new(&sdk, None, keys(), Some(&pem), &nothing).unwrap();
    use_both(&connection).await;
    let seen = service.seen();
    let operations: Vec<&str> = seen.iter().map(operation).collect();
    // The task that keeps a cell fresh may have asked once more.
    let mut once = operations.clone();
    once.dedup();
    let wanted = [
        "DescribeEndpoints",
        "WriteRecords",
        "DescribeEndpoints",
        "Query",
    ];
    assert!(
        wanted.iter().all(|name| once.contains(name)),
        "{operations:?}"
    );
    let first = |name: &str| operations.iter().position(|found| *found == name);
    assert!(first("DescribeEndpoints") < first("WriteRecords"));
}

#[tokio::test]
async fn without_timestream_the_error_says_what_to_do() {
    let closed = Target::http(|_| {
        Reply::status(400)
            .header("content-type", "application/x-amz-json-1.0")
            .body(r#"{"__type":"AccessDeniedException","message":"closed to new customers"}"#)
    });
    let closed = closed.await.unwrap();
    let sdk = load("eu-west-1").await;
    let sdk = sdk.into_builder().endpoint_url(closed.url("")).build();
    let connection = Connection::new(&sdk, None, keys(), None, &nothing).unwrap();
    let error = connection.write_client().await.unwrap_err().to_string();
    assert!(error.contains("closed to new customers"), "{error}");
    assert!(error.contains("TIDEWATCH_STORE_ENDPOINT"), "{error}");
}

#[tokio::test]
async fn an_unknown_authority_is_not_trusted() {
    let authority = Authority::root();
    let tls = authority
        .server(&["localhost"], Validity::default())
        .serve();
    let bridge = Target::https(tls, timestream).await.unwrap();
    let endpoint = bridge.url_as("localhost", "");
    let sdk = load("eu-west-1").await;
    let pem = Authority::root().certificate_pem();
    let connection = Connection::new(&sdk, Some(&endpoint), keys(), Some(&pem), &nothing).unwrap();
    let query = connection.query_client().await.unwrap();
    let refused = query.query().query_string("SELECT 1").send().await;
    assert!(refused.is_err());
    assert_eq!(bridge.seen().len(), 0);
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_refused_at_the_start() {
    let sdk = load("eu-west-1").await;
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "secret", broken, "-----BEGIN CERTIFICATE-----\n!\n"] {
        let refused = Connection::new(&sdk, None, None, Some(pem), &nothing);
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("certificates in PEM"), "{error}");
        assert!(!error.contains("secret-"), "{error}");
    }
}

#[test]
fn keys_of_another_shape_are_refused_without_a_word_of_them() {
    let error = Keys::read(r#"{"access_key_id": "A", "password": "hunter2"}"#).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("secret_access_key"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let shown = format!("{:?}", keys().unwrap());
    assert!(!shown.contains("much longer"), "{shown}");
}
