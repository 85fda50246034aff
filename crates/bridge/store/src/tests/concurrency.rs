//! Many at once.

use std::collections::BTreeSet;

use super::support::*;
use crate::files::simulated::Crash;
use crate::{Store, WriteError};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_while_flushing() {
    let machine = Machine::new();
    let store = machine.start().await;
    let writers: Vec<_> = (0..8)
        .map(|writer: i64| {
            let store = store.clone();
            tokio::spawn(async move {
                for request in 0..20 {
                    let minute = (request - 20) * 5 * MINUTE;
                    let own = (0..10).map(|n| probe(&format!("w{writer}-{n}"), minute, 1, 1.0));
                    accept(&store, own.collect()).await;
                    // All writers fight for the same identity; one version wins.
                    let shared = probe("shared", minute, writer + 1, writer as f64);
                    write(&store, vec![shared]).await.unwrap();
                }
            })
        })
        .collect();
    let flusher = tokio::spawn({
        let store = store.clone();
        async move {
            for _ in 0..10 {
                store.flush().await.unwrap();
            }
        }
    });
    for writer in writers {
        writer.await.unwrap();
    }
    flusher.await.unwrap();
    let check = async |store: &Store| {
        assert_eq!(count(store).await, 8 * 20 * 10 + 20);
        let text = "SELECT DISTINCT value FROM t WHERE monitor_id = 'shared'";
        assert_eq!(query(&snapshot(store), text).await, ["7.0"]);
        let text = "SELECT count(DISTINCT time) FROM t WHERE monitor_id = 'shared'";
        assert_eq!(query(&snapshot(store), text).await, ["20"]);
    };
    check(&store).await;
    drop(store);
    machine.files.crash(Crash::Power);
    let store = machine.open().await.unwrap();
    check(&store).await;
    store.flush().await.unwrap();
    check(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_conflicting_requests_of_one_group_are_decided_in_order() {
    let store = Machine::new().start().await;
    let (one, other) = (probe("m", 0, 1, 1.0), probe("m", 0, 1, 2.0));
    let (one, other) = tokio::join!(write(&store, vec![one]), write(&store, vec![other]));
    let rejected = [one.unwrap(), other.unwrap()].map(|written| written.rejected.len());
    // The first to arrive is `join`'s first.
    assert_eq!(rejected, [0, 1]);
    assert_eq!(rows(&store).await, ["m 0 1.0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn snapshots_show_whole_requests_and_stay_as_they_are() {
    let store = Machine::new().start().await;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for version in 1..60 {
                let all = (0..7).map(|n| probe(&format!("m{n}"), 0, version, version as f64));
                accept(&store, all.collect()).await;
                if version % 20 == 0 {
                    store.flush().await.unwrap();
                }
            }
        }
    });
    let mut last = 0.0;
    while last < 59.0 {
        let snapshot = snapshot(&store);
        let seen = rows_of(&snapshot).await;
        let values: BTreeSet<&str> = seen
            .iter()
            .filter_map(|row| row.rsplit(' ').next())
            .collect();
        assert!(seen.is_empty() || seen.len() == 7, "{seen:?}");
        assert!(values.len() <= 1, "{seen:?}");
        let value = values.first().map_or(0.0, |value| value.parse().unwrap());
        assert!(value >= last, "{value} after {last}");
        assert_eq!(rows_of(&snapshot).await, seen);
        last = value;
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn too_much_in_memory_is_refused_until_a_flush() {
    let machine = Machine::new();
    let mut options = machine.options();
    options.head_bytes = 1000;
    let store = Store::open(&Machine::root(), options).await.unwrap();
    store.create_database(DB, None).await.unwrap();
    store.create_table(DB, TABLE, spec()).await.unwrap();
    accept(
        &store,
        (0..100)
            .map(|n| probe(&format!("m{n}"), 0, 1, 1.0))
            .collect(),
    )
    .await;
    let refused = write(&store, vec![probe("m", 0, 1, 1.0)]).await;
    assert!(
        matches!(refused, Err(WriteError::Overloaded)),
        "{refused:?}"
    );
    store.flush().await.unwrap();
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
}
