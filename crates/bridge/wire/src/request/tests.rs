//! Bodies in, faults out.

use crate::{
    CancelQueryRequest, CreateDatabaseRequest, CreateTableRequest, ErrorCode, ListTablesRequest,
    QueryRequest, Request, TagResourceRequest, TimeUnit, WriteRecordsRequest,
};
use serde_json::json;

#[track_caller]
fn refused<R: Request + std::fmt::Debug>(body: &str, code: ErrorCode, message: &str) {
    let error = R::parse(body.as_bytes())
        .and_then(|request| request.validate())
        .unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (code, message));
}

#[track_caller]
fn invalid<R: Request + std::fmt::Debug>(body: serde_json::Value, message: &str) {
    refused::<R>(&body.to_string(), ErrorCode::Validation, message);
}

#[track_caller]
fn valid<R: Request>(body: serde_json::Value) -> R {
    let request = R::parse(body.to_string().as_bytes()).unwrap();
    request.validate().unwrap();
    request
}

#[test]
fn enum_faults_read_as_the_service_writes_them() {
    invalid::<WriteRecordsRequest>(
        json!({"DatabaseName": "d", "TableName": "t",
               "Records": [{"Dimensions": [{"Name": "n", "Value": "v", "DimensionValueType": "X"}]}]}),
        "1 validation error detected: Value 'X' at 'records.1.member.dimensions.1.member.dimensionValueType' \
         failed to satisfy constraint: Member must satisfy enum value set: [VARCHAR]",
    );
}

#[test]
fn all_faults_are_told_at_once() {
    invalid::<WriteRecordsRequest>(
        json!({"TableName": "t", "CommonAttributes": {"TimeUnit": "WEEKS"}, "Records": []}),
        "3 validation errors detected: \
         Value null at 'databaseName' failed to satisfy constraint: Member must not be null; \
         Value 'WEEKS' at 'commonAttributes.timeUnit' failed to satisfy constraint: \
         Member must satisfy enum value set: [MILLISECONDS, SECONDS, MICROSECONDS, NANOSECONDS]; \
         Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
}

#[test]
fn many_faults_are_counted_but_not_all_spelled_out() {
    let records: Vec<_> = (0..30).map(|_| json!({"Time": ""})).collect();
    let body = json!({"DatabaseName": "d", "TableName": "t", "Records": records}).to_string();
    let error = WriteRecordsRequest::parse(body.as_bytes())
        .unwrap()
        .validate()
        .unwrap_err();
    assert!(
        error
            .message
            .starts_with("30 validation errors detected: Value '' at 'records.1.member.time'")
    );
    assert!(
        error.message.contains("records.10.member") && !error.message.contains("records.11.member")
    );
}

#[test]
fn a_request_has_at_most_100_records() {
    let body =
        |n: usize| json!({"DatabaseName": "d", "TableName": "t", "Records": vec![json!({}); n]});
    valid::<WriteRecordsRequest>(body(100));
    invalid::<WriteRecordsRequest>(
        body(101),
        "1 validation error detected: Value '[101 items]' at 'records' failed to satisfy constraint: \
         Member must have length less than or equal to 100",
    );
}

#[test]
fn long_values_are_cut_in_the_message() {
    let body = json!({"DatabaseName": "d", "TableName": "t", "Records": [{"MeasureValue": "\u{e4}".repeat(2049)}]});
    let error = valid_parse(body).validate().unwrap_err();
    assert_eq!(
        error.message,
        format!(
            "1 validation error detected: Value '{}...' at 'records.1.member.measureValue' failed to satisfy \
             constraint: Member must have length less than or equal to 2048",
            "\u{e4}".repeat(256)
        )
    );
    let exactly = json!({"DatabaseName": "d", "TableName": "t", "Records": [{"MeasureValue": "\u{e4}".repeat(2048)}]});
    valid_parse(exactly).validate().unwrap();
}

fn valid_parse(body: serde_json::Value) -> WriteRecordsRequest {
    WriteRecordsRequest::parse(body.to_string().as_bytes()).unwrap()
}

#[test]
fn names_follow_the_pattern_only_when_created() {
    invalid::<CreateDatabaseRequest>(
        json!({"DatabaseName": "a b"}),
        "1 validation error detected: Value 'a b' at 'databaseName' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    );
    valid::<ListTablesRequest>(json!({"DatabaseName": "a b"}));
}

#[test]
fn retention_needs_both_members_within_their_ranges() {
    invalid::<CreateTableRequest>(
        json!({"DatabaseName": "d", "TableName": "t",
               "RetentionProperties": {"MemoryStoreRetentionPeriodInHours": 8767}}),
        "2 validation errors detected: \
         Value '8767' at 'retentionProperties.memoryStoreRetentionPeriodInHours' failed to satisfy constraint: \
         Member must have value less than or equal to 8766; \
         Value null at 'retentionProperties.magneticStoreRetentionPeriodInDays' failed to satisfy constraint: \
         Member must not be null",
    );
}

#[test]
fn query_members_have_bounds() {
    invalid::<QueryRequest>(
        json!({"QueryString": "", "ClientToken": "short", "MaxRows": 1001}),
        "3 validation errors detected: \
         Value '' at 'queryString' failed to satisfy constraint: Member must have length greater than or equal to 1; \
         Value 'short' at 'clientToken' failed to satisfy constraint: \
         Member must have length greater than or equal to 32; \
         Value '1001' at 'maxRows' failed to satisfy constraint: Member must have value less than or equal to 1000",
    );
    invalid::<CancelQueryRequest>(
        json!({"QueryId": "not-an-id"}),
        "1 validation error detected: Value 'not-an-id' at 'queryId' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [a-zA-Z0-9]+",
    );
}

#[test]
fn tag_keys_may_not_be_empty_but_values_may() {
    invalid::<TagResourceRequest>(
        json!({"ResourceARN": "arn", "Tags": [{"Key": "", "Value": ""}]}),
        "1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: \
         Member must have length greater than or equal to 1",
    );
}

#[test]
fn nulls_unknown_members_and_empty_bodies_are_tolerated() {
    let request: QueryRequest = valid(
        json!({"QueryString": "SELECT 1", "NextToken": null, "MaxRows": null, "Unheard": {"of": 1}}),
    );
    assert_eq!(
        request,
        QueryRequest {
            query_string: Some("SELECT 1".into()),
            ..QueryRequest::default()
        }
    );
    assert_eq!(
        ListTablesRequest::parse(b" \n").unwrap(),
        ListTablesRequest::default()
    );
}

#[test]
fn wrong_types_name_the_member() {
    refused::<WriteRecordsRequest>(
        r#"{"DatabaseName":"d","TableName":"t","Records":[{},{"Time":1}]}"#,
        ErrorCode::Serialization,
        "The member Records[1].Time does not fit WriteRecords: \
         invalid type: integer `1`, expected a string at line 1 column 59.",
    );
    refused::<QueryRequest>(
        " []",
        ErrorCode::Serialization,
        "The request body of Query is a list, not an object.",
    );
}

#[test]
fn broken_json_is_a_serialization_error() {
    refused::<QueryRequest>(
        r#"{"QueryString": "#,
        ErrorCode::Serialization,
        "The request body does not fit Query: EOF while parsing a value at line 1 column 16.",
    );
    refused::<QueryRequest>(
        r#"{"QueryString":"SELECT 1"} {}"#,
        ErrorCode::Serialization,
        "The request body of Query goes on after its JSON object.",
    );
}

#[test]
fn a_body_that_is_no_text_says_from_where_on() {
    let error = QueryRequest::parse(b"{\"QueryString\":\"SELECT 'caf\xe9'\"}").unwrap_err();
    assert_eq!(error.code, ErrorCode::Serialization);
    assert_eq!(
        error.message,
        "The request body of Query is not UTF-8: its first 27 bytes are."
    );
}

#[test]
fn units_know_their_length() {
    let nanos: Vec<_> = [
        "SECONDS",
        "MILLISECONDS",
        "MICROSECONDS",
        "NANOSECONDS",
        "seconds",
    ]
    .map(|u| TimeUnit::from(u).nanos())
    .into();
    assert_eq!(
        nanos,
        [
            Some(1_000_000_000),
            Some(1_000_000),
            Some(1_000),
            Some(1),
            None
        ]
    );
}
