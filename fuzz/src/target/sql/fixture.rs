//! The tables that statements are run on.

use serde_json::Value as Json;
use tidewatch_store::{Measures, Record, Retention, Store, TableSpec, Value};

use crate::repository;
use crate::server::Server;

/// 2024-03-01T01:00:00Z in nanoseconds, the `now` of the SQL corpus.
const NOW: i64 = 1_709_254_800_000_000_000;
const MINUTE: i64 = 60 * 1_000_000_000;

/// A server with the tables of the SQL corpus in files, and one as the product writes it in memory.
pub(super) async fn server() -> Server {
    let server = Server::start(NOW).await;
    let fixture = json("tests/sql/fixture.json");
    for (database, tables) in members(&fixture["databases"]) {
        for (table, records) in members(tables) {
            let records = list(records).iter().map(record).collect();
            fill(&server.store, database, table, records).await;
        }
    }
    server.store.flush().await.expect("rows can be flushed");
    let schema = json("grafana/generator/schema.json");
    let name = |member: &str| schema[member].as_str().unwrap_or_default().to_owned();
    fill(
        &server.store,
        &name("database"),
        &name("table"),
        product(&schema),
    )
    .await;
    server
}

async fn fill(store: &Store, database: &str, table: &str, records: Vec<Record>) {
    if store.describe_database(database).is_err() {
        let created = store.create_database(database, None).await;
        created.expect("the name is free");
    }
    let spec = TableSpec {
        retention: Retention {
            memory_hours: 8766,
            magnetic_days: 73_000,
        },
        ..TableSpec::default()
    };
    let created = store.create_table(database, table, spec).await;
    created.expect("the name is free");
    let written = store.write(database, table, records).await;
    let written = written.expect("a new store takes rows");
    assert!(written.rejected.is_empty(), "{:?}", written.rejected);
}

/// A record of the corpus.
fn record(record: &Json) -> Record {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let measures = match &record["value"] {
        Json::Null => Measures::Multi(
            members(&record["values"])
                .map(|(name, cell)| (name.clone(), value(cell)))
                .collect(),
        ),
        single => Measures::Single(value(single)),
    };
    Record {
        dimensions: members(&record["dimensions"])
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        measure_name: text(&record["measure_name"]),
        time: instant(&text(&record["time"])),
        version: 1,
        measures,
    }
}

/// Two hours of rows of every measure that the product writes.
fn product(schema: &Json) -> Vec<Record> {
    let states: Vec<&String> = members(&schema["states"]).map(|(state, _)| state).collect();
    let own = |name: &str, value: String| (name.to_owned(), value);
    let mut records = Vec::new();
    for (measure_name, _) in members(&schema["measure_names"]) {
        for n in 0..24i32 {
            let values = members(&schema["measures"]).map(|(name, measure)| {
                let value = match measure["type"].as_str() {
                    Some("double") => Value::Double(f64::from(n) * 1.5),
                    Some("bigint") => Value::Bigint(i64::from(n % 3)),
                    Some("boolean") => Value::Boolean(n % 2 == 0),
                    Some("timestamp") => Value::Timestamp(NOW - i64::from(n) * MINUTE),
                    _ => Value::Varchar(states[n as usize % states.len()].clone()),
                };
                (name.clone(), value)
            });
            records.push(Record {
                dimensions: vec![
                    own("tenant", "acme".to_owned()),
                    own("monitor_id", format!("m{}", n % 4)),
                    own("location", format!("place-{}", n % 2)),
                    own("kind", "http".to_owned()),
                ],
                measure_name: measure_name.clone(),
                time: NOW - i64::from(n) * 5 * MINUTE,
                version: 1,
                measures: Measures::Multi(values.collect()),
            });
        }
    }
    records
}

/// `{type: value}`.
fn value(cell: &Json) -> Value {
    let (kind, value) = members(cell).next().expect("a cell has a type");
    match kind.as_str() {
        "double" => Value::Double(value.as_f64().unwrap_or_default()),
        "bigint" => Value::Bigint(value.as_i64().unwrap_or_default()),
        "boolean" => Value::Boolean(value.as_bool().unwrap_or_default()),
        "timestamp" => Value::Timestamp(instant(value.as_str().unwrap_or_default())),
        _ => Value::Varchar(value.as_str().unwrap_or_default().to_owned()),
    }
}

/// `2024-03-01 00:00:00`, which all times of the corpus begin with, in nanoseconds.
fn instant(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| -> i64 {
        let digits = text.get(range).and_then(|digits| digits.parse().ok());
        digits.unwrap_or_else(|| panic!("`{text}` is no time of the corpus"))
    };
    // Days since 1970-01-01 in the Gregorian calendar, with years that begin in March.
    let (year, month) = match (number(0..4), number(5..7)) {
        (year, month @ 3..) => (year, month - 3),
        (year, month) => (year - 1, month + 9),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = year * 365 + leap_days + (153 * month + 2) / 5 + number(8..10) - 1 - 719_468;
    let minutes = (days * 24 + number(11..13)) * 60 + number(14..16);
    (minutes * 60 + number(17..19)) * 1_000_000_000
}

fn json(path: &str) -> Json {
    serde_json::from_str(&repository::text(path)).expect("the file is JSON")
}

fn members(json: &Json) -> impl Iterator<Item = (&String, &Json)> {
    json.as_object().into_iter().flatten()
}

fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}
