//! Identity and versions, in memory and against files.

use super::support::*;
use crate::{Measures, Record, Value};

const EQUAL: &str = "A record already exists with the same time, dimensions, measure name, and \
    record version. A higher record version must be specified in order to update the measure \
    value. Specifying record version is supported by the latest SDKs.";

fn lower(version: i64, existing: i64) -> String {
    format!(
        "The record version {version} is lower than the existing version {existing}. A higher \
         version is required to update the measure value."
    )
}

/// The cases of the service's table, each on an identity of its own.
async fn table_of_cases(flush_between: bool) {
    let machine = Machine::new();
    let store = machine.start().await;
    let cases = [
        ("same", 5, 1.0, 5, 1.0, None, 1.0),
        ("raised", 5, 1.0, 6, 1.0, None, 1.0),
        (
            "different",
            5,
            1.0,
            5,
            2.0,
            Some((EQUAL.to_owned(), 5)),
            1.0,
        ),
        ("lower", 200, 1.0, 2, 1.0, Some((lower(2, 200), 200)), 1.0),
        (
            "lower-different",
            5,
            1.0,
            4,
            2.0,
            Some((lower(4, 5), 5)),
            1.0,
        ),
        ("higher", 5, 1.0, 6, 2.0, None, 2.0),
    ];
    for (name, version, value, ..) in &cases {
        accept(&store, vec![probe(name, 0, *version, *value)]).await;
    }
    if flush_between {
        store.flush().await.unwrap();
        assert_eq!(store.stats().head_rows, 0);
    }
    for (name, _, _, version, value, expected, _) in &cases {
        let outcome = rejection(&store, probe(name, 0, *version, *value)).await;
        let expected = expected
            .clone()
            .map(|(reason, version)| (reason, Some(version)));
        assert_eq!(outcome, expected, "{name}");
    }
    let mut expected: Vec<String> = cases
        .iter()
        .map(|(name, .., value)| format!("{name} 0 {value:.1}"))
        .collect();
    expected.sort();
    assert_eq!(rows(&store).await, expected);

    // The raised version counts from now on.
    let outcome = rejection(&store, probe("raised", 0, 5, 1.0)).await;
    assert_eq!(outcome, Some((lower(5, 6), Some(6))));
    store.flush().await.unwrap();
    assert_eq!(rows(&store).await, expected);
    let outcome = rejection(&store, probe("raised", 0, 5, 1.0)).await;
    assert_eq!(outcome, Some((lower(5, 6), Some(6))));
}

#[tokio::test]
async fn versions_in_memory() {
    table_of_cases(false).await;
}

#[tokio::test]
async fn versions_against_files() {
    table_of_cases(true).await;
}

#[tokio::test]
async fn the_order_of_dimensions_means_nothing() {
    let store = Machine::new().start().await;
    let one = probe("m", 0, 1, 1.0);
    let mut other = one.clone();
    other.dimensions.reverse();
    accept(&store, vec![one.clone(), other.clone()]).await;
    assert_eq!(count(&store).await, 1);
    store.flush().await.unwrap();
    accept(&store, vec![other, one]).await;
    assert_eq!(count(&store).await, 1);
}

#[tokio::test]
async fn a_dimension_more_is_another_series() {
    let store = Machine::new().start().await;
    let one = probe("m", 0, 1, 1.0);
    let mut other = one.clone();
    other
        .dimensions
        .push(("location".to_owned(), "home".to_owned()));
    other.measures = Measures::Multi(vec![("value".to_owned(), Value::Double(2.0))]);
    accept(&store, vec![one, other]).await;
    let text = "SELECT tenant, monitor_id, location, value FROM t ORDER BY value";
    let expected = ["acme m - 1.0", "acme m home 2.0"];
    assert_eq!(query(&snapshot(&store), text).await, expected);
    store.flush().await.unwrap();
    assert_eq!(query(&snapshot(&store), text).await, expected);
}

#[tokio::test]
async fn records_of_one_request_are_judged_in_order() {
    let store = Machine::new().start().await;
    let written = write(
        &store,
        vec![
            probe("m", 0, 1, 1.0),
            probe("m", 0, 1, 2.0),
            probe("m", 0, 3, 3.0),
            probe("m", 0, 2, 4.0),
            probe("m", 0, 3, 3.0),
        ],
    )
    .await
    .unwrap();
    let rejected: Vec<_> = written
        .rejected
        .iter()
        .map(|rejected| (rejected.index, rejected.existing_version))
        .collect();
    assert_eq!(rejected, [(1, Some(1)), (3, Some(3))]);
    assert_eq!(written.memory_store, 3);
    assert_eq!(rows(&store).await, ["m 0 3.0"]);
}

#[tokio::test]
async fn a_multi_measure_record_is_replaced_as_a_whole() {
    let multi = |version, values: &[(&str, Value)]| Record {
        measures: Measures::Multi(
            values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        ),
        ..probe("m", 0, version, 0.0)
    };
    let store = Machine::new().start().await;
    let (a, b) = (("a", Value::Double(1.0)), ("b", Value::Bigint(2)));
    accept(&store, vec![multi(1, &[a.clone(), b.clone()])]).await;
    // The order of measures means nothing, but one less is another value.
    accept(&store, vec![multi(1, &[b.clone(), a.clone()])]).await;
    assert!(
        rejection(&store, multi(1, std::slice::from_ref(&a)))
            .await
            .is_some()
    );
    let more = [a.clone(), b, ("c", Value::Boolean(true))];
    assert!(rejection(&store, multi(1, &more)).await.is_some());
    let names: Vec<_> = snapshot(&store)
        .columns()
        .iter()
        .map(|column| column.name.clone())
        .collect();
    // A rejected record leaves no column behind.
    assert_eq!(
        names,
        ["monitor_id", "tenant", "measure_name", "time", "a", "b"]
    );
    for flush in [false, true] {
        if flush {
            store.flush().await.unwrap();
        }
        let version = if flush { 3 } else { 2 };
        accept(&store, vec![multi(version, std::slice::from_ref(&a))]).await;
        let answer = query(&snapshot(&store), "SELECT a, b FROM t").await;
        assert_eq!(answer, ["1.0 -"]);
    }
}

#[tokio::test]
async fn the_values_of_every_type_are_compared_and_kept() {
    let values = [
        (Value::Double(1.5), Value::Double(2.5)),
        (Value::Bigint(i64::MIN), Value::Bigint(i64::MAX)),
        (
            Value::Varchar("a text of more than twelve bytes".into()),
            Value::Varchar(String::new()),
        ),
        (Value::Boolean(true), Value::Boolean(false)),
        (Value::Timestamp(NOW), Value::Timestamp(NOW + 1)),
    ];
    for (number, (one, other)) in values.into_iter().enumerate() {
        for flush in [false, true] {
            let store = Machine::new().start().await;
            let record = |value: &Value| Record {
                measures: Measures::Multi(vec![("x".to_owned(), value.clone())]),
                ..probe("m", 0, 1, 0.0)
            };
            accept(&store, vec![record(&one)]).await;
            if flush {
                store.flush().await.unwrap();
            }
            accept(&store, vec![record(&one)]).await;
            assert!(
                rejection(&store, record(&other)).await.is_some(),
                "{number} {flush}"
            );
            assert_eq!(count(&store).await, 1);
        }
    }
}
