//! Names and types of result columns, and cells that are not plain text.

use tidewatch_sql::{Datum, Type};

use super::fixture::Tables;

async fn check(sql: &str, expected: &[(&str, Type)]) {
    let answer = Tables::read().run(sql).await.unwrap();
    let columns: Vec<(&str, Type)> = answer
        .columns
        .iter()
        .map(|(name, kind)| (name.as_str(), kind.clone()))
        .collect();
    assert_eq!(columns, expected, "{sql}");
}

#[tokio::test]
async fn the_health_check() {
    let answer = Tables::read().run("SELECT 1").await.unwrap();
    assert_eq!(answer.columns, [("_col0".to_owned(), Type::Integer)]);
    assert_eq!(answer.rows, [[Datum::Scalar("1".to_owned())]]);
    let answer = Tables::read().run("SELECT null").await.unwrap();
    assert_eq!(answer.columns, [("_col0".to_owned(), Type::Unknown)]);
    assert_eq!(answer.rows, [[Datum::Null]]);
}

#[tokio::test]
async fn names() {
    check(
        "SELECT region, avg(measure_value::double), count(*) AS NumRows, host.az, region FROM devops.host GROUP BY region, az",
        &[
            ("region", Type::Varchar),
            ("_col1", Type::Double),
            ("NumRows", Type::Bigint),
            ("az", Type::Varchar),
            ("region", Type::Varchar),
        ],
    )
    .await;
    // The position counts in the result, after the star.
    check(
        "SELECT *, 1 + 1, time FROM monitoring.empty",
        &[
            ("measure_name", Type::Varchar),
            ("time", Type::Timestamp),
            ("_col2", Type::Integer),
            ("time", Type::Timestamp),
        ],
    )
    .await;
    check(
        "SELECT measure_value::double FROM devops.host",
        &[("measure_value::double", Type::Double)],
    )
    .await;
    check(
        "SELECT * FROM (SELECT count(*) FROM devops.host)",
        &[("_col0", Type::Bigint)],
    )
    .await;
    check(
        "SELECT 1 AS \"a b\", 2 AS \"max\"",
        &[("a b", Type::Integer), ("max", Type::Integer)],
    )
    .await;
    let row = "(SELECT cast(row(1) AS row(n integer)) AS r) AS x";
    check(
        &format!("SELECT x.r.n, r.n FROM {row}"),
        &[("n", Type::Integer), ("n", Type::Integer)],
    )
    .await;
    check("SELECT 1 UNION ALL SELECT 2", &[("_col0", Type::Integer)]).await;
}

#[tokio::test]
async fn types() {
    check(
        "SELECT 1, 3000000000, 1.5, 'x', true, now(), current_date, current_time, 1h, 2y, time - time FROM monitoring.empty",
        &[
            ("_col0", Type::Integer),
            ("_col1", Type::Bigint),
            ("_col2", Type::Double),
            ("_col3", Type::Varchar),
            ("_col4", Type::Boolean),
            ("_col5", Type::Timestamp),
            ("_col6", Type::Date),
            ("_col7", Type::Time),
            ("_col8", Type::IntervalDayToSecond),
            ("_col9", Type::IntervalYearToMonth),
            ("_col10", Type::IntervalDayToSecond),
        ],
    )
    .await;
    check(
        "SELECT create_time_series(time, measure_value::double) s, array[1, 2] a, row(1, 'x') r, cast(row(1) AS row(n bigint)) q FROM devops.host",
        &[
            ("s", Type::TimeSeries(Box::new(Type::Double))),
            ("a", Type::Array(Box::new(Type::Integer))),
            ("r", Type::Row(vec![(None, Type::Integer), (None, Type::Varchar)])),
            ("q", Type::Row(vec![(Some("n".to_owned()), Type::Bigint)])),
        ],
    )
    .await;
    check(
        "SELECT sum(measure_value::bigint) a, avg(measure_value::bigint) b, count(*) c, approx_distinct(az) d, row_number() OVER () e, length(max(az)) f, round(avg(measure_value::double), 2) g FROM devops.host",
        &[
            ("a", Type::Bigint),
            ("b", Type::Double),
            ("c", Type::Bigint),
            ("d", Type::Bigint),
            ("e", Type::Bigint),
            ("f", Type::Bigint),
            ("g", Type::Double),
        ],
    )
    .await;
}

#[tokio::test]
async fn cells_with_structure() {
    let sql = "SELECT array[1, null], row('a', null), create_time_series(time, error_class) FROM monitoring.checks WHERE target = 'shop' AND time > '2024-03-01 00:01:00'";
    let answer = Tables::read().run(sql).await.unwrap();
    let text = |text: &str| Datum::Scalar(text.to_owned());
    assert_eq!(
        answer.rows,
        [[
            Datum::Array(vec![text("1"), Datum::Null]),
            Datum::Row(vec![text("a"), Datum::Null]),
            Datum::TimeSeries(vec![
                ("2024-03-01 00:02:00.000000000".to_owned(), text("timeout")),
                ("2024-03-01 00:03:00.000000000".to_owned(), text("status")),
            ]),
        ]]
    );
}
