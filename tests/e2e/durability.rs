//! What was acknowledged is there after `kill -9`, once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{Tidewatch, definitions};

/// Kills of the short form. `make soak` asks for more by `TIDEWATCH_SOAK_KILLS`, and for an end
/// after so many minutes by `TIDEWATCH_SOAK_MINUTES`.
const KILLS: u64 = 5;
/// Kills between two looks at everything that is stored.
const KILLS_BETWEEN_LOOKS: u64 = 100;
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

/// How much is to be done.
struct Bounds {
    kills: u64,
    until: Option<Instant>,
}

impl Bounds {
    fn of_environment() -> Bounds {
        let number = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(text.parse::<u64>().expect("a number of kills or minutes"))
        };
        let minutes = number("TIDEWATCH_SOAK_MINUTES");
        Bounds {
            kills: number("TIDEWATCH_SOAK_KILLS").unwrap_or(KILLS),
            until: minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes)),
        }
    }

    fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// Compares what is stored with what was acknowledged; gives the number of rows.
async fn look(server: &Tidewatch, acknowledged: &BTreeSet<String>) -> usize {
    let rows = server
        .query("SELECT id, count(*), count(DISTINCT part) FROM \"crash\".\"rows\" GROUP BY id")
        .await
        .expect("the bridge answers");
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
    stored.len() * 3
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(
    clippy::print_stderr,
    reason = "the long form, `make soak`, tells how far it is"
)]
async fn acknowledged_rows_survive_kill_9_and_are_there_once() {
    let bounds = Bounds::of_environment();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = definitions(folder.path(), &[]);
    let next = Arc::new(AtomicU64::new(0));
    let mut acknowledged = BTreeSet::new();
    let mut slowest = Duration::ZERO;
    let mut kills = 0;
    while kills < bounds.kills && !bounds.is_over() {
        let begun = Instant::now();
        let server = Arc::new(Tidewatch::start(&data, &file).await);
        slowest = slowest.max(begun.elapsed());
        if kills == 0 {
            server
                .call("CreateDatabase", &json!({"DatabaseName": "crash"}))
                .await;
            let table = json!({"DatabaseName": "crash", "TableName": "rows"});
            assert_eq!(server.call("CreateTable", &table).await.code, 200);
        } else if kills % KILLS_BETWEEN_LOOKS == 0 {
            let rows = look(&server, &acknowledged).await;
            eprintln!("{kills} kills: {rows} rows, none lost; slowest start {slowest:.1?}");
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(Arc::clone(&server), writer, Arc::clone(&next))))
            .collect();
        // Somewhere in the middle of writing: after a number of requests that differs by round.
        let target = next.load(Ordering::SeqCst) + 40 + kills * 37 % 200;
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
        kills += 1;
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());

    let server = Tidewatch::start(&data, &file).await;
    let rows = look(&server, &acknowledged).await;
    eprintln!(
        "{kills} kills, {} acknowledged requests, {rows} rows, none lost or doubled; slowest start \
         {slowest:.1?}",
        acknowledged.len()
    );
    assert_eq!(server.interrupt().await, Some(0));
}
