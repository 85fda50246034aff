//! The tables in DynamoDB: whether they are there and as the functions need them.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{KeySchemaElement, StreamViewType, TableDescription, TableStatus};

use super::{Finding, Wanted, is_denied, permission};
use crate::clients;
use crate::sdk::described;

pub(super) async fn examine(config: &SdkConfig, wanted: &Wanted) -> Vec<Finding> {
    let client = clients::dynamodb(config);
    let mut findings = Vec::new();
    if let Some(name) = &wanted.monitors_table {
        findings.push(match table(&client, "monitors table", name).await {
            Ok(table) => monitors(name, &table, &wanted.monitors_index),
            Err(finding) => finding,
        });
    }
    for (check, name, key) in [
        ("state table", &wanted.state_table, "bucket"),
        ("incidents table", &wanted.incidents_table, "incident"),
    ] {
        if let Some(name) = name {
            findings.push(match table(&client, check, name).await {
                Ok(table) => keyed(check, name, &table, &[key]),
                Err(finding) => finding,
            });
        }
    }
    findings
}

async fn table(
    client: &Client,
    check: &'static str,
    name: &str,
) -> Result<TableDescription, Finding> {
    let described_table = client.describe_table().table_name(name).send().await;
    match described_table {
        Ok(answer) => answer.table.ok_or_else(|| {
            Finding::warn(
                check,
                format!("{name}: the answer has no table"),
                "try again",
            )
        }),
        Err(error) if is_denied(error.code()) => Err(Finding::warn(
            check,
            described(&error),
            permission(&format!("dynamodb:DescribeTable on `{name}`")),
        )),
        Err(error) if error.code() == Some("ResourceNotFoundException") => Err(Finding::fail(
            check,
            format!("there is no table `{name}` in this region"),
            "create it with Terraform, or correct its name",
        )),
        Err(error) => Err(Finding::warn(check, described(&error), "try again")),
    }
}

fn keyed(check: &'static str, name: &str, table: &TableDescription, wanted: &[&str]) -> Finding {
    let found = attributes(table.key_schema());
    if found != wanted {
        return Finding::fail(
            check,
            format!(
                "{name}: the key is ({}), not ({})",
                found.join(", "),
                wanted.join(", ")
            ),
            "a key cannot be changed: create another table with Terraform",
        );
    }
    let status = table.table_status().map_or("", TableStatus::as_str);
    if status != "ACTIVE" {
        return Finding::warn(
            check,
            format!("{name}: {status}"),
            "wait until it is ACTIVE",
        );
    }
    Finding::ok(check, name)
}

fn monitors(name: &str, table: &TableDescription, index: &str) -> Finding {
    const CHECK: &str = "monitors table";
    let mut finding = keyed(CHECK, name, table, &["tenant", "monitor_id"]);
    if finding.remedy.is_some() {
        return finding;
    }
    let stream = table.stream_specification();
    let view = stream
        .filter(|stream| stream.stream_enabled())
        .and_then(|stream| stream.stream_view_type());
    if view != Some(&StreamViewType::NewAndOldImages) {
        let has = view.map_or("no stream".to_owned(), |view| format!("a stream of {view}"));
        return Finding::fail(
            CHECK,
            format!("{name} has {has}: edits do not reach the schedule"),
            "switch on a stream with NEW_AND_OLD_IMAGES",
        );
    }
    let indexes = table.global_secondary_indexes();
    let found = indexes.iter().find(|each| each.index_name() == Some(index));
    match found.map(|found| attributes(found.key_schema())) {
        Some(key) if key.first() == Some(&"schedule_bucket") => {
            let entries = table.item_count().unwrap_or_default();
            finding.text = format!("{name}: about {entries} entries, stream and index are there");
            finding
        }
        Some(key) => Finding::fail(
            CHECK,
            format!("{name}: the index `{index}` is on ({})", key.join(", ")),
            "create it on the attribute schedule_bucket",
        ),
        None => Finding::warn(
            CHECK,
            format!("{name} has no index `{index}`, which the layout `buckets` needs"),
            "create it with Terraform before TIDEWATCH_RULE_LAYOUT is `buckets`",
        ),
    }
}

fn attributes(schema: &[KeySchemaElement]) -> Vec<&str> {
    schema
        .iter()
        .map(KeySchemaElement::attribute_name)
        .collect()
}
