//! Files that cannot be read when a flush is to merge them.

use std::path::{Path, PathBuf};
use std::slice;

use super::support::*;
use crate::files::simulated::{Crash, Failure};
use crate::{Record, Store};

/// Breaks the rows of a Parquet file and returns what it held.
fn damage(machine: &Machine, path: &Path) -> Vec<u8> {
    let sound = machine.bytes(path);
    let mut bytes = sound.clone();
    bytes[100] ^= 1;
    machine.files.overwrite(path, bytes);
    sound
}

fn files(machine: &Machine, ending: &str) -> Vec<PathBuf> {
    let mut names = machine.names("partitions");
    names.retain(|path| path.to_str().unwrap().ends_with(ending));
    names
}

async fn faulty(store: &Store) -> Vec<PathBuf> {
    let faults = store.check().await.faults;
    faults.into_iter().map(|fault| fault.file).collect()
}

#[tokio::test]
async fn a_damaged_file_stays_and_all_else_goes_on() {
    let machine = Machine::new();
    let store = machine.start().await;
    let yesterday = |hour: i64| probe("m", -DAY + hour * HOUR, 1, hour as f64);
    accept(&store, (0..3).map(yesterday).collect()).await;
    store.flush().await.unwrap();
    let hours = files(&machine, ".parquet");
    assert_eq!(hours.len(), 3);
    damage(&machine, &hours[1]);

    // The day is over, so its hours are due for being merged.
    for n in 0..3 {
        accept(&store, vec![probe("n", n * MINUTE, 1, 7.0)]).await;
        store.flush().await.unwrap();
        let stats = store.stats();
        assert_eq!((stats.head_rows, stats.partitions), (0, 3), "flush {n}");
        assert_eq!((stats.partitions_aside, stats.read_only), (1, None));
        assert_eq!(machine.names("log").len(), 1, "flush {n}");
    }
    assert_eq!(faulty(&store).await, [hours[1].clone()]);
    let text = format!(
        "SELECT monitor_id, sum(value) FROM t \
         WHERE CAST(time AS BIGINT) < {0} OR CAST(time AS BIGINT) > {0} + {HOUR} - 1 \
         GROUP BY 1 ORDER BY 1",
        (NOW - DAY + HOUR) / HOUR * HOUR
    );
    assert_eq!(query(&snapshot(&store), &text).await, ["m 2.0", "n 21.0"]);
    // Late rows of the damaged hour have a file of their own.
    accept(&store, vec![probe("late", -DAY + HOUR, 1, 1.0)]).await;
    store.flush().await.unwrap();
    assert_eq!(store.stats().head_rows, 0);
    assert_eq!(files(&machine, ".replaced"), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn what_only_looking_found_is_put_aside_too() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    store.flush().await.unwrap();
    assert_eq!(store.stats().partitions_aside, 0);
    damage(&machine, &files(&machine, ".parquet")[0]);
    assert_eq!(faulty(&store).await.len(), 1);
    assert_eq!(store.stats().partitions_aside, 1);
}

/// A machine on which a row of a file was replaced, and the file.
async fn replaced() -> (Machine, PathBuf) {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0), probe("n", 0, 1, 2.0)]).await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("m", 0, 2, 9.0)]).await;
    drop(store);
    machine.files.crash(Crash::Process);
    let path = files(&machine, ".parquet").remove(0);
    (machine, path)
}

/// What [`replaced`] leaves.
const ROWS: [&str; 2] = ["m 0 9.0", "n 0 2.0"];

#[tokio::test]
async fn replaced_rows_of_a_damaged_file_stay_replaced() {
    let (machine, path) = replaced().await;
    let store = machine.open().await.unwrap();
    let sound = damage(&machine, &path);
    for _ in 0..2 {
        store.flush().await.unwrap();
        assert_eq!((store.stats().head_rows, store.stats().partitions), (0, 2));
    }
    assert_eq!(files(&machine, ".replaced").len(), 1);
    store.backup(Path::new("/copy")).await.unwrap();
    let copied = machine.files.names(Path::new("/copy/partitions"));
    assert_eq!(copied.len(), 3, "{copied:?}");
    drop(store);
    machine.files.crash(Crash::Power);

    machine.files.overwrite(&path, sound);
    let store = machine.open().await.unwrap();
    assert_eq!(store.stats().head_rows, 0);
    assert_eq!(rows(&store).await, ROWS);
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await, ROWS);
    assert_eq!(store.stats().partition_rows, 2);
    assert_eq!(files(&machine, ".replaced"), Vec::<PathBuf>::new());
    assert_eq!(store.stats().partitions_aside, 0);
}

/// A machine on which a row of a file, whose identity index is longer than what has a sum
/// together, was replaced; the file; and all rows.
async fn replaced_one_of_many() -> (Machine, PathBuf, Vec<String>) {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, (0..14_000).map(many).collect()).await;
    store.flush().await.unwrap();
    let Record { time, .. } = many(REPLACED);
    accept(&store, vec![probe("m3", time - NOW, 2, 0.5)]).await;
    let expected = rows(&store).await;
    assert_eq!(expected.len(), 14_000);
    drop(store);
    machine.files.crash(Crash::Process);
    let path = files(&machine, ".parquet").remove(0);
    (machine, path, expected)
}

/// At irregular times, so that the index is long.
fn many(n: i64) -> Record {
    let (monitor, nth) = (n % 7, n / 7);
    let at = nth * SECOND + nth * nth * 7_919 % 997_003 * 1_000 - 20 * MINUTE;
    probe(&format!("m{monitor}"), at, 1, (n * 31 % 1_000) as f64)
}

/// The sixth row of `m3`.
const REPLACED: i64 = 5 * 7 + 3;

fn damage_index(machine: &Machine, path: &Path) {
    let mut bytes = machine.bytes(path);
    let begin = bytes.windows(4).rposition(|four| four == b"TWIX").unwrap();
    bytes[begin + 30_000] ^= 1;
    machine.files.overwrite(path, bytes);
}

#[tokio::test]
async fn a_damaged_identity_index_is_made_anew_from_the_rows() {
    let (machine, path, expected) = replaced_one_of_many().await;
    damage_index(&machine, &path);
    // The row in the log takes the place of one in the file, which is to be found.
    let store = machine.open().await.unwrap();
    assert_eq!(rows(&store).await, expected);
    assert_eq!(faulty(&store).await, [path]);
    // Neither a repeat nor an older version is stored.
    accept(&store, (0..7).map(many).collect()).await;
    assert_eq!(store.stats().head_rows, 1);
    assert!(
        rejection(
            &store,
            Record {
                measures: probe("m3", 0, 1, 1.0).measures,
                ..many(REPLACED)
            }
        )
        .await
        .is_some()
    );
    assert_eq!(rows(&store).await, expected);
}

/// So small a file has its rows and its identity index in one block, with one sum.
#[tokio::test]
async fn reads_go_on_beside_a_file_of_which_nobody_knows_what_was_replaced() {
    let (machine, path) = replaced().await;
    let store = machine.open().await.unwrap();
    accept(&store, vec![probe("later", MINUTE, 1, 3.0)]).await;
    drop(store);
    machine.files.crash(Crash::Process);
    let name = path.file_name().unwrap().to_str().unwrap();
    let sound = damage(&machine, &path);

    // Twice, for the first start must not change what the second one finds.
    for _ in 0..2 {
        let store = machine.open().await.unwrap();
        let reason = store.stats().read_only.unwrap();
        assert!(reason.contains(name), "{reason}");
        assert!(
            reason.contains("put the file back from a backup"),
            "{reason}"
        );
        let of_other_times = format!(
            "SELECT monitor_id, value FROM t WHERE CAST(time AS BIGINT) > {}",
            NOW
        );
        assert_eq!(
            query(&snapshot(&store), &of_other_times).await,
            ["later 3.0"]
        );
        let error = try_query(&snapshot(&store), "SELECT * FROM t")
            .await
            .unwrap_err();
        assert!(error.contains(name), "{error}");
        let refused = write(&store, vec![probe("new", 0, 1, 1.0)]).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(name), "{refused}");
        store.flush().await.unwrap_err();
        assert_eq!(faulty(&store).await, slice::from_ref(&path));
        drop(store);
        machine.files.crash(Crash::Process);
    }

    machine.files.overwrite(&path, sound);
    let store = machine.open().await.unwrap();
    assert_eq!(store.stats().read_only, None);
    let whole = ["later 1 3.0", ROWS[0], ROWS[1]];
    assert_eq!(rows(&store).await, whole);
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await, whole);
}

/// Values could still be read, among them the one that was replaced.
#[tokio::test]
async fn a_file_of_which_nobody_knows_what_was_replaced_is_not_read_in_parts() {
    let (machine, path, _) = replaced_one_of_many().await;
    damage(&machine, &path);
    // The values begin in the block behind the damaged one.
    let values = "SELECT count(value) FROM t";
    let store = machine.open().await.unwrap();
    assert_eq!(query(&snapshot(&store), values).await, ["14000"]);
    drop(store);
    machine.files.crash(Crash::Process);
    damage_index(&machine, &path);
    let store = machine.open().await.unwrap();
    let error = try_query(&snapshot(&store), values).await.unwrap_err();
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(error.contains(name), "{error}");
}

#[tokio::test]
async fn no_failure_beside_a_damaged_file_loses_or_doubles_a_row() {
    let (machine, path) = replaced().await;
    for (how, crash) in [
        (Failure::Once, Crash::Process),
        (Failure::Once, Crash::Power),
        (Failure::FromThenOn, Crash::Process),
        (Failure::FromThenOn, Crash::Power),
    ] {
        let mut failed = 0;
        for step in 0.. {
            let machine = machine.copy();
            let store = machine.open().await.unwrap();
            let sound = damage(&machine, &path);
            machine.files.fail(machine.files.operations() + step, how);
            let done = store.flush().await;
            let reached = machine.files.has_failed();
            drop(store);
            machine.files.crash(crash);
            machine.files.overwrite(&path, sound);
            let store = machine.open().await.unwrap();
            assert_eq!(rows(&store).await, ROWS, "step {step}");
            store.flush().await.unwrap();
            assert_eq!(rows(&store).await, ROWS, "step {step}");
            if !reached {
                done.unwrap();
                break;
            }
            failed += 1;
        }
        assert!(failed > 10, "{failed}");
    }
}
