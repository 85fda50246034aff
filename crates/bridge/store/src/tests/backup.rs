//! Copies of an open store, and looking through its files.

use std::path::{Path, PathBuf};

use super::support::*;
use crate::files::simulated::Failure;
use crate::{OpenError, Store};

fn target() -> PathBuf {
    PathBuf::from("/backup")
}

async fn open(machine: &Machine, folder: &Path) -> Result<Store, OpenError> {
    Store::open(folder, machine.options()).await
}

/// A store with a row in a Parquet file, one that replaces it, and one in memory only.
pub(super) async fn start(machine: &Machine) -> Store {
    let store = machine.start().await;
    accept(
        &store,
        vec![probe("filed", 0, 1, 1.0), probe("kept", 0, 1, 1.0)],
    )
    .await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("filed", 0, 2, 2.0)]).await;
    accept(&store, vec![probe("fresh", 0, 1, 3.0)]).await;
    store
}

pub(super) const ROWS: [&str; 3] = ["filed 0 2.0", "fresh 0 3.0", "kept 0 1.0"];

#[tokio::test]
async fn a_copy_has_everything_that_was_there() {
    let machine = Machine::new();
    let store = start(&machine).await;
    let made = store.backup(&target()).await.unwrap();
    assert_eq!(made.files, machine.files.names(&target()).len());

    accept(&store, vec![probe("later", 0, 1, 4.0)]).await;
    store.flush().await.unwrap();
    let copy = open(&machine, &target()).await.unwrap();
    assert_eq!(rows(&copy).await, ROWS);
    // Both go their own ways.
    accept(&copy, vec![probe("copied", 0, 1, 5.0)]).await;
    copy.flush().await.unwrap();
    assert_eq!(count(&copy).await, 4);
    assert_eq!(count(&store).await, 4);
}

#[tokio::test]
async fn a_folder_in_use_is_refused() {
    let machine = Machine::new();
    let store = start(&machine).await;
    store.backup(&target()).await.unwrap();
    let error = store.backup(&target()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot copy into `/backup`");
    let copy = open(&machine, &target()).await.unwrap();
    assert_eq!(rows(&copy).await, ROWS);
}

#[tokio::test]
async fn half_a_copy_cannot_be_taken_for_a_store() {
    let mut broken = 0;
    for step in 0.. {
        let machine = Machine::new();
        let store = start(&machine).await;
        let next = machine.files.operations();
        machine.files.fail(next + step, Failure::Once);
        let done = store.backup(&target()).await;
        let next = machine.files.operations();
        machine.files.fail(next + 1_000_000, Failure::Once);
        match done {
            Ok(_) => {
                let copy = open(&machine, &target()).await.unwrap();
                assert_eq!(rows(&copy).await, ROWS, "step {step}");
                break;
            }
            Err(_) => {
                broken += 1;
                // Where it opens, nothing was copied yet or everything was.
                if let Ok(copy) = open(&machine, &target()).await
                    && !copy.list_databases().is_empty()
                {
                    assert_eq!(rows(&copy).await, ROWS, "step {step}");
                }
                assert_eq!(rows(&store).await, ROWS, "step {step}");
            }
        }
    }
    assert!(broken > 10, "{broken}");
}

#[tokio::test]
async fn a_file_that_was_damaged_is_named() {
    let machine = Machine::new();
    let store = start(&machine).await;
    let sound = store.check().await;
    assert_eq!((sound.files, sound.rows, sound.faults), (1, 2, vec![]));
    let path = machine.names("partitions").remove(0);
    let mut bytes = machine.bytes(&path);
    bytes[4..24].fill(0xff);
    machine.files.overwrite(&path, bytes);
    let damaged = store.check().await;
    assert_eq!(damaged.faults.len(), 1, "{damaged:?}");
    assert_eq!(damaged.faults[0].file, path);
}
