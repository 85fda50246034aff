//! The store: whether the account can use Timestream at all, and whether the table is as the rows
//! need it.

use aws_config::SdkConfig;
use aws_sdk_timestreamwrite::Client;
use aws_sdk_timestreamwrite::config::Builder;
use aws_sdk_timestreamwrite::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_timestreamwrite::operation::describe_table::DescribeTableError;
use aws_sdk_timestreamwrite::types::{PartitionKeyEnforcementLevel, Table};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::schema::TableProperties;

use super::{Finding, Wanted, is_denied, permission};
use crate::clients;
use crate::sdk::{TimestreamEndpoint, TimestreamService, described, timestream_endpoint};
use crate::timestream::{AccessError, Connection};

const SERVICE: &str = "timestream";
const TABLE: &str = "store's table";

pub(super) async fn examine(config: &SdkConfig, wanted: &Wanted) -> Vec<Finding> {
    let setting = wanted.access.endpoint.as_deref();
    let lookup = crate::environment::of_process;
    match timestream_endpoint(setting, TimestreamService::Write, &lookup) {
        TimestreamEndpoint::Fixed(url) => {
            let told = Finding::ok(SERVICE, format!("not asked: rows go to {url}"));
            match bridge(config, wanted).await {
                Ok(client) => vec![told, table(&client, wanted).await],
                Err(finding) => vec![told, finding],
            }
        }
        TimestreamEndpoint::Discovered => match discover(config).await {
            Ok(address) => {
                let told = Finding::ok(SERVICE, format!("usable, at {address}"));
                let cell = format!("https://{address}");
                let cell = Builder::from(config).endpoint_url(cell).build();
                vec![told, table(&Client::from_conf(cell), wanted).await]
            }
            Err(finding) => vec![finding],
        },
    }
}

/// A client of the bridge, with its own keys and authority as the functions have them.
async fn bridge(config: &SdkConfig, wanted: &Wanted) -> Result<Client, Finding> {
    const REMEDY: &str = "correct TIDEWATCH_STORE_KEYS_SECRET and TIDEWATCH_STORE_CA_SECRET, or \
                          the secrets that they name";
    let failed = |text: String| Finding::fail("store's keys", text, REMEDY);
    let access = &wanted.access;
    let connection = if access.keys_secret.is_none() && access.authority_secret.is_none() {
        let lookup = crate::environment::of_process;
        Connection::new(config, access.endpoint.as_deref(), None, None, &lookup)
            .map_err(AccessError::from)
    } else {
        let secrets = clients::secretsmanager(config);
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        access.connect(&region, &secrets).await
    };
    let connection = connection.map_err(|error| failed(error.to_string()))?;
    let client = connection.write_client().await;
    client.map_err(|error| failed(error.to_string()))
}

/// The cell that serves the account. The SDK's own discovery is left alone: it takes for granted
/// that there is one.
async fn discover(config: &SdkConfig) -> Result<String, Finding> {
    let answer = clients::timestream_write(config)
        .describe_endpoints()
        .send()
        .await;
    match answer {
        Ok(answer) => match answer.endpoints().first() {
            Some(endpoint) => Ok(endpoint.address().to_owned()),
            None => Err(Finding::fail(
                SERVICE,
                "the service names no endpoint for this account",
                use_the_bridge(),
            )),
        },
        Err(error) => Err(refusal(error.code(), error.message(), described(&error))),
    }
}

/// What a refused question about endpoints means.
pub(super) fn refusal(code: Option<&str>, message: Option<&str>, described: String) -> Finding {
    let message = message.unwrap_or_default().to_ascii_lowercase();
    // New accounts get the same code as ones that lack the permission; only the text differs.
    if message.contains("existing") && message.contains("timestream") {
        return Finding::fail(
            SERVICE,
            "this account cannot use Timestream for LiveAnalytics, which takes no new customers \
             since 2025-06-20",
            use_the_bridge(),
        );
    }
    if is_denied(code) {
        return Finding::fail(
            SERVICE,
            described,
            permission("timestream:DescribeEndpoints on `*`"),
        );
    }
    Finding::fail(
        SERVICE,
        described,
        "see whether Timestream for LiveAnalytics exists in this region; else use the bridge: \
         set TIDEWATCH_STORE_ENDPOINT to its URL",
    )
}

fn use_the_bridge() -> &'static str {
    "use the bridge: set TIDEWATCH_STORE_ENDPOINT to its URL, and `timestream_enabled = false` in \
     Terraform"
}

async fn table(client: &Client, wanted: &Wanted) -> Finding {
    let (database, name) = (&wanted.store.database, &wanted.store.table);
    let answer = client
        .describe_table()
        .database_name(database)
        .table_name(name)
        .send()
        .await;
    match answer {
        Ok(answer) => match answer.table() {
            Some(table) => properties(&format!("{database}.{name}"), table),
            None => Finding::warn(TABLE, "the answer has no table", "try again"),
        },
        Err(error) => no_table(&error, database, name),
    }
}

fn no_table(error: &SdkError<DescribeTableError>, database: &str, name: &str) -> Finding {
    match error.code() {
        Some("ResourceNotFoundException") => Finding::fail(
            TABLE,
            format!("there is no table {database}.{name}"),
            "create it with Terraform, or correct TIDEWATCH_DATABASE and TIDEWATCH_TABLE",
        ),
        code if is_denied(code) => Finding::warn(
            TABLE,
            described(error),
            permission("timestream:DescribeTable"),
        ),
        _ => Finding::fail(
            TABLE,
            described(error),
            "see that the store runs and can be reached from here",
        ),
    }
}

/// What differs from what the rows need.
fn properties(name: &str, table: &Table) -> Finding {
    let wanted = TableProperties::of(Destination::Main);
    let keys = table
        .schema()
        .map(|schema| schema.composite_partition_key());
    let key = keys.unwrap_or_default().first();
    let found = key.and_then(|key| key.name()).unwrap_or("none");
    if found != wanted.partition_key {
        return Finding::fail(
            TABLE,
            format!(
                "{name} is partitioned by {found}, not by {}",
                wanted.partition_key
            ),
            "a partition key cannot be changed: create another table with Terraform",
        );
    }
    let mut differences = Vec::new();
    let enforced = key.and_then(|key| key.enforcement_in_record());
    if enforced != Some(&PartitionKeyEnforcementLevel::Required) {
        differences.push(format!("{found} is not REQUIRED in records"));
    }
    let late = table
        .magnetic_store_write_properties()
        .is_some_and(|properties| properties.enable_magnetic_store_writes());
    if late != wanted.magnetic_writes {
        differences.push("late rows are refused (magnetic store writes are off)".to_owned());
    }
    if let Some(kept) = table.retention_properties() {
        let (hours, days) = (
            kept.memory_store_retention_period_in_hours(),
            kept.magnetic_store_retention_period_in_days(),
        );
        if days < i64::from(wanted.magnetic_days) {
            differences.push(format!("rows are kept for {days} days"));
        }
        if hours < i64::from(wanted.memory_hours) {
            differences.push(format!("the memory store holds {hours} h"));
        }
    }
    if differences.is_empty() {
        return Finding::ok(TABLE, name);
    }
    Finding::warn(
        TABLE,
        format!("{name}: {}", differences.join("; ")),
        "apply the Terraform module, or leave it if it is meant so",
    )
}
