use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tidewatch_domain::{Attempt, ErrorClass, ProbeResult, Timestamp};
use tidewatch_testkit::{ManualClock, a_monitor};

use super::super::tests::{attempt, refused};
use super::*;
use crate::terminal::{Look, width};

/// Answers each probe with the next of its results, after the time that it is to take.
struct Scripted {
    results: Mutex<std::vec::IntoIter<(Duration, Vec<Attempt>)>>,
    slots: Mutex<Vec<Timestamp>>,
}

impl Scripted {
    fn new(results: Vec<(Duration, Vec<Attempt>)>) -> Self {
        Scripted {
            results: Mutex::new(results.into_iter()),
            slots: Mutex::default(),
        }
    }

    /// The slots probed, in seconds after the first.
    fn slots(&self) -> Vec<u64> {
        let slots = self.slots.lock().unwrap();
        slots
            .iter()
            .map(|slot| slot.since(slots[0]).as_secs())
            .collect()
    }
}

#[async_trait]
impl Prober for Scripted {
    async fn probe(&self, monitor: &Monitor, slot: Timestamp) -> ProbeResult {
        self.slots.lock().unwrap().push(slot);
        let (taken, samples) = self.results.lock().unwrap().next().unwrap();
        tokio::time::sleep(taken).await;
        ProbeResult {
            key: monitor.key.clone(),
            kind: monitor.kind(),
            location: tidewatch_domain::Location::try_new("local").unwrap(),
            slot,
            started_at: slot,
            samples,
            skipped: 0,
            retry: Some(refused(1)),
        }
    }
}

fn monitor() -> Monitor {
    a_monitor("https://shop.example/cart")
        .interval(Duration::from_secs(5))
        .build()
}

/// Probes as scripted; returns the sum and what was told: the numbers of probes, and missed slots
/// below zero.
async fn repeat(
    script: &Scripted,
    count: Option<u64>,
    interrupted: impl Future<Output = ()>,
) -> (Option<Outcome>, Tally, Vec<i64>) {
    let monitor = monitor();
    let mut tally = Tally::new(monitor.interval);
    let clock = ManualClock::at(Timestamp::from_secs(1_795_330_800));
    let watch = Watch {
        monitor: &monitor,
        prober: script,
        clock: &clock,
        count,
    };
    let mut told = Vec::new();
    let last = watch
        .repeat(interrupted, &mut tally, &mut |seen, _| {
            told.push(match seen {
                Seen::Probe(number, _) => i64::try_from(number).unwrap(),
                Seen::Missed(slots) => -i64::try_from(slots).unwrap(),
            });
            Ok::<_, ()>(())
        })
        .await;
    (last.unwrap(), tally, told)
}

const QUICK: Duration = Duration::from_millis(100);

#[tokio::test(start_paused = true)]
async fn probes_lie_on_the_grid_and_a_long_one_misses_slots() {
    let long = Duration::from_secs(11);
    let script = Scripted::new(vec![
        (QUICK, vec![attempt(1)]),
        (long, vec![attempt(1), refused(2)]),
        (QUICK, vec![attempt(1)]),
    ]);
    let (last, tally, told) = repeat(&script, Some(3), std::future::pending()).await;
    assert_eq!(script.slots(), [0, 5, 20]);
    assert_eq!(told, [1, 2, -2, 3]);
    assert_eq!(last, Some(Outcome::Ok));
    assert_eq!((tally.probes, tally.missed), (3, 2));
    assert_eq!((tally.attempts, tally.lost), (4, 1));
    assert_eq!(tally.loss(), Some(25.0));
}

#[tokio::test(start_paused = true)]
async fn an_interruption_ends_it_with_the_last_outcome() {
    let script = Scripted::new(vec![
        (QUICK, vec![attempt(1)]),
        (QUICK, vec![refused(1)]),
        (Duration::from_secs(60), vec![attempt(1)]),
    ]);
    let after = tokio::time::sleep(Duration::from_secs(12));
    let (last, tally, told) = repeat(&script, None, after).await;
    assert_eq!(told, [1, 2]);
    assert_eq!((last, tally.probes), (Some(Outcome::Fail), 2));
}

#[tokio::test(start_paused = true)]
async fn an_interruption_before_any_result_has_no_outcome() {
    let script = Scripted::new(vec![(Duration::from_secs(60), Vec::new())]);
    let (last, tally, _) = repeat(&script, None, tokio::time::sleep(QUICK)).await;
    assert_eq!((last, tally.probes), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_has_gone_away_ends_it() {
    let monitor = monitor();
    let script = Scripted::new(vec![(QUICK, vec![attempt(1)])]);
    let watch = Watch {
        monitor: &monitor,
        prober: &script,
        clock: &ManualClock::at(Timestamp::from_secs(0)),
        count: None,
    };
    let told = AtomicU64::new(0);
    let ended = watch
        .repeat(
            std::future::pending(),
            &mut Tally::new(QUICK),
            &mut |_, _| {
                told.fetch_add(1, Ordering::SeqCst);
                Err("gone")
            },
        )
        .await;
    assert_eq!((ended, told.into_inner()), (Err("gone"), 1));
}

#[test]
fn the_next_slot_is_the_first_that_is_not_over() {
    let second = Duration::from_secs(1);
    for (slot, elapsed, wanted) in [
        (0, 10, 1),
        (0, 1_000, 1),
        (0, 1_001, 2),
        (3, 3_000, 4),
        (3, 9_500, 10),
    ] {
        assert_eq!(
            next_slot(slot, Duration::from_millis(elapsed), second),
            wanted
        );
    }
}

/// 24 probes of five attempts, the last of them lost, and one slot missed.
fn tally() -> Tally {
    let monitor = monitor();
    let mut tally = Tally::new(monitor.interval);
    for number in 0..24 {
        let slot = Timestamp::from_secs(1_795_330_800 + 5 * number);
        let samples = match number {
            23 => vec![refused(1), refused(2)],
            _ => (1..=5).map(attempt).collect(),
        };
        let result = ProbeResult {
            key: monitor.key.clone(),
            kind: monitor.kind(),
            location: tidewatch_domain::Location::try_new("local").unwrap(),
            slot,
            started_at: slot,
            samples,
            skipped: 0,
            retry: None,
        };
        if number == 20 {
            tally.miss(1);
        }
        tally.add(&Findings::of(&monitor, result, slot));
    }
    tally
}

#[test]
fn the_panel_in_80_columns() {
    let drawn = panel::render(&monitor(), &tally(), Look::plain(80));
    insta::assert_snapshot!(drawn);
}

#[test]
fn the_panel_fits_every_width() {
    for columns in [40, 50, 60, 100, 200] {
        let look = Look {
            framed: true,
            ..Look::plain(columns)
        };
        let drawn = panel::render(&monitor(), &tally(), look);
        assert!(
            drawn.lines().all(|line| width(line) <= columns),
            "{columns}:\n{drawn}"
        );
    }
}

#[test]
fn a_cause_is_told_of_until_it_goes() {
    let tally = tally();
    assert_eq!(
        tally.cause.as_ref().map(|cause| cause.class),
        Some(ErrorClass::ConnectTimeout)
    );
    assert_eq!(tally.changed.map(|(_, probe)| probe), Some(24));
}
