//! Failures of the disk while files are merged, dropped and copied, and in random lives.

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::crashes::Known;
use super::support::*;
use crate::files::simulated::{Crash, Failure};
use crate::{Store, TableUpdate};

/// Random lives in the short form; `make soak` asks for more by `TIDEWATCH_SOAK_LIVES`.
const LIVES: u32 = 48;

/// What [`housekeeping`] leaves.
const ROWS: [&str; 4] = ["kept 0 5.0", "m -1440 9.0", "m -1200 3.0", "m -1140 4.0"];

/// A machine on which the next flush merges the hours of yesterday into a day, writes a replaced
/// row anew and drops what is past its retention.
async fn housekeeping() -> Machine {
    let machine = Machine::new();
    let store = machine.start().await;
    machine.clock.set(NOW - 10 * DAY);
    accept(&store, vec![probe("old", -10 * DAY, 1, 1.0)]).await;
    store.flush().await.unwrap();
    machine.clock.set(NOW);
    let yesterday = [(0, 2.0), (4, 3.0), (5, 4.0)];
    let yesterday = yesterday.map(|(hour, value)| probe("m", -DAY + hour * HOUR, 1, value));
    accept(&store, yesterday.to_vec()).await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("m", -DAY, 2, 9.0)]).await;
    accept(&store, vec![probe("kept", 0, 1, 5.0)]).await;
    let mut retention = spec().retention;
    retention.magnetic_days = 3;
    let update = TableUpdate {
        retention: Some(retention),
        ..TableUpdate::default()
    };
    store.update_table(DB, TABLE, update).await.unwrap();
    assert_eq!(rows(&store).await, ROWS);
    drop(store);
    machine.files.crash(Crash::Process);
    machine
}

async fn every_failure(how: Failure, crash: Crash) {
    let sound = housekeeping().await;
    let mut failed = 0;
    for step in 0.. {
        let machine = sound.copy();
        let store = machine.open().await.unwrap();
        let files = store.stats().partitions;
        assert_eq!(files, 4, "step {step}");
        machine.files.fail(machine.files.operations() + step, how);
        let done = store.flush().await;
        let reached = machine.files.has_failed();
        if how == Failure::Once {
            machine.files.fail(u64::MAX, how);
        }
        // Reads go on, whatever failed.
        assert_eq!(rows(&store).await, ROWS, "step {step}");
        if how == Failure::Once {
            goes_on_or_says_so(&store, done.is_ok(), step).await;
        }
        drop(store);
        machine.files.crash(crash);
        let store = machine.open().await.unwrap();
        let live = rows(&store).await;
        let live: Vec<&String> = live.iter().filter(|row| !row.starts_with("next")).collect();
        assert_eq!(live, ROWS, "step {step}");
        store.flush().await.unwrap();
        assert_eq!(store.check().await.faults, [], "step {step}");
        if !reached {
            assert!(done.is_ok());
            break;
        }
        failed += 1;
    }
    assert!(failed > 20, "{failed}");
}

/// After a failure that left no doubt writes go on; after one that did, they are refused and
/// everybody can see why.
async fn goes_on_or_says_so(store: &Store, flushed: bool, step: u64) {
    let written = write(store, vec![probe("next", MINUTE, 1, 1.0)]).await;
    match store.stats().read_only {
        None => assert!(written.is_ok(), "step {step}: {written:?}"),
        Some(reason) => {
            assert!(!flushed, "step {step}: {reason}");
            let error = written.unwrap_err().to_string();
            assert!(error.contains(&reason), "step {step}: {error}");
        }
    }
}

#[tokio::test]
async fn a_failure_at_every_step_of_housekeeping() {
    every_failure(Failure::Once, Crash::Power).await;
}

#[tokio::test]
async fn power_loss_at_every_step_of_housekeeping() {
    every_failure(Failure::FromThenOn, Crash::Power).await;
}

#[tokio::test]
async fn death_at_every_step_of_housekeeping() {
    every_failure(Failure::FromThenOn, Crash::Process).await;
}

#[derive(Debug, Clone)]
enum Step {
    /// Monitor, slot, version, value.
    Write(Vec<(u8, i64, i64, u8)>),
    /// The request that failed, once more.
    Repeat,
    Flush,
    Reopen,
    /// A day goes by, so that files are merged.
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let row = (0..3u8, 0..5i64, 1..9i64, 0..3u8);
    prop_oneof![
        6 => proptest::collection::vec(row, 1..5).prop_map(Step::Write),
        3 => Just(Step::Flush),
        1 => Just(Step::Reopen),
        1 => Just(Step::Repeat),
        1 => Just(Step::Wait),
    ]
}

/// Lives until something fails for good.
async fn live(machine: &Machine, steps: &[Step]) -> Known {
    let mut known = Known::default();
    let Ok(mut store) = machine.open().await else {
        return known;
    };
    let database = store.create_database(DB, None).await;
    known.table = database.is_ok() && store.create_table(DB, TABLE, spec()).await.is_ok();
    for step in steps {
        match step {
            Step::Write(rows) => {
                for (monitor, slot, version, value) in rows {
                    let name = format!("m{monitor}");
                    // A higher version than before, so that it replaces what is there.
                    let version = known.version(&name, -slot * 40) + version;
                    let row = (name.as_str(), -slot * 40, version, f64::from(*value));
                    known.write(&store, &[row]).await;
                }
            }
            Step::Repeat => known.repeat(&store).await,
            Step::Flush => {
                let _ = store.flush().await;
            }
            Step::Reopen => {
                drop(store);
                match machine.open().await {
                    Ok(opened) => store = opened,
                    Err(_) => return known,
                }
            }
            Step::Wait => {
                let now = crate::Clock::now(machine.clock.as_ref());
                machine.clock.set(now + DAY);
            }
        }
    }
    known
}

async fn random_life(steps: &[Step], fails: u64, how: Failure, crash: Crash) {
    let machine = Machine::new();
    machine.files.fail(fails, how);
    let known = live(&machine, steps).await;
    machine.files.crash(crash);
    let store = machine.open().await.unwrap();
    if !known.table && store.describe_table(DB, TABLE).is_err() {
        return;
    }
    for _ in ["as it was", "after a flush"] {
        let found = rows(&store).await;
        let possible = known.possible();
        assert!(
            possible.contains(&found),
            "{found:?} is none of {possible:?}"
        );
        store.flush().await.unwrap();
    }
    assert_eq!(store.check().await.faults, []);
}

#[test]
fn a_failure_anywhere_in_a_random_life() {
    let lives = std::env::var("TIDEWATCH_SOAK_LIVES").ok();
    let lives = lives.map(|text| text.parse().expect("a number of lives"));
    let config = ProptestConfig {
        cases: lives.unwrap_or(LIVES),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let how = prop_oneof![Just(Failure::Once), Just(Failure::FromThenOn)];
    let crash = prop_oneof![Just(Crash::Process), Just(Crash::Power)];
    let steps = proptest::collection::vec(step(), 1..16);
    let runtime = Runtime::new().unwrap();
    proptest!(config, |(steps in steps, fails in 0..400u64, how in how, crash in crash)| {
        runtime.block_on(random_life(&steps, fails, how, crash));
    });
}
