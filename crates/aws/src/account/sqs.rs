//! The queues: whether they are there, what waits in them, and where failures go.

use aws_config::SdkConfig;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::QueueAttributeName;

use super::{Finding, Wanted, is_denied, permission};
use crate::clients;
use crate::sdk::described;

const CHECK: &str = "queue";
/// Messages that no working installation leaves waiting.
const BACKLOG: u64 = 10_000;

pub(super) async fn examine(config: &SdkConfig, wanted: &Wanted) -> Vec<Finding> {
    let client = clients::sqs(config);
    let mut findings = Vec::new();
    for url in &wanted.queues {
        findings.push(queue(&client, url).await);
    }
    findings
}

async fn queue(client: &aws_sdk_sqs::Client, url: &str) -> Finding {
    let name = url.rsplit('/').next().unwrap_or(url);
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if is_denied(error.code()) => {
            let action = format!("sqs:GetQueueAttributes on `{name}`");
            return Finding::warn(CHECK, described(&error), permission(&action));
        }
        Err(error) => {
            return Finding::fail(
                CHECK,
                format!("{name}: {}", described(&error)),
                "create it with Terraform, or correct its URL",
            );
        }
    };
    let attribute = |name| answer.attributes().and_then(|all| all.get(&name));
    let waiting = attribute(QueueAttributeName::ApproximateNumberOfMessages)
        .and_then(|text| text.parse().ok())
        .unwrap_or(0_u64);
    if waiting >= BACKLOG {
        return Finding::warn(
            CHECK,
            format!("{name}: {waiting} messages wait"),
            "see whether its function runs and what its errors are",
        );
    }
    Finding::ok(CHECK, format!("{name}: {waiting} messages wait"))
}
