//! Function rules that need many inputs rather than examples.

use tidewatch_sql::{Datum, Engine, Limits};

use super::fixture::{Answer, Tables};

async fn one(sql: &str) -> String {
    let tables = Tables::read();
    let engine = Engine::new(Limits::default()).unwrap();
    let answer = Answer::of(engine.query(sql, &tables, tables.now).await.unwrap())
        .await
        .unwrap();
    match &answer.rows[0][0] {
        Datum::Scalar(text) => text.clone(),
        other => panic!("{sql}: {other:?}"),
    }
}

#[tokio::test]
async fn percentiles_of_many_values_are_close() {
    // 1..200000 through UNNEST; the digest may be off by half a percent.
    let values = "FROM UNNEST(sequence(1, 200000)) AS t (x)";
    for (p, expected) in [
        ("0.5", 100_000.0),
        ("0.99", 198_000.0),
        ("0.999", 199_800.0),
    ] {
        let found: f64 = one(&format!("SELECT approx_percentile(x, {p}) {values}"))
            .await
            .parse()
            .unwrap();
        assert!((found - expected).abs() < 1_000.0, "p{p}: {found}");
    }
    let distinct: f64 = one(&format!("SELECT approx_distinct(x) {values}"))
        .await
        .parse()
        .unwrap();
    assert!((distinct - 200_000.0).abs() < 8_000.0, "{distinct}");
}

#[tokio::test]
async fn groups_in_many_parts_agree_with_one() {
    // Enough rows and groups that partial results are merged and handed out in pieces.
    let sql = "SELECT count(*) FROM (
        SELECT x % 5000 AS g, max_by(x, x) AS most, min_by(x, x) AS least,
            cardinality(transform(create_time_series(from_milliseconds(x), x), p -> p.value)) AS points,
            approx_percentile(x, 1.0) AS top
        FROM UNNEST(sequence(0, 99999)) AS t (x) GROUP BY x % 5000)
        WHERE most = 95000 + g AND least = g AND points = 20 AND top = most";
    assert_eq!(one(sql).await, "5000");
}

#[tokio::test]
async fn now_is_one_instant() {
    let sql = "SELECT count(DISTINCT n) FROM (SELECT now() AS n FROM devops.host UNION ALL SELECT current_timestamp)";
    assert_eq!(one(sql).await, "1");
}
