use std::path::Path;
use std::sync::Arc;

use super::*;

const SHOP: &str = "{tenant: demo, monitor_id: shop, target: \"https://shop.example/\"}";
const API: &str = "{tenant: demo, monitor_id: api, target: \"https://api.example/\"}";

fn write(path: &Path, entries: &[&str]) {
    std::fs::write(
        path,
        format!(
            "monitors:\n{}",
            entries
                .iter()
                .map(|entry| format!("- {entry}\n"))
                .collect::<String>()
        ),
    )
    .unwrap();
}

fn ids(loaded: &Loaded) -> Vec<String> {
    loaded
        .monitors
        .iter()
        .map(|monitor| monitor.key.to_string())
        .collect()
}

#[test]
fn a_bad_entry_is_left_out_at_first_and_keeps_its_last_good_version_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitors.yaml");
    let bad = API.replace("https", "gopher");
    write(&path, &[SHOP, &bad]);
    let mut file = DefinitionsFile::new(path.clone()).unwrap();
    let loaded = file.load().unwrap();
    assert_eq!(ids(&loaded), ["demo/shop"]);
    assert_eq!(loaded.faults.len(), 1);

    write(&path, &[SHOP, API]);
    assert_eq!(ids(&file.load().unwrap()), ["demo/api", "demo/shop"]);
    write(&path, &[&bad]);
    let loaded = file.load().unwrap();
    assert_eq!(
        ids(&loaded),
        ["demo/api"],
        "the faulty one stays, the deleted one goes"
    );
    assert_eq!(loaded.monitors[0].target, "https://api.example/");
}

#[test]
fn a_file_that_was_only_touched_says_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitors.yaml");
    write(&path, &[SHOP]);
    let mut file = DefinitionsFile::new(path.clone()).unwrap();
    file.load().unwrap();
    write(&path, &[SHOP]);
    assert!(file.load_if_changed().unwrap().is_none());
    write(&path, &[SHOP, API]);
    assert!(file.load_if_changed().unwrap().is_some());
    assert!(file.load_if_changed().unwrap().is_none());
}

#[test]
fn an_entry_that_did_not_change_stays_the_same_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitors.yaml");
    write(&path, &[SHOP, API]);
    let mut file = DefinitionsFile::new(path.clone()).unwrap();
    let before = file.load().unwrap().monitors;
    write(&path, &[&API.replace("api.example", "new.example"), SHOP]);
    let after = file.load().unwrap().monitors;
    assert!(!Arc::ptr_eq(&before[0], &after[0]));
    assert!(Arc::ptr_eq(&before[1], &after[1]));
}

#[test]
fn a_file_that_cannot_be_parsed_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitors.yaml");
    write(&path, &[SHOP, API]);
    let mut file = DefinitionsFile::new(path.clone()).unwrap();
    file.load().unwrap();
    std::fs::write(&path, "monitors: [").unwrap();
    let loaded = file.load().unwrap();
    assert_eq!(ids(&loaded), ["demo/api", "demo/shop"]);
    assert_eq!(loaded.faults.len(), 1);
}

#[test]
fn what_cannot_be_read_says_what_to_do() {
    let message = DefinitionsFile::new("monitors.toml".into())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("monitors.toml") && message.contains(".yaml"),
        "{message}"
    );
    let message = DefinitionsFile::new("gone.yaml".into())
        .unwrap()
        .load()
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("gone.yaml") && message.contains("--definitions"),
        "{message}"
    );
}

/// Waits for the file to be read with these monitors; a slow machine may see it halfway.
async fn until(updates: &mut mpsc::Receiver<Loaded>, wanted: &[&str]) {
    while ids(&updates.recv().await.unwrap()) != wanted {}
}

#[tokio::test]
async fn an_edit_is_noticed_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("monitors.yaml");
    write(&path, &[SHOP]);
    let mut updates = DefinitionsFile::new(path.clone()).unwrap().watch();
    write(&path, &[SHOP, API]);
    until(&mut updates, &["demo/api", "demo/shop"]).await;
    // As many editors do: a new file takes the old one's place.
    let new = folder.path().join("monitors.yaml.tmp");
    write(&new, &[API]);
    std::fs::rename(&new, &path).unwrap();
    until(&mut updates, &["demo/api"]).await;
}
