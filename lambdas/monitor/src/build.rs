//! Builds what the function works with, once for each environment.

use std::sync::Arc;

use async_trait::async_trait;
use aws_config::SdkConfig;
use tidewatch_aws::clients;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::environment::of_process;
use tidewatch_aws::monitors_table::MonitorsTable;
use tidewatch_aws::queue::Queue;
use tidewatch_aws::sdk::load;
use tidewatch_aws::secrets::AwsSecrets;
use tidewatch_aws::timestream::TimestreamSink;
use tidewatch_domain::MonitorKey;
use tidewatch_probe::{Engine, EngineOptions};
use tidewatch_telemetry::{Metrics, StartError};

use crate::definitions::{Definitions, Found, TableDefinitions};
use crate::handler::Function;
use crate::jobs::Place;
use crate::outlet::{Outlet, QueueOutlet, Sender, StoreOutlet};
use crate::round::Round;
use crate::settings::{Results, Settings};
use crate::tally::Tally;

/// Builds the function from the environment of the process.
pub(crate) async fn function(metrics: Metrics) -> Result<Function, StartError> {
    let settings = Settings::read(&of_process)?;
    let sdk = load(&settings.region).await;
    let clock = Arc::new(SystemClock);
    let definitions: Arc<dyn Definitions> = match &settings.monitors {
        Some((table, index)) => {
            let table = MonitorsTable::new(clients::dynamodb(&sdk), table, index);
            Arc::new(TableDefinitions::new(table, settings.tenants.clone()))
        }
        None => Arc::new(NoTable),
    };
    let queue = |sdk: &SdkConfig, url: &String| -> Arc<dyn Sender> {
        Arc::new(Queue::new(clients::sqs(sdk), url.clone()))
    };
    let outlet: Arc<dyn Outlet> = match &settings.results {
        Results::Queue { url, region } => {
            let sdk = load(region).await;
            Arc::new(QueueOutlet::new(
                queue(&sdk, url),
                settings.location.clone(),
            ))
        }
        Results::Store(store) => {
            let secrets = clients::secretsmanager(&sdk);
            let connection = store.connect(&settings.region, &secrets).await?;
            let client = connection.write_client().await?;
            let sink = TimestreamSink::new(client, settings.tenants.clone());
            Arc::new(StoreOutlet::new(sink))
        }
    };
    let mut options = EngineOptions::new(settings.location.clone());
    options.addresses = settings.addresses();
    options.max_in_flight = options.max_in_flight.min(settings.concurrency);
    let secrets = AwsSecrets::new(clients::ssm(&sdk), clients::secretsmanager(&sdk));
    let engine = Engine::new(options, Arc::new(secrets), clock.clone())?;
    Ok(Function {
        definitions,
        round: Round {
            probes: Arc::new(engine),
            clock: clock.clone(),
            location: settings.location.clone(),
        },
        outlet,
        slots: settings.slots_queue.as_ref().map(|url| queue(&sdk, url)),
        place: Place {
            location: settings.location,
            tenants: settings.tenants,
        },
        clock,
        metrics,
        tally: Tally::default(),
    })
}

/// In place of a table where none is set.
#[derive(Debug)]
struct NoTable;

impl NoTable {
    const WHY: &str = "the input names entries of a table; set TIDEWATCH_MONITORS_TABLE";
}

#[async_trait]
impl Definitions for NoTable {
    async fn of_bucket(&self, _name: &str) -> Result<Found, String> {
        Err(NoTable::WHY.to_owned())
    }

    async fn of_key(&self, _key: &MonitorKey) -> Result<Found, String> {
        Err(NoTable::WHY.to_owned())
    }
}
