use serde_json::{Value as Json, json};
use tidewatch_testkit::{Reply, Seen, Target};

use super::super::{Connection, Keys};
use super::*;
use crate::sdk::load;

fn page(rows: &Json, next: Option<&str>) -> Reply {
    let column = |name: &str, kind: &str| json!({ "Name": name, "Type": { "ScalarType": kind } });
    let body = json!({
        "QueryId": "Q",
        "NextToken": next,
        "ColumnInfo": [
            column("monitor_id", "VARCHAR"),
            column("good", "BIGINT"),
            column("mean", "DOUBLE"),
            column("enabled", "BOOLEAN"),
            column("time", "TIMESTAMP"),
        ],
        "Rows": rows,
    });
    Reply::ok(body.to_string()).header("content-type", "application/x-amz-json-1.0")
}

fn scalars(texts: [Option<&str>; 5]) -> Json {
    let datum = |text: Option<&str>| match text {
        Some(text) => json!({ "ScalarValue": text }),
        None => json!({ "NullValue": true }),
    };
    json!({ "Data": texts.map(datum) })
}

async fn asked(
    reply: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
) -> Result<QueryResult, QueryError> {
    let store = Target::http(reply).await.unwrap();
    let sdk = load("eu-west-1").await;
    let keys = Keys::read(r#"{"access_key_id":"TEST","secret_access_key":"a test"}"#).unwrap();
    let url = store.url("");
    let connection = Connection::new(&sdk, Some(&url), Some(keys), None, &|_| None).unwrap();
    let query = TimestreamQuery::new(connection.query_client().await.unwrap());
    query.rows("SELECT 1").await
}

#[tokio::test]
async fn all_pages_are_read_and_cells_have_types() {
    let at = Some("2026-11-22 07:00:00.123456789");
    let first = json!([scalars([
        Some("a"),
        Some("3"),
        Some("0.1"),
        Some("true"),
        at
    ])]);
    let second = json!([scalars([Some("b"), None, None, None, None])]);
    let result = asked(move |seen| {
        let body: Json = serde_json::from_slice(&seen.body).unwrap();
        match body["NextToken"].as_str() {
            None => page(&first, Some("more")),
            Some(token) => {
                assert_eq!(token, "more");
                page(&second, None)
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(result.rows.len(), 2);
    let cell = |row: usize, name: &str| result.value(&result.rows[row], name).cloned();
    assert_eq!(cell(0, "monitor_id"), Some(Value::from("a")));
    assert_eq!(cell(0, "good"), Some(Value::Bigint(3)));
    assert_eq!(cell(0, "mean"), Some(Value::Double(0.1)));
    assert_eq!(cell(0, "enabled"), Some(Value::Boolean(true)));
    let nanos = Timestamp::from_nanos(1_795_330_800_123_456_789);
    assert_eq!(cell(0, "time"), Some(Value::Timestamp(nanos)));
    assert_eq!(cell(1, "good"), None);
    assert_eq!(cell(0, "unheard of"), None);
}

#[tokio::test]
async fn a_cell_that_is_not_of_its_type_is_named() {
    let rows = json!([scalars([Some("a"), Some("three"), None, None, None])]);
    let error = asked(move |_| page(&rows, None)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "column `good` has the value `three`, which is not of the column's type"
    );
}

#[tokio::test]
async fn what_the_service_says_reaches_the_reader() {
    let error = asked(|_| {
        Reply::status(400)
            .header("content-type", "application/x-amz-json-1.0")
            .body(r#"{"__type":"ValidationException","message":"line 1:8: Column 'x' does not exist"}"#)
    })
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("Column 'x' does not exist"),
        "{error}"
    );
}
