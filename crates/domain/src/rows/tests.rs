use std::collections::BTreeMap;
use std::time::Duration;

use super::*;
use crate::cause::{Cause, ErrorClass};
use crate::judge::{Evidence, History, Rules, Verdict};
use crate::monitor::{Check, limits};
use crate::name::{MonitorId, Tenant};
use crate::probe::ProbeResult;
use crate::record::Value;
use crate::schema::{LABEL_PREFIX, MeasureType, measure};
use crate::summary::Summary;
use crate::summary::tests::{attempt, failed, monitor, result};
use crate::time::Timestamp;

fn type_of(value: &Value) -> MeasureType {
    match value {
        Value::Double(_) => MeasureType::Double,
        Value::Bigint(_) => MeasureType::Bigint,
        Value::Varchar(_) => MeasureType::Varchar,
        Value::Boolean(_) => MeasureType::Boolean,
        Value::Timestamp(_) => MeasureType::Timestamp,
    }
}

#[track_caller]
fn follows_the_schema(record: &Record) {
    let mut seen = BTreeMap::new();
    for (name, value) in &record.measures {
        assert!(seen.insert(name.clone(), ()).is_none(), "{name} twice");
        if name.starts_with(LABEL_PREFIX) {
            continue;
        }
        let measure = measure::find(name).unwrap_or_else(|| panic!("{name} is not in the schema"));
        assert_eq!(measure.measure_type, type_of(value), "{name}");
    }
}

#[test]
fn a_healthy_probe_has_the_means_of_its_samples() {
    let monitor = monitor();
    let result = result(vec![attempt(1, 10), attempt(2, 30)]);
    let summary = Summary::of(&monitor, &result);
    let row = probe_row(&monitor, &result, &summary);
    follows_the_schema(&row);
    assert_eq!(row.time, result.slot);
    assert_eq!(row.measure(measure::OUTCOME), Some(&Value::from("ok")));
    assert_eq!(row.measure(measure::UP), Some(&Value::Bigint(1)));
    assert_eq!(row.measure(measure::LATENCY_MS), Some(&Value::Double(20.0)));
    assert_eq!(row.measure(measure::TOTAL_MS), Some(&Value::Double(20.0)));
    // Plain HTTP has no handshake: absent, not zero.
    assert_eq!(row.measure(measure::TLS_MS), None);
    assert_eq!(row.measure(measure::ERROR_CLASS), None);
}

#[test]
fn a_hanging_target_has_no_latency_but_keeps_its_time_until_the_failure() {
    let monitor = monitor();
    let result = result(vec![failed(1, 5_000, ErrorClass::ReadTimeoutHeader)]);
    let summary = Summary::of(&monitor, &result);
    let row = probe_row(&monitor, &result, &summary);
    follows_the_schema(&row);
    assert_eq!(row.measure(measure::LATENCY_MS), None);
    assert_eq!(
        row.measure(measure::TOTAL_MS),
        Some(&Value::Double(5_000.0))
    );
    assert_eq!(row.measure(measure::UP), Some(&Value::Bigint(0)));
    assert_eq!(
        row.measure(measure::ERROR_CLASS),
        Some(&Value::from("read_timeout_header"))
    );
    assert_eq!(
        row.measure(measure::ERROR_OWNER),
        Some(&Value::from("target"))
    );
}

#[test]
fn attempts_and_the_retry_have_rows_of_their_own() {
    let mut result = result(vec![
        attempt(1, 10),
        failed(2, 20, ErrorClass::ConnectRefused),
    ]);
    result.retry = Some(attempt(1, 11));
    let rows = attempt_rows(&result);
    let labels: Vec<_> = rows
        .iter()
        .map(|row| row.dimensions.last().unwrap().clone())
        .collect();
    assert_eq!(
        labels,
        [
            ("attempt", "1".to_owned()),
            ("attempt", "2".to_owned()),
            ("attempt", "r1".to_owned())
        ]
    );
    rows.iter().for_each(follows_the_schema);
    assert_eq!(
        rows[1].measure(measure::OUTCOME),
        Some(&Value::from("fail"))
    );
}

#[test]
fn a_missed_slot_says_why_and_nothing_about_the_target() {
    let monitor = monitor();
    let cause = Cause::new(
        ErrorClass::Overloaded,
        "the previous probe was still running",
    );
    let location = Location::try_new("local").unwrap();
    let row = missed_row(&monitor, &location, Timestamp::from_secs(60), 3, &cause);
    follows_the_schema(&row);
    assert_eq!(row.measure(measure::MISSED), Some(&Value::Bigint(3)));
    assert_eq!(row.measure(measure::UP), None);
    assert_eq!(
        row.measure(measure::ERROR_OWNER),
        Some(&Value::from("prober"))
    );
}

#[test]
fn a_state_row_gives_back_the_verdict_that_it_was_made_of() {
    let monitor = monitor();
    let rules = Rules::of(&monitor);
    let mut history = History::new();
    for slot in 0..3 {
        let mut result = result(vec![failed(1, 5, ErrorClass::ConnectRefused)]);
        result.slot = result.slot.plus(Duration::from_secs(60 * slot));
        let summary = Summary::of(&monitor, &result);
        history.observe(&rules, Evidence::of(&result, &summary));
    }
    let verdict = history.verdict();
    let row = state_row(
        &monitor,
        &Location::all(),
        verdict,
        Overlays::default(),
        verdict.decided_at,
    );
    follows_the_schema(&row);
    let restored = verdict_of_row(row.time, |name| row.measure(name).cloned()).unwrap();
    assert_eq!(&restored, verdict);
}

#[test]
fn a_monitor_row_carries_labels_and_hides_what_is_confidential() {
    let mut monitor = monitor();
    monitor.labels.insert("env".to_owned(), "prod".to_owned());
    let row = monitor_row(&monitor, Timestamp::EPOCH);
    follows_the_schema(&row);
    assert_eq!(row.measure("label_env"), Some(&Value::from("prod")));
    assert_eq!(
        row.measure(measure::TARGET),
        Some(&Value::from("http://shop.example/cart"))
    );
    let gone = tombstone(&monitor.key, monitor.kind(), Timestamp::EPOCH);
    follows_the_schema(&gone);
    assert_eq!(gone.measure(measure::DELETED), Some(&Value::Boolean(true)));
}

#[test]
fn the_limit_of_lateness_is_a_tenth_of_the_interval_or_a_second() {
    let ms = Duration::from_millis;
    assert!(!is_late(Duration::from_secs(60), ms(1_000)));
    assert!(is_late(Duration::from_secs(60), ms(1_001)));
    assert!(is_late(Duration::from_secs(5), ms(501)));
}

#[test]
fn the_schema_rows_have_every_measure_once_and_fit_into_records() {
    let rows = schema_rows(Timestamp::from_secs(1_795_330_800));
    let mut measures = 0;
    for row in &rows {
        follows_the_schema(row);
        assert!(row.size() <= Record::LARGEST, "{} bytes", row.size());
        measures += row.measures.len();
    }
    assert_eq!(measures, measure::ALL.len());
    let times: Vec<_> = rows.iter().map(|row| row.time).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

/// The largest definition that the validator lets pass, and an outage seen from everywhere.
fn largest() -> (Monitor, ProbeResult) {
    let mut monitor = monitor();
    let long = |length| "x".repeat(length);
    monitor.key.tenant = Tenant::try_new(long(64)).unwrap();
    monitor.key.monitor_id = MonitorId::try_new(long(128)).unwrap();
    monitor.name = long(limits::TEXT);
    monitor.team = Some(long(limits::TEXT));
    monitor.runbook_url = Some(format!("https://{}", long(limits::URL - 8)));
    monitor.parent = Some(MonitorId::try_new(long(128)).unwrap());
    if let Check::Http(check) = &mut monitor.check {
        check.url.set_path(&long(limits::URL));
    }
    for number in 0..limits::LABELS {
        let name = format!("{}{number:02}", long(limits::LABEL_NAME - 2));
        monitor.labels.insert(name, long(limits::TEXT));
    }
    let mut broken = failed(1, 5_000, ErrorClass::ConnectRefused);
    broken.causes[0].text = long(5_000);
    broken.remote_addr = Some(
        "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"
            .parse()
            .unwrap(),
    );
    let mut result = result(vec![broken.clone(), attempt(2, 10)]);
    result.key = monitor.key.clone();
    result.retry = Some(broken);
    (monitor, result)
}

#[test]
fn rows_with_the_longest_texts_fit_into_records() {
    let (monitor, result) = largest();
    let summary = Summary::of(&monitor, &result);
    let mut verdict = Verdict::unknown();
    verdict.cause = summary.cause.clone();
    verdict.suppressed_by = monitor.parent.clone();
    let place = |number| Location::try_new(format!("{number:064}")).unwrap();
    verdict.failing = (0..40).map(place).collect();
    let cause = verdict.cause.clone().unwrap();
    let mut rows = vec![
        probe_row(&monitor, &result, &summary),
        missed_row(&monitor, &place(1), Timestamp::EPOCH, 3, &cause),
        monitor_row(&monitor, Timestamp::EPOCH),
        tombstone(&monitor.key, monitor.kind(), Timestamp::EPOCH),
        state_row(
            &monitor,
            &place(1),
            &verdict,
            Overlays::default(),
            Timestamp::EPOCH,
        ),
    ];
    rows.extend(attempt_rows(&result));
    for row in rows {
        let texts = |row: &Record| -> Vec<Option<String>> {
            [
                measure::OUTCOME,
                measure::ERROR_CLASS,
                measure::STATE,
                measure::SEVERITY,
            ]
            .iter()
            .map(|name| row.measure(name).map(|value| format!("{value:?}")))
            .collect()
        };
        let fitted = row.clone().fitted();
        assert!(fitted.size() <= Record::LARGEST, "{fitted:?}");
        assert_eq!(texts(&fitted), texts(&row));
    }
}
