use futures::FutureExt;
use proptest::prelude::*;
use tidewatch_domain::assess::Ledger;
use tidewatch_domain::judge::State;
use tidewatch_domain::schema::{measure, measure_name};
use tidewatch_domain::{ErrorClass, Record, Value};

use super::*;
use crate::scene::{Fault, OPTIONS, World, at, monitors, no_memory, probed};

const DEAD: Option<ErrorClass> = Some(ErrorClass::ConnectTimeout);
const WRONG: Option<ErrorClass> = Some(ErrorClass::StatusMismatch);

/// One probe of a story: monitor, place, minute, answer.
type Played = (usize, &'static str, u64, Option<ErrorClass>);

fn work(story: &[Played]) -> Work {
    let monitors = monitors();
    let probe = |(monitor, place, minute, answer): &Played| {
        probed(&monitors[*monitor], place, *minute, *answer)
    };
    Work {
        results: story.iter().map(probe).collect(),
        gone: Vec::new(),
    }
}

/// One delivery of a batch. `None` where the process was killed.
fn deliver(world: &World, work: &Work, now: Timestamp) -> Option<Result<(), BucketError>> {
    let delivery = world.delivery();
    process(world, &delivery, &no_memory(), "7", work, OPTIONS, now).now_or_never()
}

fn deliver_until_done(world: &World, work: &Work, now: Timestamp) {
    let mut deliveries = 0;
    while !matches!(deliver(world, work, now), Some(Ok(()))) {
        deliveries += 1;
        assert!(deliveries < 5, "it is stuck");
    }
}

fn state_rows(world: &World, id: &str) -> Vec<Record> {
    let is_of = |row: &&Record| {
        let has = |value: &str| row.dimensions.iter().any(|(_, found)| found == value);
        row.measure_name == measure_name::STATE && has(id) && has("_all")
    };
    let mut rows: Vec<Record> = world
        .inside()
        .rows
        .values()
        .filter(is_of)
        .cloned()
        .collect();
    rows.sort_by_key(|row| row.time);
    rows
}

fn text(row: &Record, name: &str) -> String {
    match row.measure(name) {
        Some(Value::Varchar(text)) => text.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

fn answer() -> impl Strategy<Value = Option<ErrorClass>> {
    prop_oneof![
        3 => Just(None),
        2 => Just(WRONG),
        2 => Just(DEAD),
    ]
}

fn played() -> impl Strategy<Value = Played> {
    let place = prop::sample::select(&["eu", "us"][..]);
    (0_usize..6, place, 0_u64..12, answer())
}

fn fault() -> impl Strategy<Value = (usize, Fault)> {
    let fault = prop_oneof![
        Just(Fault::KilledBefore),
        Just(Fault::KilledAfter),
        Just(Fault::Refused),
    ];
    (0_usize..7, fault)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever the function is killed, the rows and alerts are those of one that never was.
    #[test]
    fn nothing_is_lost_and_nothing_doubled(
        batches in prop::collection::vec(
            (prop::collection::vec(played(), 1..30), prop::option::of(fault())),
            1..6,
        ),
    ) {
        let (calm, rough) = (World::default(), World::default());
        for (minute, (story, fault)) in (1..).zip(batches) {
            let (work, now) = (work(&story), at(600 * minute));
            deliver_until_done(&calm, &work, now);
            rough.inside().fault = fault;
            deliver_until_done(&rough, &work, now);
            rough.inside().fault = None;
            deliver_until_done(&rough, &work, now);
        }
        let (calm, rough) = (calm.inside(), rough.inside());
        prop_assert_eq!(&rough.rows, &calm.rows);
        let mut alerts = rough.alerts.clone();
        alerts.sort();
        alerts.dedup();
        let mut expected = calm.alerts.clone();
        expected.sort();
        prop_assert_eq!(alerts, expected);
        let ledgers = |inside: &crate::scene::Inside| inside.states["7"].2.ledger.clone();
        prop_assert_eq!(ledgers(&rough), ledgers(&calm));
    }

    /// A batch that was cut off comes again in other pieces: what a reader takes for the newest
    /// state is the verdict.
    #[test]
    fn pieces_that_come_again_in_another_order_leave_one_truth(
        story in prop::collection::vec(played(), 1..60),
        cut in 0_usize..60,
        fault in fault(),
    ) {
        let world = World::default();
        world.inside().fault = Some(fault);
        deliver(&world, &work(&story), at(300));
        world.inside().fault = None;
        let (first, second) = story.split_at(cut.min(story.len()));
        deliver_until_done(&world, &work(second), at(300));
        deliver_until_done(&world, &work(first), at(300));
        deliver_until_done(&world, &work(&story), at(300));
        let state = world.inside().states["7"].2.clone();
        for case in &state.ledger.cases {
            let rows = state_rows(&world, case.monitor.key.monitor_id.as_str());
            let Some(last) = rows.last() else { continue };
            let ledger = Ledger::of_snapshot(
                OPTIONS.attempt_rows,
                state.ledger.clone(),
            );
            let verdict = ledger.verdict(&case.monitor.key).unwrap();
            prop_assert_eq!(text(last, measure::STATE), verdict.state.name());
        }
    }
}

#[test]
fn an_outage_is_told_once_however_often_its_results_come() {
    let world = World::default();
    let story: Vec<Played> = (0..6)
        .flat_map(|minute| (0..6).map(move |monitor| (monitor, "eu", minute, None)))
        .map(|(monitor, place, minute, ok)| {
            (
                monitor,
                place,
                minute,
                if monitor == 2 && minute > 3 {
                    WRONG
                } else {
                    ok
                },
            )
        })
        .collect();
    for _ in 0..3 {
        deliver_until_done(&world, &work(&story), at(360));
    }
    let rows = state_rows(&world, "c");
    let down: Vec<_> = rows
        .iter()
        .filter(|row| text(row, measure::STATE) == State::Down.name())
        .collect();
    assert_eq!(down.len(), 1, "{rows:?}");
    assert_eq!(world.inside().alerts.len(), 1);
    assert_eq!(world.inside().states["7"].0, 1, "repeats commit nothing");
}

#[test]
fn decisions_that_did_not_get_out_are_delivered_by_the_next_batch() {
    let world = World::default();
    let outage: Vec<Played> = (0..3).map(|minute| (2, "eu", minute, WRONG)).collect();
    // Load, commit, and then the rows.
    world.inside().fault = Some((2, Fault::KilledBefore));
    assert!(deliver(&world, &work(&outage), at(180)).is_none());
    assert_eq!(state_rows(&world, "c").len(), 0);
    assert_eq!(world.inside().alerts.len(), 0);
    deliver_until_done(&world, &work(&[(0, "eu", 3, None)]), at(240));
    assert_eq!(
        text(state_rows(&world, "c").last().unwrap(), measure::STATE),
        "down"
    );
    assert_eq!(world.inside().alerts.len(), 1);
}

#[test]
fn of_two_writers_one_judges_again() {
    let world = World::default();
    world.inside().rivals = 3;
    deliver_until_done(&world, &work(&[(0, "eu", 0, None)]), at(60));
    assert_eq!(world.inside().states["7"].0, 4);
    world.inside().rivals = u32::MAX;
    let lost = deliver(&world, &work(&[(0, "eu", 1, None)]), at(120));
    assert!(matches!(lost, Some(Err(BucketError::LostRaces))));
}

#[test]
fn a_row_that_the_store_refuses_stops_nobody_and_is_kept_with_the_reason() {
    let world = World::default();
    world.inside().poisoned = Some("d");
    let story: Vec<Played> = (0..6).map(|monitor| (monitor, "eu", 0, None)).collect();
    deliver_until_done(&world, &work(&story), at(60));
    assert!(!world.inside().letters.is_empty());
    assert_eq!(state_rows(&world, "d").len(), 0);
    assert_eq!(state_rows(&world, "e").len(), 1);
}
