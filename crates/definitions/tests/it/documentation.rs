//! The examples of `docs/monitors.md` are valid, and the page names every field.

use std::collections::BTreeSet;

use tidewatch_definitions::{Definitions, Format, Mode, encode, read};
use tidewatch_domain::monitor::Kind;

const PAGE: &str = include_str!("../../../../docs/monitors.md");

fn examples() -> Vec<(Format, &'static str)> {
    let mut examples = Vec::new();
    for block in PAGE.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "yaml" => examples.push((Format::Yaml, text)),
            "json" => examples.push((Format::Json, text)),
            _ => {}
        }
    }
    examples
}

fn load(format: Format, text: &str) -> Definitions {
    read(text, "docs/monitors.md", format, Mode::Local)
}

#[test]
fn every_example_is_valid_without_a_warning() {
    let examples = examples();
    assert!(
        examples.len() >= 5,
        "only {} examples were found",
        examples.len()
    );
    for (format, text) in examples {
        let definitions = load(format, text);
        let messages: Vec<String> = definitions
            .faults
            .iter()
            .chain(&definitions.warnings)
            .map(ToString::to_string)
            .collect();
        assert!(messages.is_empty(), "{messages:#?}\n{text}");
        assert!(!definitions.monitors.is_empty(), "{text}");
    }
}

#[test]
fn every_field_is_described() {
    let mut kinds = BTreeSet::new();
    for (format, text) in examples() {
        for monitor in load(format, text).monitors {
            kinds.insert(monitor.kind());
            is_described(&encode(&monitor));
        }
    }
    assert_eq!(Vec::from_iter(kinds), Kind::ALL, "a kind has no example");
}

#[track_caller]
fn is_described(monitor: &serde_json::Value) {
    let mut fields = Vec::new();
    for (name, value) in monitor.as_object().unwrap() {
        fields.push(name.clone());
        let inner = value
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys);
        if name != "labels" {
            fields.extend(inner.map(|inner| format!("{name}.{inner}")));
        }
    }
    assert!(fields.len() > 30, "{fields:?}");
    for field in fields {
        let described = PAGE.contains(&format!("| `{field}` |"));
        let grouped = monitor[&field].is_object() && PAGE.contains(&format!("| `{field}."));
        assert!(
            described || grouped,
            "`{field}` has no row in docs/monitors.md"
        );
    }
}
