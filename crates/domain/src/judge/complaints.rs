//! What people complain about in other monitoring systems, one test for each: the behaviour that
//! they ask for, on the whole way from a probe to rows and calls.

use std::collections::BTreeSet;
use std::time::Duration;

use super::tests::{evidence, rules};
use super::{FailureShare, History, State};
use crate::assess::stage::{Answer, Stage, at, key, text};
use crate::cause::{Cause, ErrorClass};
use crate::monitor::Monitor;
use crate::name::{Location, MonitorId};
use crate::rows::missed_row;
use crate::schedule::Grid;
use crate::schema::measure;
use crate::summary::tests::{attempt, failed, monitor, result};
use crate::summary::{Outcome, Summary};

const REFUSED: Answer = Answer::Fails(ErrorClass::ConnectRefused);
const DEAD: Answer = Answer::Fails(ErrorClass::ConnectTimeout);

fn below(parent: &str) -> impl FnOnce(&mut Monitor) {
    let parent = MonitorId::try_new(parent).unwrap();
    move |monitor| monitor.parent = Some(parent)
}

/// Plays a monitor once a minute: `+` answers, `-` fails with its retry, `r` fails and answers
/// the retry, `s` answers with a wrong status.
fn played(outcomes: &str, change: impl FnOnce(&mut Monitor)) -> Stage {
    let mut stage = Stage::new();
    stage.define("a", change);
    for (symbol, minute) in outcomes.chars().zip(0..) {
        let answer = match symbol {
            '+' => Answer::Ok,
            '-' => REFUSED,
            'r' => Answer::FailsOnce(ErrorClass::ConnectRefused),
            _ => Answer::Fails(ErrorClass::StatusMismatch),
        };
        stage.probe("a", minute * 60, answer);
    }
    stage
}

/// gatus #59: retries are asked for, and must not paint over the failure that they confirm.
#[test]
fn a_retry_that_goes_well_prevents_the_call_and_not_the_record() {
    let stage = played("+r+", |_| {});
    assert_eq!(stage.calls("a"), 0);
    assert_eq!(stage.outcomes("a"), ["ok", "fail", "ok"]);
}

/// gatus #426: one lost packet in a hundred turned an average of 6 ms into 175 ms.
#[test]
fn a_timeout_is_no_latency() {
    let mut samples: Vec<_> = (1..=4).map(|number| attempt(number, 6)).collect();
    samples.push(failed(5, 5_000, ErrorClass::ConnectTimeout));
    let latency = Summary::of(&monitor(), &result(samples)).latency.unwrap();
    assert_eq!(latency.mean, Duration::from_millis(6));
    assert_eq!(latency.max, Duration::from_millis(6));
}

/// gatus #786: a notification that hangs holds up the checks. Judging sends nothing: it hands
/// back what is to be told, and takes the next probe whether that was told or not.
#[test]
fn what_is_to_be_told_holds_up_no_probe() {
    let mut stage = Stage::with(1);
    let untold: Vec<_> = (0..10)
        .map(|minute| {
            stage.probe(
                "a",
                minute * 60,
                if minute % 4 < 2 { REFUSED } else { Answer::Ok },
            )
        })
        .collect();
    assert!(untold.iter().flatten().any(|one| one.change.is_some()));
    assert_eq!(stage.outcomes("a").len(), 10);
}

/// gatus #1016: slots that nobody had time for vanished, so that a minute became eight.
#[test]
fn a_slot_that_nobody_had_time_for_is_a_row_with_its_reason() {
    let cause = Cause::new(
        ErrorClass::Overloaded,
        "the probe of an earlier slot was still running",
    );
    let row = missed_row(
        &monitor(),
        &Location::try_new("local").unwrap(),
        at(60),
        1,
        &cause,
    );
    assert_eq!(text(&row, measure::OUTCOME), "missed");
    assert_eq!(text(&row, measure::ERROR_OWNER), "prober");
    assert_eq!(row.measure(measure::UP), None);

    let rules = rules();
    let mut history = History::new();
    for (number, outcome) in [(0, Outcome::Ok), (1, Outcome::Missed), (2, Outcome::Missed)] {
        history.observe(&rules, evidence(number, "local", outcome));
    }
    assert_eq!(history.verdict().state, State::Up);
}

/// gatus #1355: fifteen checks within three seconds, then fifty of silence.
#[test]
fn monitors_and_locations_are_spread_over_the_interval() {
    let slot = |id: &str, place: &str| {
        let place = Location::try_new(place).unwrap();
        Grid::new(&key(id), &place, Duration::from_secs(60)).next(at(0))
    };
    let tens: BTreeSet<_> = (0..15)
        .map(|number| slot(&format!("check-{number}"), "eu").as_secs() / 10)
        .collect();
    assert!(tens.len() >= 4, "{tens:?}");
    assert_ne!(slot("check-1", "eu"), slot("check-1", "us"));
}

/// gatus #1708: what depends on a dead thing calls as well.
#[test]
fn what_depends_on_a_dead_thing_does_not_call() {
    let mut stage = Stage::with(1);
    stage.define("b", below("a"));
    stage.define("c", below("b"));
    stage.probe("a", 60, REFUSED);
    stage.probe("b", 65, REFUSED);
    stage.probe("c", 70, REFUSED);
    assert_eq!(
        (stage.calls("a"), stage.calls("b"), stage.calls("c")),
        (1, 0, 0)
    );
    assert_eq!(stage.suppressed_by("c"), Some("b"));
}

/// uptime-kuma #3881: a state of waiting is counted as down, so that one dropped packet lowers
/// the uptime. Here the scheduled probe keeps its own outcome and retries are in no statistic.
#[test]
fn suspicion_is_no_outage() {
    let stage = played("+s", |_| {});
    assert_eq!(
        (stage.state("a"), stage.verdict("a").epoch),
        (State::Suspect, 0)
    );
    let stage = played("+s+", |_| {});
    assert_eq!(
        (stage.state("a"), stage.verdict("a").epoch, stage.calls("a")),
        (State::Up, 0, 0)
    );
    let mut probe = result(vec![attempt(1, 10)]);
    probe.retry = Some(failed(1, 5_000, ErrorClass::ConnectTimeout));
    let summary = Summary::of(&monitor(), &probe);
    assert_eq!((summary.outcome, summary.failed), (Outcome::Ok, 0));
}

/// uptime-kuma #3031: up should need more than one success.
#[test]
fn recovery_needs_as_many_successes_as_were_asked_for() {
    let stage = played("+--++", |monitor| monitor.recoveries = 3);
    assert_eq!(stage.state("a"), State::Recovering);
    let stage = played("+--+++", |monitor| monitor.recoveries = 3);
    assert_eq!(stage.state("a"), State::Up);
}

/// uptime-kuma #1089: a child of a dead parent should not notify.
#[test]
fn a_parent_speaks_for_its_children() {
    let mut stage = Stage::with(1);
    let children = ["b", "c", "d", "e"];
    for child in children {
        stage.define(child, below("a"));
    }
    for minute in 0..10 {
        let answer = if (3..6).contains(&minute) {
            REFUSED
        } else {
            Answer::Ok
        };
        for (id, second) in ["a", "b", "c", "d", "e"].iter().zip((0..).step_by(10)) {
            stage.probe(id, minute * 60 + second, answer);
        }
    }
    assert_eq!(stage.calls("a"), 1);
    for child in children {
        assert_eq!(stage.calls(child), 0, "{child}");
        assert_eq!(
            stage.verdict(child).epoch,
            1,
            "its outage is on record all the same"
        );
    }
}

/// uptime-kuma #4956: with the parent the recovery of a child is kept quiet too, and an outage
/// that was told never seems to end.
#[test]
fn the_end_of_an_outage_that_was_told_is_told_while_the_parent_is_down() {
    let mut stage = Stage::with(1);
    stage.define("b", below("a"));
    stage.probe("a", 0, Answer::Ok);
    stage.probe("b", 10, REFUSED);
    stage.probe("a", 60, Answer::Ok);
    stage.probe("b", 70, REFUSED);
    assert_eq!(stage.calls("b"), 1);
    stage.probe("a", 120, REFUSED);
    stage.probe("b", 130, Answer::Ok);
    let last = stage.probe("b", 190, Answer::Ok);
    let (before, after) = last[0].change.clone().unwrap();
    assert_eq!((before.state, after.state), (State::Recovering, State::Up));
    assert_eq!(after.suppressed_by, None);
    assert_eq!(stage.state("a"), State::Down);
}

/// uptime-kuma #774 and #2401: the prober loses its own network, and everything is down.
#[test]
fn a_prober_without_a_network_accuses_nobody() {
    let mut stage = Stage::with(12);
    stage.run(0..300, |_, _| Answer::Ok);
    stage.run(300..900, |id, _| {
        if id < "g" {
            DEAD
        } else {
            Answer::Fails(ErrorClass::DnsTimeout)
        }
    });
    stage.run(900..1_200, |_, _| Answer::Ok);
    for id in ["a", "f", "g", "l"] {
        assert_eq!((stage.calls(id), stage.verdict(id).epoch), (0, 0), "{id}");
        assert!(!stage.outcomes(id).contains(&"fail".to_owned()), "{id}");
    }
}

/// uptime-kuma #4520 and #1364: a certificate that expires soon is told of with every check. The
/// state says it once, until something about it changes.
#[test]
fn a_certificate_that_expires_soon_changes_the_state_once() {
    let rules = rules();
    let mut history = History::new();
    let changes = (0..30)
        .filter(|number| {
            let before = history.verdict().clone();
            history.observe(&rules, evidence(*number, "local", Outcome::Degraded));
            !before.same_state(history.verdict())
        })
        .count();
    assert_eq!(changes, 1);
    assert!(history.verdict().degraded);
}

/// prometheus #6504 and #14085: an alert that resolves and fires again with every second sample.
#[test]
fn one_good_probe_does_not_end_an_outage() {
    let stage = played("+--+-+-+-+-", |_| {});
    assert_eq!(stage.verdict("a").epoch, 1);
    assert_eq!(stage.calls("a"), 1);
}

/// alertmanager #204: flapping is not detected, and every change is told.
#[test]
fn what_flaps_is_said_to_flap_once() {
    let stage = played("+s+s+s+s+s+s+s+s+s+s", |_| {});
    let verdict = stage.verdict("a");
    assert!(verdict.flapping && verdict.flap_score > 0.5);
    let begins = stage
        .state_rows("a")
        .windows(2)
        .filter(|pair| {
            let [before, after] =
                [&pair[0], &pair[1]].map(|row| text(row, measure::OVERLAYS).contains("flapping"));
            !before && after
        })
        .count();
    assert_eq!(begins, 1);
    // And who wants to be called for it can be.
    let share = FailureShare { count: 5, of: 10 };
    let stage = played("+s+s+s+s+s+s+s+s+s+s", |monitor| {
        monitor.failures = Some(share)
    });
    assert_eq!((stage.verdict("a").epoch, stage.calls("a")), (1, 1));
}

/// openstatus: half of the regions is enough, and of two regions half is one.
#[test]
fn half_of_two_locations_is_not_enough() {
    let rules = rules();
    let mut history = History::new();
    for number in 0..5 {
        history.observe(&rules, evidence(number, "eu", Outcome::Fail));
        history.observe(&rules, evidence(number, "us", Outcome::Ok));
    }
    let verdict = history.verdict();
    assert_eq!((verdict.state, verdict.degraded), (State::Up, true));
    assert_eq!(verdict.failing, [Location::try_new("eu").unwrap()]);
}
