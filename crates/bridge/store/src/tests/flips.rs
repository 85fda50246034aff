//! One flipped bit anywhere in the folder: it is named, or it means nothing.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::support::*;
use crate::{OpenError, Store, TableSnapshot};

/// Flipped bits of the short form; `make soak` asks for more by `TIDEWATCH_SOAK_FLIPS`.
const FLIPS: u32 = 100;

/// A store that crashed with a day's file, files of hours, a row that replaces one of a file, and
/// rows in memory; and its rows.
async fn folder() -> (Machine, Vec<String>) {
    let machine = Machine::new();
    let store = machine.start().await;
    let name = |n: i64| format!("m{}", n % 3);
    let yesterday = |n: i64| probe(&name(n), -DAY + n * 10 * MINUTE, 1, n as f64);
    accept(&store, (0..60).map(yesterday).collect()).await;
    store.flush().await.unwrap();
    store.flush().await.unwrap();
    let today = |n: i64| probe(&name(n), -n * 20 * MINUTE, 1, n as f64);
    accept(&store, (0..12).map(today).collect()).await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("m0", -DAY, 2, 0.5)]).await;
    accept(&store, vec![probe("m1", MINUTE, 1, 7.0)]).await;
    let expected = rows(&store).await;
    drop(store);
    machine.files.crash(crate::files::simulated::Crash::Process);
    (machine, expected)
}

fn flip(machine: &Machine, path: &Path, bit: usize) {
    let mut bytes = machine.bytes(path);
    bytes[bit / 8] ^= 1 << (bit % 8);
    machine.files.overwrite(path, bytes);
}

async fn try_rows(snapshot: &TableSnapshot, from: i64) -> Result<Vec<String>, String> {
    let sql = format!(
        "SELECT monitor_id, (CAST(time AS BIGINT) - {NOW}) / {MINUTE}, value FROM t \
         WHERE CAST(time AS BIGINT) >= {from} ORDER BY monitor_id, time, value"
    );
    try_query(snapshot, &sql).await
}

/// What a store makes of a folder with a flipped bit: whether it is named.
async fn outcome(machine: &Machine, path: &Path, expected: &[String]) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let named = |text: &str| assert!(text.contains(name), "`{text}` does not name `{name}`");
    let store = match machine.open().await {
        Ok(store) => store,
        // Another number of the format is as good as any; it names the folder.
        Err(OpenError::NewerFormat { .. }) if name == "FORMAT" => return true,
        Err(error) => {
            named(&chain(&error));
            return true;
        }
    };
    match try_rows(&snapshot(&store), i64::MIN).await {
        Ok(found) => {
            assert_eq!(found, expected);
            harmless(machine, store, expected).await;
            false
        }
        Err(text) => {
            named(&text);
            let check = store.check().await;
            let faults: Vec<&Path> = check
                .faults
                .iter()
                .map(|each| each.file.as_path())
                .collect();
            assert_eq!(faults, [path]);
            assert!(store.stats().damaged_reads > 0);
            // What is in memory is still there, and takes more, unless the log has rows of which
            // nobody knows whether they replace some of the file.
            let mut recent = vec!["m1 1 7.0"];
            match store.stats().read_only {
                None => {
                    accept(&store, vec![probe("new", 2 * MINUTE, 1, 1.0)]).await;
                    recent.push("new 2 1.0");
                }
                Some(reason) => named(&reason),
            }
            let found = try_rows(&snapshot(&store), NOW + MINUTE).await;
            assert_eq!(found.unwrap(), recent);
            true
        }
    }
}

/// A bit that nobody needs has no consequences later either.
async fn harmless(machine: &Machine, store: Store, expected: &[String]) {
    store.create_database("another", None).await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await.len(), expected.len());
    drop(store);
    let store = machine.open().await.unwrap();
    let found = try_rows(&snapshot(&store), i64::MIN).await.unwrap();
    assert_eq!(found, expected);
}

fn files(machine: &Machine) -> Vec<PathBuf> {
    let all = machine.files.names(&Machine::root());
    all.into_iter()
        .filter(|path| !machine.bytes(path).is_empty())
        .collect()
}

#[test]
fn every_bit_of_the_small_files_counts_or_is_noticed() {
    let runtime = Runtime::new().unwrap();
    let (machine, expected) = runtime.block_on(folder());
    let mut noticed = 0;
    for path in files(&machine) {
        let bits = machine.bytes(&path).len() * 8;
        for bit in (0..bits).filter(|_| bits < 200) {
            let copy = machine.copy();
            flip(&copy, &path, bit);
            noticed += usize::from(runtime.block_on(outcome(&copy, &path, &expected)));
        }
    }
    // The sum of the mark, and nearly all of the marker of the format.
    assert!(noticed > 12 * 8 + 16 * 8, "{noticed}");
}

#[test]
fn a_bit_anywhere_is_named_or_means_nothing() {
    let runtime = Runtime::new().unwrap();
    let (machine, expected) = runtime.block_on(folder());
    let files = files(&machine);
    assert!(files.len() > 8, "{files:?}");
    let flips = std::env::var("TIDEWATCH_SOAK_FLIPS").ok();
    let flips = flips.map(|text| text.parse().expect("a number of flips"));
    let config = ProptestConfig {
        cases: flips.unwrap_or(FLIPS),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let place = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0..8u8,
    );
    proptest!(config, |((file, byte, bit) in place)| {
        let path = file.get(&files);
        let copy = machine.copy();
        // Most of the catalog is nothing yet.
        let bytes = machine.bytes(path);
        let filled: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let bit = byte.get(&filled) * 8 + usize::from(bit);
        flip(&copy, path, bit);
        let noticed = runtime.block_on(outcome(&copy, path, &expected));
        let is_rows = path.extension().is_some_and(|kind| kind == "parquet" || kind == "log");
        // Every byte of these is somebody's.
        prop_assert!(noticed || !is_rows, "{} {bit}", path.display());
    });
}
