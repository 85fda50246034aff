use serde_json::{Value, json};
use tidewatch_domain::{Cause, ErrorClass, Location, rows};
use tidewatch_testkit::{Reply, Seen, Target, a_monitor};

use super::super::{Connection, Keys};
use super::*;
use crate::environment::Environment;
use crate::sdk::load;

fn row(tenant: &str, name: &str, second: i64) -> Row {
    let mut monitor = a_monitor("https://shop.example/").named(name).build();
    monitor.key.tenant = Tenant::try_new(tenant).unwrap();
    let location = Location::try_new("eu-west-1").unwrap();
    let cause = Cause::new(ErrorClass::Overloaded, "late");
    let at = Timestamp::from_secs(1_795_330_800 + second);
    Row {
        destination: Destination::Main,
        tenant: monitor.key.tenant.clone(),
        record: rows::missed_row(&monitor, &location, at, 1, &cause),
    }
}

/// A request as the service reads it: the table, and its records merged with what is common.
fn request(seen: &Seen) -> (String, Vec<String>) {
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let dimensions = |record: &Value| record["Dimensions"].as_array().cloned().unwrap_or_default();
    let name_of = |record: &Value| {
        let all = [dimensions(&body["CommonAttributes"]), dimensions(record)].concat();
        let found = all.iter().find(|one| one["Name"] == "monitor_id").unwrap();
        found["Value"].as_str().unwrap().to_owned()
    };
    let records = body["Records"].as_array().unwrap();
    let table = body["TableName"].as_str().unwrap().to_owned();
    (table, records.iter().map(name_of).collect())
}

fn refused(status: u16, code: &str, more: Value) -> Reply {
    let mut body = json!({ "__type": format!("com.amazonaws.timestream.v20181101#{code}"), "message": "scripted" });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    Reply::status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .body(body.to_string())
}

fn taken() -> Reply {
    Reply::ok(r#"{"RecordsIngested":{}}"#).header("content-type", "application/x-amz-json-1.0")
}

/// What became of `rows` in a store that does what `reply` says, and the requests that it got.
async fn written(
    rows: &[Row],
    reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
) -> (Written, Vec<(String, Vec<String>)>) {
    let store = Target::http(reply).await.unwrap();
    let sdk = load("eu-west-1").await;
    let keys = Keys::read(r#"{"access_key_id":"TEST","secret_access_key":"a test"}"#).unwrap();
    let url = store.url("");
    let connection = Connection::new(&sdk, Some(&url), Some(keys), None, &|_| None).unwrap();
    let lookup = |name: &str| {
        (name == "TIDEWATCH_TENANTS").then(|| r#"{"acme":{"table":"Acme"}}"#.to_owned())
    };
    let tenants = Environment::new(&lookup).tenants().unwrap();
    let sink = TimestreamSink::new(connection.write_client().await.unwrap(), tenants);
    let written = sink.write_rows(rows).await;
    (written, store.seen().iter().map(request).collect())
}

#[tokio::test]
async fn rows_go_a_hundred_at_a_time_each_to_the_store_of_its_tenant() {
    let mut rows: Vec<Row> = (0..150).map(|second| row("demo", "shop", second)).collect();
    rows.push(row("acme", "home", 0));
    let (written, requests) = written(&rows, |_| taken()).await;
    assert_eq!(written.accepted, 151);
    let mut sizes: Vec<_> = requests
        .iter()
        .map(|(table, names)| (table.as_str(), names.len()))
        .collect();
    sizes.sort_unstable();
    let shared = "WebsiteMonitoringData";
    assert_eq!(sizes, [("Acme", 1), (shared, 50), (shared, 100)]);
}

#[tokio::test]
async fn each_refused_record_gets_its_own_answer_and_none_is_sent_again() {
    let rows: Vec<Row> = (0..4).map(|second| row("demo", "shop", second)).collect();
    let (written, requests) = written(&rows, |_| {
        let rejected = json!({ "RejectedRecords": [
            { "RecordIndex": 1, "Reason": "it exists", "ExistingVersion": 1 },
            { "RecordIndex": 2, "Reason": "too old" },
        ]});
        refused(419, "RejectedRecordsException", rejected)
    })
    .await;
    assert_eq!(requests.len(), 1);
    assert_eq!((written.accepted, written.duplicates), (2, 1));
    assert_eq!(written.rejected, [(2, "too old".to_owned())]);
    assert_eq!(written.failed, []);
}

#[tokio::test]
async fn a_record_that_spoils_its_request_is_found_and_the_others_are_written() {
    let mut rows: Vec<Row> = (0..9).map(|second| row("demo", "shop", second)).collect();
    rows[6] = row("demo", "poison", 6);
    let (written, requests) = written(&rows, |seen| {
        if request(seen).1.iter().any(|name| name == "poison") {
            refused(400, "ValidationException", json!({}))
        } else {
            taken()
        }
    })
    .await;
    assert_eq!(written.accepted, 8);
    assert_eq!(written.rejected, [(6, "scripted".to_owned())]);
    assert!(requests.len() <= 9, "{requests:?}");
}

#[tokio::test]
async fn a_row_and_its_later_version_go_one_after_the_other() {
    let first = row("demo", "shop", 0);
    let mut second = first.clone();
    second.record.version = 2;
    let rows = [first, row("demo", "home", 0), second];
    let (written, requests) = written(&rows, |_| taken()).await;
    assert_eq!(written.accepted, 3);
    let sizes: Vec<_> = requests.iter().map(|(_, names)| names.len()).collect();
    assert_eq!(sizes, [2, 1]);
    assert_eq!(requests[1].1, ["shop"]);
}

#[tokio::test]
async fn the_missing_store_of_one_tenant_is_told_row_by_row() {
    let missing = |seen: &Seen| {
        if request(seen).0 == "Acme" {
            refused(400, "ResourceNotFoundException", json!({}))
        } else {
            taken()
        }
    };
    let rows = [row("acme", "home", 0), row("demo", "shop", 0)];
    let (written, _) = written(&rows, missing).await;
    assert_eq!(written.accepted, 1);
    assert_eq!(written.rejected.len(), 1);
    assert!(written.rejected[0].1.contains("CPTMonitoring.Acme"));
}

#[tokio::test]
async fn the_missing_store_of_all_is_a_fault_that_can_be_repaired() {
    let missing = |_: &Seen| refused(400, "ResourceNotFoundException", json!({}));
    let (written, _) = written(&[row("demo", "shop", 0)], missing).await;
    assert_eq!(written.rejected, []);
    assert_eq!(written.failed.len(), 1);
}

#[tokio::test]
async fn a_long_text_is_cut_to_what_a_record_holds() {
    let mut long = row("demo", "shop", 0);
    for (name, value) in &mut long.record.measures {
        if name == "error_text" {
            *value = tidewatch_domain::Value::Varchar("x".repeat(9_000));
        }
    }
    let reply = |seen: &Seen| {
        if seen.body.len() > 4_096 {
            refused(400, "ValidationException", json!({}))
        } else {
            taken()
        }
    };
    let (written, _) = written(&[long], reply).await;
    assert_eq!(written.accepted, 1);
}
