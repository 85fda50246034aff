//! Carries out changes, rule by rule.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::{self, RuleState};
use futures::StreamExt;
use tidewatch_domain::plan::{Change, Rule, Target};

use super::{AT_ONCE, NOT_FOUND, Rules, SLOT};
use crate::sdk::described;

/// How often a call is repeated when the service says that the rule is being changed right now.
const CONFLICTS: u32 = 6;
/// The first pause before such a repetition; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// What became of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Changes carried out.
    pub done: usize,
    /// Rules whose changes failed, by name; the rest of a rule's changes was left.
    pub failed: BTreeMap<String, RuleFailure>,
}

/// A rule could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{action} failed: {reason}")]
pub struct RuleFailure {
    /// What was asked of EventBridge.
    pub action: &'static str,
    /// What it answered.
    pub reason: String,
    /// Whether it refused because the region's quota is used up: the same again would not help.
    pub over_quota: bool,
}

impl Rules {
    /// Carries out `changes`. Those of one rule go one after the other, in order; rules do not
    /// wait for each other, and a failure of one stops no other.
    pub async fn apply(&self, changes: &[Change]) -> Applied {
        let mut by_rule: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        for change in changes {
            by_rule.entry(change.rule()).or_default().push(change);
        }
        let work = by_rule.into_iter().map(|(rule, changes)| async move {
            let mut done = 0;
            for change in changes {
                if let Err(failure) = self.apply_one(change).await {
                    return (done, Some((rule.to_owned(), failure)));
                }
                done += 1;
            }
            (done, None)
        });
        let mut applied = Applied::default();
        let mut finished = futures::stream::iter(work).buffer_unordered(AT_ONCE);
        while let Some((done, failure)) = finished.next().await {
            applied.done += done;
            applied.failed.extend(failure);
        }
        applied
    }

    async fn apply_one(&self, change: &Change) -> Result<(), RuleFailure> {
        match change {
            Change::PutRule { rule } => self.put_rule(rule).await,
            Change::PutTargets { rule, targets } => self.put_targets(rule, targets).await,
            Change::RemoveTargets { rule, ids } => self.remove_targets(rule, ids).await,
            Change::DeleteRule { rule } => self.delete_rule(rule).await,
        }
    }

    async fn put_rule(&self, rule: &Rule) -> Result<(), RuleFailure> {
        let state = if rule.enabled {
            RuleState::Enabled
        } else {
            RuleState::Disabled
        };
        let call = || {
            self.client
                .put_rule()
                .name(&rule.name)
                .schedule_expression(&rule.schedule)
                .state(state.clone())
                .description(&rule.description)
                .send()
        };
        persistently("PutRule", call).await.map(|_| ())
    }

    async fn put_targets(&self, rule: &str, targets: &[Target]) -> Result<(), RuleFailure> {
        let mut left: Vec<types::Target> =
            targets.iter().map(to_target).collect::<Result<_, _>>()?;
        let mut pause = Pause::new();
        loop {
            let call = || {
                let request = self.client.put_targets().rule(rule);
                request.set_targets(Some(left.clone())).send()
            };
            let answer = persistently("PutTargets", call).await?;
            let failed = answer.failed_entries().iter().map(|entry| Entry {
                id: entry.target_id(),
                code: entry.error_code(),
                message: entry.error_message(),
            });
            let failed = repeatable("PutTargets", answer.failed_entry_count(), failed)?;
            if failed.is_empty() {
                return Ok(());
            }
            left.retain(|target| failed.iter().any(|id| id == target.id()));
            if !pause.wait().await {
                return Err(conflict("PutTargets"));
            }
        }
    }

    async fn remove_targets(&self, rule: &str, ids: &[String]) -> Result<(), RuleFailure> {
        let mut left = ids.to_vec();
        let mut pause = Pause::new();
        loop {
            let call = || {
                let request = self.client.remove_targets().rule(rule);
                request.set_ids(Some(left.clone())).send()
            };
            let answer = match persistently("RemoveTargets", call).await {
                Ok(answer) => answer,
                Err(failure) if failure.reason.starts_with(NOT_FOUND) => return Ok(()),
                Err(failure) => return Err(failure),
            };
            let failed = answer.failed_entries().iter().map(|entry| Entry {
                id: entry.target_id(),
                code: entry.error_code(),
                message: entry.error_message(),
            });
            // A target that is gone is what was wanted.
            let failed = failed.filter(|entry| entry.code != Some(NOT_FOUND));
            let count = answer.failed_entry_count();
            let gone = answer.failed_entries().iter();
            let gone = gone
                .filter(|entry| entry.error_code() == Some(NOT_FOUND))
                .count();
            let count = count.saturating_sub(i32::try_from(gone).unwrap_or(i32::MAX));
            let failed = repeatable("RemoveTargets", count, failed)?;
            if failed.is_empty() {
                return Ok(());
            }
            left.retain(|id| failed.contains(id));
            if !pause.wait().await {
                return Err(conflict("RemoveTargets"));
            }
        }
    }

    async fn delete_rule(&self, rule: &str) -> Result<(), RuleFailure> {
        let call = || self.client.delete_rule().name(rule).send();
        match persistently("DeleteRule", call).await {
            Err(failure) if !failure.reason.starts_with(NOT_FOUND) => Err(failure),
            _ => Ok(()),
        }
    }
}

/// One entry of a batch call that failed although the call succeeded.
struct Entry<'a> {
    id: Option<&'a str>,
    code: Option<&'a str>,
    message: Option<&'a str>,
}

/// The ids of failed entries when all of them failed for a reason that passes.
fn repeatable<'a>(
    action: &'static str,
    count: i32,
    failed: impl Iterator<Item = Entry<'a>>,
) -> Result<Vec<String>, RuleFailure> {
    let mut ids = Vec::new();
    for entry in failed {
        let code = entry.code.unwrap_or("no code");
        match entry.id {
            Some(id) if passes(code) => ids.push(id.to_owned()),
            id => {
                return Err(RuleFailure {
                    action,
                    reason: format!(
                        "{code}: {} (target `{}`)",
                        entry.message.unwrap_or("no message"),
                        id.unwrap_or("without id"),
                    ),
                    over_quota: code == OVER_QUOTA,
                });
            }
        }
    }
    if ids.is_empty() && count > 0 {
        return Err(RuleFailure {
            action,
            reason: format!("{count} targets failed and the answer does not say which"),
            over_quota: false,
        });
    }
    Ok(ids)
}

const OVER_QUOTA: &str = "LimitExceededException";
const CONFLICT: &str = "ConcurrentModificationException";

fn passes(code: &str) -> bool {
    code == CONFLICT || code == "InternalException" || code.contains("Throttl")
}

fn conflict(action: &'static str) -> RuleFailure {
    RuleFailure {
        action,
        reason: format!("{CONFLICT}: the rule was being changed by others all the time"),
        over_quota: false,
    }
}

/// Calls until the service no longer says that the rule is being changed by somebody else, which
/// the SDK does not take for a reason to try again.
async fn persistently<T, E, R, F>(
    action: &'static str,
    mut call: impl FnMut() -> F,
) -> Result<T, RuleFailure>
where
    F: Future<Output = Result<T, SdkError<E, R>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let mut pause = Pause::new();
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if error.code() != Some(CONFLICT) || !pause.wait().await {
            return Err(RuleFailure {
                action,
                reason: described(&error),
                over_quota: error.code() == Some(OVER_QUOTA),
            });
        }
    }
}

/// Pauses that double, a limited number of them.
struct Pause {
    left: u32,
    next: Duration,
}

impl Pause {
    fn new() -> Self {
        Pause {
            left: CONFLICTS,
            next: FIRST_PAUSE,
        }
    }

    /// Waits; false when there was enough waiting.
    async fn wait(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        tokio::time::sleep(self.next).await;
        self.next *= 2;
        true
    }
}

fn to_target(target: &Target) -> Result<types::Target, RuleFailure> {
    let incomplete = |error: &dyn std::fmt::Display| RuleFailure {
        action: "PutTargets",
        reason: format!("the target `{}` cannot be built: {error}", target.id),
        over_quota: false,
    };
    let number = |value: u32| i32::try_from(value).unwrap_or(i32::MAX);
    let transformer = types::InputTransformer::builder()
        .input_paths_map(SLOT.0, SLOT.1)
        .input_template(&target.input)
        .build()
        .map_err(|error| incomplete(&error))?;
    let retry = types::RetryPolicy::builder()
        .maximum_event_age_in_seconds(number(target.max_age_s))
        .maximum_retry_attempts(number(target.retries))
        .build();
    types::Target::builder()
        .id(&target.id)
        .arn(&target.arn)
        .input_transformer(transformer)
        .retry_policy(retry)
        .build()
        .map_err(|error| incomplete(&error))
}
