//! Writing records.

use serde_json::{Value, json};
use tidewatch_wire::{Dimension, ErrorCode, Record, WriteRecordsRequest};

use super::server::{Server, cells};

/// Noon in milliseconds.
const NOW: i64 = 1_772_366_400_000;

fn write(records: Value) -> Value {
    json!({"DatabaseName": "db", "TableName": "t", "Records": records})
}

fn ingested(memory: u32, magnetic: u32) -> Value {
    json!({"RecordsIngested": {"Total": memory + magnetic, "MemoryStore": memory, "MagneticStore": magnetic}})
}

fn single(host: &str, value: &str, time: i64) -> Value {
    json!({"Dimensions": [{"Name": "host", "Value": host}], "MeasureName": "cpu",
           "MeasureValue": value, "Time": time.to_string()})
}

#[tokio::test]
async fn accepted_records_are_counted_by_age_and_visible_at_once() {
    let server = Server::start().await.with_table().await;
    let week = 7 * 24 * 3_600_000;
    let records = json!([single("a", "1.5", NOW), single("b", "2.5", NOW - week)]);
    assert_eq!(
        server.ok("WriteRecords", write(records)).await,
        ingested(1, 1)
    );
    let rows = server
        .query(r#"SELECT host, measure_value::double FROM "db"."t" ORDER BY host"#)
        .await;
    assert_eq!(
        cells(&rows),
        [
            [Some("a".into()), Some("1.5".into())],
            [Some("b".into()), Some("2.5".into())]
        ]
    );
}

#[tokio::test]
async fn common_attributes_are_merged_in() {
    let server = Server::start().await.with_table().await;
    let mut request = write(json!([
        {"Dimensions": [{"Name": "host", "Value": "a"}], "MeasureName": "cpu", "MeasureValue": "1"},
        {"Dimensions": [{"Name": "host", "Value": "b"}], "MeasureName": "mem", "MeasureValue": "2",
         "MeasureValueType": "BIGINT"},
    ]));
    request["CommonAttributes"] = json!({
        "Dimensions": [{"Name": "region", "Value": "r"}],
        "MeasureValueType": "DOUBLE", "Time": (NOW / 1000).to_string(), "TimeUnit": "SECONDS",
    });
    assert_eq!(server.ok("WriteRecords", request).await, ingested(2, 0));
    let rows = server
        .query(
            "SELECT region, host, measure_name, time, measure_value::double, measure_value::bigint \
             FROM db.t ORDER BY host",
        )
        .await;
    let row = |host: &str, measure: &str, double: Option<&str>, bigint: Option<&str>| {
        vec![
            Some("r".to_owned()),
            Some(host.to_owned()),
            Some(measure.to_owned()),
            Some("2026-03-01 12:00:00.000000000".to_owned()),
            double.map(str::to_owned),
            bigint.map(str::to_owned),
        ]
    };
    assert_eq!(
        cells(&rows),
        [
            row("a", "cpu", Some("1.0"), None),
            row("b", "mem", None, Some("2"))
        ]
    );
}

#[tokio::test]
async fn refused_records_are_named_and_the_others_stored() {
    let server = Server::start().await.with_table().await;
    server
        .ok("WriteRecords", write(json!([single("a", "1", NOW)])))
        .await;
    let mut older = single("d", "1", NOW);
    older["Version"] = json!(5);
    server.ok("WriteRecords", write(json!([older]))).await;

    let answer = server
        .call(
            "WriteRecords",
            write(json!([
                single("b", "2", NOW),
                single("a", "9", NOW),
                single(&"x".repeat(3000), "1", NOW),
                single("d", "1", NOW),
                single("c", "3", NOW),
            ])),
        )
        .await;
    assert_eq!(answer.status, 419);
    let message = "One or more records have been rejected. See RejectedRecords for details.";
    let rejected = |index: u32, reason: &str, version: Value| {
        let mut rejected = json!({"RecordIndex": index, "Reason": reason});
        if !version.is_null() {
            rejected["ExistingVersion"] = version;
        }
        rejected
    };
    assert_eq!(
        answer.json(),
        json!({
            "__type": "com.amazonaws.timestream.v20181101#RejectedRecordsException",
            "message": message, "Message": message,
            "RejectedRecords": [
                rejected(
                    1,
                    "A record already exists with the same time, dimensions, measure name, and record version. \
                     A higher record version must be specified in order to update the measure value. \
                     Specifying record version is supported by the latest SDKs.",
                    json!(1)
                ),
                rejected(
                    2,
                    "The record has 3004 bytes of dimension names and values; 2048 are allowed.",
                    Value::Null
                ),
                rejected(
                    3,
                    "The record version 1 is lower than the existing version 5. \
                     A higher version is required to update the measure value.",
                    json!(5)
                ),
            ],
        })
    );
    let rows = server
        .query("SELECT host, measure_value::double FROM db.t ORDER BY host")
        .await;
    let row = |host: &str, value: &str| vec![Some(host.to_owned()), Some(value.to_owned())];
    assert_eq!(
        cells(&rows),
        [
            row("a", "1.0"),
            row("b", "2.0"),
            row("c", "3.0"),
            row("d", "1.0")
        ]
    );
}

#[tokio::test]
async fn sending_the_same_again_is_accepted_and_a_higher_version_overwrites() {
    let server = Server::start().await.with_table().await;
    let again = write(json!([single("a", "1", NOW)]));
    assert_eq!(
        server.ok("WriteRecords", again.clone()).await,
        ingested(1, 0)
    );
    assert_eq!(server.ok("WriteRecords", again).await, ingested(1, 0));
    let mut newer = single("a", "2", NOW);
    newer["Version"] = json!(2);
    assert_eq!(
        server.ok("WriteRecords", write(json!([newer]))).await,
        ingested(1, 0)
    );
    let rows = server.query("SELECT measure_value::double FROM db.t").await;
    assert_eq!(cells(&rows), [[Some("2.0".into())]]);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_writes_nothing() {
    let server = Server::start().await.with_table().await;
    server
        .fails(
            "WriteRecords",
            write(json!([single("a", "1", NOW), single("b", "many", NOW)])),
            "ValidationException",
            "Record 1: the value 'many' is not a finite DOUBLE.",
        )
        .await;
    assert_eq!(server.query("SELECT * FROM db.t").await["Rows"], json!([]));
}

#[tokio::test]
async fn every_refused_record_may_be_refused_before_the_store_sees_it() {
    let server = Server::start().await.with_table().await;
    let reserved = json!([{"MeasureName": "m", "MeasureValue": "1", "Time": NOW.to_string(),
                           "Dimensions": [{"Name": "time", "Value": "x"}]}]);
    let answer = server.call("WriteRecords", write(reserved.clone())).await;
    assert_eq!(answer.status, 419);
    assert_eq!(
        answer.json()["RejectedRecords"],
        json!([{"RecordIndex": 0, "Reason": "The dimension name time is reserved."}])
    );
    let mut elsewhere = write(reserved);
    elsewhere["TableName"] = json!("nowhere");
    server
        .fails(
            "WriteRecords",
            elsewhere,
            "ResourceNotFoundException",
            "The table nowhere does not exist in the database db.",
        )
        .await;
}

#[tokio::test]
async fn a_hundred_records_are_the_most() {
    let server = Server::start().await.with_table().await;
    let records = |n: i64| {
        (0..n)
            .map(|i| single("a", "1", NOW - i))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        server.ok("WriteRecords", write(json!(records(100)))).await,
        ingested(100, 0)
    );
    server
        .fails(
            "WriteRecords",
            write(json!(records(101))),
            "ValidationException",
            "1 validation error detected: Value '[101 items]' at 'records' failed to satisfy constraint: \
             Member must have length less than or equal to 100",
        )
        .await;
}

#[tokio::test]
async fn the_process_itself_writes_through_the_same_method() {
    let server = Server::start().await.with_table().await;
    let record = Record {
        dimensions: Some(vec![Dimension {
            name: Some("host".into()),
            value: Some("a".into()),
            dimension_value_type: None,
        }]),
        measure_name: Some("cpu".into()),
        measure_value: Some("1".into()),
        time: Some(NOW.to_string()),
        ..Record::default()
    };
    let request = WriteRecordsRequest {
        database_name: Some("db".into()),
        table_name: Some("t".into()),
        common_attributes: None,
        records: Some(vec![record]),
    };
    let response = server.bridge.write_records(request.clone()).await.unwrap();
    assert_eq!(response.records_ingested.unwrap().total, 1);
    let unnamed = WriteRecordsRequest {
        table_name: None,
        ..request
    };
    let error = server.bridge.write_records(unnamed).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Validation);
}

#[tokio::test]
async fn a_store_that_is_full_for_the_moment_asks_for_patience() {
    // One row is more than memory holds, and nobody moves it to a file but this test.
    let server = Server::start_over(|options| {
        options.head_bytes = 1;
        options.housekeeping_every = std::time::Duration::ZERO;
    })
    .await
    .with_table()
    .await;
    let write = |time: &str| {
        json!({"DatabaseName": "db", "TableName": "t", "Records": [
            {"MeasureName": "m", "MeasureValue": "1", "Time": time}]})
    };
    server.ok("WriteRecords", write("1772366400000")).await;
    let refused = server.call("WriteRecords", write("1772366400001")).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["__type"],
        "com.amazonaws.timestream.v20181101#ThrottlingException"
    );
    // Reads go on, and writes once there is room.
    let page = server.query("SELECT count(*) FROM db.t").await;
    assert_eq!(cells(&page), [[Some("1".to_owned())]]);
    server.flush().await;
    server.ok("WriteRecords", write("1772366400001")).await;
}
