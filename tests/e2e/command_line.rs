//! The commands as a script sees them: exit codes, streams, shapes.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::process::{BINARY, PATIENCE, Tidewatch, definitions};
use crate::target::nobody;

/// How a command ended, and what it said.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary to its end.
pub(crate) async fn tell(arguments: &[&str]) -> Told {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, command.output()).await;
    let Output {
        status,
        stdout,
        stderr,
    } = ended.expect("it ends").expect("it starts");
    Told {
        code: status.code().expect("it ends by itself"),
        stdout: String::from_utf8(stdout).expect("UTF-8"),
        stderr: String::from_utf8(stderr).expect("UTF-8"),
    }
}

/// JSON, as a program reads it.
pub(crate) fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn what_cannot_be_understood_is_code_two_with_the_remedy() {
    for arguments in [
        &["check"][..],
        &["check", "example.com", "--count", "3"],
        &["check", "example.com", "--watch", "--interval", "0.1"],
        &["check", "example.com", "--monitor", "demo/shop"],
        &["check", "--monitor", "shop"],
        &["check", "ftp://example.com/"],
        &["check", "http://127.0.0.1/", "--attempts", "0"],
        &["no-such-command"],
        &["query", "SELECT 1", "--json", "--csv"],
    ] {
        let told = tell(arguments).await;
        assert_eq!(told.code, 2, "{arguments:?}: {}", told.stderr);
        assert!(
            told.stdout.is_empty() && told.stderr.contains("error"),
            "{arguments:?}"
        );
    }
}

#[tokio::test]
async fn query_prints_tables_csv_and_json_over_several_pages() {
    let folder = tempfile::tempdir().unwrap();
    let file = definitions(folder.path(), &[]);
    let tidewatch = Tidewatch::start(&folder.path().join("data"), &file).await;
    fill(&tidewatch, 2_500).await;
    let statement = "SELECT n, name FROM \"cli\".\"rows\" ORDER BY n";
    let ask = async |more: &'static str| {
        tell(&[
            "query",
            statement,
            more,
            "--endpoint-url",
            &tidewatch.bridge,
        ])
        .await
    };
    let csv = ask("--csv").await;
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 2_501);
    assert_eq!(
        lines[..3],
        [
            "n,name",
            "0,\"a \"\"quoted\"\", name\"",
            "1,\"a \"\"quoted\"\", name\""
        ]
    );
    let rows = parsed(&ask("--json").await.stdout);
    assert_eq!(rows.as_array().unwrap().len(), 2_500);
    assert_eq!(
        rows[2_499],
        json!({"n": 2_499, "name": "a \"quoted\", name"})
    );

    let wrong = "SELECT nam FROM \"cli\".\"rows\"";
    let told = tell(&["query", wrong, "--endpoint-url", &tidewatch.bridge]).await;
    assert_eq!(told.code, 1);
    assert!(
        told.stderr
            .contains("line 1:8: Column 'nam' does not exist"),
        "{}",
        told.stderr
    );
    assert!(told.stderr.contains('^'), "{}", told.stderr);
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

async fn fill(tidewatch: &Tidewatch, rows: usize) {
    tidewatch
        .call("CreateDatabase", &json!({"DatabaseName": "cli"}))
        .await;
    let table = json!({"DatabaseName": "cli", "TableName": "rows"});
    tidewatch.call("CreateTable", &table).await;
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_millis();
    let numbers: Vec<usize> = (0..rows).collect();
    for batch in numbers.chunks(100) {
        let record = |number: &usize| {
            json!({
                "Dimensions": [{"Name": "id", "Value": number.to_string()}],
                "MeasureValues": [
                    {"Name": "n", "Value": number.to_string(), "Type": "BIGINT"},
                    {"Name": "name", "Value": "a \"quoted\", name", "Type": "VARCHAR"},
                ],
            })
        };
        let request = json!({
            "DatabaseName": "cli",
            "TableName": "rows",
            "CommonAttributes": {"MeasureName": "m", "MeasureValueType": "MULTI", "Time": now.to_string()},
            "Records": batch.iter().map(record).collect::<Vec<_>>(),
        });
        let answer = tidewatch.call("WriteRecords", &request).await;
        assert_eq!(answer.code, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_bridge_that_is_not_there_is_a_sentence() {
    let url = nobody().await;
    let told = tell(&["query", "SELECT 1", "--endpoint-url", &url]).await;
    assert_eq!(told.code, 1);
    assert!(told.stderr.contains("tidewatch up"), "{}", told.stderr);
}

#[tokio::test]
async fn monitors_validate_tells_all_faults_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let entries = [
        "{tenant: demo, monitor_id: fine, target: \"https://shop.example/\"}".to_owned(),
        "{tenant: demo, monitor_id: bad, target: \"gopher://x/\", intervall: 5}".to_owned(),
    ];
    let file = definitions(folder.path(), &entries);
    let path = file.to_str().unwrap();
    let told = tell(&["monitors", "validate", path, "--json"]).await;
    assert_eq!(told.code, 1);
    let report = parsed(&told.stdout);
    assert_eq!(report["monitors"], 1);
    let fields: Vec<&str> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            assert_eq!(fault["entry"], "demo/bad");
            assert!(!fault["remedy"].as_str().unwrap().is_empty());
            fault["field"].as_str().unwrap()
        })
        .collect();
    assert!(
        fields.contains(&"target") && fields.contains(&"intervall"),
        "{fields:?}"
    );

    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dynamo_entries.json");
    let told = tell(&["monitors", "validate", shipped.to_str().unwrap()]).await;
    assert_eq!(told.code, 0, "{}{}", told.stdout, told.stderr);
    let told = tell(&["monitors", "list", "--json", shipped.to_str().unwrap()]).await;
    assert_eq!(told.code, 0);
    assert!(parsed(&told.stdout).as_array().unwrap().len() > 10);
}

#[tokio::test]
async fn doctor_examines_a_machine_that_is_already_watching() {
    let folder = tempfile::tempdir().unwrap();
    let file = definitions(folder.path(), &[]);
    let data = folder.path().join("data");
    let tidewatch = Tidewatch::start(&data, &file).await;
    let address = |url: &str| url.trim_start_matches("http://").to_owned();
    let told = tell(&[
        "doctor",
        "--json",
        "--definitions",
        file.to_str().unwrap(),
        "--data-dir",
        data.to_str().unwrap(),
        "--listen",
        &address(&tidewatch.status),
        "--bridge-listen",
        &address(&tidewatch.bridge),
    ])
    .await;
    let report = parsed(&told.stdout);
    let text = told.stdout.to_lowercase();
    for subject in ["timers", "disk writes", "open files", "bridge port"] {
        assert!(text.contains(subject), "{subject} is not in {report}");
    }
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test]
async fn help_and_completions_are_good_answers() {
    for arguments in [&["--help"][..], &["up", "--help"], &["check", "--help"]] {
        let told = tell(arguments).await;
        assert_eq!(told.code, 0);
        assert!(told.stdout.contains("Usage"), "{arguments:?}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let told = tell(&["completions", shell]).await;
        assert_eq!(told.code, 0);
        assert!(
            told.stdout.contains("tidewatch") && told.stdout.len() > 1_000,
            "{shell}"
        );
    }
}

#[tokio::test]
async fn a_data_folder_is_looked_after_while_nobody_runs_on_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let [data, copy] = [&data, &copy].map(|path| path.to_str().expect("a plain path"));
    let file = definitions(folder.path(), &[]);
    let tidewatch = Tidewatch::start(Path::new(data), &file).await;
    let busy = tell(&["data", "stats", "--data-dir", data]).await;
    assert_eq!(busy.code, 1, "{}", busy.stdout);
    assert!(busy.stderr.contains("POST /backup"), "{}", busy.stderr);
    assert_eq!(tidewatch.interrupt().await, Some(0));

    let backup = tell(&["data", "backup", copy, "--data-dir", data]).await;
    assert_eq!(backup.code, 0, "{}", backup.stderr);
    let check = tell(&["data", "check", "--data-dir", copy, "--json"]).await;
    assert_eq!(check.code, 0, "{}", check.stderr);
    assert_eq!(parsed(&check.stdout)["sound"], true);
    let stats = tell(&["data", "stats", "--data-dir", copy, "--json"]).await;
    assert_eq!(parsed(&stats.stdout)["tables"], 2, "{}", stats.stdout);
}
