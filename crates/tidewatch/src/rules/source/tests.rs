//! Queries to a real bridge.

use std::sync::Arc;

use tidewatch_store::Store;

use super::*;
use crate::local::SystemClock;

async fn source(folder: &std::path::Path) -> BridgeSource {
    let clock = Arc::new(SystemClock);
    let options = tidewatch_store::Options::new(Arc::clone(&clock) as _);
    let store = Store::open(folder, options).await.unwrap();
    let engine = tidewatch_sql::Engine::new(tidewatch_sql::Limits::default()).unwrap();
    let mut settings = tidewatch_bridge::Settings::new(folder);
    // A few rows are more than a page.
    settings.page_bytes = 40;
    BridgeSource::new(Bridge::new(store, engine, clock, settings).unwrap())
}

#[tokio::test]
async fn answers_come_whole_and_with_their_types() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path()).await;
    let sql = "SELECT CAST(n AS bigint) AS n, CAST(n AS double) AS half, 'a' AS t, \
         CAST(NULL AS varchar) AS nothing, n = 2, ARRAY['x'] \
         FROM (VALUES (1), (2), (3)) AS v(n) ORDER BY 1";
    let answer = source.query("any", sql).await.unwrap();
    let columns: Vec<_> = answer
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind.clone()))
        .collect();
    assert_eq!(
        columns,
        [
            ("n", ColumnKind::Bigint),
            ("half", ColumnKind::Double),
            ("t", ColumnKind::Varchar),
            ("nothing", ColumnKind::Varchar),
            ("_col4", ColumnKind::Boolean),
            ("_col5", ColumnKind::Nested),
        ]
    );
    assert_eq!(answer.rows.len(), 3);
    let scalar = |text: &str| Cell::Scalar(text.to_owned());
    assert_eq!(
        answer.rows[1],
        [
            scalar("2"),
            scalar("2.0"),
            scalar("a"),
            Cell::Null,
            scalar("true"),
            scalar(r#"{"ArrayValue":[{"ScalarValue":"x"}]}"#),
        ]
    );
}

#[tokio::test]
async fn time_series_keep_their_points() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "SELECT create_time_series(from_milliseconds(t), t) AS s \
         FROM (VALUES (0), (1000)) AS v(t)";
    let answer = source(folder.path()).await.query("any", sql).await.unwrap();
    assert!(matches!(answer.columns[0].kind, ColumnKind::TimeSeries(_)));
    let point = |time: &str, value: &str| (time.to_owned(), Some(value.to_owned()));
    assert_eq!(
        answer.rows[0][0],
        Cell::Series(vec![
            point("1970-01-01 00:00:00.000000000", "0"),
            point("1970-01-01 00:00:01.000000000", "1000"),
        ])
    );
}

#[tokio::test]
async fn a_refusal_has_the_words_of_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path()).await;
    let error = source.query("any", "SELECT").await.unwrap_err();
    assert!(error.starts_with("ValidationException: "), "{error}");
}

#[tokio::test]
async fn a_query_has_a_limit_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let source = BridgeSource {
        time_limit: Duration::ZERO,
        ..source(folder.path()).await
    };
    let error = source.query("any", "SELECT 1").await.unwrap_err();
    assert_eq!(error, "the query took longer than 0 s");
}
