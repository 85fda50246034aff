//! Texts of refusals, which clients match with regular expressions.

use tidewatch_sql::SqlError;

use super::fixture::Tables;

async fn validation(cases: &[(&str, &str)]) {
    let tables = Tables::read();
    for (sql, expected) in cases {
        match tables.run(sql).await {
            Err(SqlError::Validation(text)) => assert_eq!(text, *expected, "{sql}"),
            other => panic!("{sql}\n  should be refused with: {expected}\n  but gave: {other:?}"),
        }
    }
}

#[tokio::test]
async fn names_that_do_not_exist() {
    validation(&[
        (
            "SELECT vehicleName FROM devops.host",
            "line 1:8: Column 'vehicleName' does not exist",
        ),
        (
            "SELECT region\nFROM devops.host\nWHERE nope = 'x'",
            "line 3:7: Column 'nope' does not exist",
        ),
        (
            "SELECT h.nope FROM devops.host h",
            "line 1:8: Column 'h.nope' does not exist",
        ),
        (
            "SELECT count(*) FROM devops.host GROUP BY nope",
            "line 1:43: Column 'nope' does not exist",
        ),
        (
            "SELECT region FROM devops.host ORDER BY nope",
            "line 1:41: Column 'nope' does not exist",
        ),
        (
            "SELECT a.time FROM devops.host a JOIN devops.host b ON a.nope = b.time",
            "line 1:56: Column 'a.nope' does not exist",
        ),
        (
            "SELECT time FROM devops.host a JOIN devops.host b ON a.time = b.time",
            "line 1:8: Column 'time' is ambiguous",
        ),
        (
            "SELECT measure_value::double FROM monitoring.empty",
            "line 1:8: Column 'measure_value::double' does not exist",
        ),
        (
            "SELECT * FROM abc.sampleDB",
            "Requested database 'abc' not found for identifier 'abc.sampleDB' at line 1:15",
        ),
        (
            "SELECT * FROM devops.nope",
            "line 1:15: Table 'devops.nope' does not exist",
        ),
        (
            "DESCRIBE devops.nope",
            "line 1:10: Table 'devops.nope' does not exist",
        ),
        (
            "SHOW TABLES FROM nope",
            "Requested database 'nope' not found for identifier 'nope' at line 1:18",
        ),
        (
            "SELECT * FROM host",
            "line 1:15: Schema must be specified when session schema is not set",
        ),
        (
            "SELECT * FROM devops.host ORDER BY devops.other.az",
            "line 1:36: Column 'devops.other.az' does not exist",
        ),
        (
            "SELECT az FROM devops.host ORDER BY a.b.c.d",
            "line 1:37: Column 'a.b.c.d' does not exist",
        ),
        ("SELECT foo(1)", "line 1:8: Function 'foo' not registered"),
        (
            "SELECT 1, dense_rank()",
            "line 1:11: Window function 'dense_rank' needs an OVER clause",
        ),
        (
            "SELECT hostname FROM devops.host WHERE lead(hostname, 1) = ''",
            "line 1:40: Window function 'lead' needs an OVER clause",
        ),
        (
            "SELECT abs(1) OVER ()",
            "line 1:8: Function 'abs' is no window function and takes no OVER clause",
        ),
        (
            "SELECT 1, read_parquet('x')",
            "line 1:11: Function 'read_parquet' not registered",
        ),
        (
            "SELECT \"$cast\"(1, 'bigint')",
            "line 1:8: Function '$cast' not registered",
        ),
        ("SELECT CAST(1 AS money)", "line 1:18: Unknown type: money"),
    ])
    .await;
}

#[tokio::test]
async fn syntax() {
    validation(&[
        ("SELEC 1", "The query syntax is invalid at line 1:1"),
        (
            "SELECT FROM devops.host",
            "The query syntax is invalid at line 1:8",
        ),
        (
            "SELECT 1 FROM devops.host WHERE",
            "The query syntax is invalid at line 1:32",
        ),
        ("SELECT (1", "The query syntax is invalid at line 1:10"),
        ("SELECT 'x", "The query syntax is invalid at line 1:8"),
        ("", "The query syntax is invalid at line 1:1"),
        (
            "SELECT 1; SELECT 2",
            "The query syntax is invalid at line 1:11",
        ),
        (
            "SELECT ago('7d') FROM",
            "The query syntax is invalid at line 1:22",
        ),
        ("SELECT 1 day 2", "The query syntax is invalid at line 1:14"),
        (
            "SELECT 1::varchar",
            "The query syntax is invalid at line 1:8",
        ),
    ])
    .await;
}

#[tokio::test]
async fn statements_that_change_or_reach_out() {
    for sql in [
        "INSERT INTO devops.host VALUES (1)",
        "UPDATE devops.host SET region = 'x'",
        "DELETE FROM devops.host",
        "CREATE TABLE devops.x (a int)",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "DROP TABLE devops.host",
        "ALTER TABLE devops.host ADD COLUMN x int",
        "COPY devops.host TO '/tmp/x'",
        "EXPLAIN SELECT 1",
        "SET datafusion.execution.batch_size = 1",
        "PREPARE x AS SELECT 1",
        "USE devops",
    ] {
        let expected = "The query syntax is invalid at line 1:1";
        validation(&[(sql, expected)]).await;
    }
    validation(&[
        (
            "SELECT * FROM information_schema.tables",
            "Requested database 'information_schema' not found for identifier 'information_schema.tables' at line 1:15",
        ),
        (
            "SELECT * FROM '/etc/passwd'",
            "The query syntax is invalid at line 1:15",
        ),
        ("SELECT * FROM generate_series(1, 10)", "The query syntax is invalid at line 1:15"),
        ("SHOW ALL", "The query syntax is invalid at line 1:6"),
    ])
    .await;
}

#[tokio::test]
async fn types_that_do_not_fit() {
    validation(&[
        (
            "SELECT max(ARRAY[ROW('a', 1)]) FROM devops.host",
            "Unexpected parameters (array(row(varchar, integer))) for function max: values of that \
             type have no order here",
        ),
        (
            "SELECT min(map_agg(az, 1)) OVER () FROM devops.host GROUP BY az",
            "Unexpected parameters (map(varchar, integer)) for function min: values of that type \
             have no order here",
        ),
        (
            "SELECT region FROM devops.host WHERE region = 'x' AND 5m",
            "line 1:38: Right side of logical expression must evaluate to a boolean (actual: interval day to second)",
        ),
        (
            "SELECT region FROM devops.host WHERE time > 1620000000000",
            "line 1:38: Cannot apply operator: timestamp > bigint",
        ),
        (
            "SELECT region FROM devops.host WHERE region = 5",
            "line 1:38: Cannot apply operator: varchar = integer",
        ),
        ("SELECT 1 + 'x'", "Cannot apply operator: integer + varchar"),
        (
            "SELECT bin(region, 5) FROM devops.host",
            "line 1:8: Unexpected parameters (varchar, integer) for function bin. Expected: bin(timestamp, interval day to second), bin(bigint, bigint), bin(integer, integer)",
        ),
        (
            "SELECT ago('7d')",
            "line 1:8: Unexpected parameters (varchar) for function ago. Expected: ago(interval day to second)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn failures_on_the_data() {
    let tables = Tables::read();
    for (sql, expected) in [
        ("SELECT 1 / 0", "Division by zero"),
        ("SELECT 5 % 0", "Division by zero"),
        (
            "SELECT sum(n) FROM (VALUES (9223372036854775807), (1)) AS t(n)",
            "bigint addition overflow",
        ),
        (
            "SELECT g, sum(n) FROM (VALUES (1, 9223372036854775807), (1, 1)) AS t(g, n) GROUP BY g",
            "bigint addition overflow",
        ),
        (
            "SELECT 2147483647 + 1",
            "integer addition overflow: 2147483647, 1",
        ),
        (
            "SELECT measure_value::bigint * 9223372036854775807 FROM devops.host WHERE measure_value::bigint = 1001",
            "bigint multiplication overflow: 1001, 9223372036854775807",
        ),
        (
            "SELECT 1 / (measure_value::bigint - 1000) FROM devops.host WHERE hostname = 'host-1'",
            "Division by zero",
        ),
        (
            "SELECT CAST(region AS bigint) FROM devops.host",
            "Cannot cast 'us-east-1' to BIGINT",
        ),
        (
            "SELECT array[1, 2][3]",
            "Array subscript must be less than or equal to array length: 3 > 2",
        ),
        (
            "SELECT count(*) FROM devops.host WHERE time > 'noon'",
            "Value cannot be cast to timestamp: noon",
        ),
        (
            "SELECT regexp_like(region, '(') FROM devops.host LIMIT 0",
            "",
        ),
    ] {
        match tables.run(sql).await {
            Err(SqlError::Execution(text)) if !expected.is_empty() => {
                assert_eq!(text, expected, "{sql}")
            }
            Ok(answer) if expected.is_empty() => assert!(answer.rows.is_empty(), "{sql}"),
            other => panic!("{sql}: {other:?}"),
        }
    }
}
