//! What stands in the way of a start is said in a sentence with the remedy, and what does not, in
//! the health.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::process::{Tidewatch, command, definitions};

async fn fails(mut command: tokio::process::Command) -> String {
    let ended = tokio::time::timeout(Duration::from_secs(60), command.kill_on_drop(true).output());
    let Output { status, stderr, .. } = ended.await.expect("it ends").expect("it starts");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert!(matches!(status.code(), Some(1 | 2)), "{status}: {stderr}");
    stderr
}

#[tokio::test]
async fn a_port_in_use_names_the_port_and_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let file = definitions(folder.path(), &[]);
    for flag in ["--listen", "--bridge-listen"] {
        let mut command = tokio::process::Command::new(crate::process::BINARY);
        let other = if flag == "--listen" {
            "--bridge-listen"
        } else {
            "--listen"
        };
        command
            .args([
                "up",
                other,
                "127.0.0.1:0",
                flag,
                &address.to_string(),
                "--definitions",
            ])
            .arg(&file)
            .arg("--data-dir")
            .arg(folder.path().join("data"));
        let message = fails(command).await;
        assert!(message.contains(&address.port().to_string()), "{message}");
        assert!(
            message.contains(flag) && message.contains("in use"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_names_the_folder_and_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let file = definitions(folder.path(), &[]);
    // A file where the folder should be: this holds for the superuser as well.
    let message = fails(command(&file.join("data"), &file)).await;
    assert!(
        message.contains("--data-dir") && message.contains("monitors.yaml"),
        "{message}"
    );
}

#[tokio::test]
async fn definitions_that_are_not_there_name_the_file_and_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("nowhere.yaml");
    let message = fails(command(&folder.path().join("data"), &missing)).await;
    assert!(
        message.contains("nowhere.yaml") && message.contains("--definitions"),
        "{message}"
    );
}

#[tokio::test]
async fn an_address_beyond_this_machine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = definitions(folder.path(), &[]);
    let mut open = tokio::process::Command::new(crate::process::BINARY);
    open.args(["up", "--listen", "0.0.0.0:0", "--definitions"])
        .arg(&file);
    let message = fails(open).await;
    assert!(message.contains("authentication"), "{message}");
}

#[tokio::test]
async fn damaged_files_do_not_keep_it_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let format_1 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/store/format-1");
    copy(&format_1, &data);
    // All are small: rows and identity index have a sum together. The log replaces rows of one.
    for file in std::fs::read_dir(data.join("partitions")).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[100] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    let file = definitions(folder.path(), &[]);
    let tidewatch = Tidewatch::start(&data, &file).await;
    let health = reqwest::get(format!("{}/healthz", tidewatch.bridge)).await;
    let health = health.unwrap();
    assert_eq!(health.status(), 503);
    let health = health.json::<serde_json::Value>().await.unwrap();
    assert_eq!(health["status"], "read-only");
    let reason = health["reason"].as_str().unwrap();
    assert!(
        reason.contains(".parquet` cannot be read") && reason.contains("from a backup"),
        "{reason}"
    );
    let databases = tidewatch.query("SHOW DATABASES").await.unwrap();
    assert!(!databases.is_empty());
    tidewatch.kill().await;
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([from, to])
        .status();
    assert!(copied.expect("cp runs").success());
}
