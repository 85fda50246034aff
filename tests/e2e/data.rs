//! Data that leaves a running Tidewatch as files, and comes back from a backup.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::process::{BINARY, Tidewatch, definitions};

/// Runs `tidewatch data` with these arguments; gives what it said, as JSON where it worked.
async fn data(arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(BINARY)
        .arg("data")
        .args(arguments)
        .arg("--json")
        .output()
        .await
        .expect("the binary starts");
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).expect("JSON")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

async fn write(tidewatch: &Tidewatch, rows: i64) {
    let database = json!({"DatabaseName": "db"});
    assert_eq!(tidewatch.call("CreateDatabase", &database).await.code, 200);
    let table = json!({"DatabaseName": "db", "TableName": "t"});
    assert_eq!(tidewatch.call("CreateTable", &table).await.code, 200);
    let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970");
    let record = |n: i64| {
        json!({
            "Dimensions": [{"Name": "id", "Value": n.to_string()}],
            "MeasureName": "m",
            "MeasureValue": n.to_string(),
            "Time": (now.as_millis() as i64 - n).to_string(),
        })
    };
    let records: Vec<Value> = (0..rows).map(record).collect();
    let write = json!({"DatabaseName": "db", "TableName": "t", "Records": records});
    let tags = json!({
        "ResourceARN": "arn:aws:timestream:us-east-1:000000000000:database/db",
        "Tags": [{"Key": "team", "Value": "sea"}],
    });
    assert_eq!(tidewatch.call("WriteRecords", &write).await.code, 200);
    assert_eq!(tidewatch.call("TagResource", &tags).await.code, 200);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[tokio::test]
async fn tables_are_exported_from_a_running_bridge() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("data"), folder.path().join("export"));
    let file = definitions(folder.path(), &[]);
    let tidewatch = Tidewatch::start(&from, &file).await;
    write(&tidewatch, 7).await;
    let arguments = ["export", text(&to), "--format", "csv", "--database", "db"];
    let bridge = ["--endpoint-url", &tidewatch.bridge];
    let told = data(&[&arguments[..], &bridge].concat()).await.unwrap();
    assert_eq!((&told["tables"], &told["rows"]), (&json!(1), &json!(7)));
    // The copy that it was taken from is gone.
    let copies = std::fs::read_dir(from.join("backups")).unwrap();
    assert_eq!(copies.count(), 0);

    let manifest = std::fs::read(to.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["format"], "csv");
    let table = &manifest["tables"][0];
    assert_eq!(
        table["columns"][0],
        json!({"name": "id", "type": "varchar"})
    );
    let mut lines = 0;
    for file in table["files"].as_array().unwrap() {
        let content = std::fs::read_to_string(to.join(file["file"].as_str().unwrap())).unwrap();
        assert_eq!(file["bytes"], content.len());
        assert!(content.starts_with("id,measure_name,time,measure_value::double\n"));
        lines += content.lines().count() - 1;
    }
    assert_eq!(lines, 7);
    let again = data(&["export", text(&to), "--data-dir", text(&from)]).await;
    assert!(again.unwrap_err().contains("is not empty"));
    assert_eq!(tidewatch.interrupt().await, Some(0));
}

#[tokio::test]
async fn a_backup_is_restored_and_started_from() {
    let folder = tempfile::tempdir().unwrap();
    let [from, copy, to] = ["data", "copy", "restored"].map(|name| folder.path().join(name));
    let file = definitions(folder.path(), &[]);
    let tidewatch = Tidewatch::start(&from, &file).await;
    write(&tidewatch, 7).await;
    assert_eq!(tidewatch.interrupt().await, Some(0));
    let made = data(&["backup", text(&copy), "--data-dir", text(&from)]).await;
    let made = made.unwrap();
    let restored = data(&["restore", text(&copy), "--data-dir", text(&to)]).await;
    assert_eq!(restored.unwrap(), made);
    let again = data(&["restore", text(&copy), "--data-dir", text(&to)]).await;
    assert!(again.unwrap_err().contains("was not restored"));

    let tidewatch = Tidewatch::start(&to, &file).await;
    let rows = tidewatch.query("SELECT count(*) FROM db.t").await.unwrap();
    assert_eq!(rows, [[Some("7".to_owned())]]);
    let arn = json!({"ResourceARN": "arn:aws:timestream:us-east-1:000000000000:database/db"});
    let tags = tidewatch.call("ListTagsForResource", &arn).await;
    assert_eq!(tags.body["Tags"], json!([{"Key": "team", "Value": "sea"}]));
    assert_eq!(tidewatch.interrupt().await, Some(0));
}
