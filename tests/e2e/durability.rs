//! What was acknowledged is there after `kill -9`, once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::{Tidewatch, definitions};

/// Kills of the short form.
const ROUNDS: u64 = 5;
/// Writers at the same time.
const WRITERS: u64 = 4;

fn request(writer: u64, number: u64) -> Value {
    let milliseconds = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_millis();
    let record = |part: u64| {
        json!({
            "Dimensions": [{"Name": "part", "Value": part.to_string()}],
            "MeasureValues": [
                {"Name": "number", "Value": number.to_string(), "Type": "BIGINT"},
                {"Name": "writer", "Value": writer.to_string(), "Type": "BIGINT"},
            ],
        })
    };
    json!({
        "DatabaseName": "crash",
        "TableName": "rows",
        "CommonAttributes": {
            "Dimensions": [{"Name": "id", "Value": format!("{writer}-{number}")}],
            "MeasureName": "m",
            "MeasureValueType": "MULTI",
            "Time": milliseconds.to_string(),
        },
        "Records": [record(0), record(1), record(2)],
    })
}

/// Writes until the server is gone; remembers what was acknowledged.
async fn write(server: Arc<Tidewatch>, writer: u64, next: Arc<AtomicU64>) -> Vec<String> {
    let client = reqwest::Client::new();
    let mut acknowledged = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let sent = client
            .post(&server.bridge)
            .header("x-amz-target", "Timestream_20181101.WriteRecords")
            .header("content-type", "application/x-amz-json-1.0")
            .body(request(writer, number).to_string())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => {
                acknowledged.push(format!("{writer}-{number}"));
            }
            Ok(answer) => panic!("refused: {:?}", answer.text().await),
            Err(_) => return acknowledged,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_rows_survive_kill_9_and_are_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = definitions(folder.path(), &[]);
    let next = Arc::new(AtomicU64::new(0));
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let server = Arc::new(Tidewatch::start(&data, &file).await);
        if round == 0 {
            server
                .call("CreateDatabase", &json!({"DatabaseName": "crash"}))
                .await;
            let table = json!({"DatabaseName": "crash", "TableName": "rows"});
            assert_eq!(server.call("CreateTable", &table).await.code, 200);
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(Arc::clone(&server), writer, Arc::clone(&next))))
            .collect();
        // Somewhere in the middle of writing: after a number of requests that differs by round.
        let target = next.load(Ordering::SeqCst) + 40 + round * 37;
        let reached = async {
            while next.load(Ordering::SeqCst) < target {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), reached)
            .await
            .expect("the writers write");
        server.kill_now();
        for writer in writers {
            acknowledged.extend(writer.await.expect("a writer ends when the server is gone"));
        }
        Arc::into_inner(server)
            .expect("the writers have ended")
            .kill()
            .await;
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());

    let server = Tidewatch::start(&data, &file).await;
    let rows = server
        .query("SELECT id, count(*), count(DISTINCT part) FROM \"crash\".\"rows\" GROUP BY id")
        .await
        .unwrap();
    for row in &rows {
        // A request is there whole or not at all, acknowledged or not.
        assert_eq!(
            (row[1].as_deref(), row[2].as_deref()),
            (Some("3"), Some("3")),
            "{row:?}"
        );
    }
    let stored: BTreeSet<String> = rows.into_iter().filter_map(|row| row[0].clone()).collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "lost {} of {}: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    assert_eq!(server.interrupt().await, Some(0));
}
