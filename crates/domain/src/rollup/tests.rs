use std::time::Duration;

use super::*;
use crate::monitor::Kind;
use crate::schema::measure;

const HOUR_START: i64 = 1_795_330_800;

fn hour() -> Hour {
    Hour::of(Timestamp::from_secs(HOUR_START + 1))
}

fn key() -> MonitorKey {
    MonitorKey {
        tenant: Tenant::try_new("acme").unwrap(),
        monitor_id: MonitorId::try_new("shop").unwrap(),
    }
}

fn series() -> Series {
    Series {
        key: key(),
        location: Location::try_new("local").unwrap(),
    }
}

/// A definition since the minute `minute` of the hour.
fn definition(minute: i64, interval: Option<u64>) -> Definition {
    Definition {
        key: key(),
        time: Timestamp::from_secs(HOUR_START + minute * 60),
        interval: interval.map(Duration::from_secs),
    }
}

/// What a store answers: all measures of a rollup, where the statement has them.
fn answered(good: i64, bad: i64) -> Vec<(&'static str, Value)> {
    let mut cells = vec![
        (dimension::TENANT, Value::from("acme")),
        (dimension::MONITOR_ID, Value::from("shop")),
        (dimension::LOCATION, Value::from("local")),
        (dimension::KIND, Value::from("http")),
        (measure::GOOD, Value::Bigint(good)),
        (measure::BAD, Value::Bigint(bad)),
        (measure::UNOBSERVED, Value::Bigint(1)),
        (measure::MAINTAINED, Value::Bigint(2)),
        (measure::LATENCY_COUNT, Value::Bigint(2)),
        (measure::LATENCY_SUM_MS, Value::Double(70.5)),
        (measure::LATENCY_KEPT, Value::Bigint(1)),
        (measure::INTERVAL_S, Value::Double(60.0)),
        (measure::SLO_AVAILABILITY, Value::Double(99.9)),
        (measure::SLO_LATENCY_MS, Value::Double(50.0)),
        (measure::SEVERITY, Value::from("critical")),
    ];
    cells.extend(LATENCY_LIMITS.map(|(limit, name)| (name, Value::Bigint(i64::from(limit >= 50)))));
    cells
}

fn counted(good: i64, bad: i64) -> Counted {
    let cells = answered(good, bad);
    Counted::of_row(|name| find(&cells, name)).unwrap()
}

fn find(cells: &[(&'static str, Value)], name: &str) -> Option<Value> {
    let found = cells.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.clone())
}

/// What the store would answer about a rollup that was written.
fn written(record: &Record) -> Written {
    Written::of_row(|name| {
        let dimension = record.dimensions.iter().find(|(known, _)| *known == name);
        match dimension {
            Some((_, value)) => Some(Value::Varchar(value.clone())),
            None => record.measure(name).cloned(),
        }
    })
    .unwrap()
}

#[test]
fn an_hour_is_full_and_has_neighbours() {
    let at = |seconds| Timestamp::from_secs(HOUR_START + seconds);
    assert_eq!(hour().start(), at(0));
    assert_eq!(hour().end(), at(3_600));
    assert_eq!(Hour::of(at(3_599)), hour());
    assert_eq!(Hour::of(at(3_600)), hour().next());
    assert_eq!(Hour::last_complete(at(3_600)), hour());
    assert_eq!(Hour::last_complete(at(3_599)), hour().previous());
    assert_eq!(
        Hour::of(Timestamp::from_millis(-1)).start(),
        Timestamp::from_secs(-3_600)
    );
}

#[test]
fn slots_are_expected_while_the_monitor_is_enabled() {
    let cases: [(&[Definition], i64); 8] = [
        (&[], 0),
        (&[definition(-90, Some(60))], 60),
        // Written again on the hour, with nothing new.
        (&[definition(-60, Some(60)), definition(0, Some(60))], 60),
        (&[definition(15, Some(60))], 45),
        (&[definition(-5, Some(60)), definition(30, None)], 30),
        (
            &[definition(-5, Some(60)), definition(30, Some(10))],
            30 + 180,
        ),
        (&[definition(-5, None), definition(60, Some(60))], 0),
        // In the order in which a store may give them.
        (&[definition(30, None), definition(-5, Some(60))], 30),
    ];
    for (definitions, slots) in cases {
        let definitions: Vec<&Definition> = definitions.iter().collect();
        assert_eq!(
            expected(hour(), &series(), &definitions),
            slots,
            "{definitions:?}"
        );
    }
}

#[test]
fn slots_that_do_not_divide_the_hour_add_up_over_hours() {
    let definition = definition(-60, Some(7 * 60));
    let mut at = hour();
    let mut slots = 0;
    for _ in 0..7 {
        slots += expected(at, &series(), &[&definition]);
        at = at.next();
    }
    assert_eq!(slots, 60);
}

#[test]
fn a_new_hour_is_written_once() {
    let rows = records(
        hour(),
        &[counted(50, 3)],
        &[definition(-5, Some(60))],
        &[],
        at(9),
    );
    let [row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!((row.version, row.time), (1, hour().start()));
    let number = |name| row.measure(name).cloned();
    assert_eq!(number(measure::GOOD), Some(Value::Bigint(50)));
    assert_eq!(number(measure::EXPECTED), Some(Value::Bigint(60)));
    assert_eq!(number(measure::LATENCY_LE_25), Some(Value::Bigint(0)));
    assert_eq!(number(measure::LATENCY_LE_50), Some(Value::Bigint(1)));
    assert_eq!(number(measure::LATENCY_KEPT), Some(Value::Bigint(1)));

    let again = records(
        hour(),
        &[counted(50, 3)],
        &[definition(-5, Some(60))],
        &[written(row)],
        at(10),
    );
    assert_eq!(again, []);
}

#[test]
fn an_hour_that_changed_replaces_its_row() {
    let definitions = [definition(-5, Some(60))];
    let before = records(hour(), &[counted(50, 3)], &definitions, &[], at(9));
    let before = written(&before[0]);
    let after = records(hour(), &[counted(51, 3)], &definitions, &[before], at(10));
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].version, at(10).as_millis());
    assert_eq!(after[0].measure(measure::GOOD), Some(&Value::Bigint(51)));
}

#[test]
fn more_slots_than_planned_are_planned_ones() {
    let rows = records(
        hour(),
        &[counted(70, 0)],
        &[definition(-5, Some(60))],
        &[],
        at(9),
    );
    assert_eq!(rows[0].measure(measure::EXPECTED), Some(&Value::Bigint(73)));
}

#[test]
fn without_a_promised_latency_none_was_kept() {
    let unpromised = Counted {
        slo_latency_ms: None,
        ..counted(1, 0)
    };
    let rows = records(hour(), &[unpromised], &[], &[], at(9));
    assert_eq!(rows[0].measure(measure::LATENCY_KEPT), None);
    assert!(written(&rows[0]).says(&rows[0]));
}

#[test]
fn rows_that_cannot_be_of_a_monitor_are_left_out() {
    let mut cells = answered(1, 0);
    cells.retain(|(name, _)| *name != dimension::KIND);
    cells.push((dimension::KIND, Value::from("carrier-pigeon")));
    assert_eq!(Counted::of_row(|name| find(&cells, name)), None);
    assert_eq!(Definition::of_row(|_| None), None);
    assert_eq!(Written::of_row(|_| None), None);
    assert_eq!(counted(1, 0).kind, Kind::Http);
}

#[test]
fn a_definition_that_is_off_or_gone_has_no_interval() {
    let cells = |enabled: bool, interval: Option<f64>| {
        let mut cells = vec![
            (dimension::TENANT, Value::from("acme")),
            (dimension::MONITOR_ID, Value::from("shop")),
            ("time", Value::Timestamp(at(0))),
            (measure::ENABLED, Value::Boolean(enabled)),
        ];
        cells.extend(interval.map(|seconds| (measure::INTERVAL_S, Value::Double(seconds))));
        Definition::of_row(|name| find(&cells, name))
            .unwrap()
            .interval
    };
    assert_eq!(cells(true, Some(0.5)), Some(Duration::from_millis(500)));
    for (enabled, interval) in [(false, Some(60.0)), (true, None), (true, Some(f64::NAN))] {
        assert_eq!(cells(enabled, interval), None);
    }
}

#[test]
fn every_question_is_bounded_and_names_its_kind_of_row() {
    let (since, now) = (at(-7_200), at(0));
    for (statement, name) in [
        (counts_statement("D", "T", hour()), "probe"),
        (definitions_statement("D", "T", hour()), "monitor"),
        (written_statement("D", "T", hour()), "rollup"),
        (newest_statement("D", "T", since, now), "rollup"),
        (oldest_statement("D", "T", since, now), "probe"),
    ] {
        let from = format!("FROM \"D\".\"T\" WHERE measure_name = '{name}' AND time >= ");
        assert!(statement.contains(&from), "{statement}");
        assert!(
            statement.contains("AND time < from_milliseconds("),
            "{statement}"
        );
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(HOUR_START + second)
}
