use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::evaluate::{Labels, Value};

use super::{Data, Template};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn execute(text: &str) -> Result<String, String> {
    let all = labels(&[
        ("tenant", "acme"),
        ("monitor_id", "shop"),
        ("alertname", "Monitor down"),
    ]);
    let values: BTreeMap<String, Value> = [
        ("A", Some(3.5)),
        ("Big", Some(1_795_330_797.0)),
        ("Small", Some(0.000_000_12)),
        ("None", None),
        ("Inf", Some(f64::INFINITY)),
        ("Zero", Some(0.0)),
        ("C", Some(1.0)),
    ]
    .into_iter()
    .map(|(ref_id, value)| {
        let labels = match ref_id {
            "C" => labels(&[("tenant", "acme")]),
            _ => all.clone(),
        };
        (ref_id.to_owned(), Value { labels, value })
    })
    .collect();
    Template::parse(text)?.execute(&Data {
        labels: &all,
        values: &values,
        value_string: "[ var='A' labels={tenant=acme} value=3.5 ]",
        external_url: "https://grafana.example.com/sub/",
    })
}

/// Each template of `go.json` with the text that Go 1.26 and Prometheus' `template` package 3.x
/// (v0.316.0) made of it, with Grafana's data types and functions around them; `null` where either
/// parsing or executing it failed.
#[test]
fn does_what_go_does() {
    let cases: Vec<(String, Option<String>)> =
        serde_json::from_str(include_str!("tests/go.json")).unwrap();
    assert!(cases.len() > 200);
    let mut differences = Vec::new();
    for (text, expected) in cases {
        let made = execute(&text);
        if made.as_ref().ok() != expected.as_ref() {
            differences.push(format!("{text}\n  Go:   {expected:?}\n  here: {made:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
