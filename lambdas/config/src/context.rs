//! What the function is built of, once for each execution environment.

use std::sync::Arc;

use tidewatch_aws::clients;
use tidewatch_aws::clock::SystemClock;
use tidewatch_aws::environment;
use tidewatch_aws::monitors_table::MonitorsTable;
use tidewatch_aws::rules::Rules;
use tidewatch_aws::sdk;
use tidewatch_domain::ports::Clock;
use tidewatch_telemetry::{Metrics, StartError};

use crate::rows::RowPath;
use crate::settings::Settings;

/// What handlers work with.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// What the function is told.
    pub(crate) settings: Settings,
    /// The table of entries.
    pub(crate) table: MonitorsTable,
    /// The schedule rules.
    pub(crate) rules: Rules,
    /// Where rows go.
    pub(crate) rows: RowPath,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The figures of the invocation.
    pub(crate) metrics: Metrics,
}

impl Context {
    /// Builds everything from the environment of this process.
    pub(crate) async fn of_process(metrics: Metrics) -> Result<Self, StartError> {
        let settings = Settings::read(&environment::of_process)?;
        let config = sdk::load(&settings.region).await;
        let table =
            MonitorsTable::new(clients::dynamodb(&config), &settings.table, &settings.index);
        let prefix = settings.plan.prefix.clone();
        let rules = Rules::new(clients::eventbridge(&config), prefix);
        let rows = RowPath::of(&settings, &config).await?;
        Ok(Context {
            settings,
            table,
            rules,
            rows,
            clock: Arc::new(SystemClock),
            metrics,
        })
    }
}
