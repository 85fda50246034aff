//! The database of tests: a bridge in this process, with a clock that is set by hand.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tempfile::TempDir;
use tidewatch_alerting::source::{Answer, Source};
use tidewatch_alerting::unit::{Measures, Row, Schema, Stage, TableName};
use tidewatch_bridge::Bridge;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::schema::TableProperties;
use tidewatch_domain::{Timestamp, Value};
use tidewatch_store::Store;
use tidewatch_wire as wire;

use crate::cli::exit::Complaint;
use crate::local::BridgeSink;
use crate::rules::BridgeSource;

/// What WriteRecords takes at most.
const BATCH: usize = 100;
/// How far back rows may lie: a test's story may begin long before its first evaluation.
const PAST: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A bridge over a store in a folder that is removed with it.
pub(super) struct BridgeStage {
    bridge: Bridge,
    store: Store,
    source: BridgeSource,
    clock: Arc<StoryClock>,
    tables: Mutex<BTreeSet<TableName>>,
    databases: Mutex<BTreeSet<String>>,
    _folder: TempDir,
}

impl BridgeStage {
    pub(super) async fn open(now: Timestamp) -> Result<Self, Complaint> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            Complaint::failed("the database for the tests cannot be opened").because(error)
        };
        let folder = tempfile::tempdir().map_err(|error| failed(error.into()))?;
        let clock = Arc::new(StoryClock(AtomicI64::new(now.as_nanos())));
        let store = store(folder.path(), &clock).await.map_err(failed)?;
        let engine = tidewatch_sql::Engine::new(tidewatch_sql::Limits::default());
        let engine = engine.map_err(|error| failed(error.into()))?;
        let settings = tidewatch_bridge::Settings::new(folder.path());
        let bridge = Bridge::new(store.clone(), engine, Arc::clone(&clock) as _, settings);
        let bridge = bridge.map_err(|error| failed(error.into()))?;
        Ok(BridgeStage {
            source: BridgeSource::new(bridge.clone()),
            bridge,
            store,
            clock,
            tables: Mutex::default(),
            databases: Mutex::default(),
            _folder: folder,
        })
    }

    /// Ends it; what it holds is thrown away.
    pub(super) async fn close(self) {
        self.bridge.stop_queries();
        // Nobody needs the rows any more, so that a store that did not close well harms nobody.
        let _ = self.store.close().await;
    }

    async fn make_database(&self, database: &str) -> Result<(), String> {
        if !self.databases.lock().insert(database.to_owned()) {
            return Ok(());
        }
        let request = wire::CreateDatabaseRequest {
            database_name: Some(database.to_owned()),
            ..Default::default()
        };
        let made = self.bridge.create_database(request).await;
        made.map(|_| ()).map_err(|error| error.to_string())
    }

    async fn make_table(&self, name: &TableName) -> Result<(), String> {
        if !self.tables.lock().insert(name.clone()) {
            return Ok(());
        }
        self.make_database(&name.database).await?;
        let properties = TableProperties::of(Destination::Main);
        let request = wire::CreateTableRequest {
            database_name: Some(name.database.clone()),
            table_name: Some(name.table.clone()),
            retention_properties: Some(wire::RetentionProperties {
                memory_store_retention_period_in_hours: Some(properties.memory_hours.into()),
                magnetic_store_retention_period_in_days: Some(properties.magnetic_days.into()),
            }),
            magnetic_store_write_properties: Some(wire::MagneticStoreWriteProperties {
                enable_magnetic_store_writes: Some(true),
                ..Default::default()
            }),
            ..Default::default()
        };
        let made = self.bridge.create_table(request).await;
        made.map(|_| ()).map_err(|error| error.to_string())
    }

    async fn send(&self, table: &TableName, records: Vec<wire::Record>) -> Result<(), String> {
        let request = wire::WriteRecordsRequest {
            database_name: Some(table.database.clone()),
            table_name: Some(table.table.clone()),
            records: Some(records),
            ..Default::default()
        };
        let Err(error) = self.bridge.write_records(request).await else {
            return Ok(());
        };
        // A repeat of a row is no news, as for the product.
        let mut refused = error
            .rejected
            .iter()
            .filter(|record| record.existing_version.is_none());
        match refused.next() {
            Some(record) => Err(format!(
                "a row of {} was refused: {}",
                table.table, record.reason
            )),
            None if error.rejected.is_empty() => Err(error.to_string()),
            None => Ok(()),
        }
    }
}

async fn store(
    folder: &Path,
    clock: &Arc<StoryClock>,
) -> Result<Store, Box<dyn std::error::Error + Send + Sync>> {
    let mut options = tidewatch_store::Options::new(Arc::clone(clock) as _);
    // Time goes by in leaps here; nothing is to happen in between.
    options.housekeeping_every = Duration::ZERO;
    options.extra_past = PAST;
    Ok(Store::open(folder, options).await?)
}

#[async_trait]
impl Source for BridgeStage {
    async fn query(&self, datasource_uid: &str, sql: &str) -> Result<Answer, String> {
        self.source.query(datasource_uid, sql).await
    }
}

#[async_trait]
impl Stage for BridgeStage {
    async fn begin(&self, table: &TableName, schema: Schema, now: Timestamp) -> Result<(), String> {
        self.set_clock(now);
        let old = std::mem::take(&mut *self.tables.lock());
        for TableName { database, table } in old {
            let request = wire::DeleteTableRequest {
                database_name: Some(database),
                table_name: Some(table),
            };
            let deleted = self.bridge.delete_table(request).await;
            deleted.map_err(|error| error.to_string())?;
        }
        match schema {
            Schema::Own => self.make_table(table).await,
            Schema::Tidewatch => {
                self.make_database(&table.database).await?;
                self.tables.lock().insert(table.clone());
                let sink = BridgeSink::new(
                    self.bridge.clone(),
                    table.database.clone(),
                    table.table.clone(),
                );
                let made = sink.create_table(Destination::Main, now).await;
                made.map_err(|error| error.to_string())
            }
        }
    }

    fn set_clock(&self, now: Timestamp) {
        self.clock.0.store(now.as_nanos(), Ordering::Release);
    }

    async fn write(&self, rows: Vec<Row>) -> Result<(), String> {
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let table = first.table.clone();
            self.make_table(&table).await?;
            let mut batch = vec![record(first)];
            while batch.len() < BATCH
                && let Some(row) = rows.next_if(|row| row.table == table)
            {
                batch.push(record(row));
            }
            self.send(&table, batch).await?;
        }
        Ok(())
    }
}

fn record(row: Row) -> wire::Record {
    let dimension = |(name, value): (String, String)| wire::Dimension {
        name: Some(name),
        value: Some(value),
        ..Default::default()
    };
    let mut record = wire::Record {
        dimensions: Some(row.dimensions.into_iter().map(dimension).collect()),
        measure_name: Some(row.measure_name),
        time: Some(row.time.as_nanos().to_string()),
        time_unit: Some(wire::TimeUnit::Nanoseconds),
        version: Some(row.version),
        ..Default::default()
    };
    match row.measures {
        Measures::Single(value) => {
            let (text, kind) = value_of(value);
            record.measure_value = Some(text);
            record.measure_value_type = Some(kind);
        }
        Measures::Multi(measures) => {
            let measure = |(name, value): (String, Value)| {
                let (text, kind) = value_of(value);
                wire::MeasureValue {
                    name: Some(name),
                    value: Some(text),
                    r#type: Some(kind),
                }
            };
            record.measure_values = Some(measures.into_iter().map(measure).collect());
            record.measure_value_type = Some(wire::MeasureValueType::Multi);
        }
    }
    record
}

fn value_of(value: Value) -> (String, wire::MeasureValueType) {
    use wire::MeasureValueType as Kind;
    match value {
        Value::Double(value) => (value.to_string(), Kind::Double),
        Value::Bigint(value) => (value.to_string(), Kind::Bigint),
        Value::Varchar(value) => (value, Kind::Varchar),
        Value::Boolean(value) => (value.to_string(), Kind::Boolean),
        Value::Timestamp(value) => (value.as_nanos().to_string(), Kind::Timestamp),
    }
}

/// The time of the story that is played.
#[derive(Debug)]
struct StoryClock(AtomicI64);

impl tidewatch_store::Clock for StoryClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }
}
