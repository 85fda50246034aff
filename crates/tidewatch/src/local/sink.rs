//! Records into the bridge, by the same WriteRecords path that outside clients take.

use async_trait::async_trait;
use tidewatch_bridge::Bridge;
use tidewatch_domain::ports::{Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::{self, TableProperties};
use tidewatch_domain::{Record, Timestamp, Value, rows};
use tidewatch_wire as wire;

/// The port [`RecordSink`] on a bridge in this process.
#[derive(Clone, Debug)]
pub(crate) struct BridgeSink {
    bridge: Bridge,
    database: String,
    table: String,
}

impl BridgeSink {
    /// A sink for the main table `table` of `database` and the attempts table beside it.
    pub(crate) fn new(bridge: Bridge, database: String, table: String) -> Self {
        BridgeSink {
            bridge,
            database,
            table,
        }
    }

    /// Creates what does not exist yet, columns included. Tables that exist are left as they are.
    pub(crate) async fn create_tables(&self, now: Timestamp) -> Result<(), SinkError> {
        let database = wire::CreateDatabaseRequest {
            database_name: Some(self.database.clone()),
            ..Default::default()
        };
        unless_existing(self.bridge.create_database(database).await.map(|_| ()))?;
        self.create_table(Destination::Main, now).await?;
        self.create_table(Destination::Attempts, now).await
    }

    /// Creates one table in a database that exists, columns included.
    pub(crate) async fn create_table(
        &self,
        destination: Destination,
        now: Timestamp,
    ) -> Result<(), SinkError> {
        let request = self.create_table_request(destination);
        unless_existing(self.bridge.create_table(request).await.map(|_| ()))?;
        self.write(destination, rows::schema_rows(now)).await?;
        Ok(())
    }

    fn table_of(&self, destination: Destination) -> String {
        match destination {
            Destination::Main => self.table.clone(),
            Destination::Attempts => format!("{}{}", self.table, schema::ATTEMPTS_SUFFIX),
        }
    }

    fn create_table_request(&self, destination: Destination) -> wire::CreateTableRequest {
        let properties = TableProperties::of(destination);
        wire::CreateTableRequest {
            database_name: Some(self.database.clone()),
            table_name: Some(self.table_of(destination)),
            retention_properties: Some(wire::RetentionProperties {
                memory_store_retention_period_in_hours: Some(properties.memory_hours.into()),
                magnetic_store_retention_period_in_days: Some(properties.magnetic_days.into()),
            }),
            magnetic_store_write_properties: Some(wire::MagneticStoreWriteProperties {
                enable_magnetic_store_writes: Some(properties.magnetic_writes),
                ..Default::default()
            }),
            schema: Some(wire::Schema {
                composite_partition_key: Some(vec![wire::PartitionKey {
                    r#type: Some(wire::PartitionKeyType::Dimension),
                    name: Some(properties.partition_key.to_owned()),
                    enforcement_in_record: Some(wire::EnforcementLevel::Required),
                }]),
            }),
            ..Default::default()
        }
    }
}

#[async_trait]
impl RecordSink for BridgeSink {
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        let count = records.len();
        let request = wire::WriteRecordsRequest {
            database_name: Some(self.database.clone()),
            table_name: Some(self.table_of(destination)),
            records: Some(
                records
                    .into_iter()
                    .map(|row| record(row.fitted()))
                    .collect(),
            ),
            ..Default::default()
        };
        match self.bridge.write_records(request).await {
            Ok(_) => Ok(WriteReport {
                accepted: count,
                ..WriteReport::default()
            }),
            Err(error) if !error.rejected.is_empty() => Ok(report(count, error.rejected)),
            Err(error) => Err(sink_error(&error)),
        }
    }
}

/// A rejection that names an existing version is a repeat of a slot: a duplicate, counted.
fn report(count: usize, rejected: Vec<wire::RejectedRecord>) -> WriteReport {
    let mut report = WriteReport {
        accepted: count - rejected.len().min(count),
        ..Default::default()
    };
    for record in rejected {
        if record.existing_version.is_some() {
            report.duplicates += 1;
        } else {
            let index = usize::try_from(record.record_index).unwrap_or(0);
            report.rejected.push((index, record.reason));
        }
    }
    report
}

fn unless_existing(result: Result<(), wire::ApiError>) -> Result<(), SinkError> {
    match result {
        Err(error) if error.code != wire::ErrorCode::Conflict => Err(sink_error(&error)),
        _ => Ok(()),
    }
}

fn sink_error(error: &wire::ApiError) -> SinkError {
    SinkError {
        message: error.message.clone(),
        // What the request itself got wrong stays wrong.
        retryable: !matches!(
            error.code,
            wire::ErrorCode::Validation | wire::ErrorCode::ResourceNotFound
        ),
    }
}

fn record(record: Record) -> wire::Record {
    let dimension = |(name, value): (&'static str, String)| wire::Dimension {
        name: Some(name.to_owned()),
        value: Some(value),
        ..Default::default()
    };
    wire::Record {
        dimensions: Some(record.dimensions.into_iter().map(dimension).collect()),
        measure_name: Some(record.measure_name.to_owned()),
        measure_value_type: Some(wire::MeasureValueType::Multi),
        measure_values: Some(
            record
                .measures
                .into_iter()
                // The service refuses empty texts; for a reader they are as good as absent.
                .filter(|(_, value)| *value != Value::Varchar(String::new()))
                .map(|(name, value)| measure(name.into_owned(), value))
                .collect(),
        ),
        time: Some(record.time.as_nanos().to_string()),
        time_unit: Some(wire::TimeUnit::Nanoseconds),
        version: Some(record.version),
        ..Default::default()
    }
}

fn measure(name: String, value: Value) -> wire::MeasureValue {
    let (value, r#type) = match value {
        Value::Double(value) => (value.to_string(), wire::MeasureValueType::Double),
        Value::Bigint(value) => (value.to_string(), wire::MeasureValueType::Bigint),
        Value::Varchar(value) => (value, wire::MeasureValueType::Varchar),
        Value::Boolean(value) => (value.to_string(), wire::MeasureValueType::Boolean),
        Value::Timestamp(value) => (
            value.as_nanos().to_string(),
            wire::MeasureValueType::Timestamp,
        ),
    };
    wire::MeasureValue {
        name: Some(name),
        value: Some(value),
        r#type: Some(r#type),
    }
}
