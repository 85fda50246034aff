use tidewatch_definitions::Format;

use super::*;
use crate::terminal::Look;

const YAML: &str = "\
monitors:
  - {tenant: demo, monitor_id: home, target: 'https://example.com/'}
  - {tenant: demo, monitor_id: slow, target: 'https://example.com/', interval: 0.2, atempts: 3}
  - {tenant: demo, monitor_id: api, target: 'https://api.example/?key=1', enabled: false, interval: 5s}
";

fn read(mode: Mode) -> Definitions {
    tidewatch_definitions::read(YAML, "monitors.yaml", Format::Yaml, mode)
}

#[test]
fn faults_are_grouped_by_entry_with_places_and_remedies() {
    let report = validate::report(&read(Mode::Local), Look::plain(80));
    insta::assert_snapshot!(report);
    assert!(
        report
            .lines()
            .all(|line| crate::terminal::width(line) <= 80),
        "{report}"
    );
}

#[test]
fn the_rules_of_aws_are_stricter() {
    let local = read(Mode::Local).faults.len();
    let aws = read(Mode::Aws);
    assert!(aws.faults.len() > local);
    let report = validate::report(&aws, Look::plain(80));
    assert!(report.contains("demo/api"), "{report}");
}

#[test]
fn validation_as_json_has_every_fault() {
    let definitions = read(Mode::Local);
    let answer: serde_json::Value = serde_json::from_str(&validate::json(&definitions)).unwrap();
    assert_eq!(answer["valid"], false);
    assert_eq!(answer["monitors"], 2);
    assert_eq!(
        answer["faults"].as_array().unwrap().len(),
        definitions.faults.len()
    );
    assert_eq!(answer["faults"][0]["entry"], "demo/slow");
}

#[test]
fn nothing_wrong_is_one_line() {
    let text = "monitors:\n  - {tenant: a, monitor_id: b, target: 'https://example.com/'}\n";
    let definitions = tidewatch_definitions::read(text, "a.yaml", Format::Yaml, Mode::Local);
    assert_eq!(
        validate::report(&definitions, Look::plain(80)),
        "ok  1 monitor can be used\n"
    );
}

#[test]
fn the_list_shows_no_query() {
    let wanted = "\
tenant  monitor  runs    every  attempts  severity  target
demo    home     yes       60s         5  critical  https://example.com/
demo    api      paused     5s         5  critical  https://api.example/
";
    assert_eq!(
        list::table(&read(Mode::Local).monitors, Look::plain(80)),
        wanted
    );
}

#[test]
fn the_list_as_json_has_every_field() {
    let list: serde_json::Value =
        serde_json::from_str(&list::json(&read(Mode::Local).monitors)).unwrap();
    assert_eq!(list[1]["monitor_id"], "api");
    assert_eq!(list[1]["enabled"], false);
    assert_eq!(list[0]["thresholds"]["cert_days"], 21);
}

#[test]
fn a_file_in_no_known_format_is_refused_with_the_remedy() {
    let files = [PathBuf::from("monitors.toml")];
    let complaint = source::read(&files, Mode::Local).unwrap_err();
    assert_eq!(
        complaint.to_string(),
        "file `monitors.toml` is in no known format"
    );
}
