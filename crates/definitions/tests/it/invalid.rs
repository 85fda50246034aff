//! Every file in `tests/invalid` has, beside it, the exact messages that it gives.
//!
//! `TIDEWATCH_UPDATE_EXPECTED=1 cargo test -p tidewatch-definitions` rewrites them; read the
//! difference before you keep it. A file whose name ends in `.aws.yaml` is read as for AWS.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tidewatch_definitions::{Format, Mode, read};

#[test]
fn invalid_files_give_exactly_these_messages() {
    let mut differing = Vec::new();
    let files = inputs();
    assert!(files.len() >= 15, "only {} files were found", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let actual = messages(&path, &name);
        let expected_path = path.with_file_name(format!("{name}.txt"));
        if std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some() {
            fs::write(&expected_path, &actual).unwrap();
        }
        let expected = fs::read_to_string(&expected_path).unwrap_or_default();
        if actual != expected {
            differing.push(format!(
                "--- {name}: expected\n{expected}--- {name}: actual\n{actual}"
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_invalid_file_has_a_fault_or_a_warning_and_no_secret_shows() {
    for path in inputs() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let messages = messages(&path, &name);
        assert!(
            messages.contains("fault: ") || messages.contains("warning: "),
            "{name}"
        );
        assert!(
            !messages.contains("hunter2"),
            "{name} shows a secret:\n{messages}"
        );
    }
}

fn messages(path: &Path, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap();
    let mode = if name.contains(".aws.") {
        Mode::Aws
    } else {
        Mode::Local
    };
    let definitions = read(&text, name, Format::of_path(name).unwrap(), mode);
    let mut messages = String::new();
    for fault in &definitions.faults {
        writeln!(messages, "fault: {fault}").unwrap();
    }
    for warning in &definitions.warnings {
        writeln!(messages, "warning: {warning}").unwrap();
    }
    for monitor in &definitions.monitors {
        writeln!(messages, "loaded: {}", monitor.key).unwrap();
    }
    messages
}

fn inputs() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid");
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending != "txt"))
        .collect();
    files.sort();
    files
}
