//! Builds the function once for each of its environments.

use std::time::Duration;

use tidewatch_aws::clients;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::environment::of_process;
use tidewatch_aws::message::Row;
use tidewatch_aws::queue::Queue;
use tidewatch_aws::rejected::RejectedQueue;
use tidewatch_aws::sdk;
use tidewatch_aws::state_table::StateTable;
use tidewatch_aws::timestream::{TimestreamQuery, TimestreamSink};
use tidewatch_domain::assess::AttemptRows;
use tidewatch_domain::ports::{Clock, Destination};
use tidewatch_domain::{Tenant, Timestamp, rows};
use tidewatch_telemetry::{Metrics, StartError};

use crate::batch::Writer;
use crate::delivery::Delivery;
use crate::judging::Options;
use crate::ports::{AlertQueue, Alerts, DeadLetters};
use crate::rollup::Rollups;
use crate::settings::Settings;

/// How long a start waits for the columns: Lambda gives all of it ten seconds.
const PATIENCE: Duration = Duration::from_secs(4);

/// Builds the function from the environment.
pub(crate) async fn build(metrics: Metrics) -> Result<Writer, StartError> {
    let settings = Settings::read(&of_process)?;
    let sdk = sdk::load(&settings.region).await;
    let secrets = clients::secretsmanager(&sdk);
    let connection = settings.store.connect(&settings.region, &secrets).await?;
    let sink = TimestreamSink::new(connection.write_client().await?, settings.tenants.clone());
    let declared = declare_columns(&sink, &settings, SystemClock.now());
    if tokio::time::timeout(PATIENCE, declared).await.is_err() {
        tracing::warn!("columns are not declared: the store does not answer within {PATIENCE:?}");
    }
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
        rollups: Rollups::new(Box::new(query), &settings.tenants),
        clock: Box::new(SystemClock),
        metrics,
        location: settings.location,
    })
}

/// Makes every column exist in every store, once a day: the rows of a day are the same whoever
/// writes them. Without that a healthy system's dashboards name columns that do not exist.
async fn declare_columns(sink: &TimestreamSink, settings: &Settings, now: Timestamp) {
    const DAY: i64 = 24 * 60 * 60;
    let midnight = Timestamp::from_secs(now.as_secs().div_euclid(DAY) * DAY);
    let destinations: &[Destination] = match settings.attempt_rows {
        AttemptRows::Off => &[Destination::Main],
        AttemptRows::Failures | AttemptRows::All => &[Destination::Main, Destination::Attempts],
    };
    let shared = &settings.tenants.others().store;
    let with_own = settings
        .tenants
        .named()
        .filter(|(_, settings)| settings.store != *shared)
        .map(|(tenant, _)| tenant.clone());
    let mut rows = Vec::new();
    for tenant in with_own.chain([Tenant::system()]) {
        for destination in destinations {
            rows.extend(rows::schema_rows(midnight).into_iter().map(|record| Row {
                destination: *destination,
                tenant: tenant.clone(),
                record,
            }));
        }
    }
    let written = sink.write_rows(&rows).await;
    for (_, reason) in written.rejected.into_iter().chain(written.failed) {
        tracing::warn!("columns are not declared: {reason}");
    }
}
