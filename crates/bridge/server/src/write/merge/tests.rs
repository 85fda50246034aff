//! Request members in, stored record or refusal out.

use super::*;
use serde_json::json;

fn record(json: serde_json::Value) -> Record {
    serde_json::from_value(json).unwrap()
}

#[track_caller]
fn merged(own: serde_json::Value, common: serde_json::Value) -> tidewatch_store::Record {
    merge(record(own), &record(common), 3).unwrap()
}

#[track_caller]
fn refused(own: serde_json::Value, common: serde_json::Value, message: &str) {
    let error = merge(record(own), &record(common), 3).unwrap_err();
    assert_eq!(error, ApiError::validation(message));
}

#[test]
fn members_of_the_record_win_and_dimensions_add_up() {
    let own = json!({
        "Dimensions": [{"Name": "host", "Value": "a"}],
        "MeasureValue": "1.5", "Time": "2000", "Version": 7,
    });
    let common = json!({
        "Dimensions": [{"Name": "region", "Value": "r"}],
        "MeasureName": "cpu", "MeasureValue": "9", "MeasureValueType": "DOUBLE",
        "Time": "1", "TimeUnit": "SECONDS", "Version": 2,
    });
    assert_eq!(
        merged(own, common),
        tidewatch_store::Record {
            dimensions: vec![("region".into(), "r".into()), ("host".into(), "a".into())],
            measure_name: "cpu".into(),
            time: 2_000_000_000_000,
            version: 7,
            measures: Measures::Single(Value::Double(1.5)),
        }
    );
}

#[test]
fn milliseconds_double_and_version_one_are_the_defaults() {
    let own = json!({"MeasureName": "m", "MeasureValue": "1", "Time": "1637280000123"});
    assert_eq!(
        merged(own, json!({})),
        tidewatch_store::Record {
            dimensions: vec![],
            measure_name: "m".into(),
            time: 1_637_280_000_123_000_000,
            version: 1,
            measures: Measures::Single(Value::Double(1.0)),
        }
    );
}

#[test]
fn a_multi_record_keeps_its_measures_in_order() {
    let own = json!({"MeasureValueType": "MULTI", "Time": "5", "TimeUnit": "NANOSECONDS", "MeasureValues": [
        {"Name": "b", "Value": "2", "Type": "BIGINT"},
        {"Name": "a", "Value": "7", "Type": "TIMESTAMP"},
        {"Name": "c", "Value": "", "Type": "VARCHAR"},
    ]});
    assert_eq!(
        merged(own, json!({"MeasureName": "m"})).measures,
        Measures::Multi(vec![
            ("b".into(), Value::Bigint(2)),
            ("a".into(), Value::Timestamp(7)),
            ("c".into(), Value::Varchar(String::new())),
        ])
    );
}

#[test]
fn a_dimension_may_not_be_there_twice() {
    let twice =
        "Record 3: the dimension d is there twice, in the record or in the common attributes.";
    let dimension = json!({"Name": "d", "Value": "v"});
    let rest =
        json!({"MeasureName": "m", "MeasureValue": "1", "Time": "1", "Dimensions": [dimension]});
    refused(rest.clone(), json!({"Dimensions": [dimension]}), twice);
    let mut both = rest;
    both["Dimensions"] = json!([dimension, dimension]);
    refused(both, json!({}), twice);
}

#[test]
fn what_is_missing_or_misplaced_is_named() {
    let cases = [
        (
            json!({"MeasureName": "m", "MeasureValue": "1"}),
            "Invalid time for record. Record 3 has no Time.",
        ),
        (
            json!({"MeasureName": "m", "MeasureValue": "1", "Time": "noon"}),
            "Invalid time for record. Record 3: 'noon' is not an integer.",
        ),
        (
            json!({"MeasureName": "m", "MeasureValue": "1", "Time": "1637280000000000000"}),
            "Invalid time for record. Record 3: '1637280000000000000' is too far from 1970 for its TimeUnit; \
             is the unit right?",
        ),
        (
            json!({"MeasureName": "m", "MeasureValue": "1", "Time": "1", "Version": 0}),
            "Record 3: the Version is 0; it must be 1 or greater.",
        ),
        (
            json!({"MeasureValue": "1", "Time": "1"}),
            "Record 3: it has no MeasureName.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1"}),
            "Record 3: it has neither MeasureValue nor MeasureValues.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValue": "1", "MeasureValueType": "TIMESTAMP"}),
            "Record 3: TIMESTAMP is an invalid measure value type; it is possible within MeasureValues only.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValue": "one"}),
            "Record 3: the value 'one' is not a finite DOUBLE.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValueType": "MULTI"}),
            "Record 3: a record of type MULTI needs at least one of MeasureValues.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValueType": "MULTI", "MeasureValue": "1"}),
            "Record 3: a record of type MULTI takes MeasureValues, not MeasureValue.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValues": [{"Name": "a", "Value": "1", "Type": "DOUBLE"}]}),
            "Record 3: MeasureValues need the MeasureValueType MULTI.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValueType": "MULTI", "MeasureValues": [
                {"Name": "a", "Value": "x", "Type": "BIGINT"}]}),
            "Record 3: the measure a: the value 'x' is not a BIGINT.",
        ),
        (
            json!({"MeasureName": "m", "Time": "1", "MeasureValueType": "MULTI", "MeasureValues": [
                {"Name": "a", "Value": "1", "Type": "BIGINT"}, {"Name": "a", "Value": "1", "Type": "BIGINT"}]}),
            "Record 3: the measure a is there twice.",
        ),
    ];
    for (own, message) in cases {
        refused(own, json!({}), message);
    }
}
