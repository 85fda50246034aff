//! Rows on their way from memory to files.

use super::support::*;
use crate::files::simulated::{Crash, Failure};
use crate::{Measures, Record, Value};

#[tokio::test]
async fn rows_move_to_files_by_the_hour_and_the_log_shrinks() {
    let machine = Machine::new();
    let store = machine.start().await;
    let all: Vec<Record> = (0..300)
        .map(|n| {
            probe(
                &format!("m{:02}", n % 10),
                -(n / 10) * 10 * MINUTE,
                1,
                n as f64,
            )
        })
        .collect();
    accept(&store, all).await;
    let before = rows(&store).await;
    let log = store.stats().log_bytes;
    store.flush().await.unwrap();
    let stats = store.stats();
    assert_eq!((stats.head_rows, stats.head_bytes), (0, 0));
    // 29 steps of ten minutes back from half past seven.
    assert_eq!((stats.partitions, stats.partition_rows), (6, 300));
    assert!(stats.log_bytes < log && stats.log_segments == 1);
    assert_eq!(machine.names("log").len(), 1);
    assert_eq!(rows(&store).await, before);
    drop(store);
    let store = machine.open().await.unwrap();
    assert_eq!(store.stats().head_rows, 0);
    assert_eq!(rows(&store).await, before);
}

#[tokio::test]
async fn a_row_in_a_file_is_overlaid_then_rewritten() {
    let machine = Machine::new();
    let store = machine.start().await;
    let all = |value| (0..50).map(move |n| probe(&format!("m{n}"), 0, 1, value));
    accept(&store, all(1.0).collect()).await;
    store.flush().await.unwrap();
    let first = machine.names("partitions");
    accept(
        &store,
        vec![probe("m7", 0, 2, 2.0), probe("m7", MINUTE, 1, 3.0)],
    )
    .await;
    let check = async |store: &crate::Store| {
        assert_eq!(count(store).await, 51);
        let text = "SELECT value FROM t WHERE monitor_id = 'm7' ORDER BY time";
        assert_eq!(query(&snapshot(store), text).await, ["2.0", "3.0"]);
        let text = "SELECT count(*) FROM t WHERE value = 1.0";
        assert_eq!(query(&snapshot(store), text).await, ["49"]);
    };
    check(&store).await;
    drop(store);
    let store = machine.open().await.unwrap();
    check(&store).await;
    let old = snapshot(&store);
    store.flush().await.unwrap();
    check(&store).await;
    // The old file stays for as long as somebody may read it.
    assert_eq!(machine.names("partitions").len(), 2);
    assert_eq!(rows_of(&old).await.len(), 51);
    drop(old);
    let second = machine.names("partitions");
    assert_eq!(second.len(), 1);
    assert_ne!(first, second);
    drop(store);
    check(&machine.open().await.unwrap()).await;
}

#[tokio::test]
async fn repeats_after_a_flush_add_nothing() {
    let store = Machine::new().start().await;
    let all: Vec<Record> = (0..200)
        .map(|n| {
            probe(
                &format!("m{}", n % 20),
                (n / 20) * MINUTE - 5 * MINUTE,
                1,
                1.0,
            )
        })
        .collect();
    accept(&store, all.clone()).await;
    store.flush().await.unwrap();
    accept(&store, all).await;
    assert_eq!(store.stats().head_rows, 0);
    assert_eq!(count(&store).await, 200);
}

#[tokio::test]
async fn columns_that_came_later_are_null_in_older_files() {
    let store = Machine::new().start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    store.flush().await.unwrap();
    let later = |at, version| Record {
        measures: Measures::Multi(vec![("later".to_owned(), Value::Varchar("x".to_owned()))]),
        dimensions: vec![("aaa".to_owned(), "first by name".to_owned())],
        ..probe("m", at, version, 0.0)
    };
    accept(&store, vec![later(-HOUR, 1)]).await;
    store.flush().await.unwrap();
    accept(&store, vec![later(0, 1)]).await;
    let text = "SELECT aaa, tenant, value, later FROM t ORDER BY time, aaa NULLS FIRST";
    let expected = ["first by name - - x", "- acme 1.0 -", "first by name - - x"];
    assert_eq!(query(&snapshot(&store), text).await, expected);
    store.flush().await.unwrap();
    assert_eq!(store.stats().partitions, 2);
    assert_eq!(query(&snapshot(&store), text).await, expected);
    // Identities are found in the merged file too.
    accept(&store, vec![later(0, 1), probe("m", 0, 1, 1.0)]).await;
    assert_eq!(store.stats().head_rows, 0);
}

#[tokio::test]
async fn days_become_one_file_and_late_rows_find_their_way() {
    let machine = Machine::new();
    let store = machine.start().await;
    let yesterday = |n: i64| probe(&format!("m{}", n % 3), -DAY + n * 10 * MINUTE, 1, n as f64);
    accept(&store, (0..60).map(yesterday).collect()).await;
    store.flush().await.unwrap();
    assert_eq!(store.stats().partitions, 11);
    store.flush().await.unwrap();
    assert_eq!(
        (store.stats().partitions, store.stats().partition_rows),
        (1, 60)
    );
    assert_eq!(machine.names("partitions").len(), 1);
    accept(&store, (0..60).map(yesterday).collect()).await;
    assert_eq!(store.stats().head_rows, 0);

    // A late row gets a small file beside the day's, a replaced one has the day's written anew.
    accept(&store, vec![probe("late", -DAY + MINUTE, 1, 0.5)]).await;
    store.flush().await.unwrap();
    assert_eq!(store.stats().partitions, 2);
    accept(&store, vec![probe("m0", -DAY, 2, 0.25)]).await;
    let expected = rows(&store).await;
    assert_eq!(expected.len(), 61);
    store.flush().await.unwrap();
    assert_eq!(
        (store.stats().partitions, store.stats().partition_rows),
        (1, 61)
    );
    assert_eq!(rows(&store).await, expected);
}

#[tokio::test]
async fn a_day_that_rows_still_come_for_is_not_written_anew_for_each_of_them() {
    let machine = Machine::new();
    let store = machine.start().await;
    for hour in 0..12 {
        let row = |n: i64| probe("m", -DAY + hour * HOUR + n * MINUTE, 1, n as f64);
        accept(&store, (0..30).map(row).collect()).await;
        store.flush().await.unwrap();
        assert_eq!(store.stats().partitions, hour as usize + 1);
    }
    store.flush().await.unwrap();
    assert_eq!(
        (store.stats().partitions, store.stats().partition_rows),
        (1, 360)
    );
}

#[tokio::test]
async fn a_flush_that_fails_is_made_up_for_by_the_next() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0), probe("n", 0, 1, 1.0)]).await;
    // Creating the log's new segment takes four operations; the file's first comes after them.
    machine
        .files
        .fail(machine.files.operations() + 4, Failure::Once);
    store.flush().await.unwrap_err();
    assert_eq!(store.stats().read_only, None);
    accept(&store, vec![probe("m", 0, 2, 2.0), probe("o", 0, 1, 1.0)]).await;
    let expected = ["m 0 2.0", "n 0 1.0", "o 0 1.0"];
    assert_eq!(rows(&store).await, expected);
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await, expected);
    assert_eq!(store.stats().partition_rows, 1);
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await, expected);
    assert_eq!(
        (store.stats().head_rows, store.stats().partition_rows),
        (0, 3)
    );
    drop(store);
    assert_eq!(rows(&machine.open().await.unwrap()).await, expected);
}

/// Nothing was set aside when the first flush failed, but the second must set aside what came
/// since, or the log would be cut while rows are only there.
#[tokio::test]
async fn a_row_that_came_after_a_failed_merge_is_not_taken_for_the_one_it_replaced() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(
        &store,
        vec![probe("m", 0, 1, 1.0), probe("m", -HOUR, 1, 2.0)],
    )
    .await;
    store.flush().await.unwrap();
    machine.clock.set(NOW + DAY);
    let next = machine.files.operations();
    machine.files.fail(next, Failure::Once);
    store.flush().await.unwrap_err();
    accept(&store, vec![probe("m", 0, 2, 9.0)]).await;
    for _ in 0..3 {
        assert_eq!(rows(&store).await, ["m -60 2.0", "m 0 9.0"]);
        store.flush().await.unwrap();
    }
    assert_eq!(rows(&store).await, ["m -60 2.0", "m 0 9.0"]);
}

#[tokio::test]
async fn a_merge_that_fails_does_not_keep_later_rows_from_files() {
    let machine = Machine::new();
    let store = machine.start().await;
    let yesterday = |hour: i64| probe("m", -DAY + hour * HOUR, 1, 1.0);
    accept(&store, (0..3).map(yesterday).collect()).await;
    store.flush().await.unwrap();
    drop(store);
    machine.files.crash(Crash::Process);
    let mut failed = 0;
    for step in 0.. {
        let machine = machine.copy();
        let store = machine.open().await.unwrap();
        let operation = machine.files.operations() + step;
        machine.files.fail(operation, Failure::Once);
        failed += usize::from(store.flush().await.is_err());
        let reached = machine.files.has_failed();
        machine.files.fail(u64::MAX, Failure::Once);
        let goes_on = store.stats().read_only.is_none();
        if goes_on {
            accept(&store, vec![probe("n", 0, 1, 1.0)]).await;
            store.flush().await.unwrap();
            assert_eq!(store.stats().head_rows, 0, "step {step}");
        }
        drop(store);
        machine.files.crash(Crash::Power);
        let rows = count(&machine.open().await.unwrap()).await;
        assert_eq!(rows, 3 + usize::from(goes_on), "step {step}");
        if !reached {
            break;
        }
    }
    assert!(failed > 5, "{failed}");
}
