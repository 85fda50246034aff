//! Where rows go: to the writer by way of its queue, or only into the log.

use async_trait::async_trait;
use tidewatch_aws::message::{Row, pack_rows};
use tidewatch_aws::queue::{Outgoing, Queue};
use tidewatch_domain::ports::{Destination, RecordSink, SinkError, WriteReport};
use tidewatch_domain::schema::dimension;
use tidewatch_domain::{Record, Tenant};

/// Hands rows to the writer.
#[derive(Debug)]
pub(crate) struct QueuedRows {
    queue: Queue,
}

impl QueuedRows {
    pub(crate) fn new(queue: Queue) -> Self {
        QueuedRows { queue }
    }
}

#[async_trait]
impl RecordSink for QueuedRows {
    async fn write(
        &self,
        destination: Destination,
        records: Vec<Record>,
    ) -> Result<WriteReport, SinkError> {
        let accepted = records.len();
        let rows: Vec<Row> = records
            .into_iter()
            .map(|record| Row {
                destination,
                tenant: tenant(&record),
                record,
            })
            .collect();
        let packed = pack_rows(&rows);
        let messages: Vec<Outgoing> = packed.messages.into_iter().map(Outgoing::now).collect();
        match self.queue.send(&messages).await.failed.into_iter().next() {
            None => Ok(WriteReport {
                accepted: accepted.saturating_sub(packed.too_large.len()),
                ..WriteReport::default()
            }),
            Some((_, message)) => Err(SinkError {
                message,
                retryable: true,
            }),
        }
    }
}

/// Rows of Tidewatch itself belong to `_system`, which nobody can be called.
fn tenant(record: &Record) -> Tenant {
    record
        .dimensions
        .iter()
        .find(|(name, _)| *name == dimension::TENANT)
        .and_then(|(_, value)| Tenant::try_new(value.clone()).ok())
        .unwrap_or_else(Tenant::system)
}

/// Tells the log.
#[derive(Debug)]
pub(crate) struct LoggedRows;

#[async_trait]
impl RecordSink for LoggedRows {
    async fn write(&self, _: Destination, records: Vec<Record>) -> Result<WriteReport, SinkError> {
        for record in &records {
            tracing::info!(
                dimensions = ?record.dimensions,
                measures = ?record.measures,
                "{}", record.measure_name
            );
        }
        Ok(WriteReport {
            accepted: records.len(),
            ..WriteReport::default()
        })
    }
}
