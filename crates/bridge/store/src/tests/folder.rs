//! The folder: who may open it, and what it says about itself. On real files.

use std::sync::Arc;

use super::support::*;
use crate::files::RealFiles;
use crate::{OpenError, Options, Store};

fn options() -> Options {
    let mut options = Machine::new().options();
    options.files = Arc::new(RealFiles);
    options
}

#[tokio::test]
async fn a_folder_belongs_to_one_store_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/store");
    let store = Store::open(&path, options()).await.unwrap();
    let error = Store::open(&path, options()).await.unwrap_err();
    let text = error.to_string();
    let pid = std::process::id();
    assert!(text.contains(&format!("in use by process {pid}")), "{text}");
    assert!(text.contains("deep/store"), "{text}");
    store.close().await.unwrap();
    let again = Store::open(&path, options()).await.unwrap();
    drop(again);
    Store::open(&path, options()).await.unwrap();
}

#[tokio::test]
async fn rows_are_written_to_real_files_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), options()).await.unwrap();
    store.create_database(DB, None).await.unwrap();
    store.create_table(DB, TABLE, spec()).await.unwrap();
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("n", 0, 1, 2.0)]).await;
    store.close().await.unwrap();
    assert!(write(&store, vec![probe("o", 0, 1, 2.0)]).await.is_err());
    let store = Store::open(folder.path(), options()).await.unwrap();
    assert_eq!(rows(&store).await, ["m 0 1.0", "n 0 2.0"]);
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), options()).await.unwrap());
    let marker = folder.path().join("FORMAT");
    assert_eq!(
        std::fs::read_to_string(&marker).unwrap(),
        "tidewatch store 1\n"
    );
    std::fs::write(&marker, "tidewatch store 2\n").unwrap();
    let error = Store::open(folder.path(), options()).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.ends_with("has format 2, this program reads up to 1; use a newer program"),
        "{text}"
    );
    std::fs::write(&marker, "something else").unwrap();
    let error = Store::open(folder.path(), options()).await.unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn a_missing_or_shortened_file_is_named() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    store.flush().await.unwrap();
    drop(store);
    let path = machine.names("partitions").remove(0);
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(name, "00001-20261122T07-0000000001.parquet");
    let bytes = machine.bytes(&path);
    machine
        .files
        .overwrite(&path, bytes[..bytes.len() - 1].to_vec());
    let error = machine.open().await.unwrap_err();
    assert!(error.to_string().contains(&name), "{error}");
    let files: &dyn crate::files::FileLayer = &machine.files;
    files.remove(&path).unwrap();
    let error = machine.open().await.unwrap_err();
    assert!(error.to_string().contains(&name), "{error}");
}
