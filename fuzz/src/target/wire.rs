//! Calls of the API: from the name of an operation and a body to an answer.
//!
//! The first line of an input is the operation, the rest is the body.

use axum::body::Body;
use http::Request;
use libfuzzer_sys::Corpus;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tidewatch_wire::{Operation, TARGET_PREFIX};
use tokio::runtime::{Builder, Runtime};

use super::Target;
use crate::server::Server;

/// 2026-03-01T12:00:00Z in nanoseconds.
const NOON: i64 = 1_772_366_400_000_000_000;
const ARN: &str = "arn:aws:timestream:us-east-1:000000000000:database/db";

pub(crate) struct Wire {
    runtime: Runtime,
    /// Made anew after every call that changed something, so that each input meets the same.
    server: Mutex<Option<Server>>,
}

impl Wire {
    pub(crate) fn new() -> Wire {
        let runtime = Builder::new_current_thread().enable_all().build();
        Wire {
            runtime: runtime.expect("a runtime can be made"),
            server: Mutex::new(None),
        }
    }
}

/// A server with a database, a table and a few rows.
async fn server() -> Server {
    let server = Server::start(NOON).await;
    for (operation, body) in [
        ("CreateDatabase", json!({"DatabaseName": "db"})),
        ("CreateTable", table("t")),
        ("WriteRecords", write("t", 1)),
    ] {
        let answer = server
            .call(request(operation, body.to_string().into()))
            .await;
        assert!(
            answer.status.is_success(),
            "{operation}: {}",
            answer.error()
        );
    }
    server
}

fn request(operation: &str, body: Vec<u8>) -> Request<Body> {
    let mut request = Request::post("/")
        .header("host", "localhost:8086")
        .header("content-type", "application/x-amz-json-1.0")
        .body(Body::from(body))
        .expect("the parts of the request are right");
    if let Ok(target) = format!("{TARGET_PREFIX}{operation}").parse() {
        request.headers_mut().insert("x-amz-target", target);
    }
    request
}

/// Whether a call that succeeds, or that succeeds for some of its records, leaves something behind.
fn changes(operation: &str) -> bool {
    let reads = ["Describe", "List", "Prepare"];
    !reads.iter().any(|begin| operation.starts_with(begin))
}

fn table(name: &str) -> Value {
    json!({
        "DatabaseName": "db", "TableName": name,
        "RetentionProperties":
            {"MemoryStoreRetentionPeriodInHours": 24, "MagneticStoreRetentionPeriodInDays": 365},
        "MagneticStoreWriteProperties": {
            "EnableMagneticStoreWrites": true,
            "MagneticStoreRejectedDataLocation": {"S3Configuration": {
                "BucketName": "bucket", "ObjectKeyPrefix": "p", "EncryptionOption": "SSE_S3"}},
        },
        "Schema": {"CompositePartitionKey": [
            {"Type": "DIMENSION", "Name": "host", "EnforcementInRecord": "OPTIONAL"}]},
        "Tags": [{"Key": "k", "Value": "v"}],
    })
}

fn write(table: &str, version: i64) -> Value {
    let dimensions = json!([{"Name": "host", "Value": "h1", "DimensionValueType": "VARCHAR"}]);
    let time = (NOON / 1_000_000).to_string();
    json!({
        "DatabaseName": "db", "TableName": table,
        "CommonAttributes": {"Dimensions": dimensions, "Time": time, "TimeUnit": "MILLISECONDS",
            "Version": version},
        "Records": [
            {"MeasureName": "a", "MeasureValue": "1.5", "MeasureValueType": "DOUBLE"},
            {"MeasureName": "b", "MeasureValue": "-7", "MeasureValueType": "BIGINT",
                "Time": "1772366399", "TimeUnit": "SECONDS"},
            {"MeasureName": "c", "MeasureValueType": "MULTI", "MeasureValues": [
                {"Name": "x", "Value": "true", "Type": "BOOLEAN"},
                {"Name": "y", "Value": "text", "Type": "VARCHAR"},
                {"Name": "z", "Value": "1772366400000", "Type": "TIMESTAMP"}]},
        ],
    })
}

/// A body for every operation.
fn bodies() -> Vec<(&'static str, Value)> {
    let database = json!({"DatabaseName": "db", "KmsKeyId": "key",
        "Tags": [{"Key": "k", "Value": "v"}]});
    let query = json!({"QueryString": "SELECT * FROM db.t ORDER BY time", "MaxRows": 2,
        "ClientToken": "0123456789012345678901234567890123",
        "QueryInsights": {"Mode": "DISABLED"}});
    let settings = json!({"MaxQueryTCU": 4, "QueryPricingModel": "COMPUTE_UNITS",
        "QueryCompute": {"ComputeMode": "ON_DEMAND"}});
    let page = json!({"MaxResults": 1, "NextToken": "x"});
    vec![
        ("CreateDatabase", json!({"DatabaseName": "other"})),
        ("CreateDatabase", database.clone()),
        ("DescribeDatabase", json!({"DatabaseName": "db"})),
        ("ListDatabases", json!({"MaxResults": 5})),
        ("ListDatabases", page.clone()),
        ("UpdateDatabase", database),
        ("DeleteDatabase", json!({"DatabaseName": "db"})),
        ("CreateTable", table("other")),
        (
            "DescribeTable",
            json!({"DatabaseName": "db", "TableName": "t"}),
        ),
        (
            "ListTables",
            json!({"DatabaseName": "db", "MaxResults": 1, "NextToken": "x"}),
        ),
        ("ListTables", json!({})),
        ("UpdateTable", table("t")),
        (
            "DeleteTable",
            json!({"DatabaseName": "db", "TableName": "t"}),
        ),
        ("WriteRecords", write("t", 1)),
        ("WriteRecords", write("t", 2)),
        ("Query", query),
        (
            "Query",
            json!({"QueryString": "SHOW TABLES FROM db", "NextToken": "x"}),
        ),
        ("CancelQuery", json!({"QueryId": "AEBQEAM"})),
        (
            "PrepareQuery",
            json!({"QueryString": "SELECT host FROM db.t WHERE host = @h",
            "ValidateOnly": true}),
        ),
        (
            "TagResource",
            json!({"ResourceARN": ARN, "Tags": [{"Key": "k", "Value": "v"}]}),
        ),
        (
            "UntagResource",
            json!({"ResourceARN": ARN, "TagKeys": ["k"]}),
        ),
        (
            "ListTagsForResource",
            json!({"ResourceARN": ARN, "MaxResults": 1}),
        ),
        ("DescribeAccountSettings", json!({})),
        ("UpdateAccountSettings", settings),
        ("DescribeEndpoints", json!({})),
        ("CreateScheduledQuery", page),
    ]
}

impl Target for Wire {
    fn run(&self, input: &[u8]) -> Corpus {
        let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
            return Corpus::Reject;
        };
        let Ok(operation) = std::str::from_utf8(&input[..end]) else {
            return Corpus::Reject;
        };
        let mut place = self.server.lock();
        self.runtime.block_on(async {
            let server = match place.take() {
                Some(server) => server,
                None => server().await,
            };
            let answer = server
                .call(request(operation, input[end + 1..].to_vec()))
                .await;
            server.bridge.stop_queries();
            let error = answer.error();
            assert_ne!(error, "InternalServerException", "{operation}");
            assert!(
                !answer.status.is_server_error(),
                "{operation}: {}",
                answer.status
            );
            assert_eq!(
                answer.status.is_success(),
                error.is_empty(),
                "{operation}: {error}"
            );
            let changed = error.is_empty() || error == "RejectedRecordsException";
            if changed && changes(operation) {
                server
                    .store
                    .close()
                    .await
                    .expect("an open store can be closed");
            } else {
                *place = Some(server);
            }
        });
        Corpus::Keep
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        bodies()
            .into_iter()
            .map(|(operation, body)| format!("{operation}\n{body}").into_bytes())
            .collect()
    }

    fn words(&self) -> Vec<Vec<u8>> {
        let mut words: Vec<String> = Operation::ALL
            .iter()
            .map(|operation| format!("{}\n", operation.name()))
            .collect();
        for (_, body) in bodies() {
            collect(&body, &mut words);
        }
        let edges = [
            "null",
            "true",
            "-1",
            "1e999",
            "9223372036854775808",
            "[]",
            "{}",
            "\\u0000",
            "\\ud800",
        ];
        words.extend(edges.map(str::to_owned));
        words.sort();
        words.dedup();
        words.into_iter().map(String::into_bytes).collect()
    }
}

/// The names and the texts in a body, quoted.
fn collect(json: &Value, words: &mut Vec<String>) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                words.push(format!("\"{name}\":"));
                collect(value, words);
            }
        }
        Value::Array(list) => list.iter().for_each(|each| collect(each, words)),
        single => words.push(single.to_string()),
    }
}
