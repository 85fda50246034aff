use std::path::Path;

use super::*;
use crate::terminal::Look;

const RULES: &str = r#"
apiVersion: 1
groups:
  - orgId: 1
    name: hosts
    folder: Hosts
    interval: 1m
    rules:
      - uid: high-cpu
        title: High CPU
        condition: C
        for: 2m
        noDataState: OK
        execErrState: Error
        labels: {severity: warning}
        annotations: {summary: "{{ $labels.host }} is busy"}
        data:
          - refId: A
            datasourceUid: timestream
            relativeTimeRange: {from: 300, to: 0}
            model:
              refId: A
              rawQuery: SELECT host, max_by(measure_value::double, time) AS cpu FROM $__database.$__table WHERE $__timeFilter AND measure_name = 'cpu' GROUP BY host
              waitForResult: true
              format: 0
              intervalMs: 1000
              maxDataPoints: 1000
          - refId: C
            datasourceUid: __expr__
            model:
              refId: C
              type: threshold
              expression: A
              datasource: {type: __expr__, uid: __expr__}
              conditions: [{evaluator: {type: gt, params: [90]}}]
"#;

const TESTS: &str = r#"
rule_files: [rules.yaml]
database: metrics
table: hosts
tests:
  - name: a busy host fires after two minutes
    rows:
      - {series: 'cpu{host="a"}', values: 20x2 95x9}
      - {series: 'cpu{host="b"}', values: '20x9'}
    alert_rule_test:
      - {eval_time: 4m, rule: high-cpu, exp_alerts: [{state: Pending, labels: {host: a, severity: warning}}]}
      - eval_time: 5m
        rule: High CPU
        exp_alerts: [{labels: {host: a, severity: warning}, annotations: {summary: a is busy}, values: {A: 95}}]
    notification_test:
      - to: 6m
        rule: high-cpu
        exp_notifications: [{at: 5m30s, receiver: grafana-default-email, alerts: [{labels: {host: a}}]}]
  - name: tables are empty at the beginning of a test
    alert_rule_test:
      - eval_time: 1m
        rule: high-cpu
        exp_alerts:
          - state: Error
            labels: {rulename: High CPU, severity: warning, ref_id: A, datasource_uid: timestream}
            annotations: {Error: "[sse.dataQueryError] failed to execute query [A]: ValidationException: line 1:8: Column 'host' does not exist"}
"#;

/// A folder with rules and tests.
fn folder(rules: &str, tests: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yaml"), rules).unwrap();
    std::fs::write(folder.path().join("tests.yaml"), tests).unwrap();
    folder
}

async fn played(folder: &Path, rules: &[&str], filter: Option<&str>) -> Vec<Played> {
    let rules: Vec<PathBuf> = rules.iter().map(|name| folder.join(name)).collect();
    let suites = load::suites(&[folder.join("tests.yaml")], &rules).unwrap();
    let selection = Selection::new(filter, false);
    played::play(&suites[0], &selection).await.unwrap()
}

#[tokio::test]
async fn what_is_as_expected_passes_and_what_is_not_shows_a_difference() {
    let tests = TESTS.replace(
        "{host: a, severity: warning}, annotations",
        "{host: b}, annotations",
    );
    let folder = folder(RULES, &tests);
    let played = played(folder.path(), &[], None).await;
    let results: Vec<_> = played
        .iter()
        .map(|it| (it.checks, it.has_passed()))
        .collect();
    assert_eq!(results, [(3, false), (1, true)], "{played:#?}");
    let text = report::text(&played, std::time::Duration::ZERO, Look::plain(100));
    for part in [
        "FAILED  ",
        "1 of 2 tests",
        "alerts of High CPU at 5m",
        "- expected      host: b",
        "+ found         host: a",
        "at 5m the condition holds: ",
        "1 passed, 1 failed in ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: serde_json::Value = serde_json::from_str(&report::json(&played)).unwrap();
    assert_eq!(json["failed"], 1);
    assert_eq!(
        json["tests"][0]["failures"][0]["subject"],
        "alerts of High CPU at 5m"
    );
    let file = folder.path().join("junit.xml");
    junit::write(&file, &played).unwrap();
    let xml = std::fs::read_to_string(file).unwrap();
    assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
}

#[tokio::test]
async fn other_rules_are_each_tested_for_themselves() {
    let folder = folder(RULES, TESTS);
    std::fs::write(
        folder.path().join("late.yaml"),
        RULES.replace("for: 2m", "for: 3m"),
    )
    .unwrap();
    std::fs::write(
        folder.path().join("else.yaml"),
        RULES
            .replace("high-cpu", "else")
            .replace("High CPU", "Else"),
    )
    .unwrap();
    let rules = ["rules.yaml", "late.yaml", "else.yaml"];
    let played = played(folder.path(), &rules, Some("busy")).await;
    let results: Vec<_> = played
        .iter()
        .map(|it| (it.checks, it.has_passed()))
        .collect();
    assert_eq!(results, [(3, true), (3, false), (0, true)], "{played:#?}");
}

#[test]
fn faults_of_all_files_are_told_at_once() {
    let tests = TESTS.replace("rule: High CPU", "rule: higher");
    let folder = folder(RULES, &tests);
    let files = [
        folder.path().join("tests.yaml"),
        folder.path().join("gone.yaml"),
    ];
    let Err(complaint) = load::suites(&files, &[]) else {
        panic!("the files have faults");
    };
    let text = complaint.to_string();
    assert!(
        text.contains("tests.yaml:12: rule: no rule is called `higher`; there are high-cpu"),
        "{text}"
    );
    assert!(text.contains("gone.yaml: cannot be read"), "{text}");
}
