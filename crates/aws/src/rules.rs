//! Schedule rules of EventBridge: reads those that are there, carries out changes.
//!
//! The API is the one of EventBridge's default bus, `events` (Amazon EventBridge API Reference);
//! schedules work on that bus alone. What should change is decided in `tidewatch_domain::plan`.

mod apply;
mod input;

pub use apply::{Applied, RuleFailure};
pub use input::TargetInputs;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::{self, RuleState};
use futures::{StreamExt, TryStreamExt};
use tidewatch_domain::plan::{Prefix, Rule, Target};

use crate::sdk::described;

/// Calls at the same time, over several rules: the service lets 50 a second through.
const AT_ONCE: usize = 8;
/// Results of one page.
const PAGE: i32 = 100;
/// The name of the variable in input templates, and where its value is in the event of a tick.
const SLOT: (&str, &str) = ("slot", "$.time");

/// Rules could not be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action} failed: {reason}")]
pub struct RulesError {
    /// What was asked of EventBridge.
    pub action: &'static str,
    /// What it answered.
    pub reason: String,
}

/// The rules of one installation in one region.
#[derive(Clone, Debug)]
pub struct Rules {
    client: Client,
    prefix: Prefix,
}

impl Rules {
    /// The rules whose names are made with `prefix`.
    pub fn new(client: Client, prefix: Prefix) -> Self {
        Rules { client, prefix }
    }

    /// All rules, without their targets, by name.
    pub async fn list(&self) -> Result<BTreeMap<String, Rule>, RulesError> {
        let mut rules = BTreeMap::new();
        let mut next = None;
        loop {
            let page = self
                .client
                .list_rules()
                .name_prefix(self.prefix.with_dash())
                .limit(PAGE)
                .set_next_token(next)
                .send()
                .await
                .map_err(|error| RulesError {
                    action: "ListRules",
                    reason: described(&error),
                })?;
            let own = page.rules().iter().map(known);
            let own = own.filter(|rule| self.prefix.owns(&rule.name));
            rules.extend(own.map(|rule| (rule.name.clone(), rule)));
            next = page.next_token;
            if next.is_none() {
                return Ok(rules);
            }
        }
    }

    /// The same rules with their targets.
    pub async fn with_targets(
        &self,
        rules: BTreeMap<String, Rule>,
    ) -> Result<BTreeMap<String, Rule>, RulesError> {
        let read = rules.into_values().map(async |rule| {
            let targets = self.targets(&rule.name).await?;
            Ok((rule.name.clone(), Rule { targets, ..rule }))
        });
        futures::stream::iter(read)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// The targets of one rule; none where the rule is gone.
    async fn targets(&self, rule: &str) -> Result<Vec<Target>, RulesError> {
        let mut targets = Vec::new();
        let mut next = None;
        loop {
            let page = self
                .client
                .list_targets_by_rule()
                .rule(rule)
                .set_next_token(next)
                .send()
                .await;
            let page = match page {
                Ok(page) => page,
                Err(error) if error.code() == Some(NOT_FOUND) => return Ok(targets),
                Err(error) => {
                    return Err(RulesError {
                        action: "ListTargetsByRule",
                        reason: described(&error),
                    });
                }
            };
            targets.extend(page.targets().iter().map(known_target));
            next = page.next_token;
            if next.is_none() {
                targets.sort_by(|a, b| a.id.cmp(&b.id));
                return Ok(targets);
            }
        }
    }
}

/// The error code of what is not there.
const NOT_FOUND: &str = "ResourceNotFoundException";

fn known(rule: &types::Rule) -> Rule {
    Rule {
        name: rule.name().unwrap_or_default().to_owned(),
        schedule: rule.schedule_expression().unwrap_or_default().to_owned(),
        enabled: rule.state() == Some(&RuleState::Enabled),
        description: rule.description().unwrap_or_default().to_owned(),
        targets: Vec::new(),
    }
}

/// A target as it is compared. One that was set up in another way than ours has an input that no
/// plan asks for, so that it is replaced.
fn known_target(target: &types::Target) -> Target {
    let ours = target
        .input_transformer()
        .filter(|transformer| transformer.input_paths_map() == Some(&input_paths()));
    let input = ours.map_or("", types::InputTransformer::input_template);
    let retry = target.retry_policy();
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Target {
        id: target.id().to_owned(),
        arn: target.arn().to_owned(),
        input: input.to_owned(),
        // What the service does where nothing is said.
        max_age_s: number(retry.and_then(|retry| retry.maximum_event_age_in_seconds()))
            .unwrap_or(86_400),
        retries: number(retry.and_then(|retry| retry.maximum_retry_attempts())).unwrap_or(185),
    }
}

fn input_paths() -> HashMap<String, String> {
    HashMap::from([(SLOT.0.to_owned(), SLOT.1.to_owned())])
}
