//! Bounds of memory, text and nesting, and statements at the same time.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use datafusion::catalog::TableProvider;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::SessionContext;
use tidewatch_sql::{Catalog, Engine, Limits, SqlError, Stop, TableSource};

use super::fixture::{Answer, Tables};

/// About two million rows out of a table of 21.
const MANY_ROWS: &str = "FROM devops.host a, devops.host b, devops.host c, devops.host d, (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) n (i)";

#[tokio::test]
async fn memory_is_bounded() {
    let limits = Limits {
        memory_bytes: 2 * 1024 * 1024,
        ..Limits::default()
    };
    let (engine, tables) = (Engine::new(limits).unwrap(), Tables::read());
    let sql = format!("SELECT array_agg(a.hostname || b.hostname) {MANY_ROWS}");
    let execution = engine.query(&sql, &tables, tables.now).await.unwrap();
    match Answer::of(execution).await {
        Err(SqlError::Exhausted(text)) => assert!(text.contains("memory"), "{text}"),
        other => panic!("should run out of memory: {other:?}"),
    }
    // The engine goes on.
    let execution = engine.query("SELECT 1", &tables, tables.now).await.unwrap();
    assert_eq!(Answer::of(execution).await.unwrap().texts(), [["1"]]);
}

#[tokio::test]
async fn sorts_spill_into_the_folder() {
    let rows = "FROM UNNEST(sequence(1, 300000)) AS t (x)";
    let sql = format!(
        "SELECT x, 'a text that takes some room ' || cast(x AS varchar) {rows} ORDER BY x % 1000, 2"
    );
    let tables = Tables::read();
    let small = Limits {
        memory_bytes: 12 * 1024 * 1024,
        parallelism: 1,
        ..Limits::default()
    };
    let without = Engine::new(small.clone()).unwrap();
    let execution = without.query(&sql, &tables, tables.now).await.unwrap();
    assert!(matches!(
        Answer::of(execution).await,
        Err(SqlError::Exhausted(_))
    ));

    let dir = tempfile::tempdir().unwrap();
    let with = Engine::new(Limits {
        spill_dir: Some(dir.path().to_owned()),
        ..small
    })
    .unwrap();
    let mut execution = with.query(&sql, &tables, tables.now).await.unwrap();
    let mut count = 0;
    while let Some(rows) = execution.next_rows().await.unwrap() {
        count += rows.len();
    }
    assert_eq!(count, 300_000);
}

#[tokio::test]
async fn dropping_an_execution_stops_it() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let sql = format!("SELECT a.hostname {MANY_ROWS}, devops.host e, devops.host f, devops.host g");
    let mut execution = engine.query(&sql, &tables, tables.now).await.unwrap();
    assert!(execution.next_rows().await.unwrap().is_some());
    // All of it would be twenty billion rows.
    drop(execution);
}

#[tokio::test]
async fn what_one_call_of_a_function_makes_is_bounded() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let rows = "UNNEST(sequence(1, 10000)) AS t(n)";
    let long = "(SELECT rpad('x', 100000, 'y') AS k)";
    for (value, from) in [
        ("repeat(rpad('x', 100000, 'y'), 10000)", ""),
        ("repeat(sequence(1, 10000), 10000)", ""),
        ("element_at(sequence(1, 10000), n)", rows),
        (
            "transform(sequence(1, 1000), x -> cardinality(a))",
            "(SELECT sequence(1, 100000 + n) AS a FROM UNNEST(ARRAY[1, 2]) AS t(n))",
        ),
        ("ngrams(sequence(1, 2000), 500 + n % 2)", rows),
        ("ngrams(repeat(sequence(1, 1000), 1000), 500)", ""),
        ("combinations(sequence(1, 30 + n % 2), 5)", rows),
        ("combinations(repeat(rpad('x', 10000, 'y'), 100), 3)", ""),
        (
            "map_keys(map_agg(k || 'z', n))",
            &format!("{long} CROSS JOIN {rows}"),
        ),
        (
            "map_keys(histogram(k))",
            &format!("{long} CROSS JOIN {rows}"),
        ),
        (
            "map_keys(map_union(map(ARRAY[k], ARRAY[n])))",
            &format!("{long} CROSS JOIN {rows}"),
        ),
        (
            "map_keys(multimap_from_entries(repeat(row(k, 1), 10000)))",
            long,
        ),
        (
            &format!("zip(sequence(1, 100000){})", ", ARRAY[1]".repeat(200)),
            "",
        ),
    ] {
        let from = if from.is_empty() {
            "(VALUES (1)) AS t(n)"
        } else {
            from
        };
        let sql = format!("SELECT {value} FROM {from}");
        let answer = match engine.query(&sql, &tables, tables.now).await {
            Ok(execution) => Answer::of(execution).await,
            Err(error) => Err(error),
        };
        match answer {
            Err(SqlError::Execution(text)) => {
                assert!(text.contains("takes more than 128 MiB"), "{sql}: {text}");
            }
            other => panic!("{sql}: {:?}", other.map(|answer| answer.rows.len())),
        }
    }
}

/// Ten billion steps, which depend on nothing but the statement.
const ENDLESS: &str = "SELECT reduce(sequence(1, 100000), 0, \
     (s, x) -> s + reduce(sequence(1, 100000), 0, (t, y) -> t + y, t -> t), s -> s)";

#[tokio::test]
async fn planning_stops_when_it_is_told_to() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let stop = Stop::default();
    stop.after(Duration::from_millis(50));
    let started = engine.query_until(ENDLESS, &tables, tables.now, &stop);
    let mut execution = match started.await {
        // Whoever works it out only when rows are asked for is stopped there.
        Ok(execution) => execution,
        Err(error) => return assert_eq!(error, SqlError::Stopped),
    };
    assert_eq!(execution.next_rows().await, Err(SqlError::Stopped));
}

#[tokio::test]
async fn what_was_stopped_before_is_not_planned() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let stop = Stop::default();
    stop.now();
    for sql in ["SELECT hostname FROM devops.host", "SELECT 1"] {
        let started = engine.query_until(sql, &tables, tables.now, &stop).await;
        assert_eq!(started.unwrap_err(), SqlError::Stopped);
        let described = engine.describe(sql, &tables, tables.now, &stop);
        assert_eq!(described.unwrap_err(), SqlError::Stopped);
    }
}

#[tokio::test]
async fn texts_are_bounded() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let long = format!("SELECT '{}'", "x".repeat(256 * 1024));
    match engine.query(&long, &tables, tables.now).await {
        Err(SqlError::Validation(text)) => assert!(text.contains("262144"), "{text}"),
        other => panic!("{other:?}"),
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(matches!(
        engine.query(&deep, &tables, tables.now).await,
        Err(SqlError::Validation(_))
    ));
    for (joint, expected) in [(" + ", "200000"), (" + 0.0 + ", "100000.0")] {
        let terms = if joint == " + " { 200 } else { 100 };
        let sum = vec!["measure_value::bigint"; terms].join(joint);
        let sql = format!("SELECT {sum} FROM devops.host WHERE measure_value::bigint IN (1000)");
        let execution = engine.query(&sql, &tables, tables.now).await.unwrap();
        assert_eq!(Answer::of(execution).await.unwrap().texts(), [[expected]]);
    }
    for joint in [
        " + ",
        " OR ",
        " UNION SELECT ",
        " || ",
        " AND NOT ",
        ", 1 + ",
    ] {
        for count in [300, 4_000, 20_000] {
            let chain = format!("SELECT {}", vec!["1"; count].join(joint));
            match engine.query(&chain, &tables, tables.now).await {
                Err(SqlError::Validation(_)) => {}
                // Not a chain.
                Ok(_) if joint.starts_with(',') && count < 5_000 => {}
                other => panic!("{count} times {joint}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn scanned_bytes_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("part.parquet");
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1_000));
    let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let session = SessionContext::new();
    session
        .register_parquet("t", path.to_str().unwrap(), Default::default())
        .await
        .unwrap();
    let tables = OneTable(session.table_provider("t").await.unwrap());

    let engine = Engine::new(Limits::default()).unwrap();
    let mut execution = engine.query("SELECT n FROM d.t", &tables, 0).await.unwrap();
    while execution.next_rows().await.unwrap().is_some() {}
    assert!(
        execution.bytes_scanned() > 1_000,
        "{}",
        execution.bytes_scanned()
    );
}

struct OneTable(Arc<dyn TableProvider>);

impl Catalog for OneTable {
    fn databases(&self) -> Vec<String> {
        vec!["d".to_owned()]
    }

    fn tables(&self, database: &str) -> Option<Vec<String>> {
        (database == "d").then(|| vec!["t".to_owned()])
    }

    fn table(&self, _: &str, _: &str) -> Option<TableSource> {
        Some(TableSource {
            provider: self.0.clone(),
            columns: vec![],
            measures: vec![],
        })
    }
}
