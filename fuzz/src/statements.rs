//! Statements to begin with, and others made of their parts.

mod mutate;
mod tokens;

use serde_json::Value;

use crate::repository;

pub(crate) use mutate::mutate;
pub(crate) use tokens::Vocabulary;

/// What the macros and variables of dashboards stand for.
const MACROS: [(&str, &str); 12] = [
    (
        "$__timeFilter",
        "time BETWEEN from_milliseconds(1709247600000) AND from_milliseconds(1709254800000)",
    ),
    ("$__timeFrom", "1709247600000"),
    ("$__timeTo", "1709254800000"),
    ("$__interval_raw_ms", "60000"),
    ("$__interval_ms", "60000ms"),
    ("$__interval", "60000ms"),
    ("$__now_ms", "1709254800000"),
    ("$__database", "\"CPTMonitoring\""),
    ("$__table", "\"WebsiteMonitoringData\""),
    ("${tenant:singlequote}", "'acme'"),
    ("${monitor:singlequote}", "'m1'"),
    ("${location:singlequote}", "'place-0'"),
];

/// The statements of the SQL corpus and of the dashboards.
pub(crate) fn corpus() -> Vec<String> {
    let mut statements = Vec::new();
    for file in repository::files("tests/sql", &[".slt"]) {
        statements.extend(of_records(&repository::text(&file)));
    }
    for file in repository::files("dashboards", &[".json"]) {
        let dashboard = serde_json::from_str(&repository::text(&file));
        collect(&dashboard.expect("a dashboard is JSON"), &mut statements);
    }
    statements.sort();
    statements.dedup();
    statements
}

/// The statements of a file in the form of sqllogictest.
fn of_records(text: &str) -> Vec<String> {
    text.split("\n\n")
        .filter_map(|record| {
            let mut lines = record.lines().skip_while(|line| line.starts_with('#'));
            let head = lines.next()?;
            if !head.starts_with("query") && !head.starts_with("statement") {
                return None;
            }
            let lines: Vec<&str> = lines.take_while(|line| *line != "----").collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        })
        .collect()
}

/// The statements anywhere in a dashboard.
fn collect(json: &Value, statements: &mut Vec<String>) {
    match json {
        Value::Array(list) => list.iter().for_each(|each| collect(each, statements)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "rawQuery" => {
                        let plain = MACROS.iter().fold(text.clone(), |text, (name, value)| {
                            text.replace(name, value)
                        });
                        statements.push(plain);
                    }
                    value => collect(value, statements),
                }
            }
        }
        _ => {}
    }
}
