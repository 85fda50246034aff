//! The rows of definitions on their way to the store.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use tidewatch_aws::clients;
use tidewatch_aws::message::{Results, Row, pack_results};
use tidewatch_aws::queue::{Outgoing, Queue};
use tidewatch_aws::sdk;
use tidewatch_aws::timestream::TimestreamSink;
use tidewatch_domain::ports::Destination;
use tidewatch_domain::{Location, Record, Tenant};
use tidewatch_telemetry::StartError;

use crate::settings::Settings;

/// Where rows go.
#[derive(Clone, Debug)]
pub(crate) enum RowPath {
    /// To the writer.
    Queue {
        /// The queue of results.
        queue: Queue,
        /// Whom the writer is told they come from.
        location: Location,
    },
    /// To the store itself.
    Store(TimestreamSink),
}

/// Rows by the bucket in which their monitors are judged: the writer forgets a monitor that is
/// gone in the state of its bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows(BTreeMap<u32, Vec<Row>>);

impl Rows {
    /// Adds a row of the main table.
    pub(crate) fn push(&mut self, bucket: u32, tenant: Tenant, record: Record) {
        self.0.entry(bucket).or_default().push(Row {
            destination: Destination::Main,
            tenant,
            record,
        });
    }
}

impl RowPath {
    /// The path that the settings ask for.
    pub(crate) async fn of(settings: &Settings, config: &SdkConfig) -> Result<Self, StartError> {
        let Some(queue) = &settings.queue else {
            let secrets = clients::secretsmanager(config);
            let connection = settings.store.connect(&settings.region, &secrets).await?;
            let client = connection.write_client().await?;
            let sink = TimestreamSink::new(client, settings.tenants.clone());
            return Ok(RowPath::Store(sink));
        };
        let client = if queue.region == settings.region {
            clients::sqs(config)
        } else {
            clients::sqs(&sdk::load(&queue.region).await)
        };
        Ok(RowPath::Queue {
            queue: Queue::new(client, queue.url.clone()),
            location: settings.plan.location.clone(),
        })
    }

    /// Hands rows on; gives the buckets of those that were not taken, with the reason.
    pub(crate) async fn send(&self, rows: Rows) -> BTreeMap<u32, String> {
        let mut failed = BTreeMap::new();
        for (bucket, rows) in rows.0 {
            let sent = match self {
                RowPath::Queue { queue, location } => through(queue, location, bucket, rows).await,
                RowPath::Store(sink) => into(sink, &rows).await,
            };
            if let Err(reason) = sent {
                failed.insert(bucket, reason);
            }
        }
        failed
    }
}

async fn through(
    queue: &Queue,
    location: &Location,
    bucket: u32,
    rows: Vec<Row>,
) -> Result<(), String> {
    let packed = pack_results(&Results {
        location: location.clone(),
        bucket,
        monitors: Vec::new(),
        results: Vec::new(),
        rows,
    });
    for refused in &packed.too_large {
        tracing::error!("a row is not written: {refused}");
    }
    let messages: Vec<Outgoing> = packed.messages.into_iter().map(Outgoing::now).collect();
    match queue.send(&messages).await.failed.into_iter().next() {
        None => Ok(()),
        Some((_, reason)) => Err(format!("the results queue did not take the rows: {reason}")),
    }
}

async fn into(sink: &TimestreamSink, rows: &[Row]) -> Result<(), String> {
    let written = sink.write_rows(rows).await;
    for (position, reason) in &written.rejected {
        let key = rows.get(*position).map(|row| &row.record.dimensions);
        tracing::error!("the store refused a row of {key:?}: {reason}");
    }
    match written.failed.into_iter().next() {
        None => Ok(()),
        Some((_, reason)) => Err(format!("the store did not take the rows: {reason}")),
    }
}
