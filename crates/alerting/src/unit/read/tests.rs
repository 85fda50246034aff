use std::path::PathBuf;

use tidewatch_domain::Value;

use super::super::row::Measures;
use super::*;
use crate::state::State;

fn read_with(text: &str, files: &[(&str, &str)]) -> Result<TestFile, Vec<Fault>> {
    read(Path::new("tests/a.yaml"), text, &|path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| std::io::ErrorKind::NotFound.into())
    })
}

fn faults(text: &str) -> Vec<String> {
    let faults = read_with(text, &[]).expect_err("the file is faulty");
    faults.iter().map(ToString::to_string).collect()
}

const WHOLE: &str = r#"
rule_files: [../rules.yaml]
variables: {ENDPOINT: "https://example.org"}
database: db
table: t
measure: cpu
external_url: https://grafana.example/
start: 2026-03-01T00:00:00Z
tests:
  - name: everything
    interval: 30s
    rows:
      - series: 'cpu{host="a", region="eu"}'
        values: 1 _ 3
      - measure_name: ops
        table: other
        from: 10m
        interval: 1m
        dimensions: {host: a}
        measures: {rows::bigint: 1+1x1, ok::boolean: 'true _'}
      - csv: |
          time,measure_name,host,cpu::double,note::varchar
          1m,cpu,a,0.5,
          2026-03-01T00:00:05Z,multi,b,1,"x, y"
      - csv_file: rows.csv
    failures:
      - {from: 2m, to: 3m, message: throttled}
    alert_rule_test:
      - eval_time: 5m
        rule: high-cpu
        exp_alerts:
          - labels: {host: a}
            annotations: {summary: high}
            values: {A: 3}
          - {state: Pending, labels: {host: b}, no_other_annotations: true}
    notification_test:
      - to: 10m
        rule: high-cpu
        exp_notifications:
          - at: 5m30s
            receiver: mail
            group_labels: {alertname: High}
            alerts: [{labels: {host: a}}]
            payload: {status: firing, alerts: [{values: {A: 3}}]}
"#;

#[test]
fn a_whole_file_is_read() {
    let file = read_with(
        WHOLE,
        &[("tests/rows.csv", "time,host,mem::bigint\n3m,a,7\n")],
    );
    let file = file.unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(
        file.rule_files[0].path,
        PathBuf::from("tests/../rules.yaml")
    );
    assert_eq!(file.rule_files[0].line, Some(2));
    assert_eq!(file.start.to_string(), "2026-03-01T00:00:00.000Z");
    let test = &file.tests[0];
    assert_eq!(test.length(), Duration::from_secs(600));
    let shown: Vec<_> = test
        .rows
        .iter()
        .map(|row| {
            let after = row.time.since(file.start).as_secs();
            let measures = match &row.measures {
                Measures::Single(value) => format!("{value:?}"),
                Measures::Multi(measures) => format!("{measures:?}"),
            };
            format!(
                "{after} {} {} {measures}",
                row.table.table, row.measure_name
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "0 t cpu Double(1.0)",
            "5 t multi [(\"cpu\", Double(1.0)), (\"note\", Varchar(\"x, y\"))]",
            "60 t cpu Double(3.0)",
            "60 t cpu Double(0.5)",
            "180 t mem Bigint(7)",
            "600 other ops [(\"rows\", Bigint(1)), (\"ok\", Boolean(true))]",
            "660 other ops [(\"rows\", Bigint(2))]",
        ]
    );
    assert_eq!(test.failures[0].message, "throttled");
    let [first, second] = &test.alerts[0].alerts[..] else {
        panic!("{:?}", test.alerts)
    };
    assert_eq!(
        (first.state, second.state),
        (State::Alerting, State::Pending)
    );
    assert_eq!(first.values["A"], 3.0);
    let sent = &test.notifications[0].notifications[0];
    assert_eq!(sent.at, Duration::from_secs(330));
    assert_eq!(
        sent.payload.as_ref().unwrap()["alerts"][0]["values"]["A"],
        3
    );
    assert_eq!(Value::Double(1.0), Value::from(1.0));
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let told = faults(
        "rule_files: [r.yaml]\nstart: soon\nteste: 1\ntests:\n  - name: a\n    rows:\n      - series: \
         'cpu{host'\n        values: '1'\n      - measure_name: m\n        measures: {a::int: '1', b: \
         one, c: 0x40}\n      - csv: 'host,a::double'\n      - csv_file: gone.csv\n      - interval: 0s\n    \
         monitors:\n      - {tenant: acme, monitor_id: shop, scenario: away 5m}\n      - {tenant: \
         acme, monitor_id: shop, scenario: up 5m, intervall: 3s}\n    alert_rule_test:\n      - \
         {eval_time: 5m, rule: x, exp_alerts: [{state: Firing}]}\n  - name: a\n",
    );
    let starts = [
        "tests/a.yaml:2: start: `soon` is not a time",
        "tests/a.yaml:18: tests[0].alert_rule_test[0].exp_alerts[0].state: `Firing` is not known",
        "tests/a.yaml:7: tests[0].rows[0].series: `cpu{host` is no series",
        "tests/a.yaml:10: tests[0].rows[1].measures.a::int: `int` is no type",
        "tests/a.yaml:10: tests[0].rows[1].measures.b: `one` is no finite number",
        "tests/a.yaml:10: tests[0].rows[1].measures.c: is no text; write it in quotes",
        "tests/a.yaml:11: tests[0].rows[2].csv: has no column `time`",
        "tests/a.yaml:12: tests[0].rows[3].csv_file: tests/gone.csv cannot be read",
        "tests/a.yaml:13: tests[0].rows[4].interval: is zero",
        "tests/a.yaml:13: tests[0].rows[4]: has no rows",
        "tests/a.yaml:15: tests[0].monitors[0].scenario: `away 5m` is no phrase",
        "tests/a.yaml:16: intervall: is not a known field; did you mean `interval`?",
        "tests/a.yaml:19: tests[1]: checks nothing",
        "tests/a.yaml:19: tests[1]: `a` is the name of two tests",
        "tests/a.yaml:3: teste: is not a known field; known here: ",
    ];
    for (told, start) in told.iter().zip(starts) {
        assert!(told.starts_with(start), "{told}\n    not {start}");
    }
    assert_eq!(told.len(), starts.len(), "{told:#?}");
}

#[test]
fn a_test_has_an_end() {
    let told = faults(
        "rule_files: [r.yaml]\ntests:\n  - name: a\n    alert_rule_test:\n      - {eval_time: 99d, \
         rule: x, exp_alerts: []}\n",
    );
    assert!(told[0].contains("takes longer than 31 days"), "{told:?}");
    assert!(faults("rule_files: [r.yaml]\n")[0].contains("has no tests"));
    assert!(faults("tests: []\n")[0].contains("has no `rule_files`"));
}
