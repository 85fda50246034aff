use proptest::prelude::*;

use super::*;
use crate::cause::ErrorClass;

const INTERVAL: u64 = 60;

fn rules() -> Rules {
    Rules {
        confirmations: 2,
        recoveries: 2,
        quorum: None,
        interval: Duration::from_secs(INTERVAL),
    }
}

fn location(name: &str) -> Location {
    Location::try_new(name).unwrap()
}

fn slot(number: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + number * i64::try_from(INTERVAL).unwrap())
}

fn evidence(number: i64, place: &str, outcome: Outcome) -> Evidence {
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
    }
}

/// Plays outcomes written as text, one character a slot: `+` ok, `~` degraded, `-` fail, `?`
/// unknown, `x` missed, `!` fail with a failed retry, `r` fail with a retry that went well.
fn play(history: &mut History, first: i64, outcomes: &str) -> Vec<State> {
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

fn states(outcomes: &str) -> String {
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
    assert!(matches!(observed, Observed::Changed { .. }));
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

fn any_evidence() -> impl Strategy<Value = Evidence> {
    let outcome = prop_oneof![
        Just(Outcome::Ok),
        Just(Outcome::Degraded),
        Just(Outcome::Fail),
        Just(Outcome::Unknown),
        Just(Outcome::Missed),
    ];
    (
        0..7_i64,
        prop_oneof![Just("eu"), Just("us"), Just("ap")],
        outcome,
        any::<Option<bool>>(),
    )
        .prop_map(|(number, place, outcome, retry_failed)| Evidence {
            retry_failed: retry_failed.filter(|_| outcome == Outcome::Fail),
            ..evidence(number, place, outcome)
        })
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter_and_replays_change_nothing(
        (sorted, shuffled) in prop::collection::vec(any_evidence(), 0..30)
            .prop_map(|mut all| {
                // Of two pieces with one slot and location the first wins, whatever the order.
                all.sort_by_key(|evidence| (evidence.slot, evidence.location.clone()));
                all.dedup_by_key(|evidence| (evidence.slot, evidence.location.clone()));
                all
            })
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let rules = rules();
        let mut in_order = History::new();
        let mut out_of_order = History::new();
        for evidence in sorted {
            in_order.observe(&rules, evidence);
        }
        for evidence in &shuffled {
            out_of_order.observe(&rules, evidence.clone());
        }
        prop_assert_eq!(in_order.verdict(), out_of_order.verdict());
        for evidence in shuffled {
            prop_assert_eq!(out_of_order.observe(&rules, evidence), Observed::Unchanged);
        }
    }

    #[test]
    fn no_outage_without_two_failures(all in prop::collection::vec(any_evidence(), 0..30)) {
        let rules = rules();
        let mut history = History::new();
        let mut failures = 0;
        for evidence in all {
            if evidence.outcome == Outcome::Fail {
                failures += 1 + usize::from(evidence.retry_failed == Some(true));
            }
            history.observe(&rules, evidence);
            prop_assert!(history.verdict().state != State::Down || failures >= 2);
        }
    }
}
