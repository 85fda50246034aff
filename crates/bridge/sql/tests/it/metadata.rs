//! `SHOW` and `DESCRIBE`: columns, types and rows.

use tidewatch_sql::{Engine, Limits, StatementKind, Type};

use super::fixture::Tables;

async fn check(sql: &str, columns: &[(&str, Type)], rows: &[&[&str]]) {
    let answer = Tables::read().run(sql).await.unwrap();
    let names: Vec<(&str, Type)> = answer
        .columns
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.clone()))
        .collect();
    assert_eq!(names, columns, "{sql}");
    assert_eq!(answer.texts(), rows, "{sql}");
}

#[tokio::test]
async fn show_databases_and_tables() {
    let database = [("Database", Type::Varchar)];
    check("SHOW DATABASES", &database, &[&["devops"], &["monitoring"]]).await;
    check("show databases like 'mon%';", &database, &[&["monitoring"]]).await;
    check("SHOW DATABASES LIKE 'x'", &database, &[]).await;
    let table = [("Table", Type::Varchar)];
    check(
        "SHOW TABLES FROM \"monitoring\"",
        &table,
        &[&["checks"], &["empty"]],
    )
    .await;
    check(
        "SHOW TABLES FROM monitoring LIKE '_heck_'",
        &table,
        &[&["checks"]],
    )
    .await;
    check("SHOW TABLES", &table, &[&["host"], &["checks"], &["empty"]]).await;
}

#[tokio::test]
async fn show_measures() {
    let dimension = Type::Row(vec![
        (Some("dimension_name".to_owned()), Type::Varchar),
        (Some("data_type".to_owned()), Type::Varchar),
    ]);
    let columns = [
        ("measure_name", Type::Varchar),
        ("data_type", Type::Varchar),
        ("dimensions", Type::Array(Box::new(dimension))),
    ];
    let of_host = "[(az, varchar), (hostname, varchar), (region, varchar)]";
    check(
        "SHOW MEASURES FROM \"devops\".\"host\"",
        &columns,
        &[
            &["cpu_utilization", "double", of_host],
            &["memory_used", "bigint", of_host],
        ],
    )
    .await;
    check(
        "SHOW MEASURES FROM monitoring.checks LIKE 'pro%'",
        &columns,
        &[&["probe", "multi", "[(location, varchar), (target, varchar)]"]],
    )
    .await;
}

#[tokio::test]
async fn describe() {
    let columns = [
        ("Column", Type::Varchar),
        ("Type", Type::Varchar),
        ("Timestream attribute type", Type::Varchar),
    ];
    check(
        "DESCRIBE devops.host",
        &columns,
        &[
            &["az", "varchar", "DIMENSION"],
            &["hostname", "varchar", "DIMENSION"],
            &["region", "varchar", "DIMENSION"],
            &["measure_name", "varchar", "MEASURE_NAME"],
            &["time", "timestamp", "TIMESTAMP"],
            &["measure_value::double", "double", "MEASURE_VALUE"],
            &["measure_value::bigint", "bigint", "MEASURE_VALUE"],
        ],
    )
    .await;
    check(
        "DESCRIBE \"monitoring\".\"checks\"",
        &columns,
        &[
            &["location", "varchar", "DIMENSION"],
            &["target", "varchar", "DIMENSION"],
            &["measure_name", "varchar", "MEASURE_NAME"],
            &["time", "timestamp", "TIMESTAMP"],
            &["latency_ms", "double", "MULTI"],
            &["status_code", "bigint", "MULTI"],
            &["up", "boolean", "MULTI"],
            &["error_class", "varchar", "MULTI"],
        ],
    )
    .await;
}

#[tokio::test]
async fn metadata_is_not_metered() {
    let (engine, tables) = (Engine::new(Limits::default()).unwrap(), Tables::read());
    let mut shown = engine
        .query("SHOW DATABASES", &tables, tables.now)
        .await
        .unwrap();
    assert_eq!(shown.kind, StatementKind::Metadata);
    assert!(shown.next_rows().await.unwrap().is_some());
    assert!(shown.next_rows().await.unwrap().is_none());
    assert_eq!(shown.bytes_scanned(), 0);
}
