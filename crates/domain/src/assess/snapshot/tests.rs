use proptest::prelude::*;

use super::super::stage::{Answer, at, key, played, point_to};
use super::super::{Assessment, Ledger};
use super::*;
use crate::cause::ErrorClass;
use crate::judge::FailureShare;
use crate::name::MonitorId;
use crate::summary::tests::monitor;

const IDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const PLACES: [&str; 3] = ["eu", "us", "ap"];

/// One probe of a story: monitor, place, number of the slot, answer.
type Played = (usize, usize, u64, Answer);

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        2 => Just(Answer::Ok),
        3 => Just(Answer::Fails(ErrorClass::ConnectTimeout)),
        1 => Just(Answer::Fails(ErrorClass::DnsNxdomain)),
        1 => Just(Answer::Fails(ErrorClass::StatusMismatch)),
        1 => Just(Answer::FailsOnce(ErrorClass::ConnectRefused)),
    ]
}

/// Probes in any order, some of them twice, over more slots than evidence is kept of.
fn story() -> impl Strategy<Value = Vec<Played>> {
    let played = (0..IDS.len(), 0..PLACES.len(), 0_u64..14, answer());
    prop::collection::vec(played, 1..80)
}

/// The same, sorted by time but for a few that come late: rounds in which everything fails do
/// happen, so that guards doubt and settle.
fn orderly_story() -> impl Strategy<Value = Vec<Played>> {
    let round = prop_oneof![
        Just(Answer::Ok),
        Just(Answer::Fails(ErrorClass::ConnectTimeout))
    ];
    let rounds = prop::collection::vec(round, 1..14);
    (
        rounds,
        prop::collection::vec((any::<prop::sample::Index>(), answer()), 0..8),
    )
        .prop_map(|(rounds, changes)| {
            let mut story: Vec<Played> = rounds
                .into_iter()
                .zip(0..)
                .flat_map(|(answer, round)| {
                    (0..IDS.len() * 2).map(move |n| (n / 2, n % 2, round, answer))
                })
                .collect();
            for (index, answer) in changes {
                let index = index.index(story.len());
                story[index].3 = answer;
                let late = story.remove(index);
                story.insert((index + 9).min(story.len()), late);
            }
            story
        })
}

fn monitors() -> Vec<Arc<Monitor>> {
    IDS.iter()
        .map(|id| {
            let mut monitor = monitor();
            monitor.key = key(id);
            point_to(&mut monitor, &format!("www.{id}.example"));
            match *id {
                "b" | "c" => monitor.parent = Some(MonitorId::try_new("a").unwrap()),
                "d" => monitor.reference = true,
                "e" => monitor.failures = Some(FailureShare { count: 2, of: 4 }),
                _ => {}
            }
            Arc::new(monitor)
        })
        .collect()
}

fn new_ledger(monitors: &[Arc<Monitor>]) -> Ledger {
    let mut ledger = Ledger::new(AttemptRows::Failures);
    for monitor in monitors {
        ledger.track(monitor, None, at(0));
    }
    ledger
}

fn restored(ledger: &Ledger) -> Ledger {
    Ledger::of_snapshot(AttemptRows::Failures, ledger.snapshot())
}

fn take(ledger: &mut Ledger, monitors: &[Arc<Monitor>], played_one: Played) -> Vec<Assessment> {
    let (monitor, place, round, answer) = played_one;
    let second = round * 60 + monitor as u64 * 10;
    let mut result = played(&monitors[monitor], second, answer);
    result.location = Location::try_new(PLACES[place]).unwrap();
    ledger.take(&monitors[monitor], &result)
}

fn judges_alike(story: Vec<Played>) -> Result<(), TestCaseError> {
    let monitors = monitors();
    let mut in_one_go = new_ledger(&monitors);
    let mut in_pieces = new_ledger(&monitors);
    for one in story {
        let expected = take(&mut in_one_go, &monitors, one);
        in_pieces = restored(&in_pieces);
        prop_assert_eq!(take(&mut in_pieces, &monitors, one), expected);
        prop_assert_eq!(in_pieces.snapshot(), in_one_go.snapshot());
    }
    Ok(())
}

proptest! {
    // Each of them judges dozens of probes and takes as many snapshots twice.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_ledger_that_is_kept_after_every_probe_judges_as_one_that_never_rests(
        story in prop_oneof![story(), orderly_story()],
    ) {
        judges_alike(story)?;
    }

    #[test]
    fn what_is_delivered_again_changes_nothing(story in orderly_story()) {
        let monitors = monitors();
        let mut ledger = new_ledger(&monitors);
        for one in &story {
            take(&mut ledger, &monitors, *one);
        }
        let before = ledger.snapshot();
        for one in story {
            for assessment in take(&mut ledger, &monitors, one) {
                prop_assert_eq!(assessment.change, None);
                let of_state = |row: &crate::Record| row.measure_name == "state";
                prop_assert!(!assessment.rows.iter().any(|(_, row)| of_state(row)));
            }
        }
        prop_assert_eq!(ledger.snapshot(), before);
    }
}

#[test]
fn rules_that_changed_do_not_change_the_past() {
    let monitors = monitors();
    let mut ledger = new_ledger(&monitors);
    for round in 0..3 {
        let fails = Answer::Fails(ErrorClass::StatusMismatch);
        take(&mut ledger, &monitors, (5, 0, round, fails));
    }
    let mut patient = Monitor::clone(&monitors[5]);
    patient.confirmations = 10;
    ledger.track(&Arc::new(patient), None, at(200));
    let state = |ledger: &Ledger| ledger.verdict(&key("f")).unwrap().clone();
    assert_eq!(state(&restored(&ledger)), state(&ledger));
    assert_eq!(restored(&ledger).snapshot(), ledger.snapshot());
}

#[test]
fn late_news_of_a_location_whose_network_is_back_does_not_set_its_guard_back() {
    let monitors = monitors();
    let mut ledger = new_ledger(&monitors);
    let ok = Answer::Ok;
    for round in [0, 1, 3] {
        for monitor in 0..IDS.len() {
            take(&mut ledger, &monitors, (monitor, 0, round, ok));
        }
    }
    let dead = Answer::Fails(ErrorClass::ConnectTimeout);
    for monitor in 0..IDS.len() {
        let rows = take(&mut ledger, &monitors, (monitor, 0, 2, dead));
        assert_eq!(rows.len(), 1, "nobody waits for a ruling");
    }
    let eu = Location::try_new("eu").unwrap();
    assert_eq!(ledger.network_lost_since(&eu), None);
}
