//! Queries on snapshots: what they answer and what they leave out.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::physical_plan::displayable;
use datafusion::prelude::SessionContext;

use super::support::*;
use crate::{Measures, Record, Store, Value};

/// Two hours in files and one in memory, two measures, three monitors.
async fn store() -> Store {
    let store = Machine::new().start().await;
    for hour in [2, 1, 0] {
        let minutes = (0..30).map(|minute| -hour * HOUR - minute * MINUTE);
        let all = minutes.flat_map(|at| {
            (0..3).flat_map(move |monitor| {
                let probe = probe(&format!("m{monitor}"), at, 1, at as f64);
                let state = Record {
                    measure_name: "state".to_owned(),
                    measures: Measures::Multi(vec![(
                        "state".to_owned(),
                        Value::Varchar("up".into()),
                    )]),
                    ..probe.clone()
                };
                [probe, state]
            })
        });
        accept(&store, all.collect()).await;
        if hour > 0 {
            store.flush().await.unwrap();
        }
    }
    assert_eq!(
        (store.stats().partitions, store.stats().head_rows),
        (2, 180)
    );
    store
}

async fn plan(store: &Store, sql: &str) -> String {
    let context = SessionContext::new();
    context
        .register_table("t", snapshot(store).provider())
        .unwrap();
    let plan = context.sql(sql).await.unwrap();
    let plan = plan.create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

#[tokio::test]
async fn answers_are_the_same_in_memory_and_in_files() {
    let store = store().await;
    let queries = [
        "SELECT count(*) FROM t".to_owned(),
        "SELECT measure_name, count(*), count(value), count(state) FROM t GROUP BY 1 ORDER BY 1"
            .to_owned(),
        format!(
            "SELECT count(*) FROM t WHERE time >= to_timestamp_nanos({})",
            NOW - HOUR
        ),
        "SELECT monitor_id, max(time) FROM t WHERE measure_name = 'probe' GROUP BY 1 ORDER BY 1"
            .to_owned(),
        "SELECT state FROM t WHERE monitor_id = 'm1' AND measure_name = 'state' LIMIT 2".to_owned(),
        "SELECT DISTINCT tenant FROM t WHERE monitor_id IN ('m0', 'm2')".to_owned(),
    ];
    let mut first = Vec::new();
    for text in &queries {
        first.push(query(&snapshot(&store), text).await);
    }
    assert_eq!(first[0], ["540"]);
    assert_eq!(first[1], ["probe 270 270 0", "state 270 0 270"]);
    assert_eq!(first[4], ["up", "up"]);
    store.flush().await.unwrap();
    for (text, first) in queries.iter().zip(first) {
        assert_eq!(query(&snapshot(&store), text).await, first, "{text}");
    }
}

#[tokio::test]
async fn types_are_those_promised() {
    let store = Machine::new().start().await;
    let values = vec![
        ("d".to_owned(), Value::Double(1.0)),
        ("b".to_owned(), Value::Bigint(1)),
        ("v".to_owned(), Value::Varchar("x".to_owned())),
        ("o".to_owned(), Value::Boolean(true)),
        ("t".to_owned(), Value::Timestamp(1)),
    ];
    let multi = Record {
        measures: Measures::Multi(values),
        ..probe("m", 0, 1, 0.0)
    };
    accept(&store, vec![multi]).await;
    let named = |name: &str, value| Record {
        measure_name: name.to_owned(),
        ..single("m", 0, 1, value)
    };
    accept(
        &store,
        vec![
            named("1", Value::Double(1.0)),
            named("2", Value::Bigint(1)),
            named("3", Value::Varchar("x".to_owned())),
            named("4", Value::Boolean(true)),
        ],
    )
    .await;
    let schema = snapshot(&store).provider().schema();
    let fields: Vec<(&str, &DataType)> = schema
        .fields()
        .iter()
        .map(|field| (field.name().as_str(), field.data_type()))
        .collect();
    let timestamp = DataType::Timestamp(TimeUnit::Nanosecond, None);
    let expected = [
        ("monitor_id", &DataType::Utf8View),
        ("tenant", &DataType::Utf8View),
        ("measure_name", &DataType::Utf8View),
        ("time", &timestamp),
        ("d", &DataType::Float64),
        ("b", &DataType::Int64),
        ("v", &DataType::Utf8View),
        ("o", &DataType::Boolean),
        ("t", &timestamp),
        ("measure_value::double", &DataType::Float64),
        ("measure_value::bigint", &DataType::Int64),
        ("measure_value::varchar", &DataType::Utf8View),
        ("measure_value::boolean", &DataType::Boolean),
    ];
    assert_eq!(fields, expected);
    let text = "SELECT d, b, v, o, t, \"measure_value::double\", \"measure_value::bigint\", \
                \"measure_value::varchar\", \"measure_value::boolean\" FROM t ORDER BY measure_name";
    let expected = [
        "- - - - - 1.0 - - -",
        "- - - - - - 1 - -",
        "- - - - - - - x -",
        "- - - - - - - - true",
        "1.0 1 x true 1970-01-01T00:00:00.000000001 - - - -",
    ];
    assert_eq!(query(&snapshot(&store), text).await, expected);
    store.flush().await.unwrap();
    assert_eq!(query(&snapshot(&store), text).await, expected);
}

#[tokio::test]
async fn files_and_chunks_outside_of_the_filter_are_left_out() {
    let store = store().await;
    let all = plan(&store, "SELECT value FROM t").await;
    assert_eq!(all.matches(".parquet").count(), 2, "{all}");
    assert!(all.contains("UnionExec"), "{all}");
    let since = |at: i64| {
        format!(
            "SELECT value FROM t WHERE time >= to_timestamp_nanos({})",
            NOW + at
        )
    };
    let recent = plan(&store, &since(-31 * MINUTE)).await;
    assert!(!recent.contains(".parquet"), "{recent}");
    let hour = plan(&store, &since(-HOUR - 31 * MINUTE)).await;
    assert_eq!(hour.matches(".parquet").count(), 1, "{hour}");
    let before = format!(
        "SELECT value FROM t WHERE time < to_timestamp_nanos({})",
        NOW - HOUR
    );
    let old = plan(&store, &before).await;
    assert!(!old.contains("partition_sizes"), "{old}");
    let nothing = plan(&store, &since(HOUR)).await;
    assert!(nothing.contains("EmptyExec"), "{nothing}");
    // Rows in memory lie apart by measure name.
    let recent = format!("{} AND measure_name = 'state'", since(-31 * MINUTE));
    let state = plan(&store, &recent).await;
    assert!(state.contains("partition_sizes=[1]"), "{state}");
}

#[tokio::test]
async fn a_file_without_replaced_rows_is_read_as_it_is() {
    let store = store().await;
    let selections = |store: &Store| {
        let content = snapshot(store);
        format!("{content:?}").matches("dead: {}").count()
    };
    assert_eq!(selections(&store), 2);
    accept(&store, vec![probe("m0", -HOUR, 2, 5.0)]).await;
    assert_eq!(selections(&store), 1);
    assert_eq!(count(&store).await, 540);
    let text = format!(
        "SELECT value FROM t WHERE monitor_id = 'm0' AND measure_name = 'probe' \
         AND time = to_timestamp_nanos({})",
        NOW - HOUR
    );
    assert_eq!(query(&snapshot(&store), &text).await, ["5.0"]);
}

#[tokio::test]
async fn joins_hold_the_smaller_side_in_memory() {
    let store = store().await;
    store.create_table(DB, "small", spec()).await.unwrap();
    let few = (0..3).map(|n| probe(&format!("m{n}"), 0, 1, 1.0));
    store.write(DB, "small", few.collect()).await.unwrap();
    store.flush().await.unwrap();
    let context = SessionContext::new();
    let small = store.snapshot(DB, "small").unwrap();
    context.register_table("small", small.provider()).unwrap();
    let large = snapshot(&store);
    context.register_table("large", large.provider()).unwrap();
    for (left, right) in [("small", "large"), ("large", "small")] {
        let sql = format!("SELECT count(*) FROM {left} a JOIN {right} b ON a.value = b.value");
        let plan = context.sql(&sql).await.unwrap();
        let plan = plan.create_physical_plan().await.unwrap();
        let text = displayable(plan.as_ref()).indent(false).to_string();
        let join = text.split_once("HashJoinExec").unwrap().1;
        // The first input is the one that is held; `small` is the store's second table.
        let small = join.find("00002-").unwrap();
        let large = join.find("00001-").unwrap();
        assert!(small < large, "{left} JOIN {right}: {text}");
    }
}
