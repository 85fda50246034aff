//! Filters that whole row groups pass or do not: left out of plans, and never of answers.

use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionContext;

use super::support::*;
use crate::{Measures, Record, Store, Value};

/// The first row's time before [`NOW`], which is half past an hour.
const BEGIN: i64 = -2 * HOUR - 30 * MINUTE;

/// An hour of probes of three monitors, one without a tenant, and of states: in a file they lie in
/// row groups of their own.
async fn store() -> Store {
    let store = Machine::new().start().await;
    let probes = (0..9_000).map(|n| {
        let at = BEGIN + n / 3 * SECOND;
        probe(&format!("m{}", n % 3), at, 1, (n % 1_000) as f64)
    });
    let states = (0..60).map(|n| Record {
        measure_name: "state".to_owned(),
        measures: Measures::Multi(vec![("state".to_owned(), Value::Varchar("up".into()))]),
        ..probe(&format!("m{}", n % 3), BEGIN + n * MINUTE / 2, 1, 0.0)
    });
    let mut all: Vec<Record> = probes.chain(states).collect();
    all[8_000].dimensions.remove(0);
    accept(&store, all).await;
    store
}

fn instant(at: i64) -> String {
    format!("to_timestamp_nanos({})", NOW + at)
}

/// Filters, and all pairs of them.
fn filters() -> Vec<String> {
    let some = [
        "measure_name = 'probe'".to_owned(),
        "measure_name <> 'probe'".to_owned(),
        "NOT (measure_name = 'probe' AND monitor_id = 'm1')".to_owned(),
        format!("time >= {}", instant(BEGIN)),
        format!("time >= {}", instant(BEGIN + 10 * MINUTE)),
        format!("time < {}", instant(BEGIN + 50 * MINUTE)),
        "tenant = 'acme'".to_owned(),
        "tenant <> 'acme'".to_owned(),
        "tenant IS NULL".to_owned(),
        "monitor_id IN ('m0', 'm2')".to_owned(),
        "value >= 0".to_owned(),
        "state IS NULL OR tenant = 'other'".to_owned(),
    ];
    let pairs = some.iter().enumerate().flat_map(|(at, one)| {
        let others = some[at + 1..].iter();
        others.map(move |other| format!("{one} AND ({other})"))
    });
    some.iter().cloned().chain(pairs).collect()
}

async fn answers(store: &Store) -> Vec<(String, Vec<String>)> {
    let mut answers = Vec::new();
    for filter in filters() {
        let sql = format!(
            "SELECT monitor_id, count(*), count(state), sum(value), min(time), max(time) \
             FROM t WHERE {filter} GROUP BY 1 ORDER BY 1"
        );
        let answer = query(&snapshot(store), &sql).await;
        answers.push((filter, answer));
    }
    answers
}

#[tokio::test]
async fn answers_do_not_depend_on_what_is_known_of_row_groups() {
    let store = store().await;
    let in_memory = answers(&store).await;
    store.flush().await.unwrap();
    assert_eq!((store.stats().partitions, store.stats().head_rows), (1, 0));
    assert_eq!(answers(&store).await, in_memory);
    // A row that was replaced is left out of its row group.
    let again = probe("m1", BEGIN + SECOND, 2, 5e5);
    accept(&store, vec![again]).await;
    let replaced = answers(&store).await;
    assert_ne!(replaced, in_memory);
    store.flush().await.unwrap();
    assert_eq!(answers(&store).await, replaced);
}

#[tokio::test]
async fn filters_that_all_rows_pass_are_left_out_of_the_plan() {
    let store = store().await;
    store.flush().await.unwrap();
    let plan = async |columns: &str, filter: &str| {
        let context = SessionContext::new();
        let provider = snapshot(&store).provider();
        context.register_table("t", provider).unwrap();
        let sql = format!("SELECT {columns} FROM t WHERE {filter}");
        let plan = context.sql(&sql).await.unwrap();
        let plan = plan.create_physical_plan().await.unwrap();
        displayable(plan.as_ref()).indent(false).to_string()
    };
    let whole = format!(
        "measure_name = 'probe' AND time >= {} AND time < {}",
        instant(BEGIN),
        instant(BEGIN + HOUR)
    );
    let text = plan("value", &whole).await;
    assert!(text.contains("projection=[value]"), "{text}");
    assert!(
        !text.contains("predicate") && !text.contains("FilterExec"),
        "{text}"
    );

    let text = plan("value", &format!("{whole} AND monitor_id = 'm1'")).await;
    assert!(
        text.contains("projection=[value], file_type=parquet, predicate=monitor_id@0 = m1"),
        "{text}"
    );

    // Some row has no tenant.
    let text = plan("value", &format!("{whole} AND tenant = 'acme'")).await;
    assert!(text.contains("predicate=tenant@1 = acme"), "{text}");

    // Of no row group a row can pass.
    let text = plan("value", "measure_name = 'trace'").await;
    assert!(text.contains("EmptyExec"), "{text}");
}
