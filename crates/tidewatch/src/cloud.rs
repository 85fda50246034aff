//! Services of AWS, as far as the command line and the local mode talk to them.

use aws_config::SdkConfig;
use clap::Args;
use tidewatch_aws::clients;
use tidewatch_aws::monitors_table::MonitorsTable;
use tidewatch_aws::sdk;

/// The index of the table by schedule bucket. Nothing here asks it.
const INDEX: &str = "schedule_bucket";

/// Where services are reached. Credentials come from where the AWS SDK finds them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CloudArgs {
    /// AWS region
    #[arg(long, env = "AWS_REGION", value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Address of DynamoDB, in place of AWS's own
    #[arg(long, env = "AWS_ENDPOINT_URL_DYNAMODB", value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

/// No region is named anywhere.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no AWS region is known; name it with --region or AWS_REGION")]
pub(crate) struct NoRegion;

impl CloudArgs {
    /// The configuration of clients in the region.
    pub(crate) async fn config(&self) -> Result<SdkConfig, NoRegion> {
        let region = self.region.as_deref().ok_or(NoRegion)?;
        Ok(sdk::load(region).await)
    }

    /// The table of entries with this name.
    pub(crate) async fn monitors_table(&self, name: &str) -> Result<MonitorsTable, NoRegion> {
        let config = self.config().await?;
        let config = match &self.endpoint_url {
            Some(url) => config.into_builder().endpoint_url(url.as_str()).build(),
            None => config,
        };
        Ok(MonitorsTable::new(clients::dynamodb(&config), name, INDEX))
    }
}
