use super::*;
use crate::cause::{Cause, ErrorClass};
use crate::summary::Outcome;

const INTERVAL: u64 = 60;

pub(super) fn rules() -> Rules {
    Rules {
        confirmations: 2,
        recoveries: 2,
        failures: None,
        quorum: None,
        locations: 0,
        interval: Duration::from_secs(INTERVAL),
    }
}

pub(super) fn location(name: &str) -> Location {
    Location::try_new(name).unwrap()
}

pub(super) fn slot(number: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + number * i64::try_from(INTERVAL).unwrap())
}

pub(super) fn evidence(number: i64, place: &str, outcome: Outcome) -> Evidence {
    let cause = (outcome == Outcome::Fail).then(|| {
        Cause::new(
            ErrorClass::ConnectRefused,
            "connect to 192.0.2.1:443 was refused",
        )
    });
    Evidence {
        slot: slot(number),
        location: location(place),
        outcome,
        cause,
        decided_at: slot(number).plus(Duration::from_millis(3)),
        retry_failed: None,
        ruling: Ruling::Credible,
    }
}

/// Plays outcomes written as text, one character a slot: `+` ok, `~` degraded, `-` fail, `?`
/// unknown, `x` missed, `!` fail with a failed retry, `r` fail with a retry that went well.
pub(super) fn play(history: &mut History, first: i64, outcomes: &str) -> Vec<State> {
    outcomes
        .chars()
        .zip(first..)
        .map(|(symbol, number)| {
            let outcome = match symbol {
                '+' => Outcome::Ok,
                '~' => Outcome::Degraded,
                '?' => Outcome::Unknown,
                'x' => Outcome::Missed,
                _ => Outcome::Fail,
            };
            let mut evidence = evidence(number, "local", outcome);
            evidence.retry_failed = match symbol {
                '!' => Some(true),
                'r' => Some(false),
                _ => None,
            };
            history.observe(&rules(), evidence);
            history.verdict().state
        })
        .collect()
}

pub(super) fn states(outcomes: &str) -> String {
    let mut history = History::new();
    play(&mut history, 0, outcomes)
        .into_iter()
        .map(|state| match state {
            State::Unknown => '?',
            State::Up => 'U',
            State::Suspect => 's',
            State::Down => 'D',
            State::Recovering => 'r',
        })
        .collect()
}

#[test]
fn an_outage_is_confirmed_and_recovers_with_hysteresis() {
    assert_eq!(states("++--++"), "UUsDrU");
    assert_eq!(states("+-+-+-"), "UsUsUs");
    assert_eq!(states("+--+-++"), "UsDrDrU");
    assert_eq!(states("--"), "sD");
    assert_eq!(states("~~--~~"), "UUsDrU");
}

#[test]
fn a_failed_retry_is_the_second_piece_of_evidence_and_a_good_one_is_none() {
    assert_eq!(states("+!"), "UD");
    assert_eq!(states("+r+"), "UsU");
    assert_eq!(states("+rr-"), "Usss");
    assert_eq!(states("+r--"), "UssD");
}

#[test]
fn what_says_nothing_about_the_target_changes_nothing() {
    assert_eq!(states("?x+?-x?-+x+"), "??UUsssDrrU");
}

#[test]
fn an_outage_keeps_its_number_and_its_beginning() {
    let mut history = History::new();
    play(&mut history, 0, "+--+-");
    let verdict = history.verdict();
    assert_eq!((verdict.state, verdict.epoch), (State::Down, 1));
    assert_eq!(verdict.since, slot(1).plus(Duration::from_millis(3)));
    assert_eq!(
        verdict.cause.as_ref().unwrap().class,
        ErrorClass::ConnectRefused
    );
    play(&mut history, 5, "++--");
    assert_eq!(history.verdict().epoch, 2);
    assert_eq!(
        history.verdict().since,
        slot(7).plus(Duration::from_millis(3))
    );
}

#[test]
fn one_of_three_locations_is_shown_and_not_paged_two_are_an_outage() {
    let mut history = History::new();
    let rules = rules();
    for number in 0..4 {
        for (place, outcome) in [
            ("eu", Outcome::Fail),
            ("us", Outcome::Ok),
            ("ap", Outcome::Ok),
        ] {
            history.observe(&rules, evidence(number, place, outcome));
        }
    }
    let verdict = history.verdict();
    assert_eq!((verdict.state, verdict.degraded), (State::Up, true));
    assert_eq!(verdict.failing, [location("eu")]);
    for number in 4..6 {
        for (place, outcome) in [
            ("eu", Outcome::Fail),
            ("us", Outcome::Fail),
            ("ap", Outcome::Ok),
        ] {
            history.observe(&rules, evidence(number, place, outcome));
        }
    }
    assert_eq!(history.verdict().state, State::Down);
    assert_eq!(history.verdict().failing, [location("eu"), location("us")]);
}

#[test]
fn a_location_that_stopped_reporting_is_absent_not_failing() {
    let mut history = History::new();
    let rules = rules();
    for number in 0..2 {
        history.observe(&rules, evidence(number, "eu", Outcome::Fail));
        history.observe(&rules, evidence(number, "us", Outcome::Ok));
    }
    assert_eq!(history.verdict().state, State::Up);
    for number in 2..8 {
        history.observe(&rules, evidence(number, "us", Outcome::Ok));
    }
    assert_eq!(history.verdict().failing, []);
    assert!(!history.verdict().degraded);
}

#[test]
fn late_evidence_is_merged_where_it_belongs() {
    let rules = rules();
    let mut history = History::new();
    for number in [0, 1, 3, 4] {
        let outcome = if number == 1 {
            Outcome::Fail
        } else {
            Outcome::Ok
        };
        history.observe(&rules, evidence(number, "local", outcome));
    }
    // Slot 2 failed too: there was an outage, and it is over by now.
    let observed = history.observe(&rules, evidence(2, "local", Outcome::Fail));
    assert_eq!(
        (history.verdict().state, history.verdict().epoch),
        (State::Up, 1)
    );
    assert_eq!(observed, Observed::Changed);
    let too_late = evidence(-20, "local", Outcome::Fail);
    play(&mut history, 5, "++++++++++++");
    assert_eq!(history.observe(&rules, too_late), Observed::TooLate);
}

#[test]
fn a_target_that_fails_every_second_time_flaps() {
    let mut history = History::new();
    play(&mut history, 0, "+-+-+-+-+-+-+-+-+-+-+-+-");
    assert!(
        history.verdict().flapping,
        "{}",
        history.verdict().flap_score
    );
    play(&mut history, 24, "+++++++");
    assert!(history.verdict().flapping, "left only below a quarter");
    play(&mut history, 31, "+++++++");
    assert!(
        !history.verdict().flapping,
        "{}",
        history.verdict().flap_score
    );
}

#[test]
fn after_a_restart_an_outage_goes_on_with_its_number() {
    let mut first = History::new();
    play(&mut first, 0, "+--");
    let mut second = History::restored(first.verdict().clone());
    assert_eq!(
        play(&mut second, 3, "-++"),
        [State::Down, State::Recovering, State::Up]
    );
    assert_eq!(second.verdict().epoch, 1);
}

#[test]
fn every_location_has_a_verdict_of_its_own() {
    let mut history = History::new();
    let rules = rules();
    for number in 0..3 {
        for (place, outcome) in [
            ("eu", Outcome::Fail),
            ("us", Outcome::Ok),
            ("ap", Outcome::Ok),
        ] {
            history.observe(&rules, evidence(number, place, outcome));
        }
    }
    let from = |place: &str| history.verdict_from(&location(place)).unwrap();
    assert_eq!(from("eu").state, State::Down);
    assert_eq!(
        from("eu").since,
        evidence(0, "eu", Outcome::Fail).decided_at
    );
    assert_eq!(from("us").state, State::Up);
    assert_eq!(history.verdict().state, State::Up);
    assert_eq!(history.locations().count(), 3);
}

#[test]
fn an_outage_is_as_old_as_the_quorum_and_not_as_the_first_location_that_failed() {
    let mut history = History::new();
    let rules = rules();
    for number in 0..50 {
        let us = if number < 48 {
            Outcome::Ok
        } else {
            Outcome::Fail
        };
        for (place, outcome) in [("eu", Outcome::Fail), ("us", us), ("ap", Outcome::Ok)] {
            history.observe(&rules, evidence(number, place, outcome));
        }
    }
    assert_eq!(history.verdict().state, State::Down);
    assert_eq!(
        history.verdict().since,
        evidence(48, "us", Outcome::Fail).decided_at
    );
}

#[test]
fn the_quickest_of_three_named_locations_does_not_decide_alone() {
    let rules = Rules {
        locations: 3,
        ..rules()
    };
    let confirmed = |number, place| Evidence {
        retry_failed: Some(true),
        ..evidence(number, place, Outcome::Fail)
    };
    let mut history = History::new();
    history.observe(&rules, confirmed(0, "eu"));
    assert_eq!(history.verdict().state, State::Suspect);
    history.observe(&rules, confirmed(0, "us"));
    assert_eq!(history.verdict().state, State::Down);

    // Two that never report are absent, and must not keep the third from being heard.
    let mut alone = History::new();
    alone.observe(&rules, confirmed(0, "eu"));
    alone.observe(&rules, confirmed(1, "eu"));
    assert_eq!(alone.verdict().state, State::Down);
}

#[test]
fn a_share_of_failures_sees_a_target_that_fails_every_second_time() {
    let rules = Rules {
        failures: Some(FailureShare { count: 3, of: 5 }),
        ..rules()
    };
    let mut history = History::new();
    let outcomes = "+-+-+-+-++++";
    let states: Vec<State> = outcomes
        .chars()
        .zip(0..)
        .map(|(symbol, number)| {
            let outcome = if symbol == '-' {
                Outcome::Fail
            } else {
                Outcome::Ok
            };
            history.observe(&rules, evidence(number, "local", outcome));
            history.verdict().state
        })
        .collect();
    use State::{Down, Recovering, Suspect, Up};
    assert_eq!(
        states,
        [
            Up, Suspect, Up, Suspect, Up, Down, Recovering, Down,
            // Two of the last five failed, but only one success in a row; then two.
            Recovering, Up, Up, Up
        ]
    );
    assert_eq!(history.verdict().epoch, 1);
}

#[test]
fn a_share_of_failures_begins_with_the_first_of_them() {
    let rules = Rules {
        failures: Some(FailureShare { count: 2, of: 4 }),
        ..rules()
    };
    let mut history = History::new();
    for (number, outcome) in [
        (0, Outcome::Ok),
        (1, Outcome::Fail),
        (2, Outcome::Ok),
        (3, Outcome::Fail),
    ] {
        history.observe(&rules, evidence(number, "local", outcome));
    }
    assert_eq!(history.verdict().state, State::Down);
    assert_eq!(
        history.verdict().since,
        evidence(1, "local", Outcome::Fail).decided_at
    );
}

#[test]
fn a_share_of_failures_works_with_a_quorum() {
    let rules = Rules {
        failures: Some(FailureShare { count: 2, of: 3 }),
        ..rules()
    };
    let mut history = History::new();
    for number in 0..4 {
        let every_second = if number % 2 == 0 {
            Outcome::Fail
        } else {
            Outcome::Ok
        };
        for (place, outcome) in [
            ("eu", every_second),
            ("us", every_second),
            ("ap", Outcome::Ok),
        ] {
            history.observe(&rules, evidence(number, place, outcome));
        }
        assert_eq!(history.verdict().state.is_outage(), number >= 2, "{number}");
    }
}

#[test]
fn late_evidence_moves_the_beginning_of_an_outage_back() {
    let rules = rules();
    let mut history = History::new();
    for number in [0, 2, 3] {
        let outcome = if number == 0 {
            Outcome::Ok
        } else {
            Outcome::Fail
        };
        history.observe(&rules, evidence(number, "local", outcome));
    }
    assert_eq!(
        history.verdict().since,
        evidence(2, "local", Outcome::Fail).decided_at
    );
    let observed = history.observe(&rules, evidence(1, "local", Outcome::Fail));
    assert_eq!(observed, Observed::Changed);
    assert_eq!(
        history.verdict().since,
        evidence(1, "local", Outcome::Fail).decided_at
    );
    assert_eq!(history.verdict().epoch, 1);
}

#[test]
fn doubted_failures_are_suspicious_and_never_an_outage() {
    let rules = rules();
    let doubted = |number| {
        Evidence {
            retry_failed: Some(true),
            ..evidence(number, "local", Outcome::Fail)
        }
        .ruled(Ruling::Doubted)
    };
    let mut history = History::new();
    history.observe(&rules, evidence(0, "local", Outcome::Ok));
    for number in 1..4 {
        history.observe(&rules, doubted(number));
        assert_eq!(history.verdict().state, State::Suspect);
    }
    history.revise(&rules, doubted(2).ruled(Ruling::Credible));
    assert_eq!(history.verdict().state, State::Down);
}

#[test]
fn a_monitor_out_of_sight_keeps_its_state_and_says_so() {
    let rules = rules();
    let mut history = History::new();
    history.observe(&rules, evidence(0, "local", Outcome::Ok));
    let lost = |number| evidence(number, "local", Outcome::Fail).ruled(Ruling::NetworkLost);
    for number in 1..9 {
        history.observe(&rules, lost(number));
        assert_eq!(history.verdict().state, State::Up);
        assert!(history.verdict().network_lost, "{number}");
    }
    history.observe(&rules, evidence(9, "local", Outcome::Ok));
    assert!(!history.verdict().network_lost);

    // While another location still sees it, nothing is out of sight.
    for number in 10..13 {
        history.observe(&rules, evidence(number, "eu", Outcome::Ok));
        history.observe(&rules, lost(number));
    }
    assert!(!history.verdict().network_lost);
}
