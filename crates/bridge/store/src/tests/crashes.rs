//! Every point at which a short life of a store can end.

use std::collections::BTreeMap;

use super::support::*;
use crate::files::simulated::{Crash, Failure};
use crate::{Record, Store, WriteError};

type Rows = BTreeMap<(String, i64), (i64, f64)>;

/// What a workload knows at the moment it was cut off.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Rows of acknowledged requests: monitor and minute to version and value.
    sure: Rows,
    /// The request that failed, if one did: all or nothing of it may be there.
    doubtful: Rows,
    pub(super) table: bool,
}

impl Known {
    pub(super) async fn write(&mut self, store: &Store, rows: &[(&str, i64, i64, f64)]) {
        let record = |(monitor, minute, version, value): &(&str, i64, i64, f64)| -> Record {
            probe(monitor, minute * MINUTE, *version, *value)
        };
        match write(store, rows.iter().map(record).collect()).await {
            Ok(written) => {
                assert_eq!(written.rejected, []);
                self.sure.extend(rows.iter().map(Known::entry));
            }
            // Only this one leaves open what reached the disk.
            Err(WriteError::Io(_)) => {
                assert!(self.doubtful.is_empty());
                self.doubtful.extend(rows.iter().map(Known::entry));
            }
            Err(WriteError::ReadOnly { .. } | WriteError::Catalog(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends the request that failed again, as clients do, unless its rows were replaced since.
    pub(super) async fn repeat(&mut self, store: &Store) {
        let newer = |(key, row): &(&(String, i64), &(i64, f64))| {
            self.sure.get(*key).is_none_or(|known| known.0 < row.0)
        };
        let doubtful = self.doubtful.clone();
        if doubtful.is_empty() || !doubtful.iter().all(|row| newer(&row)) {
            return;
        }
        let row = |((monitor, minute), (version, value)): (&(String, i64), &(i64, f64))| {
            probe(monitor, minute * MINUTE, *version, *value)
        };
        if let Ok(written) = write(store, doubtful.iter().map(row).collect()).await {
            assert_eq!(written.rejected, []);
            self.sure.extend(std::mem::take(&mut self.doubtful));
        }
    }

    fn entry(row: &(&str, i64, i64, f64)) -> ((String, i64), (i64, f64)) {
        let (monitor, minute, version, value) = row;
        (((*monitor).to_owned(), *minute), (*version, *value))
    }

    fn texts(rows: &Rows) -> Vec<String> {
        rows.iter()
            .map(|((monitor, minute), (_, value))| format!("{monitor} {minute} {value:.1}"))
            .collect()
    }

    /// The highest version that a row may have, 0 for none.
    pub(super) fn version(&self, monitor: &str, minute: i64) -> i64 {
        let key = (monitor.to_owned(), minute);
        let versions = [&self.sure, &self.doubtful].map(|rows| rows.get(&key).map(|row| row.0));
        versions.into_iter().flatten().max().unwrap_or(0)
    }

    /// What may be stored.
    pub(super) fn possible(&self) -> [Vec<String>; 2] {
        let mut all = self.sure.clone();
        for (key, (version, value)) in &self.doubtful {
            let known = all.entry(key.clone()).or_insert((*version, *value));
            if known.0 < *version {
                *known = (*version, *value);
            }
        }
        [Known::texts(&self.sure), Known::texts(&all)]
    }
}

/// Writes, overwrites, flushes twice, opens anew in between; goes on after errors.
async fn workload(machine: &Machine) -> Known {
    let mut known = Known::default();
    let Ok(store) = machine.open().await else {
        return known;
    };
    let database = store.create_database(DB, None).await;
    known.table = database.is_ok() && store.create_table(DB, TABLE, spec()).await.is_ok();
    known
        .write(&store, &[("a", 0, 1, 1.0), ("b", 0, 1, 2.0)])
        .await;
    known
        .write(&store, &[("a", 0, 2, 3.0), ("c", 1, 1, 4.0)])
        .await;
    let _ = store.flush().await;
    known
        .write(&store, &[("b", 0, 2, 5.0), ("d", -90, 1, 6.0)])
        .await;
    drop(store);
    let Ok(store) = machine.open().await else {
        return known;
    };
    let _ = store.flush().await;
    known
        .write(&store, &[("e", 2, 1, 7.0), ("d", -90, 3, 8.0)])
        .await;
    let _ = store.close().await;
    known
}

async fn every_point(how: Failure, crash: Crash) {
    let machine = Machine::new();
    let known = workload(&machine).await;
    assert_eq!((known.sure.len(), known.doubtful.len()), (5, 0));
    let operations = machine.files.operations();
    assert!(operations > 100, "{operations}");
    for point in 0..operations {
        let machine = Machine::new();
        machine.files.fail(point, how);
        let known = workload(&machine).await;
        machine.files.crash(crash);
        let store = match machine.open().await {
            Ok(store) => store,
            Err(error) => panic!("{how:?} {crash:?} {point}: {error}"),
        };
        if !known.table && store.describe_table(DB, TABLE).is_err() {
            assert!(known.sure.is_empty());
            continue;
        }
        for flushed in [false, true] {
            let found = rows(&store).await;
            assert!(
                known.possible().contains(&found),
                "{how:?} {crash:?} {point} {flushed}: {found:?} is none of {:?}",
                known.possible()
            );
            store.flush().await.unwrap();
        }
        // And life goes on.
        accept(&store, vec![probe("z", 3, 1, 9.0)]).await;
    }
}

#[tokio::test]
async fn power_loss_at_every_point() {
    every_point(Failure::FromThenOn, Crash::Power).await;
}

#[tokio::test]
async fn death_of_the_process_at_every_point() {
    every_point(Failure::FromThenOn, Crash::Process).await;
}

#[tokio::test]
async fn one_failure_at_every_point_and_power_loss_later() {
    every_point(Failure::Once, Crash::Power).await;
}

#[tokio::test]
async fn after_a_failed_sync_writes_are_refused_and_reads_go_on() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    // The frame is written, then synced.
    machine
        .files
        .fail(machine.files.operations() + 1, Failure::Once);
    let lost = write(&store, vec![probe("m", 0, 2, 2.0)]).await;
    assert!(matches!(lost, Err(WriteError::Io(_))), "{lost:?}");
    let refused = write(&store, vec![probe("m", MINUTE, 1, 1.0)]).await;
    let Err(refused @ WriteError::ReadOnly { .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        refused.to_string().ends_with("restart to recover"),
        "{refused}"
    );
    assert!(store.flush().await.is_err());
    assert!(store.create_database("x", None).await.is_err());
    assert!(store.stats().read_only.is_some());
    assert_eq!(rows(&store).await, ["m 0 1.0"]);
    drop(store);
    machine.files.crash(Crash::Power);
    let store = machine.open().await.unwrap();
    assert_eq!(rows(&store).await, ["m 0 1.0"]);
    accept(&store, vec![probe("m", 0, 2, 2.0)]).await;
}

/// A client whose request failed sends it again, and is told that the row is there.
#[tokio::test]
async fn a_row_that_was_only_read_back_is_durable_when_a_repeat_is_acknowledged() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    // Written, but not synced.
    machine
        .files
        .fail(machine.files.operations() + 1, Failure::Once);
    let row = probe("n", 0, 1, 2.0);
    write(&store, vec![row.clone()]).await.unwrap_err();
    drop(store);
    machine.files.crash(Crash::Process);

    let store = machine.open().await.unwrap();
    let groups = store.stats().groups;
    accept(&store, vec![row]).await;
    assert_eq!(store.stats().head_rows, 2);
    assert_eq!(store.stats().groups, groups + 1);
    drop(store);
    machine.files.crash(Crash::Power);
    let store = machine.open().await.unwrap();
    assert_eq!(rows(&store).await, ["m 0 1.0", "n 0 2.0"]);
}

/// The long tests of durability found that the folder could not be opened any more.
#[tokio::test]
async fn a_segment_that_was_begun_but_not_synced_is_there_after_the_next_start() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    // Created and written, but not synced.
    machine
        .files
        .fail(machine.files.operations() + 2, Failure::Once);
    store.flush().await.unwrap_err();
    assert!(store.stats().read_only.is_some());
    drop(store);
    machine.files.crash(Crash::Process);
    assert_eq!(machine.names("log").len(), 2);

    drop(machine.open().await.unwrap());
    machine.files.crash(Crash::Power);
    let store = machine.open().await.unwrap();
    assert_eq!(rows(&store).await, ["m 0 1.0"]);
}
