//! Statements and their answers.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Server, cells};

/// Hides the query id after a look at it.
fn without_id(mut answer: Value) -> Value {
    let id = answer["QueryId"].as_str().unwrap();
    assert_eq!(id.len(), 63);
    assert!(
        id.starts_with("AE")
            && id
                .bytes()
                .all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b)),
        "{id}"
    );
    answer["QueryId"] = json!("id");
    answer
}

fn scalar(name: &str, kind: &str) -> Value {
    json!({"Name": name, "Type": {"ScalarType": kind}})
}

fn row(cells: &[&str]) -> Value {
    json!({"Data": cells.iter().map(|cell| json!({"ScalarValue": cell})).collect::<Vec<_>>()})
}

/// A table with one single-measure and one multi-measure record.
async fn server() -> Server {
    let server = Server::start().await.with_table().await;
    let records = json!([
        {"Dimensions": [{"Name": "host", "Value": "a"}], "MeasureName": "cpu", "MeasureValue": "0.5",
         "Time": "1772366400000"},
        {"Dimensions": [{"Name": "host", "Value": "a"}], "MeasureName": "probe", "MeasureValueType": "MULTI",
         "Time": "1772366400123456789", "TimeUnit": "NANOSECONDS", "MeasureValues": [
            {"Name": "up", "Value": "true", "Type": "BOOLEAN"},
            {"Name": "latency", "Value": "16554878837.71", "Type": "DOUBLE"},
            {"Name": "bytes", "Value": "-7", "Type": "BIGINT"},
            {"Name": "text", "Value": "a \"quoted\" \u{1F600}", "Type": "VARCHAR"},
            {"Name": "expires", "Value": "1772366400000000001", "Type": "TIMESTAMP"},
        ]},
    ]);
    server
        .ok(
            "WriteRecords",
            json!({"DatabaseName": "db", "TableName": "t", "Records": records}),
        )
        .await;
    server
}

#[tokio::test]
async fn the_health_check_of_grafana_is_answered_in_one_page() {
    let server = Server::start().await;
    assert_eq!(
        without_id(server.query("SELECT 1").await),
        json!({
            "QueryId": "id",
            "Rows": [row(&["1"])],
            "ColumnInfo": [scalar("_col0", "INTEGER")],
            "QueryStatus":
                {"ProgressPercentage": 100.0, "CumulativeBytesScanned": 0, "CumulativeBytesMetered": 10_000_000},
        })
    );
}

#[tokio::test]
async fn planning_counts_as_work() {
    let server = Server::start_with(|settings| {
        settings.query_timeout = Duration::from_secs(1);
    })
    .await;
    // Constant, so that planning works it out: ten billion steps.
    let statement = "SELECT reduce(sequence(1, 100000), 0, (s, x) -> s + \
                     reduce(sequence(1, 100000), 0, (t, y) -> t + y, t -> t), s -> s)";
    for operation in ["Query", "PrepareQuery"] {
        server
            .fails(
                operation,
                json!({"QueryString": statement}),
                "QueryExecutionException",
                "The query was stopped after 1 s of work; narrow its time range.",
            )
            .await;
        server.query("SELECT 1").await;
    }
}

#[tokio::test]
async fn every_scalar_type_of_a_row_has_its_text() {
    let server = server().await;
    let statement = "SELECT host, measure_name, time, up, latency, bytes, text, expires, measure_value::double \
                     FROM \"db\".\"t\" WHERE measure_name = 'probe'";
    let mut answer = without_id(server.query(statement).await);
    assert!(
        answer["QueryStatus"]["CumulativeBytesScanned"]
            .as_i64()
            .is_some()
    );
    answer.as_object_mut().unwrap().remove("QueryStatus");
    let mut cells = row(&[
        "a",
        "probe",
        "2026-03-01 12:00:00.123456789",
        "true",
        "1.655487883771E10",
        "-7",
        "a \"quoted\" \u{1F600}",
        "2026-03-01 12:00:00.000000001",
    ]);
    cells["Data"]
        .as_array_mut()
        .unwrap()
        .push(json!({"NullValue": true}));
    assert_eq!(
        answer,
        json!({
            "QueryId": "id",
            "Rows": [cells],
            "ColumnInfo": [
                scalar("host", "VARCHAR"),
                scalar("measure_name", "VARCHAR"),
                scalar("time", "TIMESTAMP"),
                scalar("up", "BOOLEAN"),
                scalar("latency", "DOUBLE"),
                scalar("bytes", "BIGINT"),
                scalar("text", "VARCHAR"),
                scalar("expires", "TIMESTAMP"),
                scalar("measure_value::double", "DOUBLE"),
            ],
        })
    );
}

#[tokio::test]
async fn a_time_series_is_a_list_of_points() {
    let server = server().await;
    let answer = server
        .query(
            "SELECT host, CREATE_TIME_SERIES(time, measure_value::double) AS cpu \
             FROM db.t WHERE measure_name = 'cpu' GROUP BY host",
        )
        .await;
    assert_eq!(
        answer["ColumnInfo"],
        json!([
            scalar("host", "VARCHAR"),
            {"Name": "cpu", "Type": {"TimeSeriesMeasureValueColumnInfo": {"Type": {"ScalarType": "DOUBLE"}}}},
        ])
    );
    assert_eq!(
        answer["Rows"],
        json!([{"Data": [
            {"ScalarValue": "a"},
            {"TimeSeriesValue":
                [{"Time": "2026-03-01 12:00:00.000000000", "Value": {"ScalarValue": "0.5"}}]},
        ]}])
    );
}

#[tokio::test]
async fn the_metadata_statements_answer_as_the_plugin_reads_them() {
    let server = server().await;
    let status = json!({"ProgressPercentage": 100.0, "CumulativeBytesScanned": 0, "CumulativeBytesMetered": 0});

    let databases = server.query("SHOW DATABASES").await;
    assert_eq!(
        (
            &databases["ColumnInfo"],
            &databases["Rows"],
            &databases["QueryStatus"]
        ),
        (
            &json!([scalar("Database", "VARCHAR")]),
            &json!([row(&["db"])]),
            &status
        )
    );

    let tables = server.query("SHOW TABLES FROM \"db\"").await;
    assert_eq!(
        (
            &tables["ColumnInfo"],
            &tables["Rows"],
            &tables["QueryStatus"]
        ),
        (
            &json!([scalar("Table", "VARCHAR")]),
            &json!([row(&["t"])]),
            &status
        )
    );

    let measures = server.query("SHOW MEASURES FROM \"db\".\"t\"").await;
    assert_eq!(
        measures["ColumnInfo"],
        json!([
            scalar("measure_name", "VARCHAR"),
            scalar("data_type", "VARCHAR"),
            {"Name": "dimensions", "Type": {"ArrayColumnInfo": {"Type": {"RowColumnInfo": [
                scalar("dimension_name", "VARCHAR"), scalar("data_type", "VARCHAR"),
            ]}}}},
        ])
    );
    let dimensions = json!({"ArrayValue": [{"RowValue": row(&["host", "varchar"])}]});
    assert_eq!(
        measures["Rows"],
        json!([
            {"Data": [{"ScalarValue": "cpu"}, {"ScalarValue": "double"}, dimensions]},
            {"Data": [{"ScalarValue": "probe"}, {"ScalarValue": "multi"}, dimensions]},
        ])
    );
    assert_eq!(measures["QueryStatus"], status);

    let columns = server.query("DESCRIBE \"db\".\"t\"").await;
    let names: Vec<_> = ["Column", "Type", "Timestream attribute type"]
        .map(|name| scalar(name, "VARCHAR"))
        .into();
    assert_eq!(columns["ColumnInfo"], json!(names));
    let text = |cells: [&str; 3]| cells.map(|cell| Some(cell.to_owned())).to_vec();
    assert_eq!(
        cells(&columns),
        [
            text(["host", "varchar", "DIMENSION"]),
            text(["measure_name", "varchar", "MEASURE_NAME"]),
            text(["time", "timestamp", "TIMESTAMP"]),
            text(["measure_value::double", "double", "MEASURE_VALUE"]),
            text(["up", "boolean", "MULTI"]),
            text(["latency", "double", "MULTI"]),
            text(["bytes", "bigint", "MULTI"]),
            text(["text", "varchar", "MULTI"]),
            text(["expires", "timestamp", "MULTI"]),
        ]
    );
    assert_eq!(columns["QueryStatus"], status);
}

#[tokio::test]
async fn now_is_the_clock_of_the_server() {
    let server = Server::start().await;
    let texts = |answer: &Value| cells(answer)[0].clone();
    assert_eq!(
        texts(&server.query("SELECT now()").await),
        [Some("2026-03-01 12:00:00.000000000".into())]
    );
    server.clock.advance_seconds(3600);
    assert_eq!(
        texts(&server.query("SELECT ago(30m)").await),
        [Some("2026-03-01 12:30:00.000000000".into())]
    );
}

#[tokio::test]
async fn faults_in_statements_keep_the_form_that_clients_match() {
    let server = server().await;
    for (statement, message) in [
        (
            "SELECT vehicle FROM db.t",
            "line 1:8: Column 'vehicle' does not exist",
        ),
        ("SELEC 1", "The query syntax is invalid at line 1:1"),
    ] {
        server
            .fails(
                "Query",
                json!({"QueryString": statement}),
                "ValidationException",
                message,
            )
            .await;
    }
    for statement in [
        "SELECT * FROM nodb.t",
        "SELECT * FROM db.nowhere",
        "DESCRIBE db.nowhere",
    ] {
        let answer = server
            .call("Query", json!({"QueryString": statement}))
            .await;
        assert_eq!(answer.status, 400, "{statement}");
        let json = answer.json();
        assert_eq!(
            json["__type"], "com.amazon.coral.validate#ValidationException",
            "{statement}: {json}"
        );
    }
}

#[tokio::test]
async fn a_statement_that_works_too_long_is_stopped() {
    let server =
        Server::start_with(|settings| settings.query_timeout = Duration::from_secs(1)).await;
    let slow = server.with_slow_statement().await;
    server
        .fails(
            "Query",
            json!({"QueryString": slow}),
            "QueryExecutionException",
            "The query was stopped after 1 s of work; narrow its time range.",
        )
        .await;
}

#[tokio::test]
async fn preparing_tells_the_types_of_parameters() {
    let server = server().await;
    let statement = "SELECT host FROM db.t WHERE host = @host AND time > @from";
    let prepared = server
        .ok("PrepareQuery", json!({"QueryString": statement}))
        .await;
    assert_eq!(
        prepared["Parameters"],
        json!([
            {"Name": "host", "Type": {"ScalarType": "VARCHAR"}},
            {"Name": "from", "Type": {"ScalarType": "VARCHAR"}},
        ])
    );
}

#[tokio::test]
async fn preparing_tells_the_columns() {
    let server = server().await;
    let statement = "SELECT host, max(latency) AS worst FROM db.t GROUP BY host";
    assert_eq!(
        server
            .ok(
                "PrepareQuery",
                json!({"QueryString": statement, "ValidateOnly": true})
            )
            .await,
        json!({
            "QueryString": statement,
            "Columns": [scalar("host", "VARCHAR"), scalar("worst", "DOUBLE")],
            "Parameters": [],
        })
    );
    server
        .fails(
            "PrepareQuery",
            json!({"QueryString": "SELECT nothing FROM db.t"}),
            "ValidationException",
            "line 1:8: Column 'nothing' does not exist",
        )
        .await;
    server
        .fails(
            "PrepareQuery",
            json!({"QueryString": "SELECT 1", "ValidateOnly": false}),
            "ValidationException",
            "ValidateOnly must be true; statements are not kept for later.",
        )
        .await;
}
