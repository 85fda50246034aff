//! One entry in every shape is one monitor, and broken files say where.

use tidewatch_definitions::{Definitions, Format, Mode, read};

fn load(text: &str, file: &str) -> Definitions {
    read(text, file, Format::of_path(file).unwrap(), Mode::Local)
}

#[test]
fn one_entry_in_every_shape_is_one_monitor() {
    let shapes = [
        (
            "a.json",
            r#"{"tidewatch-monitors": [{"PutRequest": {"Item": {
            "tenant": {"S": "demo"}, "monitor_id": {"S": "shop"},
            "target": {"S": "https://example.com/"}, "interval": {"N": "30"},
            "enabled": {"BOOL": true}, "team": {"NULL": true},
            "locations": {"SS": ["a", "b"]}, "labels": {"M": {"env": {"S": "prod"}}},
            "assertions": {"L": [{"M": {"on": {"S": "status"}, "is": {"NS": ["200", "204"]}}}]}
        }}}]}"#,
        ),
        (
            "b.json",
            r#"{"monitors": [{
            "tenant": "demo", "monitor_id": "shop", "target": "https://example.com/",
            "interval": 30, "enabled": true, "team": null, "locations": ["a", "b"],
            "labels": {"env": "prod"}, "assertions": [{"on": "status", "is": [200, 204]}]
        }]}"#,
        ),
        (
            "c.json",
            r#"[{
            "tenant": "demo", "monitor_id": "shop", "target": "https://example.com/",
            "interval": "30s", "locations": ["a", "b"], "labels": {"env": "prod"},
            "assertions": [{"on": "status", "is": [200, 204]}]
        }]"#,
        ),
        (
            "d.yaml",
            "
monitors:
  - tenant: demo
    monitor_id: shop
    target: https://example.com/
    interval: 30
    locations: [a, b]
    labels:
      env: prod
    assertions:
      - on: status
        is:
          - 200
          - 204
",
        ),
    ];
    let monitors: Vec<_> = shapes
        .into_iter()
        .map(|(file, text)| {
            let definitions = load(text, file);
            assert_eq!(definitions.faults, [], "{file}");
            let [monitor] = <[_; 1]>::try_from(definitions.monitors).unwrap();
            monitor
        })
        .collect();
    for monitor in &monitors {
        assert_eq!(monitor, &monitors[0]);
    }
}

#[test]
fn several_tables_are_one_set() {
    let item = |id: &str| {
        format!(
            r#"{{"PutRequest": {{"Item": {{"tenant": {{"S": "a"}}, "monitor_id": {{"S": "{id}"}}, "target": {{"S": "http://b.de"}}}}}}}}"#
        )
    };
    let text = format!(
        r#"{{"one": [{}], "two": [{}, {}]}}"#,
        item("x"),
        item("y"),
        item("x")
    );
    let definitions = load(&text, "a.json");
    assert_eq!(definitions.monitors.len(), 2);
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(
        faults[0].contains("is already defined by a.json:1"),
        "{faults:#?}"
    );
}

#[test]
fn more_than_a_batch_loads_with_a_warning() {
    let items: Vec<String> = (0..26)
        .map(|number| {
            format!(
                r#"{{"PutRequest": {{"Item": {{"tenant": {{"S": "a"}}, "monitor_id": {{"S": "m{number}"}}, "target": {{"S": "http://b.de"}}}}}}}}"#
            )
        })
        .collect();
    let definitions = load(&format!(r#"{{"t": [{}]}}"#, items.join(",")), "a.json");
    assert_eq!(
        (definitions.monitors.len(), definitions.faults.len()),
        (26, 0)
    );
    let warnings: Vec<String> = definitions
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        warnings,
        [
            "a.json: holds 26 requests, and `aws dynamodb batch-write-item` takes 25; \
          split it into files of at most 25 to load it into DynamoDB"
        ]
    );
}

#[test]
fn ten_thousand_monitors_can_share_one_anchor() {
    let mut text =
        String::from("x-defaults: &defaults {tenant: demo, attempts: 2, team: web}\nmonitors:\n");
    for number in 0..10_100 {
        text += &format!("- {{<<: *defaults, monitor_id: m{number}, target: 'http://b.de'}}\n");
    }
    let definitions = load(&text, "a.yaml");
    assert_eq!(definitions.faults, []);
    assert_eq!(definitions.monitors.len(), 10_100);
    assert_eq!(definitions.monitors[10_099].team.as_deref(), Some("web"));
}

#[test]
fn a_document_that_expands_without_end_is_refused() {
    let mut text = String::from("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let element = format!("*a{}", level - 1);
        text += &format!(
            "x-{level}: &a{level} [{}]\n",
            [element.as_str(); 10].join(", ")
        );
    }
    let definitions = load(&text, "a.yaml");
    let faults: Vec<String> = definitions.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(
        faults[0].contains("expands further than is accepted"),
        "{faults:#?}"
    );
}

#[test]
fn no_monitors_is_said_but_an_empty_list_is_fine() {
    for (file, text) in [
        ("a.yaml", ""),
        ("a.yaml", "# c"),
        ("a.json", "null"),
        ("a.json", "{}"),
    ] {
        let definitions = load(text, file);
        let problems: Vec<&str> = definitions
            .faults
            .iter()
            .map(|fault| fault.problem.as_str())
            .collect();
        assert_eq!(problems, ["holds no monitors"], "{file} {text:?}");
    }
    for (file, text) in [
        ("a.yaml", "monitors: []"),
        ("a.yaml", "monitors:"),
        ("a.json", "[]"),
    ] {
        let definitions = load(text, file);
        assert!(
            definitions.faults.is_empty() && definitions.monitors.is_empty(),
            "{text:?}"
        );
    }
}

#[test]
fn a_fault_serialises_to_a_flat_object() {
    let definitions = load(
        "- {tenant: a, monitor_id: b, target: 'http://c.de', attempts: 0}",
        "a.yaml",
    );
    let json = serde_json::to_value(&definitions.faults).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{
            "file": "a.yaml", "line": 1, "column": 63, "entry": "a/b", "field": "attempts",
            "value": "0", "problem": "is out of range",
            "remedy": "use a whole number from 1 to 20",
        }])
    );
}
