//! Which times are taken in, counted and kept.

use std::time::Duration;

use super::support::*;
use crate::{Store, TableSpec, TableUpdate};

async fn table(magnetic_writes: bool) -> (Machine, Store) {
    let machine = Machine::new();
    let store = machine.start().await;
    let update = TableUpdate {
        magnetic_writes: Some(magnetic_writes),
        ..TableUpdate::default()
    };
    store.update_table(DB, TABLE, update).await.unwrap();
    (machine, store)
}

#[tokio::test]
async fn the_memory_store_s_window() {
    let (_machine, store) = table(false).await;
    let reason = "The record timestamp is outside the time range [2026-11-21T07:05:00.000Z, \
        2026-11-22T07:45:00.000Z) of the memory store.";
    let (start, end) = (-DAY - 25 * MINUTE, 15 * MINUTE);
    for (at, fits) in [
        (start - 1, false),
        (start, true),
        (end - 1, true),
        (end, false),
    ] {
        let outcome = rejection(&store, probe("m", at, 1, 1.0)).await;
        let expected = (!fits).then(|| (reason.to_owned(), None));
        assert_eq!(outcome, expected, "{at}");
    }
}

#[tokio::test]
async fn the_window_with_magnetic_writes() {
    let (_machine, store) = table(true).await;
    let start = -401 * DAY - 25 * MINUTE;
    let (reason, _) = rejection(&store, probe("m", start - 1, 1, 1.0))
        .await
        .unwrap();
    assert_eq!(
        reason,
        "The record timestamp is outside the time range [2025-10-17T07:05:00.000Z, \
         2026-11-22T07:45:00.000Z) of the data ingestion window."
    );
    let old = [start, -DAY - 25 * MINUTE - 1, -DAY - 25 * MINUTE, 0];
    let written = write(&store, old.map(|at| probe("m", at, 1, 1.0)).into()).await;
    let written = written.unwrap();
    assert_eq!((written.memory_store, written.magnetic_store), (2, 2));
}

#[tokio::test]
async fn the_window_can_be_widened() {
    let machine = Machine::new();
    let mut options = machine.options();
    options.extra_past = Duration::from_secs(3600);
    options.extra_future = Duration::from_secs(3600);
    let store = Store::open(&Machine::root(), options).await.unwrap();
    store.create_database(DB, None).await.unwrap();
    store
        .create_table(DB, TABLE, TableSpec::default())
        .await
        .unwrap();
    accept(
        &store,
        vec![probe("m", -7 * HOUR, 1, 1.0), probe("m", HOUR, 1, 1.0)],
    )
    .await;
    assert!(
        rejection(&store, probe("m", -8 * HOUR, 1, 1.0))
            .await
            .is_some()
    );
}

#[tokio::test]
async fn rows_past_their_retention_are_not_shown_and_then_dropped() {
    let (machine, store) = table(true).await;
    let first = -401 * DAY;
    let all = [
        first,
        first + 10 * MINUTE,
        first + 40 * MINUTE,
        first + 2 * HOUR,
        0,
    ];
    accept(&store, all.map(|at| probe("m", at, 1, 1.0)).into()).await;
    for flush in [false, true] {
        if flush {
            store.flush().await.unwrap();
            assert_eq!(store.stats().partitions, 4);
        }
        machine.clock.set(NOW + 25 * MINUTE);
        assert_eq!(count(&store).await, 5);
        machine.clock.set(NOW + 25 * MINUTE + 1);
        assert_eq!(count(&store).await, 4);
        let text = "SELECT value FROM t WHERE monitor_id = 'm'";
        assert_eq!(query(&snapshot(&store), text).await.len(), 4);
        machine.clock.set(NOW);
    }
    machine.clock.set(NOW + HOUR + 30 * MINUTE);
    assert_eq!(count(&store).await, 2);
    let old = snapshot(&store);
    store.flush().await.unwrap();
    // Two of the three files of that day are gone; the third and today's are left.
    assert_eq!(count(&store).await, 2);
    assert_eq!(rows_of(&old).await.len(), 2);
    drop(old);
    machine.clock.set(NOW + 10 * HOUR);
    store.flush().await.unwrap();
    assert_eq!((store.stats().partitions, count(&store).await), (1, 1));
    assert_eq!(machine.names("partitions").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn housekeeping_flushes_by_age() {
    let machine = Machine::new();
    let mut options = machine.options();
    options.housekeeping_every = Duration::from_secs(10);
    let store = Store::open(&Machine::root(), options).await.unwrap();
    store.create_database(DB, None).await.unwrap();
    store.create_table(DB, TABLE, spec()).await.unwrap();
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    while store.stats().head_rows > 0 {
        tokio::time::advance(Duration::from_secs(60)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(rows(&store).await, ["m 0 1.0"]);
    store.close().await.unwrap();
}
