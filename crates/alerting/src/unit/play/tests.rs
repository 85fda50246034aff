use tidewatch_domain::Value;
use tidewatch_domain::schema::{measure, measure_name};

use super::super::read;
use super::super::row::Measures;
use super::*;

/// The rows of a test with these monitors, and its start.
fn played(monitors: &str, until: &str) -> (Vec<Row>, Timestamp) {
    let text = format!(
        "rule_files: [rules.yaml]\nmonitor_defaults: null\ntests:\n  - name: story\n    monitors:\n\
         {monitors}    alert_rule_test:\n      - {{eval_time: {until}, rule: x, exp_alerts: []}}\n"
    )
    .replace("monitor_defaults: null\n", "");
    let file = read(std::path::Path::new("t.yaml"), &text, &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    });
    let file = file.unwrap_or_else(|faults| panic!("{faults:#?}"));
    (file.tests[0].rows.clone(), file.start)
}

fn texts(rows: &[Row], kind: &str, name: &str) -> Vec<String> {
    of_kind(rows, kind)
        .filter_map(|row| match value(row, name)? {
            Value::Varchar(text) => Some(text.clone()),
            other => panic!("{name}: {other:?}"),
        })
        .collect()
}

fn of_kind<'a>(rows: &'a [Row], kind: &'a str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| row.measure_name == kind)
}

fn value<'a>(row: &'a Row, name: &str) -> Option<&'a Value> {
    let Measures::Multi(measures) = &row.measures else {
        panic!("{row:?}");
    };
    let found = measures.iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value)
}

fn dimension<'a>(row: &'a Row, name: &str) -> &'a str {
    let found = row.dimensions.iter().find(|(found, _)| found == name);
    found.map_or("", |(_, value)| value)
}

#[test]
fn an_outage_is_judged_as_the_product_judges() {
    let (rows, start) = played(
        "      - {tenant: acme, monitor_id: shop, scenario: 'up 3m, down 5m, up 10m'}\n",
        "18m",
    );
    let outcomes = texts(&rows, measure_name::PROBE, measure::OUTCOME);
    assert_eq!(outcomes.len(), 18);
    assert_eq!(
        outcomes.iter().filter(|outcome| *outcome == "fail").count(),
        5
    );
    let mut states = texts(&rows, measure_name::STATE, measure::STATE);
    states.dedup();
    assert_eq!(states, ["up", "down", "recovering", "up"]);
    // Whatever is written is written once it is known.
    assert!(rows.iter().all(|row| row.known_at >= row.time));
    assert!(rows.is_sorted_by_key(|row| row.known_at));
    let first = rows.first().unwrap();
    assert_eq!(
        (first.measure_name.as_str(), first.time),
        (measure_name::MONITOR, start)
    );
    let minutes = of_kind(&rows, measure_name::OPS).count();
    assert_eq!(minutes, 18);
}

#[test]
fn locations_have_scenarios_of_their_own_and_a_quorum() {
    let (rows, _) = played(
        "      - tenant: acme\n        monitor_id: shop\n        scenario: {eu: up 9m, us: 'up 2m, down \
         9m', ap: up 9m}\n",
        "9m",
    );
    let everywhere: Vec<Row> = of_kind(&rows, measure_name::STATE)
        .filter(|row| dimension(row, "location") == "_all")
        .cloned()
        .collect();
    let states = texts(&everywhere, measure_name::STATE, measure::STATE);
    assert!(states.iter().all(|state| state == "up"), "{states:?}");
    let failing = texts(&everywhere, measure_name::STATE, measure::FAILING_LOCATIONS);
    assert_eq!(failing.last().map(String::as_str), Some("us"));
}

#[test]
fn definitions_are_paused_and_deleted_and_slots_are_missed() {
    let (rows, _) = played(
        "      - {tenant: acme, monitor_id: shop, scenario: 'up 2m, missed 2m, paused 2m, silent 2m, \
         deleted 2m'}\n",
        "12m",
    );
    let outcomes = texts(&rows, measure_name::PROBE, measure::OUTCOME);
    assert_eq!(outcomes, ["ok", "ok", "missed", "missed"]);
    let enabled: Vec<_> = of_kind(&rows, measure_name::MONITOR)
        .map(|row| {
            let is = |name| value(row, name) == Some(&Value::Boolean(true));
            (is(measure::ENABLED), is(measure::DELETED))
        })
        .collect();
    assert_eq!(
        enabled,
        [(true, false), (false, false), (true, false), (false, true)]
    );
}

#[test]
fn certificates_have_their_days() {
    let (rows, _) = played(
        "      - {tenant: acme, monitor_id: shop, scenario: 'cert 6d 2m, up 2m, down tls_cert_expired 1m'}\n",
        "4m",
    );
    let days: Vec<_> = of_kind(&rows, measure_name::PROBE)
        .map(|row| value(row, measure::CERT_DAYS).cloned())
        .collect();
    let six = Some(Value::Bigint(6));
    assert_eq!(days[..3], [six.clone(), six, None]);
    let rows: Vec<_> = of_kind(&rows, measure_name::PROBE).cloned().collect();
    assert_eq!(rows.len(), 4);
}
