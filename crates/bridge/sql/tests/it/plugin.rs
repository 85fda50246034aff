//! Statements that Grafana's Timestream plugin sends, with its macros expanded as it expands them:
//! resource calls, sample queries, macros, alerting, and the panels of its sample dashboard.

use tidewatch_sql::Type;

use super::fixture::Tables;

const FROM_MS: &str = "1709251200000";
const TO_MS: &str = "1709254800000";

/// The plugin's textual replacement of its macros, longest name first.
fn expand(sql: &str) -> String {
    [
        ("$__interval_raw_ms", "60000"),
        ("$__interval_ms", "60000ms"),
        (
            "$__timeFilter",
            &format!("time BETWEEN from_milliseconds({FROM_MS}) AND from_milliseconds({TO_MS})"),
        ),
        ("$__timeFrom", FROM_MS),
        ("$__timeTo", TO_MS),
        ("$__interval", "60000ms"),
        ("$__now_ms", TO_MS),
        ("$__database", "\"devops\""),
        ("$__table", "\"host\""),
        ("$__measure", "cpu_utilization"),
    ]
    .iter()
    .fold(sql.to_owned(), |sql, (name, value)| {
        sql.replace(name, value)
    })
}

async fn run(sql: &str) -> Vec<Vec<String>> {
    let sql = expand(sql);
    match Tables::read().run(&sql).await {
        Ok(answer) => answer.texts(),
        Err(error) => panic!("{sql}\n{error}"),
    }
}

#[tokio::test]
async fn resource_calls_and_sample_queries() {
    assert_eq!(run("SELECT 1").await, [["1"]]);
    assert_eq!(run("SHOW DATABASES").await, [["devops"], ["monitoring"]]);
    assert_eq!(run("SHOW TABLES FROM \"devops\"").await, [["host"]]);
    assert_eq!(run("SHOW TABLES FROM $__database").await, [["host"]]);
    assert_eq!(run("SHOW MEASURES FROM \"devops\".\"host\"").await.len(), 2);
    assert_eq!(
        run("SHOW MEASURES FROM $__database.$__table").await[0].len(),
        3
    );
    assert_eq!(run("DESCRIBE $__database.$__table").await.len(), 7);
    assert_eq!(
        run("SELECT * FROM $__database.$__table LIMIT 10")
            .await
            .len(),
        10
    );
    assert_eq!(
        run("SELECT DISTINCT hostname FROM $__database.$__table ORDER BY 1")
            .await
            .len(),
        3
    );
}

#[tokio::test]
async fn macros() {
    let all = "SELECT count(*) FROM $__database.$__table WHERE $__timeFilter AND measure_name = '$__measure'";
    assert_eq!(run(all).await, [["15"]]);
    let binned = "SELECT BIN(time, $__interval_ms) AS t, avg(measure_value::double) FROM $__database.$__table \
        WHERE $__timeFilter AND measure_name = '$__measure' GROUP BY BIN(time, $__interval_ms) ORDER BY t";
    assert_eq!(run(binned).await.len(), 5);
    assert_eq!(
        run("SELECT bin(time, 2592000000ms), bin(time, 31536000000ms) FROM devops.host LIMIT 1")
            .await
            .len(),
        1
    );
    let raw = "SELECT count(*) FROM devops.host WHERE time >= from_unixtime($__timeFrom/1000) AND time < from_milliseconds($__now_ms)";
    assert_eq!(run(raw).await, [["21"]]);
    let iso = "SELECT count(*) FROM devops.host WHERE time > from_iso8601_timestamp('2024-03-01T00:02:30.000Z')";
    assert_eq!(run(iso).await, [["6"]]);
    let many = "SELECT count(*) FROM devops.host WHERE hostname IN ('host-1','host-2')";
    assert_eq!(run(many).await, [["14"]]);
}

#[tokio::test]
async fn alerting() {
    let series = "SELECT hostname, CREATE_TIME_SERIES(time, measure_value::double) AS latency \
        FROM $__database.$__table WHERE $__timeFilter AND measure_name = '$__measure' GROUP BY hostname";
    let answer = Tables::read().run(&expand(series)).await.unwrap();
    assert_eq!(
        answer.columns[1].1,
        Type::TimeSeries(Box::new(Type::Double))
    );
    assert_eq!(answer.rows.len(), 3);
    let table = "select region, avg(measure_value::bigint) from $__database.$__table group by region order by region limit 10";
    assert_eq!(
        run(table).await,
        [["eu-west-1", "3000.5"], ["us-east-1", "1500.5"]]
    );
    let mapped = "SELECT time, CASE WHEN error_class IS NULL THEN 0.0 ELSE 1.0 END AS bad FROM monitoring.checks WHERE target = 'shop' ORDER BY time";
    assert_eq!(run(mapped).await.len(), 4);
}

#[tokio::test]
async fn panels_of_the_sample_dashboard() {
    for (sql, rows) in [
        // Single numbers with conditional counts.
        (
            "SELECT COUNT(DISTINCT hostname) AS hosts, COUNT(IF(measure_value::double > 20, 1)) AS busy \
             FROM $__database.$__table WHERE $__timeFilter",
            1,
        ),
        (
            "SELECT approx_distinct(region || az || hostname) AS series, approx_percentile(measure_value::double, 0.9) AS p90 \
             FROM $__database.$__table WHERE time > ago(2h)",
            1,
        ),
        // Ranks over a nested aggregate.
        (
            "SELECT hostname, max_cpu FROM (SELECT hostname, max_cpu, DENSE_RANK() OVER (ORDER BY max_cpu DESC) AS rank \
             FROM (SELECT hostname, MAX(measure_value::double) AS max_cpu FROM $__database.$__table \
             WHERE $__timeFilter AND measure_name = '$__measure' GROUP BY hostname)) WHERE rank <= 2 ORDER BY rank",
            2,
        ),
        // Five common table expressions and a join.
        (
            "WITH hosts AS (SELECT hostname, avg(measure_value::double) AS a FROM $__database.$__table WHERE measure_name = '$__measure' GROUP BY hostname), \
             fleet AS (SELECT avg(measure_value::double) AS a FROM $__database.$__table WHERE measure_name = '$__measure'), \
             high AS (SELECT h.hostname, 'high' AS level FROM hosts h, fleet f WHERE h.a > f.a * 1.2), \
             low AS (SELECT h.hostname, 'low' AS level FROM hosts h CROSS JOIN fleet f WHERE h.a < f.a * 0.8), \
             noted AS (SELECT * FROM high UNION ALL SELECT * FROM low) \
             SELECT n.hostname, n.level, ROUND(h.a, 2) AS average FROM noted n JOIN hosts h ON n.hostname = h.hostname ORDER BY 3 DESC",
            2,
        ),
        (
            "SELECT BIN(time, 5m) AS binned, region, CASE WHEN avg(measure_value::double) > 20 THEN 'hot' ELSE 'cool' END AS state \
             FROM $__database.$__table WHERE $__timeFilter AND measure_name = '$__measure' GROUP BY BIN(time, 5m), region \
             HAVING COUNT(*) > 1 ORDER BY binned, 2",
            2,
        ),
        (
            "SELECT region, CREATE_TIME_SERIES(time, measure_value::double) AS cpu FROM $__database.$__table \
             WHERE $__timeFilter AND measure_name = '$__measure' GROUP BY region, az, hostname \
             ORDER BY AVG(measure_value::double) DESC LIMIT 2",
            2,
        ),
        (
            "WITH binned AS (SELECT hostname, BIN(time, 1h) AS t, AVG(measure_value::double) AS v FROM $__database.$__table \
             WHERE measure_name = '$__measure' AND time BETWEEN ago(2h) AND now() GROUP BY hostname, BIN(time, 1h)), \
             lined AS (SELECT hostname, INTERPOLATE_LOCF(CREATE_TIME_SERIES(t, v), SEQUENCE(min(t), max(t), 15m)) AS s FROM binned GROUP BY hostname) \
             SELECT time, ROUND(value, 2) AS value FROM lined CROSS JOIN UNNEST(s) WHERE hostname = 'host-1'",
            1,
        ),
    ] {
        assert_eq!(run(sql).await.len(), rows, "{sql}");
    }
}
