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

#[test]
fn faults_are_told_when_a_template_is_read() {
    for (text, fault) in [
        ("a\n{{ nope 1 }}", "line 2: there is no function `nope`"),
        ("{{ .Labels.x", "line 1: an action is not closed; write }}"),
        ("{{ if true }}", "line 1: if is not closed; write {{end}}"),
        (
            "{{ $x }}",
            "line 1: the variable `$x` is not defined; there are $labels, $values and $value",
        ),
        ("{{ humanize }}{{ toUpper }}", "humanize needs 1 arguments"),
    ] {
        let told = Template::parse(text).map(|_| ());
        match told {
            Err(told) => assert_eq!(told, fault, "{text}"),
            // A function without its argument is a fault when it runs.
            Ok(()) => assert!(
                execute(text).unwrap_err().contains("does not take 0"),
                "{text}"
            ),
        }
    }
}

#[test]
fn endless_templates_end() {
    for text in [
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
        "{{ range 1000000000 }}{{ end }}",
        "{{ range 1000000000 }}{{ $x := . }}{{ end }}",
        "{{ printf \"%1000000d\" 1 }}{{ printf \"%1000000d\" 1 }}",
    ] {
        assert!(execute(text).is_err(), "{text}");
    }
    let deep = format!(
        "{}{}",
        "{{ if true }}".repeat(5000),
        "{{ end }}".repeat(5000)
    );
    assert!(Template::parse(&deep).unwrap_err().contains("levels"));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(Template::parse(&deep).unwrap_err().contains("levels"));
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "(\\{\\{|\\}\\}|[-$.|()\"'`:=, a-z0-9\\\\%]|if |end|range |with |printf |\\$labels){0,40}") {
        let _ = execute(&text);
    }
}
