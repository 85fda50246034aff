use tidewatch_domain::judge::State;
use tidewatch_domain::schema::measure;
use tidewatch_domain::{ErrorClass, Value};

use super::*;
use crate::scene::{OPTIONS, at, monitors, probed};

fn work(results: Vec<Probed>) -> Work {
    Work {
        results,
        gone: Vec::new(),
    }
}

fn judged(before: LedgerSnapshot, results: Vec<Probed>, second: u64) -> Judged {
    judge(before, &work(results), &HashMap::new(), OPTIONS, at(second))
}

fn names(rows: &[Row]) -> Vec<&'static str> {
    rows.iter().map(|row| row.record.measure_name).collect()
}

#[test]
fn what_is_decided_once_is_in_the_outbox_and_the_rest_beside_it() {
    let monitors = monitors();
    let first = judged(
        LedgerSnapshot::default(),
        vec![probed(&monitors[2], "eu", 0, None)],
        10,
    );
    assert!(first.changed);
    assert_eq!(names(&first.rows), ["probe"]);
    assert_eq!(names(&first.state.outbox.rows), ["state", "state"]);
    let again = judged(
        first.state.ledger.clone(),
        vec![probed(&monitors[2], "eu", 0, None)],
        20,
    );
    assert!(!again.changed);
    assert_eq!(again.rows, first.rows);
    assert!(again.state.outbox.is_empty());
}

#[test]
fn an_outage_that_the_state_has_lost_goes_on_from_its_row() {
    let monitors = monitors();
    let wrong = Some(ErrorClass::StatusMismatch);
    let down = Verdict {
        state: State::Down,
        since: at(0),
        decided_at: at(60),
        epoch: 4,
        ..Verdict::unknown()
    };
    let earlier = HashMap::from([(monitors[2].key.clone(), Some(down))]);
    let results = |answers: [Option<ErrorClass>; 2]| {
        let minutes = answers.into_iter().zip(5..);
        work(
            minutes
                .map(|(answer, minute)| probed(&monitors[2], "eu", minute, answer))
                .collect(),
        )
    };
    let judged = |answers| {
        let before = LedgerSnapshot::default();
        judge(before, &results(answers), &earlier, OPTIONS, at(480))
    };
    let epochs = |judged: &Judged| -> Vec<Value> {
        let rows = judged.state.outbox.rows.iter().map(|row| &row.record);
        let everywhere = rows.filter(|row| row.dimensions.iter().any(|(_, value)| value == "_all"));
        let epochs = everywhere.filter_map(|row| row.measure(measure::EPOCH));
        epochs.cloned().collect()
    };
    // Still down: the same outage, of which people know.
    let still = judged([wrong, wrong]);
    assert_eq!(epochs(&still), [Value::Bigint(4)]);
    assert!(still.state.outbox.alerts.is_empty());
    // Up again: its end is told.
    let over = judged([None, None]);
    let [end] = over.state.outbox.alerts.as_slice() else {
        panic!("{:?}", over.state.outbox.alerts);
    };
    assert!(
        end.contains(r#""resolved""#) && end.contains(r#""epoch":"4""#),
        "{end}"
    );
}

#[test]
fn results_are_judged_in_the_order_in_which_they_ended() {
    let monitors = monitors();
    let wrong = Some(ErrorClass::StatusMismatch);
    let mut results: Vec<Probed> = [None, wrong, wrong, None]
        .into_iter()
        .zip(0..)
        .map(|(answer, minute)| probed(&monitors[2], "eu", minute, answer))
        .collect();
    let sorted = judged(LedgerSnapshot::default(), results.clone(), 240);
    results.reverse();
    let reversed = judged(LedgerSnapshot::default(), results, 240);
    assert_eq!(reversed, sorted);
}

#[test]
fn a_definition_that_was_under_way_for_long_does_not_undo_a_newer_one() {
    let monitors = monitors();
    let mut renamed = Monitor::clone(&monitors[2]);
    renamed.name = "another name".to_owned();
    let renamed = Arc::new(renamed);
    let results = vec![
        probed(&monitors[2], "eu", 1, None),
        probed(&renamed, "eu", 2, None),
        probed(&monitors[2], "us", 1, None),
    ];
    let judged = judged(LedgerSnapshot::default(), results, 180);
    let [case] = judged.state.ledger.cases.as_slice() else {
        panic!("one monitor")
    };
    assert_eq!(case.monitor, renamed);
}

#[test]
fn states_are_written_again_after_five_minutes_but_not_of_silent_monitors() {
    let monitors = monitors();
    let first = judged(
        LedgerSnapshot::default(),
        vec![
            probed(&monitors[2], "eu", 0, None),
            probed(&monitors[3], "eu", 0, None),
        ],
        10,
    );
    let mut ledger = first.state.ledger;
    for minute in 1..20 {
        let results = vec![probed(&monitors[2], "eu", minute, None)];
        let judged = judged(ledger, results, 60 * minute + 10);
        let of = |id: &str| {
            let of_monitor =
                |row: &&Row| row.record.dimensions.iter().any(|(_, found)| found == id);
            let rows = judged.state.outbox.rows.iter().filter(of_monitor);
            rows.filter(|row| row.record.measure_name == "state")
                .count()
        };
        // Over all locations, and from the one.
        assert_eq!(
            of("c"),
            if minute % 5 == 0 { 2 } else { 0 },
            "minute {minute}"
        );
        assert_eq!(of("d"), if minute == 5 { 2 } else { 0 }, "minute {minute}");
        ledger = judged.state.ledger;
    }
}

#[test]
fn who_is_gone_is_forgotten_at_once_and_who_is_silent_after_a_week() {
    let monitors = monitors();
    let results = vec![
        probed(&monitors[2], "eu", 0, None),
        probed(&monitors[3], "eu", 0, None),
    ];
    let first = judged(LedgerSnapshot::default(), results, 10);
    let gone = Work {
        results: Vec::new(),
        gone: vec![(monitors[2].key.clone(), at(30))],
    };
    let second = judge(first.state.ledger, &gone, &HashMap::new(), OPTIONS, at(40));
    assert_eq!(second.state.ledger.cases.len(), 1);
    let results = vec![probed(&monitors[4], "eu", 8 * 24 * 60, None)];
    let third = judged(second.state.ledger, results, 8 * 24 * 60 * 60);
    let left: Vec<_> = third
        .state
        .ledger
        .cases
        .iter()
        .map(|case| &case.monitor)
        .collect();
    assert_eq!(left, [&monitors[4]]);
}

#[test]
fn an_outage_in_maintenance_is_told_when_the_window_closes() {
    use tidewatch_domain::monitor::{MaintenanceWindow, Occurs};
    let mut monitor = Monitor::clone(&monitors()[2]);
    monitor.maintenance = vec![MaintenanceWindow {
        zone: jiff::tz::TimeZone::UTC,
        occurs: Occurs::Daily,
        // The story begins at 07:00:00.
        start: jiff::civil::time(7, 0, 0, 0),
        duration: Duration::from_secs(290),
    }];
    let monitor = Arc::new(monitor);
    let wrong = Some(ErrorClass::StatusMismatch);
    let mut ledger = LedgerSnapshot::default();
    let mut told = Vec::new();
    for minute in 0..7 {
        let judged = judged(
            ledger,
            vec![probed(&monitor, "eu", minute, wrong)],
            60 * minute + 1,
        );
        told.push(judged.state.outbox.alerts.len());
        ledger = judged.state.ledger;
    }
    assert_eq!(told, [0, 0, 0, 0, 0, 1, 0]);
}

#[test]
fn the_version_of_a_row_says_whether_it_was_judged_anew() {
    let monitors = monitors();
    let dead = Some(ErrorClass::ConnectTimeout);
    let mut results: Vec<Probed> = (0..3)
        .flat_map(|minute| {
            monitors
                .iter()
                .map(move |one| probed(one, "eu", minute, None))
        })
        .collect();
    results.extend(monitors.iter().map(|one| probed(one, "eu", 3, dead)));
    let judged = judged(LedgerSnapshot::default(), results, 240);
    let revised = judged
        .state
        .outbox
        .rows
        .iter()
        .find(|row| row.record.version == 2);
    let revised = revised.expect("the first failures were doubted, and then the network was lost");
    assert_eq!(revised.record.measure_name, "probe");
    assert_eq!(revised.record.measure(measure::UP), None);
}
