//! From a backup back to a data folder.

use std::path::{Path, PathBuf};

use super::backup::{ROWS, start};
use super::support::*;
use crate::files::simulated::Failure;
use crate::{OpenError, RestoreError, Store};

fn backup() -> PathBuf {
    PathBuf::from("/backup")
}

fn folder() -> PathBuf {
    PathBuf::from("/restored")
}

/// A machine with a backup that has a row in a file, one that replaces it, and one in the log
/// only; and a file that is not the store's.
async fn machine() -> Machine {
    let machine = Machine::new();
    let store = start(&machine).await;
    store.backup(&backup()).await.unwrap();
    let files: &dyn crate::files::FileLayer = &machine.files;
    let other = files.open(&backup().join("bridge.redb"), crate::files::OpenHow::Fresh);
    other.unwrap().write_at(0, b"tags").unwrap();
    machine
}

async fn restore(machine: &Machine) -> Result<crate::Backup, RestoreError> {
    Store::restore(&backup(), &folder(), machine.options()).await
}

async fn open(machine: &Machine, folder: &Path) -> Result<Store, OpenError> {
    Store::open(folder, machine.options()).await
}

#[tokio::test]
async fn a_restored_backup_has_everything_and_goes_on() {
    let machine = machine().await;
    let before = machine.files.names(&backup());
    let made = restore(&machine).await.unwrap();
    assert_eq!(made.files, before.len());
    assert_eq!(machine.bytes(&folder().join("bridge.redb")), b"tags");
    let store = open(&machine, &folder()).await.unwrap();
    assert_eq!(rows(&store).await, ROWS);
    accept(&store, vec![probe("later", 0, 1, 4.0)]).await;
    store.flush().await.unwrap();
    assert_eq!(count(&store).await, 4);
    // The backup is as it was, and good for another time.
    assert_eq!(machine.files.names(&backup()), before);
}

#[tokio::test]
async fn a_folder_in_use_and_a_backup_in_use_are_refused() {
    let machine = machine().await;
    let store = open(&machine, &backup()).await.unwrap();
    let error = restore(&machine).await.unwrap_err();
    assert!(
        matches!(error, RestoreError::Backup(OpenError::InUse { .. })),
        "{error}"
    );
    store.close().await.unwrap();
    restore(&machine).await.unwrap();
    let error = restore(&machine).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot copy into `/restored`");
}

#[tokio::test]
async fn what_is_no_backup_is_refused_before_anything_is_written() {
    let machine = machine().await;
    let marker = backup().join("FORMAT");
    for text in ["an unfinished backup\n", "tidewatch store 2\n", "other"] {
        machine.files.overwrite(&marker, text.into());
        let error = restore(&machine).await.unwrap_err();
        assert!(matches!(error, RestoreError::Backup(_)), "{error}");
    }
    let files: &dyn crate::files::FileLayer = &machine.files;
    files.remove(&marker).unwrap();
    restore(&machine).await.unwrap_err();
    assert_eq!(machine.files.names(&folder()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_damaged_backup_is_never_opened() {
    let sound = machine().await;
    for path in sound.files.names(&backup()) {
        let is_ours = ["parquet", "log", "redb", "mark"]
            .iter()
            .any(|kind| path.extension().is_some_and(|found| found == *kind));
        if !is_ours || path.ends_with("bridge.redb") {
            continue;
        }
        let machine = sound.copy();
        let mut bytes = machine.bytes(&path);
        // Somewhere in what is in use: near the end of everything but the catalog.
        let at = match path.ends_with("catalog.redb") {
            true => bytes
                .windows(DB.len() + TABLE.len() + 2)
                .position(|found| found == b"\x02db\x04rows")
                .unwrap(),
            false => bytes.len() - 9,
        };
        bytes[at] ^= 4;
        machine.files.overwrite(&path, bytes);
        let error = restore(&machine).await.unwrap_err();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = format!("{error:?}");
        assert!(text.contains(name), "{name}: {text}");
        let opened = open(&machine, &folder()).await.unwrap_err();
        assert!(matches!(opened, OpenError::Unfinished { .. }), "{opened}");
    }
}

#[tokio::test]
async fn a_restore_that_breaks_off_anywhere_leaves_no_store() {
    let sound = machine().await;
    let mut broken = 0;
    for step in 0.. {
        let machine = sound.copy();
        machine
            .files
            .fail(machine.files.operations() + step, Failure::FromThenOn);
        let done = restore(&machine).await;
        machine.files.crash(crate::files::simulated::Crash::Process);
        let opened = open(&machine, &folder()).await;
        if done.is_ok() {
            assert_eq!(rows(&opened.unwrap()).await, ROWS, "step {step}");
            break;
        }
        broken += 1;
        match opened {
            // The name of the marker had changed; only the sync of that was missing.
            Ok(store) if !store.list_databases().is_empty() => {
                assert_eq!(rows(&store).await, ROWS, "step {step}");
            }
            // Nothing at all was written.
            Ok(_) => assert!(step < 2, "step {step}"),
            Err(error) => {
                let unfinished = matches!(error, OpenError::Unfinished { .. });
                assert!(unfinished || step < 4, "step {step}: {error}");
            }
        }
    }
    assert!(broken > 20, "{broken}");
}
