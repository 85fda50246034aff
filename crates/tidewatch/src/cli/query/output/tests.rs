use serde_json::json;
use tidewatch_wire::{ColumnInfo, Row};

use super::*;

fn columns() -> Vec<ColumnInfo> {
    serde_json::from_value(json!([
        { "Name": "name", "Type": { "ScalarType": "VARCHAR" } },
        { "Name": "count", "Type": { "ScalarType": "BIGINT" } },
        { "Name": "mean", "Type": { "ScalarType": "DOUBLE" } },
        { "Name": "name", "Type": { "ScalarType": "BOOLEAN" } },
        { "Name": "series", "Type": { "TimeSeriesMeasureValueColumnInfo":
            { "Type": { "ScalarType": "DOUBLE" } } } },
        { "Name": "parts", "Type": { "RowColumnInfo": [
            { "Name": "a", "Type": { "ScalarType": "INTEGER" } },
            { "Name": "b", "Type": { "ArrayColumnInfo": { "Type": { "ScalarType": "VARCHAR" } } } },
        ] } },
    ]))
    .unwrap()
}

fn rows() -> Vec<Row> {
    serde_json::from_value(json!([
        { "Data": [
            { "ScalarValue": "a, \"b\"\n日本" },
            { "ScalarValue": "9007199254740993" },
            { "ScalarValue": "2.5E-1" },
            { "ScalarValue": "true" },
            { "TimeSeriesValue": [
                { "Time": "2026-11-22 07:00:00.000000000", "Value": { "ScalarValue": "1.5" } },
                { "Time": "2026-11-22 07:01:00.000000000", "Value": { "NullValue": true } },
            ] },
            { "RowValue": { "Data": [
                { "ScalarValue": "7" },
                { "ArrayValue": [{ "ScalarValue": "x" }, { "NullValue": true }] },
            ] } },
        ] },
        { "Data": [
            { "NullValue": true },
            { "ScalarValue": "-3" },
            { "ScalarValue": "NaN" },
            { "NullValue": true },
            { "NullValue": true },
            { "NullValue": true },
        ] },
    ]))
    .unwrap()
}

fn printed(format: Format, columns: Vec<ColumnInfo>, rows: Vec<Row>) -> String {
    let mut bytes = Vec::new();
    let mut output = Output::new(format, &mut bytes);
    output.begin(columns).unwrap();
    for row in rows {
        output.row(row).unwrap();
        output.flush().unwrap();
    }
    output.end().unwrap();
    drop(output);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn json_has_values_of_their_types() {
    let text = printed(Format::Json, columns(), rows());
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        read,
        json!([
            {
                "name": "a, \"b\"\n日本", "count": 9_007_199_254_740_993_i64,
                "mean": 0.25, "name_2": true,
                "series": [
                    { "time": "2026-11-22 07:00:00.000000000", "value": 1.5 },
                    { "time": "2026-11-22 07:01:00.000000000", "value": null },
                ],
                "parts": { "a": 7, "b": ["x", null] },
            },
            {
                "name": null, "count": -3, "mean": "NaN", "name_2": null, "series": null,
                "parts": null,
            },
        ])
    );
    assert_eq!(
        text.lines().count(),
        4,
        "one line for each row and bracket: {text}"
    );
}

#[test]
fn json_of_nothing_is_an_empty_array() {
    assert_eq!(printed(Format::Json, columns(), Vec::new()), "[]\n");
}

#[test]
fn csv_follows_rfc_4180() {
    let wanted = concat!(
        "name,count,mean,name_2,series,parts\r\n",
        "\"a, \"\"b\"\"\n日本\",9007199254740993,2.5E-1,true,",
        "\"[{\"\"time\"\":\"\"2026-11-22 07:00:00.000000000\"\",\"\"value\"\":1.5},",
        "{\"\"time\"\":\"\"2026-11-22 07:01:00.000000000\"\",\"\"value\"\":null}]\",",
        "\"{\"\"a\"\":7,\"\"b\"\":[\"\"x\"\",null]}\"\r\n",
        ",-3,NaN,,,\r\n",
    );
    assert_eq!(printed(Format::Csv, columns(), rows()), wanted);
}

/// The first three columns.
fn narrow() -> (Vec<ColumnInfo>, Vec<Row>) {
    let mut rows = rows();
    for row in &mut rows {
        row.data.truncate(3);
    }
    (columns().into_iter().take(3).collect(), rows)
}

#[test]
fn plain_tables_align_numbers_right() {
    let (columns, rows) = narrow();
    let wanted = "\
name                     count    mean
a, \"b\"\\n日本  9007199254740993  2.5E-1
NULL                        -3     NaN
";
    assert_eq!(
        printed(Format::Table(Look::plain(80)), columns, rows),
        wanted
    );
}

#[test]
fn framed_tables_align_numbers_right() {
    let (columns, rows) = narrow();
    let look = Look {
        framed: true,
        ..Look::plain(80)
    };
    insta::assert_snapshot!(printed(Format::Table(look), columns, rows));
}

#[test]
fn too_many_columns_become_blocks() {
    let look = Look {
        framed: true,
        ..Look::plain(60)
    };
    let drawn = printed(Format::Table(look), columns(), rows());
    assert!(
        drawn.lines().all(|line| crate::terminal::width(line) <= 60),
        "{drawn}"
    );
    insta::assert_snapshot!(drawn);
}

#[test]
fn colour_marks_what_is_absent() {
    let (columns, rows) = narrow();
    let look = Look {
        colour: true,
        ..Look::plain(80)
    };
    let drawn = printed(Format::Table(look), columns, rows);
    assert!(drawn.contains("\u{1b}[90mNULL"), "{drawn:?}");
}
