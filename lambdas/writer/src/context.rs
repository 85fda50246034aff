//! Builds the function once for each of its environments.

use tidewatch_aws::clients;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::environment::of_process;
use tidewatch_aws::queue::Queue;
use tidewatch_aws::rejected::RejectedQueue;
use tidewatch_aws::sdk;
use tidewatch_aws::state_table::StateTable;
use tidewatch_aws::timestream::{TimestreamQuery, TimestreamSink};
use tidewatch_telemetry::{Metrics, StartError};

use crate::batch::Writer;
use crate::columns::Columns;
use crate::delivery::Delivery;
use crate::judging::Options;
use crate::memory::Memory;
use crate::ports::{AlertQueue, Alerts, DeadLetters, Impatient};
use crate::rollup::Rollups;
use crate::settings::Settings;

/// Builds the function from the environment.
pub(crate) async fn build(metrics: Metrics) -> Result<Writer, StartError> {
    let settings = Settings::read(&of_process)?;
    let sdk = sdk::load(&settings.region).await;
    let secrets = clients::secretsmanager(&sdk);
    let connection = settings.store.connect(&settings.region, &secrets).await?;
    let sink = TimestreamSink::new(connection.write_client().await?, settings.tenants.clone());
    let query = TimestreamQuery::new(connection.query_client().await?);
    let queue = |url: String| Queue::new(clients::sqs(&sdk), url);
    let alerts = settings
        .alert_queue
        .map(|url| Box::new(AlertQueue(queue(url))) as Box<dyn Alerts>);
    let dead_letters = settings
        .rejected_queue
        .map(|url| Box::new(RejectedQueue::new(queue(url))) as Box<dyn DeadLetters>);
    Ok(Writer {
        states: Box::new(StateTable::new(
            clients::dynamodb(&sdk),
            settings.state_table,
        )),
        options: Options {
            attempt_rows: settings.attempt_rows,
            alerts: alerts.is_some(),
        },
        delivery: Delivery {
            rows: Box::new(sink),
            alerts,
            dead_letters,
            metrics: metrics.clone(),
        },
        columns: Columns::new(&settings.tenants, settings.attempt_rows),
        rollups: Rollups::new(Box::new(query.clone()), &settings.tenants),
        memory: Memory::new(Box::new(Impatient(query)), settings.tenants),
        clock: Box::new(SystemClock),
        metrics,
        location: settings.location,
    })
}
