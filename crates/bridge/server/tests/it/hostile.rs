//! Statements that want more than there is: each ends with an answer or a refusal, within bounds
//! of memory and time, and the server goes on.

use std::time::Duration;

use serde_json::json;

use super::server::{Server, cells};

fn nested(depth: usize, begin: &str, middle: &str, end: &str) -> String {
    format!("{}{middle}{}", begin.repeat(depth), end.repeat(depth))
}

fn statements() -> Vec<(&'static str, String)> {
    let long = "x".repeat(200_000);
    let doubled = |times: usize| {
        let mut text = "SELECT 'xxxxxxxxxxxxxxxx' AS x".to_owned();
        for _ in 0..times {
            text = format!("SELECT x || x AS x FROM ({text})");
        }
        format!("SELECT length(x) FROM ({text})")
    };
    let with_doubled = |times: usize| {
        let mut text = "WITH t0 AS (SELECT 'xxxxxxxxxxxxxxxx' AS x)".to_owned();
        for n in 0..times {
            text += &format!(", t{} AS (SELECT concat(x, x) AS x FROM t{n})", n + 1);
        }
        format!("{text} SELECT length(x) FROM t{times}")
    };
    let joined = |times: usize| {
        let mut text = "WITH t0 AS (SELECT 1 AS x UNION ALL SELECT 2)".to_owned();
        for n in 0..times {
            text += &format!(", t{} AS (SELECT a.x FROM t{n} a CROSS JOIN t{n} b)", n + 1);
        }
        format!("{text} SELECT count(*) FROM t{times}")
    };
    let rows = "UNNEST(sequence(1, 10000))";
    vec![
        ("repeat 1e9", "SELECT repeat('x', 1000000000)".into()),
        (
            "repeat of a long text",
            format!("SELECT cardinality(repeat('{long}', 10000))"),
        ),
        (
            "join of a repeated text",
            format!("SELECT length(array_join(repeat('{long}', 10000), ','))"),
        ),
        ("sequence 1e12", "SELECT sequence(1, 1000000000000)".into()),
        (
            "sequence for each row",
            format!("SELECT sum(cardinality(sequence(1, 10000))) FROM {rows} AS t(n)"),
        ),
        (
            "sequences of sequences",
            format!("SELECT array_agg(sequence(1, 10000)) FROM {rows} AS t(n)"),
        ),
        (
            "planning that computes",
            "SELECT reduce(sequence(1, 100000), 0, (s, x) -> s + reduce(sequence(1, 100000), 0, (t, y) -> t + y, t -> t), s -> s)".into(),
        ),
        (
            "computing for each row",
            format!("SELECT max(reduce(sequence(1, 100000), n, (s, x) -> s + reduce(sequence(1, 100000), 0, (t, y) -> t + y, t -> t), s -> s)) FROM {rows} AS t(n)"),
        ),
        (
            "many wide relations",
            format!(
                "WITH t AS (SELECT {} FROM {rows} AS t(n)) SELECT count(*) FROM t t0 {}",
                (0..500).map(|n| format!("n + {n} AS c{n}")).collect::<Vec<_>>().join(", "),
                (1..90).map(|n| format!("JOIN t t{n} ON t{n}.c{n} = t{}.c{n}", n - 1)).collect::<Vec<_>>().join(" "),
            ),
        ),
        (
            "lpad 1e9",
            "SELECT length(lpad('x', 1000000000, 'y'))".into(),
        ),
        (
            "rpad of each row",
            format!("SELECT max(length(rpad('x', 1000000, 'y'))) FROM {rows} AS t(n)"),
        ),
        ("concat doubled", doubled(40)),
        ("concat doubled by name", with_doubled(40)),
        (
            "replace by a long text",
            format!(
                "SELECT length(replace('{long}', 'x', '{}'))",
                "y".repeat(50_000)
            ),
        ),
        (
            "replace for each row",
            format!(
                "SELECT max(length(replace('{}', 'x', '{}'))) FROM {rows} AS t(n)",
                "x".repeat(1000),
                "y".repeat(1000)
            ),
        ),
        (
            "regexp_replace by a long text",
            format!(
                "SELECT length(regexp_replace('{long}', 'x', '{}'))",
                "y".repeat(50_000)
            ),
        ),
        (
            "cross join",
            format!(
                "SELECT count(*) FROM {rows} AS a(n) CROSS JOIN {rows} AS b(n) CROSS JOIN {rows} AS c(n) WHERE a.n + b.n < c.n"
            ),
        ),
        ("cross join by name", joined(40)),
        (
            "cross join with all rows",
            format!(
                "SELECT a.n, b.n, c.n FROM {rows} AS a(n) CROSS JOIN {rows} AS b(n) CROSS JOIN {rows} AS c(n) ORDER BY c.n, a.n DESC"
            ),
        ),
        (
            "array of everything",
            format!(
                "SELECT array_agg(concat(cast(a.n AS varchar), cast(b.n AS varchar))) FROM {rows} AS a(n) CROSS JOIN {rows} AS b(n)"
            ),
        ),
        (
            "distinct of everything",
            format!(
                "SELECT count(DISTINCT a.n * 10000 + b.n) FROM {rows} AS a(n) CROSS JOIN {rows} AS b(n)"
            ),
        ),
        (
            "window of everything",
            format!(
                "SELECT sum(s) FROM (SELECT sum(a.n) OVER (ORDER BY b.n ROWS BETWEEN 100000 PRECEDING AND 100000 FOLLOWING) s FROM {rows} AS a(n) CROSS JOIN {rows} AS b(n))"
            ),
        ),
        (
            "window of arrays",
            format!(
                "SELECT count(*) FROM (SELECT array_agg(n) OVER (ORDER BY n) s FROM {rows} AS a(n))"
            ),
        ),
        ("parentheses", nested(50_000, "(", "SELECT 1", ")")),
        (
            "parentheses of an expression",
            format!("SELECT {}", nested(20_000, "(", "1", ")")),
        ),
        ("minus signs", format!("SELECT {}1", "- ".repeat(50_000))),
        ("not", format!("SELECT {}true", "NOT ".repeat(50_000))),
        (
            "arrays",
            format!("SELECT {}", nested(20_000, "ARRAY[", "1", "]")),
        ),
        (
            "case",
            format!(
                "SELECT {}",
                nested(5_000, "CASE WHEN true THEN ", "1", " END")
            ),
        ),
        (
            "calls",
            format!("SELECT {}", nested(20_000, "abs(", "1", ")")),
        ),
        (
            "casts",
            format!("SELECT {}", nested(10_000, "CAST(", "1", " AS bigint)")),
        ),
        (
            "sub-selects",
            nested(5_000, "SELECT * FROM (", "SELECT 1 AS x", ")"),
        ),
        ("sums", format!("SELECT {}1", "1 + ".repeat(50_000))),
        (
            "unions",
            format!("{}SELECT 1", "SELECT 1 UNION ALL ".repeat(10_000)),
        ),
        (
            "conditions",
            format!("SELECT 1 WHERE {}false", "true OR ".repeat(20_000)),
        ),
        (
            "cube of thirty",
            format!(
                "SELECT count(*) FROM {rows} AS t(n) GROUP BY CUBE ({})",
                (1..=30)
                    .map(|step| format!("n % {step}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        ),
        (
            "regular expression",
            "SELECT regexp_like(repeat('a', 100000), '(a*)*b')".into(),
        ),
        (
            "large regular expression",
            "SELECT regexp_like('a', '((a{1,1000}){1,1000}){1,1000}')".into(),
        ),
        (
            "pattern",
            format!("SELECT repeat('a', 100000) LIKE '{}b'", "%a".repeat(2_000)),
        ),
        ("many columns", format!("SELECT {}0", "1, ".repeat(60_000))),
    ]
}

/// The most memory that the process had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kibibytes = line.split_whitespace().nth(1).unwrap();
    kibibytes.parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_statements_are_refused_or_stopped_and_the_server_goes_on() {
    let server = Server::start_with(|settings| {
        settings.query_timeout = Duration::from_secs(1);
    })
    .await;
    for (name, statement) in statements() {
        let answer = server
            .call("Query", json!({"QueryString": statement}))
            .await;
        let body = answer.json();
        let kind = body["__type"].as_str().unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default();
        let told = matches!(kind, "ValidationException" | "QueryExecutionException");
        assert!(answer.status == 200 || told, "{name}: {body}");
        let alive = server.query("SELECT 1").await;
        assert_eq!(cells(&alive), [[Some("1".to_owned())]], "{name}");
        // The engine may use 512 MiB; the rest is what nobody accounts for, and other tests.
        assert!(peak() < 3 * 1024, "{name}: {} MiB", peak());
    }
}
