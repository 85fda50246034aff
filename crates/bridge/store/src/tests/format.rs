//! A data folder that was written when the format was new, and is opened for ever.
//!
//! `tests/store/format-1` is that folder, `tests/store/format-1.rows` what is in it. Neither is
//! ever made anew: a program that cannot open the folder any more has lost the data of those who
//! run it. For a later format a folder is added beside it: with `TIDEWATCH_UPDATE_EXPECTED=1` this
//! test writes one that is not there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::support::*;
use crate::files::RealFiles;
use crate::{
    Enforcement, Measures, Options, PartitionKey, Record, Retention, Store, TableSpec, Value,
};

/// The format that this program writes.
const NEWEST: u32 = 1;

fn place(format: u32) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/store");
    tests.join(format!("format-{format}"))
}

fn options() -> Options {
    let mut options = Machine::new().options();
    options.files = Arc::new(RealFiles);
    options
}

fn record(dimensions: &[(&str, &str)], measure: &str, at: i64, measures: Measures) -> Record {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Record {
        dimensions: dimensions.iter().map(own).collect(),
        measure_name: measure.to_owned(),
        time: NOW + at,
        version: 1,
        measures,
    }
}

/// A row with a value of every type, of which every third is missing.
fn every_type(monitor: &str, n: i64, at: i64) -> Record {
    let values = [
        ("a_double", Value::Double(n as f64 / 3.0)),
        ("a_bigint", Value::Bigint(n * 1_000_000_007)),
        ("a_varchar", Value::Varchar(format!("text {n} é 🌊"))),
        ("a_boolean", Value::Boolean(n % 2 == 0)),
        ("a_timestamp", Value::Timestamp(NOW - n)),
    ];
    let present = (0..)
        .zip(values)
        .filter(|(column, _)| (n + column) % 3 != 0);
    let values = present.map(|(_, (name, value))| (name.to_owned(), value));
    let dimensions = [("tenant", "acme"), ("monitor_id", monitor)];
    record(&dimensions, "probe", at, Measures::Multi(values.collect()))
}

/// Writes the folder: a file of a day, files of hours, a row that replaces one of a file, rows in
/// the log only, and rows of a table that is gone.
async fn make(folder: &Path) {
    let store = Store::open(folder, options()).await.unwrap();
    store.create_database(DB, Some("key-1")).await.unwrap();
    store.create_table(DB, TABLE, spec()).await.unwrap();
    let by_monitor = TableSpec {
        retention: Retention {
            memory_hours: 48,
            magnetic_days: 30,
        },
        partition_key: PartitionKey::Dimension {
            name: "monitor_id".to_owned(),
            enforcement: Enforcement::Required,
        },
        ..TableSpec::default()
    };
    store
        .create_table(DB, "by.monitor", by_monitor)
        .await
        .unwrap();
    let yesterday = |n: i64| every_type(&format!("m{}", n % 4), n, -DAY + n * 10 * MINUTE);
    accept(&store, (0..60).map(yesterday).collect()).await;
    store.flush().await.unwrap();
    store.flush().await.unwrap(); // the hours of yesterday become one file
    let today = |n: i64| every_type(&format!("m{}", n % 4), n, -n * 20 * MINUTE);
    accept(&store, (0..12).map(today).collect()).await;
    let values = [
        Value::Double(-0.0),
        Value::Bigint(i64::MIN),
        Value::Varchar(String::new()),
        Value::Boolean(true),
    ];
    let singles = (0..).zip(values).map(|(n, value)| {
        let name = format!("single_{n}");
        record(&[("monitor_id", "s")], &name, -n, Measures::Single(value))
    });
    store
        .write(DB, "by.monitor", singles.collect())
        .await
        .unwrap();
    store.flush().await.unwrap();
    let replaced = Record {
        version: 7,
        ..every_type("m0", 1000, -DAY)
    };
    accept(&store, vec![replaced, every_type("new", 2000, MINUTE)]).await;
    store.create_table(DB, "gone", spec()).await.unwrap();
    let lost = vec![every_type("lost", 1, 0)];
    store.write(DB, "gone", lost).await.unwrap();
    store.delete_table(DB, "gone").await.unwrap();
    store.close().await.unwrap();
    fs::remove_file(folder.join("LOCK")).unwrap();
}

/// Everything in a store, as text.
async fn told(store: &Store) -> String {
    let mut text = String::new();
    for database in store.list_databases() {
        text += &format!("{database:?}\n");
    }
    for table in store.list_tables(None).unwrap() {
        text += &format!("\n{table:?}\n");
        let snapshot = store.snapshot(&table.database, &table.name).unwrap();
        let columns = snapshot.columns().iter();
        let columns = columns.map(|column| format!("{}:{:?}", column.name, column.data_type));
        text += &format!("{}\n", columns.collect::<Vec<_>>().join(" "));
        let order = "measure_name, monitor_id, time";
        let rows = query(&snapshot, &format!("SELECT * FROM t ORDER BY {order}")).await;
        for row in rows {
            text += &format!("{row}\n");
        }
    }
    text
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap().is_dir() {
            true => copy(&from, &to),
            false => {
                fs::copy(from, to).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn every_format_there_ever_was_is_read() {
    let newest = place(NEWEST);
    let wanted = std::env::var_os("TIDEWATCH_UPDATE_EXPECTED").is_some();
    if wanted && !newest.exists() {
        make(&newest).await;
    }
    for format in 1..=NEWEST {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("store");
        copy(&place(format), &folder);
        let store = Store::open(&folder, options()).await.unwrap();
        let found = told(&store).await;
        let expected = place(format).with_extension("rows");
        if wanted && !expected.exists() {
            fs::write(&expected, &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(expected).unwrap(), "{format}");
        let check = store.check().await;
        assert_eq!(check.faults, [], "{format}");
        assert!(check.files >= 5, "{format}: {check:?}");
        // It can be lived in: written to, flushed, opened again.
        let replaced = Record {
            version: 8,
            ..every_type("m0", 1, -DAY)
        };
        accept(&store, vec![replaced]).await;
        store.flush().await.unwrap();
        let rows = count(&store).await;
        store.close().await.unwrap();
        let store = Store::open(&folder, options()).await.unwrap();
        assert_eq!((count(&store).await, rows), (73, 73), "{format}");
    }
}

/// What is written today is what lies in the folder of this format.
#[tokio::test]
async fn the_newest_format_is_the_one_that_is_written() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("store");
    make(&folder).await;
    let expected = place(NEWEST).with_extension("rows");
    let store = Store::open(&folder, options()).await.unwrap();
    assert_eq!(told(&store).await, fs::read_to_string(expected).unwrap());
    let names = |folder: &Path| {
        let names = fs::read_dir(folder.join("partitions")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        // Their numbers depend on which table came first.
        let mut names: Vec<String> = names
            .map(|name| name[..name.len() - 18].to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&folder), names(&place(NEWEST)));
    let marker = fs::read_to_string(folder.join("FORMAT")).unwrap();
    assert_eq!(marker, format!("tidewatch store {NEWEST}\n"));
}
