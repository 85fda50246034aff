//! Files for other programs.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sha2::{Digest, Sha256};

use super::support::*;
use crate::files::simulated::Failure;
use crate::{ExportFormat, Exported, Record, Store, StoreError, Value};

const ALL: std::ops::Range<i64> = i64::MIN..i64::MAX;

fn folder() -> PathBuf {
    PathBuf::from("/export")
}

/// Rows of yesterday in a file, of today in a file and in memory, one of them replaced.
async fn start(machine: &Machine) -> Store {
    let store = machine.start().await;
    let yesterday = (0..3).map(|n| probe(&format!("m{n}"), -DAY, 1, n as f64));
    accept(&store, yesterday.collect()).await;
    accept(&store, vec![probe("a,\"b\"", -HOUR, 1, 0.5)]).await;
    store.flush().await.unwrap();
    let text = Value::Varchar("two\nlines".to_owned());
    let single = Record {
        dimensions: vec![("monitor_id".to_owned(), "ü".to_owned())],
        ..single("", 0, 1, text)
    };
    accept(&store, vec![probe("m1", -DAY, 2, 7.0), single]).await;
    store
}

async fn export(
    store: &Store,
    range: std::ops::Range<i64>,
    format: ExportFormat,
) -> Result<Exported, StoreError> {
    let none = |_| {};
    store
        .export(DB, TABLE, range, format, &folder(), none)
        .await
}

fn names(exported: &Exported) -> Vec<(&str, u64)> {
    let files = exported.files.iter();
    files.map(|file| (file.name.as_str(), file.rows)).collect()
}

#[tokio::test]
async fn comma_separated_values_are_as_other_programs_want_them() {
    let machine = Machine::new();
    let store = start(&machine).await;
    let seen = Arc::new(AtomicU64::new(0));
    let count = seen.clone();
    let progress = move |rows| {
        count.fetch_add(rows, Ordering::SeqCst);
    };
    let exported = store
        .export(DB, TABLE, ALL, ExportFormat::Csv, &folder(), progress)
        .await
        .unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), 5);
    assert_eq!(
        names(&exported),
        [("db/rows/2026-11-21.csv", 3), ("db/rows/2026-11-22.csv", 2)]
    );
    let text = |file: usize| {
        let bytes = machine.bytes(&folder().join(&exported.files[file].name));
        assert_eq!(exported.files[file].bytes, bytes.len() as u64);
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        assert_eq!(exported.files[file].sha256, hash);
        String::from_utf8(bytes).unwrap()
    };
    let first = text(0);
    let mut lines: Vec<&str> = first.lines().collect();
    lines[1..].sort_unstable();
    let header = "monitor_id,tenant,measure_name,time,value,measure_value::varchar";
    let at = "2026-11-21 07:30:00.000000000";
    assert_eq!(
        lines,
        [
            header,
            &format!("m0,acme,probe,{at},0.0,"),
            &format!("m1,acme,probe,{at},7.0,"),
            &format!("m2,acme,probe,{at},2.0,"),
        ]
    );
    let second = text(1);
    let quoted = "\"a,\"\"b\"\"\",acme,probe,2026-11-22 06:30:00.000000000,0.5,\n";
    assert!(second.contains(quoted), "{second}");
    let broken = "ü,,single,2026-11-22 07:30:00.000000000,,\"two\nlines\"\n";
    assert!(second.contains(broken), "{second}");
}

#[tokio::test]
async fn a_stretch_of_time_is_taken_to_the_nanosecond() {
    let machine = Machine::new();
    let store = start(&machine).await;
    let format = ExportFormat::Parquet;
    let one = export(&store, NOW - HOUR..NOW, format).await.unwrap();
    assert_eq!(names(&one), [("db/rows/2026-11-22.parquet", 1)]);
    assert_eq!(one.files[0].first_time, NOW - HOUR);
    assert_eq!(one.files[0].last_time, NOW - HOUR);
    let none = export(&store, NOW - HOUR + 1..NOW, format).await.unwrap();
    assert_eq!(none.files, []);
    let both = export(&store, NOW - HOUR..NOW + 1, format).await.unwrap();
    assert_eq!(names(&both), [("db/rows/2026-11-22.parquet", 2)]);
}

#[tokio::test]
async fn parquet_files_are_plain_ones() {
    let machine = Machine::new();
    let store = start(&machine).await;
    let exported = export(&store, ALL, ExportFormat::Parquet).await.unwrap();
    let mut rows = 0;
    for file in &exported.files {
        let bytes = bytes::Bytes::from(machine.bytes(&folder().join(&file.name)));
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        let metadata = reader.metadata().file_metadata();
        assert_eq!(metadata.key_value_metadata(), None);
        let columns = metadata.schema_descr().columns().iter();
        let columns: Vec<&str> = columns.map(|column| column.name()).collect();
        // The version is nobody else's business.
        let expected = ["monitor_id", "tenant", "measure_name", "time", "value"];
        assert_eq!(columns[..5], expected);
        assert_eq!(columns[5..], ["measure_value::varchar"]);
        for batch in reader.build().unwrap() {
            rows += batch.unwrap().num_rows();
        }
    }
    assert_eq!(rows, 5);
}

#[tokio::test]
async fn names_made_of_dots_stay_in_the_folder() {
    let machine = Machine::new();
    let store = machine.start().await;
    store.create_database("..", None).await.unwrap();
    store.create_table("..", "..", spec()).await.unwrap();
    let record = vec![probe("m", 0, 1, 1.0)];
    store.write("..", "..", record).await.unwrap();
    let format = ExportFormat::Csv;
    let none = |_| {};
    let made = store.export("..", "..", ALL, format, &folder(), none).await;
    let made = made.unwrap();
    assert_eq!(names(&made), [("%2E%2E/%2E%2E/2026-11-22.csv", 1)]);
    assert_eq!(machine.files.names(&folder()).len(), 1);
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_no_half_file() {
    let machine = Machine::new();
    let store = start(&machine).await;
    for format in [ExportFormat::Csv, ExportFormat::Parquet] {
        let mut failed = 0;
        for step in 0.. {
            let before = machine.files.operations();
            machine.files.fail(before + step, Failure::Once);
            let done = export(&store, ALL, format).await;
            machine.files.fail(u64::MAX, Failure::Once);
            if done.is_ok() {
                break;
            }
            failed += 1;
            // What has its name is complete; a flush and writes are not affected.
            assert_eq!(store.stats().read_only, None);
        }
        assert!(failed >= 8, "{failed}");
        let drafts = machine.files.names(&folder());
        let drafts = drafts.iter().filter(|name| name.ends_with("draft.tmp"));
        assert_eq!(drafts.count(), 0);
    }
}
