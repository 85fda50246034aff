use std::sync::Arc;
use std::time::Duration;

use jiff::civil::time;
use jiff::tz::TimeZone;

use super::stage::{Answer, Stage, at, key, played, point_to, text};
use super::*;
use crate::cause::ErrorClass;
use crate::judge::State;
use crate::monitor::{MaintenanceWindow, Occurs};
use crate::name::{Location, MonitorId};
use crate::record::Value;
use crate::schema::{dimension, measure, measure_name};
use crate::summary::tests::{attempt, failed, monitor, result};

const DEAD: Answer = Answer::Fails(ErrorClass::ConnectTimeout);
const REFUSED: Answer = Answer::Fails(ErrorClass::ConnectRefused);

fn lost(stage: &Stage) -> bool {
    let local = Location::try_new("local").unwrap();
    stage.ledger.network_lost_since(&local).is_some()
}

#[test]
fn a_confirmed_failure_leaves_a_probe_row_attempt_rows_and_state_rows() {
    let monitor = Arc::new(monitor());
    let mut ledger = Ledger::new(AttemptRows::Failures);
    ledger.track(&monitor, None, at(0));
    let good = result(vec![attempt(1, 10)]);
    let [first] = <[_; 1]>::try_from(ledger.take(&monitor, &good)).unwrap();
    assert_eq!(first.change.unwrap().1.state, State::Up);

    let mut bad = result(vec![
        attempt(1, 10),
        failed(2, 3, ErrorClass::ConnectRefused),
    ]);
    bad.samples.push(failed(3, 3, ErrorClass::ConnectRefused));
    bad.retry = Some(failed(1, 3, ErrorClass::ConnectRefused));
    bad.slot = bad.slot.plus(Duration::from_secs(60));
    let [second] = <[_; 1]>::try_from(ledger.take(&monitor, &bad)).unwrap();
    assert_eq!(second.change.as_ref().unwrap().1.state, State::Down);
    let names: Vec<_> = second
        .rows
        .iter()
        .map(|(_, row)| row.measure_name)
        .collect();
    assert_eq!(
        names,
        [
            measure_name::PROBE,
            measure_name::ATTEMPT,
            measure_name::ATTEMPT,
            measure_name::ATTEMPT,
            measure_name::STATE,
            measure_name::STATE,
        ]
    );
    let [all, here] = [4, 5].map(|index| &second.rows[index].1);
    for (row, location) in [(all, "_all"), (here, "local")] {
        assert_eq!(row.measure(measure::STATE), Some(&Value::from("down")));
        assert_eq!(row.measure(measure::EPOCH), Some(&Value::Bigint(1)));
        assert!(
            row.dimensions
                .contains(&(dimension::LOCATION, location.to_owned()))
        );
    }

    let [again] = <[_; 1]>::try_from(ledger.take(&monitor, &bad)).unwrap();
    assert_eq!(again.change, None);
    assert_eq!(again.rows, second.rows[..4]);
}

#[test]
fn the_newest_state_row_is_always_the_one_that_is_true() {
    let mut stage = Stage::with(1);
    stage.probe("a", 0, Answer::Ok);
    stage.probe("a", 120, REFUSED);
    assert_eq!(stage.state("a"), State::Down);
    // A periodic row was written meanwhile, and then a probe comes in that began before it.
    let rows = stage.ledger.state_rows(&key("a"), at(240));
    assert_eq!(rows.len(), 2);
    stage.probe("a", 180, Answer::Ok);
    stage.probe("a", 60, REFUSED);
    let times: Vec<_> = stage.state_rows("a").iter().map(|row| row.time).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert!(times.last() > Some(&at(240)));
    let last = stage.state_rows("a").pop().unwrap();
    assert_eq!(
        last.measure(measure::SINCE),
        Some(&Value::Timestamp(at(60).plus(Duration::from_millis(2))))
    );
}

#[test]
fn a_location_that_loses_its_network_calls_nobody() {
    let mut stage = Stage::with(10);
    let offline = |_: &str, second: u64| {
        if (600..1_500).contains(&second) {
            DEAD
        } else {
            Answer::Ok
        }
    };
    stage.run(0..600, offline);
    stage.run(600..1_200, offline);
    assert!(lost(&stage));
    stage.run(1_200..2_400, offline);
    assert!(!lost(&stage));
    for id in ["a", "b", "e", "j"] {
        let verdict = stage.verdict(id);
        assert_eq!((verdict.state, verdict.epoch), (State::Up, 0), "{id}");
        assert_eq!(stage.calls(id), 0);
        assert!(!verdict.network_lost);
        let outcomes = stage.outcomes(id);
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| *outcome == "unknown")
                .count(),
            15,
            "{id}"
        );
        assert_eq!(
            outcomes.iter().filter(|outcome| *outcome == "ok").count(),
            25,
            "{id}"
        );
        let overlays: Vec<_> = stage
            .state_rows(id)
            .iter()
            .map(|row| text(row, measure::OVERLAYS))
            .collect();
        assert!(
            overlays.contains(&"network_lost".to_owned()),
            "{overlays:?}"
        );
    }
}

#[test]
fn what_was_doubted_is_written_again_as_saying_nothing() {
    let mut stage = Stage::with(10);
    stage.run(0..60, |_, _| Answer::Ok);
    stage.run(60..120, |_, _| Answer::Fails(ErrorClass::DnsNxdomain));
    assert!(
        lost(&stage),
        "every name that fails to resolve is a lost network too"
    );
    let revised = stage
        .assessments
        .iter()
        .flat_map(|assessment| &assessment.rows)
        .find(|(_, row)| row.version == 2)
        .map(|(_, row)| row)
        .unwrap();
    assert_eq!(text(revised, measure::OUTCOME), "unknown");
    assert_eq!(text(revised, measure::ERROR_OWNER), "prober");
    assert_eq!(text(revised, measure::ERROR_CLASS), "dns_nxdomain");
    assert!(text(revised, measure::ERROR_TEXT).starts_with("this location lost its network: "));
    assert_eq!(revised.measure(measure::UP), None);
}

#[test]
fn a_target_that_is_really_dead_is_called_for_at_once() {
    let mut stage = Stage::with(10);
    stage.run(0..120, |_, _| Answer::Ok);
    stage.run(120..180, |id, _| if id == "c" { DEAD } else { Answer::Ok });
    assert_eq!(stage.state("c"), State::Down);
    let began = at(132).plus(Duration::from_millis(2));
    assert_eq!(stage.verdict("c").since, began);
    assert!(!lost(&stage));
    assert_eq!(stage.calls("c"), 1);
}

#[test]
fn a_dead_host_with_most_of_the_monitors_is_no_lost_network() {
    let mut stage = Stage::with(10);
    for id in ["b", "c", "d", "e", "f", "g", "h"] {
        stage.define(id, |monitor| {
            point_to(monitor, &format!("{id}.shop.example"))
        });
    }
    stage.run(0..120, |_, _| Answer::Ok);
    let healthy = |id: &str| matches!(id, "a" | "i" | "j");
    stage.run(
        120..300,
        |id, _| if healthy(id) { Answer::Ok } else { DEAD },
    );
    assert!(!lost(&stage));
    for id in ["b", "e", "h"] {
        assert_eq!(stage.state(id), State::Down, "{id}");
    }
}

#[test]
fn two_unrelated_reference_targets_are_enough_to_tell() {
    let mut stage = Stage::with(3);
    for id in ["a", "b"] {
        stage.define(id, |monitor| monitor.reference = true);
    }
    stage.run(0..120, |_, _| Answer::Ok);
    stage.run(120..300, |_, _| DEAD);
    assert!(lost(&stage));
    assert_eq!(stage.state("c"), State::Up);
    stage.run(300..420, |_, _| Answer::Ok);
    assert!(!lost(&stage));
}

#[test]
fn with_too_few_monitors_every_failure_counts() {
    let mut stage = Stage::with(3);
    stage.run(0..120, |_, _| Answer::Ok);
    stage.run(120..240, |_, _| DEAD);
    assert_eq!(stage.state("a"), State::Down);
    assert!(!lost(&stage));
}

#[test]
fn a_prober_that_starts_without_a_network_calls_nobody() {
    let mut stage = Stage::with(8);
    stage.run(0..300, |_, _| Answer::Fails(ErrorClass::DnsTimeout));
    assert!(lost(&stage));
    stage.run(300..480, |_, _| Answer::Ok);
    assert!(!lost(&stage));
    for id in ["a", "d", "h"] {
        assert_eq!((stage.state(id), stage.calls(id)), (State::Up, 0), "{id}");
    }
}

#[test]
fn targets_that_never_worked_are_no_lost_network_while_others_answer() {
    let mut stage = Stage::with(8);
    let broken = |id: &str| id < "g";
    stage.run(0..600, |id, _| if broken(id) { DEAD } else { Answer::Ok });
    assert!(!lost(&stage));
    assert_eq!(stage.state("a"), State::Down);
    assert_eq!(stage.state("h"), State::Up);
}

#[test]
fn a_failure_of_another_kind_counts_while_the_network_is_lost() {
    let mut stage = Stage::with(10);
    stage.run(0..120, |_, _| Answer::Ok);
    stage.run(120..240, |_, _| DEAD);
    assert!(lost(&stage));
    let assessments = stage.probe("a", 240, REFUSED);
    assert_eq!(
        assessments[0]
            .probe
            .as_ref()
            .unwrap()
            .summary
            .outcome
            .name(),
        "fail"
    );
    assert_eq!(stage.state("a"), State::Down);
}

#[test]
fn a_child_of_a_dead_parent_calls_nobody_until_the_parent_is_back() {
    let mut stage = Stage::with(1);
    stage.define("b", |monitor| {
        monitor.parent = Some(MonitorId::try_new("a").unwrap())
    });
    stage.probe("a", 0, Answer::Ok);
    stage.probe("b", 10, Answer::Ok);
    stage.probe("a", 60, REFUSED);
    stage.probe("b", 70, REFUSED);
    assert_eq!(
        (stage.state("b"), stage.suppressed_by("b")),
        (State::Down, Some("a"))
    );
    let row = stage.state_rows("b").pop().unwrap();
    assert_eq!(text(&row, measure::OVERLAYS), "suppressed");
    assert_eq!(text(&row, measure::SUPPRESSED_BY), "a");

    stage.probe("a", 120, Answer::Ok);
    stage.probe("b", 130, REFUSED);
    stage.probe("a", 180, Answer::Ok);
    assert_eq!(stage.state("a"), State::Up);
    // Nobody has looked since the parent came back.
    assert_eq!(stage.suppressed_by("b"), Some("a"));
    assert_eq!(stage.calls("b"), 0);
    stage.probe("b", 190, REFUSED);
    assert_eq!(stage.suppressed_by("b"), None);
    assert_eq!((stage.calls("a"), stage.calls("b")), (1, 1));
    assert_eq!(stage.verdict("b").epoch, 1, "one outage all along");
}

#[test]
fn a_child_that_recovers_with_its_parent_never_calls() {
    let mut stage = Stage::with(1);
    stage.define("b", |monitor| {
        monitor.parent = Some(MonitorId::try_new("a").unwrap())
    });
    for (second, answer) in [
        (0, Answer::Ok),
        (60, REFUSED),
        (120, Answer::Ok),
        (180, Answer::Ok),
        (240, Answer::Ok),
    ] {
        stage.probe("a", second, answer);
        stage.probe("b", second + 10, answer);
    }
    assert_eq!((stage.state("b"), stage.calls("b")), (State::Up, 0));
    let last = stage.state_rows("b").pop().unwrap();
    assert_eq!(
        text(&last, measure::STATE),
        "up",
        "the end of the outage is told"
    );
}

#[test]
fn a_child_that_fails_first_waits_for_a_look_at_its_parent() {
    for (parent, calls) in [(REFUSED, 0), (Answer::Ok, 1)] {
        let mut stage = Stage::with(1);
        stage.define("b", |monitor| {
            monitor.parent = Some(MonitorId::try_new("a").unwrap())
        });
        stage.probe("a", 30, Answer::Ok);
        stage.probe("b", 10, Answer::Ok);
        stage.probe("b", 70, REFUSED);
        assert_eq!((stage.state("b"), stage.calls("b")), (State::Down, 0));
        stage.probe("a", 90, parent);
        assert_eq!(stage.calls("b"), calls, "{parent:?}");
        stage.probe("b", 130, REFUSED);
        assert_eq!(stage.calls("b"), calls, "{parent:?}");
    }
}

#[test]
fn the_wait_for_a_parent_that_nobody_looks_at_ends_with_the_next_probe() {
    let mut stage = Stage::with(1);
    stage.define("b", |monitor| {
        monitor.parent = Some(MonitorId::try_new("a").unwrap())
    });
    stage.probe("b", 10, REFUSED);
    assert_eq!(stage.calls("b"), 0);
    stage.probe("b", 70, REFUSED);
    assert_eq!(stage.calls("b"), 1);
}

#[test]
fn an_outage_that_began_before_the_parent_s_goes_on_calling() {
    let mut stage = Stage::with(1);
    stage.define("b", |monitor| {
        monitor.parent = Some(MonitorId::try_new("a").unwrap())
    });
    for second in (0..600).step_by(60) {
        stage.probe("a", second, if second < 300 { Answer::Ok } else { REFUSED });
        stage.probe(
            "b",
            second + 10,
            if second < 60 { Answer::Ok } else { REFUSED },
        );
    }
    assert_eq!((stage.calls("a"), stage.calls("b")), (1, 1));
    assert_eq!(stage.suppressed_by("b"), None);
}

#[test]
fn a_chain_of_parents_is_followed_past_one_that_is_paused() {
    let mut stage = Stage::with(1);
    let parent = |id: &str| Some(MonitorId::try_new(id).unwrap());
    stage.define("b", |monitor| {
        monitor.parent = parent("a");
        monitor.enabled = false;
    });
    stage.define("c", |monitor| monitor.parent = parent("b"));
    stage.probe("a", 60, REFUSED);
    stage.probe("c", 70, REFUSED);
    assert_eq!(stage.suppressed_by("c"), Some("a"));
    // Without the monitor above there is no reason left to be quiet.
    let told = stage.ledger.forget(&key("a"), at(100));
    assert_eq!(told.len(), 1);
    assert_eq!(stage.suppressed_by("c"), None);
}

#[test]
fn a_circle_of_parents_ends() {
    let mut stage = Stage::new();
    for (id, above) in [("a", "b"), ("b", "a")] {
        stage.define(id, |monitor| {
            monitor.parent = Some(MonitorId::try_new(above).unwrap())
        });
    }
    stage.probe("a", 60, REFUSED);
    stage.probe("b", 70, REFUSED);
    assert_eq!(stage.state("b"), State::Down);
}

#[test]
fn what_lies_over_a_state_survives_a_restart() {
    let mut stage = Stage::with(1);
    stage.define("b", |monitor| {
        monitor.parent = Some(MonitorId::try_new("a").unwrap())
    });
    stage.probe("a", 60, REFUSED);
    stage.probe("b", 70, REFUSED);
    let mut next = stage.restarted();
    assert_eq!(next.suppressed_by("b"), Some("a"));
    next.probe("b", 130, REFUSED);
    assert_eq!((next.suppressed_by("b"), next.calls("b")), (Some("a"), 0));

    let mut flapping = Stage::with(1);
    for round in 0..14 {
        let answer = if round % 2 == 0 { Answer::Ok } else { REFUSED };
        flapping.probe("a", round * 60, answer);
    }
    assert!(flapping.verdict("a").flapping);
    let mut next = flapping.restarted();
    next.probe("a", 14 * 60, Answer::Ok);
    assert!(next.verdict("a").flapping);
}

fn berlin(start_hour: i8) -> MaintenanceWindow {
    MaintenanceWindow {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        occurs: Occurs::Daily,
        start: time(start_hour, 0, 0, 0),
        duration: Duration::from_secs(3_600),
    }
}

/// 1970-01-12 was in winter time, so that 14:00 UTC is 15:00 in Berlin.
#[test]
fn a_target_that_is_still_down_at_the_end_of_a_window_calls_then() {
    let mut stage = Stage::new();
    stage.define("a", |monitor| monitor.maintenance = vec![berlin(15)]);
    // at(0) is 13:47:00 UTC.
    let window = 780..780 + 3_600;
    for second in (0..6_000).step_by(60) {
        let answer = if second < 1_200 { Answer::Ok } else { REFUSED };
        stage.probe("a", second, answer);
        if window.contains(&second) {
            assert_eq!(stage.calls("a"), 0, "{second}");
        }
    }
    assert_eq!(stage.calls("a"), 1);
    let rows = stage.state_rows("a");
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (text(row, measure::STATE), text(row, measure::OVERLAYS)))
        .collect();
    let pair = |state: &str, overlays: &str| (state.to_owned(), overlays.to_owned());
    assert_eq!(
        seen,
        [
            pair("up", ""),
            pair("up", "maintenance"),
            pair("down", "maintenance"),
            pair("down", ""),
        ]
    );
    let outside = rows.last().unwrap();
    assert_eq!(outside.measure(measure::EPOCH), Some(&Value::Bigint(1)));
    assert!(outside.time >= at(780 + 3_600) && outside.time < at(780 + 3_600 + 60));
}

#[test]
fn a_pause_is_told_at_once_and_keeps_the_state() {
    let mut stage = Stage::with(1);
    stage.probe("a", 0, REFUSED);
    stage.define("a", |monitor| monitor.enabled = false);
    let row = stage.state_rows("a").pop().unwrap();
    assert_eq!(text(&row, measure::STATE), "down");
    assert_eq!(text(&row, measure::OVERLAYS), "paused");
    stage.define("a", |_| {});
    let row = stage.state_rows("a").pop().unwrap();
    assert_eq!(text(&row, measure::OVERLAYS), "");
}

#[test]
fn a_monitor_that_nobody_remembers_leaves_nothing() {
    let mut stage = Stage::with(1);
    stage.ledger.forget(&key("a"), at(0));
    assert_eq!(stage.probe("a", 0, Answer::Ok), []);
    let gone = played(&monitor(), 0, Answer::Ok);
    assert_eq!(stage.ledger.take(&Arc::new(monitor()), &gone), []);
}
