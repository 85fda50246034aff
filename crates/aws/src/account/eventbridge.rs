//! Room for schedule rules, and which account this is.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;

use super::{Finding, Wanted, is_denied, permission};
use crate::clients;
use crate::sdk::described;

/// Above this share of the limit, room gets scarce.
const SCARCE: f64 = 0.8;

pub(super) async fn examine(config: &SdkConfig, wanted: &Wanted) -> Vec<Finding> {
    let client = clients::eventbridge(config);
    vec![account(&client).await, rules(&client, wanted).await]
}

/// The account is in the name of the default bus, which everybody has.
async fn account(client: &aws_sdk_eventbridge::Client) -> Finding {
    const CHECK: &str = "account";
    match client.describe_event_bus().send().await {
        Ok(bus) => {
            let arn = bus.arn().unwrap_or_default();
            let account = arn.split(':').nth(4).unwrap_or_default();
            Finding::ok(CHECK, account)
        }
        Err(error) if is_denied(error.code()) => Finding::warn(
            CHECK,
            // The refusal itself names who asked.
            described(&error),
            permission("events:DescribeEventBus"),
        ),
        Err(error) => Finding::fail(
            CHECK,
            described(&error),
            "see that the credentials are valid for this region and that the network lets \
             requests to AWS through",
        ),
    }
}

async fn rules(client: &aws_sdk_eventbridge::Client, wanted: &Wanted) -> Finding {
    const CHECK: &str = "schedule rules";
    let ours = format!("{}-", wanted.rule_prefix);
    let (mut all, mut own) = (0_usize, 0_usize);
    let mut next = None;
    loop {
        let page = client
            .list_rules()
            .limit(100)
            .set_next_token(next)
            .send()
            .await;
        let page = match page {
            Ok(page) => page,
            Err(error) if is_denied(error.code()) => {
                return Finding::warn(CHECK, described(&error), permission("events:ListRules"));
            }
            Err(error) => {
                return Finding::warn(CHECK, described(&error), "try again");
            }
        };
        for rule in page.rules() {
            all += 1;
            own += usize::from(rule.name().is_some_and(|name| name.starts_with(&ours)));
        }
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    let limit = wanted.rule_limit;
    let text = format!("{all} of {limit} on the default bus, {own} of them `{ours}...`");
    if all >= limit {
        Finding::fail(CHECK, text, room())
    } else if all as f64 >= SCARCE * limit as f64 {
        Finding::warn(CHECK, text, room())
    } else {
        Finding::ok(CHECK, text)
    }
}

fn room() -> &'static str {
    "set TIDEWATCH_RULE_LAYOUT to `buckets`, which needs few rules, or ask AWS for a higher quota \
     of rules and set TIDEWATCH_RULE_LIMIT to it"
}
