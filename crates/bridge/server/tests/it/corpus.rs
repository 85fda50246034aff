//! The SQL corpus in `tests/sql`: every `.slt` file asked of the bridge as clients ask it, once while
//! the rows of `fixture.json` lie in memory and once when they lie in files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};

use super::server::Server;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/sql")
}

#[tokio::test]
async fn every_file_of_the_corpus_in_memory() {
    let fixture = Fixture::read();
    let server = Server::start_when(fixture.now).await;
    fixture.create_tables(&server).await;
    fixture.write(&server, usize::MAX).await;
    // The rows come back from the log.
    let server = server.restart().await;
    every_file(server).await;
}

#[tokio::test]
async fn every_file_of_the_corpus_in_files() {
    let fixture = Fixture::read();
    let server = Server::start_when(fixture.now).await;
    fixture.create_tables(&server).await;
    // Some rows of each table first, so that the second flush merges.
    fixture.write(&server, 4).await;
    server.flush().await;
    fixture.write(&server, usize::MAX).await;
    server.flush().await;
    every_file(server).await;
}

async fn every_file(server: Server) {
    let server = Arc::new(server);
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .collect();
    files.sort();
    assert!(
        files.len() >= 5,
        "the corpus is not in {}",
        folder().display()
    );
    let mut failures = Vec::new();
    for file in files {
        let mut runner = Runner::new(|| async {
            Ok(Client {
                server: Arc::clone(&server),
            })
        });
        if let Err(error) = runner.run_file_async(&file).await {
            failures.push(error.display(false).to_string());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// The databases of `fixture.json`.
struct Fixture {
    databases: Value,
    /// What `now()` means, in nanoseconds since the Unix epoch.
    now: i64,
}

impl Fixture {
    fn read() -> Fixture {
        let text = std::fs::read_to_string(folder().join("fixture.json")).unwrap();
        let mut fixture: Value = serde_json::from_str(&text).unwrap();
        Fixture {
            now: instant(&fixture["now"]),
            databases: fixture["databases"].take(),
        }
    }

    /// Database, table and records of every table.
    fn tables(&self) -> impl Iterator<Item = (&str, &str, &[Value])> {
        let databases = self.databases.as_object().unwrap().iter();
        databases.flat_map(|(database, tables)| {
            let tables = tables.as_object().unwrap().iter();
            tables.map(move |(table, records)| {
                let records = records.as_array().unwrap().as_slice();
                (database.as_str(), table.as_str(), records)
            })
        })
    }

    async fn create_tables(&self, server: &Server) {
        for database in self.databases.as_object().unwrap().keys() {
            let named = json!({"DatabaseName": database});
            server.ok("CreateDatabase", named).await;
        }
        for (database, table, _) in self.tables() {
            let named = json!({"DatabaseName": database, "TableName": table});
            server.ok("CreateTable", named).await;
        }
    }

    /// Writes the first `count` records of every table. Those that are there already stay as they
    /// are.
    async fn write(&self, server: &Server, count: usize) {
        for (database, table, records) in self.tables() {
            let records: Vec<Value> = records.iter().take(count).map(record).collect();
            if records.is_empty() {
                continue;
            }
            let write = json!({"DatabaseName": database, "TableName": table, "Records": records});
            server.ok("WriteRecords", write).await;
        }
    }
}

/// A record of the fixture in the form of WriteRecords.
fn record(record: &Value) -> Value {
    let dimensions = record["dimensions"].as_object().unwrap().iter();
    let dimensions = dimensions.map(|(name, value)| json!({"Name": name, "Value": value}));
    let mut written = json!({
        "Dimensions": dimensions.collect::<Vec<_>>(),
        "MeasureName": record["measure_name"],
        "Time": instant(&record["time"]).to_string(),
        "TimeUnit": "NANOSECONDS",
    });
    if let Some(values) = record["values"].as_object() {
        let values = values.iter().map(|(name, cell)| {
            let (kind, value) = cell_of(cell);
            json!({"Name": name, "Type": kind, "Value": value})
        });
        written["MeasureValueType"] = json!("MULTI");
        written["MeasureValues"] = values.collect();
    } else {
        let (kind, value) = cell_of(&record["value"]);
        written["MeasureValueType"] = json!(kind);
        written["MeasureValue"] = json!(value);
    }
    written
}

/// The type and the text of `{type: value}`.
fn cell_of(cell: &Value) -> (String, String) {
    let (kind, value) = cell.as_object().unwrap().iter().next().unwrap();
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    (kind.to_uppercase(), text)
}

fn instant(text: &Value) -> i64 {
    let at: jiff::civil::DateTime = text.as_str().unwrap().parse().unwrap();
    let at = at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    i64::try_from(at.as_nanosecond()).unwrap()
}

/// Asks statements of a bridge.
struct Client {
    server: Arc<Server>,
}

/// The message of a refused statement.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);

#[async_trait]
impl AsyncDB for Client {
    type Error = Refusal;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Refusal> {
        let mut rows = Vec::new();
        let mut request = json!({"QueryString": sql});
        loop {
            let answer = self.server.call("Query", request.clone()).await;
            let page = answer.json();
            if answer.status != 200 {
                return Err(Refusal(page["message"].as_str().unwrap().to_owned()));
            }
            rows.extend(page["Rows"].as_array().unwrap().iter().map(texts));
            if page["NextToken"].is_null() {
                let columns = page["ColumnInfo"].as_array().unwrap().len();
                let types = vec![DefaultColumnType::Text; columns];
                return Ok(DBOutput::Rows { types, rows });
            }
            request["NextToken"] = page["NextToken"].clone();
        }
    }

    async fn shutdown(&mut self) {}
}

/// The cells of a row as text; see [`text`].
fn texts(row: &Value) -> Vec<String> {
    row["Data"].as_array().unwrap().iter().map(text).collect()
}

/// A cell as text: `NULL`, `[a, b]` for arrays, `(a, b)` for rows, `{time: value, ...}` for series.
fn text(cell: &Value) -> String {
    let (form, value) = cell.as_object().unwrap().iter().next().unwrap();
    let joined = |cells: &[Value]| cells.iter().map(text).collect::<Vec<_>>().join(", ");
    match form.as_str() {
        "NullValue" => "NULL".to_owned(),
        "ScalarValue" if value == "" => "(empty)".to_owned(),
        "ScalarValue" => value.as_str().unwrap().to_owned(),
        "ArrayValue" => format!("[{}]", joined(value.as_array().unwrap())),
        "RowValue" => format!("({})", texts(value).join(", ")),
        "TimeSeriesValue" => {
            let points = value.as_array().unwrap().iter().map(|point| {
                let time = point["Time"].as_str().unwrap();
                format!("{time}: {}", text(&point["Value"]))
            });
            format!("{{{}}}", points.collect::<Vec<_>>().join(", "))
        }
        other => panic!("a cell has the unknown form {other}: {cell}"),
    }
}
