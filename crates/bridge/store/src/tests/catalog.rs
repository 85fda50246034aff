//! Databases, tables, columns and measures.

use super::support::*;
use crate::{
    CatalogError, ColumnRole, ColumnType, Enforcement, MeasureType, Measures, PartitionKey, Record,
    Retention, S3Location, TableSpec, TableUpdate, Value, WriteError,
};

#[tokio::test]
async fn databases_and_tables_outlive_the_process() {
    let machine = Machine::new();
    let store = machine.open().await.unwrap();
    store.create_database("b", None).await.unwrap();
    store.create_database("a", Some("key")).await.unwrap();
    store.update_database("b", "other").await.unwrap();
    let location = S3Location {
        bucket_name: Some("bucket".to_owned()),
        ..S3Location::default()
    };
    let spec = TableSpec {
        magnetic_rejected_location: Some(location),
        partition_key: PartitionKey::Dimension {
            name: "monitor_id".to_owned(),
            enforcement: Enforcement::Required,
        },
        ..spec()
    };
    store.create_table("a", "t", spec).await.unwrap();
    store
        .create_table("b", "t", TableSpec::default())
        .await
        .unwrap();
    machine.clock.set(NOW + SECOND);
    let update = TableUpdate {
        retention: Some(Retention {
            memory_hours: 1,
            magnetic_days: 2,
        }),
        magnetic_writes: Some(false),
        partition_key: Some(PartitionKey::Dimension {
            name: "monitor_id".to_owned(),
            enforcement: Enforcement::Optional,
        }),
        magnetic_rejected_location: None,
    };
    let updated = store.update_table("a", "t", update).await.unwrap();
    assert_eq!(
        (updated.created_at, updated.updated_at),
        (NOW, NOW + SECOND)
    );
    let (databases, tables) = (store.list_databases(), store.list_tables(None).unwrap());
    assert_eq!(databases.len(), 2);
    assert_eq!(databases[0].name, "a");
    assert_eq!(databases[1].kms_key_id.as_deref(), Some("other"));
    assert_eq!(tables[0], updated);
    drop(store);
    machine.files.crash(crate::files::simulated::Crash::Power);
    let store = machine.open().await.unwrap();
    assert_eq!(store.list_databases(), databases);
    assert_eq!(store.list_tables(None).unwrap(), tables);
    assert_eq!(store.list_tables(Some("b")).unwrap().len(), 1);
}

#[tokio::test]
async fn wishes_that_cannot_be_granted() {
    let store = Machine::new().start().await;
    use CatalogError as E;
    let spec = TableSpec::default;
    let invalid = |error: Option<CatalogError>| matches!(error, Some(E::Invalid { .. }));
    assert!(matches!(
        store.create_database(DB, None).await,
        Err(E::DatabaseExists { .. })
    ));
    assert!(invalid(store.create_database("a/b", None).await.err()));
    assert!(matches!(
        store.describe_database("x"),
        Err(E::DatabaseNotFound { .. })
    ));
    assert!(matches!(
        store.create_table("x", "t", spec()).await,
        Err(E::DatabaseNotFound { .. })
    ));
    assert!(matches!(
        store.create_table(DB, TABLE, spec()).await,
        Err(E::TableExists { .. })
    ));
    assert!(matches!(
        store.describe_table(DB, "x"),
        Err(E::TableNotFound { .. })
    ));
    assert!(matches!(
        store.delete_database(DB).await,
        Err(E::DatabaseNotEmpty { tables: 1, .. })
    ));
    let update = TableUpdate {
        partition_key: Some(PartitionKey::Dimension {
            name: "x".to_owned(),
            enforcement: Enforcement::Required,
        }),
        ..TableUpdate::default()
    };
    assert!(invalid(store.update_table(DB, TABLE, update).await.err()));
    let retention = Retention {
        memory_hours: 0,
        magnetic_days: 1,
    };
    let spec = TableSpec {
        retention,
        ..TableSpec::default()
    };
    assert!(invalid(store.create_table(DB, "t", spec).await.err()));
    let missing = store.write(DB, "x", vec![]).await;
    assert!(matches!(
        missing,
        Err(WriteError::Catalog(E::TableNotFound { .. }))
    ));
}

#[tokio::test]
async fn a_deleted_table_takes_its_rows_along() {
    let machine = Machine::new();
    let store = machine.start().await;
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    store.flush().await.unwrap();
    accept(&store, vec![probe("m", MINUTE, 1, 2.0)]).await;
    store.delete_table(DB, TABLE).await.unwrap();
    assert_eq!(machine.names("partitions").len(), 0);
    store.create_table(DB, TABLE, spec()).await.unwrap();
    assert_eq!(count(&store).await, 0);
    drop(store);
    let store = machine.open().await.unwrap();
    assert_eq!(count(&store).await, 0);
    accept(&store, vec![probe("m", 0, 1, 3.0)]).await;
    assert_eq!(rows(&store).await, ["m 0 3.0"]);
}

#[tokio::test]
async fn columns_and_measures_come_with_rows_and_stay() {
    let machine = Machine::new();
    let store = machine.start().await;
    let empty: Vec<_> = snapshot(&store)
        .columns()
        .iter()
        .map(|column| (column.name.clone(), column.role))
        .collect();
    let expected = [
        ("measure_name".to_owned(), ColumnRole::MeasureName),
        ("time".to_owned(), ColumnRole::Time),
    ];
    assert_eq!(empty, expected);
    assert_eq!(count(&store).await, 0);
    accept(&store, vec![probe("m", 0, 1, 1.0)]).await;
    let mut with_location = single("m", 0, 1, Value::Bigint(7));
    with_location
        .dimensions
        .push(("location".to_owned(), "home".to_owned()));
    accept(&store, vec![with_location]).await;
    let check = |store: &crate::Store| {
        let snapshot = snapshot(store);
        let columns: Vec<_> = snapshot
            .columns()
            .iter()
            .map(|column| (column.name.as_str(), column.data_type, column.role))
            .collect();
        assert_eq!(
            columns,
            [
                ("monitor_id", ColumnType::Varchar, ColumnRole::Dimension),
                ("tenant", ColumnType::Varchar, ColumnRole::Dimension),
                ("location", ColumnType::Varchar, ColumnRole::Dimension),
                ("measure_name", ColumnType::Varchar, ColumnRole::MeasureName),
                ("time", ColumnType::Timestamp, ColumnRole::Time),
                ("value", ColumnType::Double, ColumnRole::Multi),
                (
                    "measure_value::bigint",
                    ColumnType::Bigint,
                    ColumnRole::MeasureValue
                ),
            ]
        );
        let measures: Vec<_> = snapshot
            .measures()
            .iter()
            .map(|measure| {
                let name = measure.measure_name.as_str();
                (name, measure.data_type, measure.dimensions.join(","))
            })
            .collect();
        assert_eq!(
            measures,
            [
                ("probe", MeasureType::Multi, "monitor_id,tenant".to_owned()),
                (
                    "single",
                    MeasureType::Bigint,
                    "monitor_id,tenant,location".to_owned()
                ),
            ]
        );
    };
    check(&store);
    drop(store);
    let store = machine.open().await.unwrap();
    check(&store);
    store.flush().await.unwrap();
    drop(store);
    let store = machine.open().await.unwrap();
    check(&store);
    assert_eq!(count(&store).await, 2);
}

/// Each case is a record that contradicts what `probe` and `single` brought into the table.
#[tokio::test]
async fn records_that_do_not_fit_the_table() {
    let key = PartitionKey::Dimension {
        name: "monitor_id".to_owned(),
        enforcement: Enforcement::Required,
    };
    let store = Machine::new().open().await.unwrap();
    store.create_database(DB, None).await.unwrap();
    let spec = TableSpec {
        partition_key: key,
        ..spec()
    };
    store.create_table(DB, TABLE, spec).await.unwrap();
    accept(
        &store,
        vec![probe("m", 0, 1, 1.0), single("m", 0, 1, Value::Bigint(1))],
    )
    .await;
    let base = || probe("m", MINUTE, 1, 1.0);
    let multi = |values: &[(&str, Value)]| {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Measures::Multi(values.collect())
    };
    let dimension = |name: &str| {
        let mut record = base();
        record.dimensions.push((name.to_owned(), "x".to_owned()));
        record
    };
    let cases: Vec<(Record, &str)> = vec![
        (
            Record {
                dimensions: vec![],
                ..base()
            },
            "The record does not contain the dimension monitor_id, which is the required partition key of the table.",
        ),
        (
            Record {
                measures: multi(&[("value", Value::Bigint(1))]),
                ..base()
            },
            "The measure value is of type bigint, but the table already has it as double.",
        ),
        (
            Record {
                measure_name: "probe".to_owned(),
                ..single("m", MINUTE, 1, Value::Bigint(1))
            },
            "The measure probe is of type bigint, but the table already has it as multi.",
        ),
        (
            single("m", MINUTE, 1, Value::Timestamp(1)),
            "TIMESTAMP is an invalid measure value type",
        ),
        (
            Record {
                measures: multi(&[("tenant", Value::Varchar("x".into()))]),
                ..base()
            },
            "The name tenant cannot be a measure of the record: it is already a dimension of the table.",
        ),
        (
            dimension("value"),
            "The name value cannot be a dimension of the record: it is already a measure of the table.",
        ),
        (
            dimension("tenant"),
            "The name tenant occurs more than once in the record.",
        ),
        (dimension("time"), "The name time is reserved."),
        (dimension("ts_version"), "The name ts_version is reserved."),
        (
            dimension("measure_value::double"),
            "The name measure_value::double is reserved.",
        ),
        (
            Record {
                measures: multi(&[("a", Value::Bigint(1)), ("a", Value::Bigint(1))]),
                ..base()
            },
            "The name a occurs more than once in the record.",
        ),
    ];
    for (record, reason) in cases {
        assert_eq!(
            rejection(&store, record).await,
            Some((reason.to_owned(), None))
        );
    }
    assert_eq!(count(&store).await, 2);
}

#[tokio::test]
async fn a_table_has_limits() {
    let store = Machine::new().start().await;
    for start in (0..1024).step_by(256) {
        let values = (start..start + 256).map(|n| (format!("m{n}"), Value::Bigint(n)));
        let measures = Measures::Multi(values.collect());
        let record = Record {
            measures,
            ..probe("m", start, 1, 0.0)
        };
        accept(&store, vec![record]).await;
    }
    let (reason, _) = rejection(&store, probe("m", -1, 1, 0.0)).await.unwrap();
    assert!(reason.contains("1024"), "{reason}");

    let many = |count: usize| Record {
        dimensions: (0..count)
            .map(|n| (format!("d{n}"), "x".to_owned()))
            .collect(),
        ..single("m", 0, 1, Value::Bigint(1))
    };
    // Two dimensions are there already.
    accept(&store, vec![many(126)]).await;
    let (reason, _) = rejection(&store, many(127)).await.unwrap();
    assert!(reason.contains("128 dimensions"), "{reason}");

    let named = |n: i64| Record {
        measure_name: format!("n{n}"),
        dimensions: vec![],
        ..single("m", 0, 1, Value::Bigint(n))
    };
    // Two names are there already.
    accept(&store, (0..8190).map(named).collect()).await;
    let (reason, _) = rejection(&store, named(8190)).await.unwrap();
    assert!(reason.contains("8192 measure names"), "{reason}");
    accept(&store, vec![named(5)]).await;
}
