//! Batches of the table's stream.
//!
//! A record is a hint that an entry changed, no more: the entry is read anew, so that records may
//! come late, twice, in any order, or not at all when a later one made them pointless.

mod batch;

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use tidewatch_aws::monitors_table::ItemKey;
use tidewatch_aws::rules::{RulesError, TargetInputs};
use tidewatch_domain::plan::{Changes, Layout, Plan, Standing, changes, grown, plan};
use tidewatch_domain::rows;
use tidewatch_telemetry::Metric;

use self::batch::Batch;
use crate::assignment::Assignment;
use crate::context::Context;
use crate::family::Family;
use crate::rows::Rows;
use crate::work::{self, Refused};

/// Brings the rules in step with the entries that the records of `event` are about. Lambda calls
/// again with everything from the first record that is answered.
pub(crate) async fn handle(context: &Context, event: Event) -> DynamoDbEventResponse {
    let batch = Batch::of(event);
    context.metrics.count(Metric::Refused, batch.unreadable);
    let failed = match settle(context, &batch).await {
        Ok(failed) => failed,
        Err(reason) => batch
            .keys()
            .into_iter()
            .map(|key| (key, reason.clone()))
            .collect(),
    };
    for (key, reason) in &failed {
        tracing::error!(
            tenant = key.tenant,
            monitor = key.monitor_id,
            "{key} is not in step: {reason}"
        );
    }
    let mut response = DynamoDbEventResponse::default();
    if let Some(sequence) = batch.first_of(failed.keys()) {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence.to_owned());
        response.batch_item_failures.push(failure);
    }
    response
}

/// Gives the entries that are not in step, and why.
async fn settle(context: &Context, batch: &Batch) -> Result<BTreeMap<ItemKey, String>, String> {
    let touched = batch.keys();
    if touched.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (family, below) = Family::read(
        &context.table,
        &touched,
        &batch.moved(),
        batch.former_parents(),
    )
    .await
    .map_err(|error| error.to_string())?;
    let assignment = Assignment::new(&context.settings, family);
    let keys: BTreeSet<ItemKey> = touched.union(&below).cloned().collect();
    let found = plan_for(context, &assignment, &keys)
        .await
        .map_err(|error| error.to_string())?;
    let done = work::carry_out(context, &assignment, &keys, found, false).await;
    context
        .metrics
        .count(Metric::RulesChanged, done.rules_changed);

    let mut failed = done.failed;
    if context.settings.is_home() {
        let rows = definition_rows(context, &assignment, batch);
        for (bucket, reason) in context.rows.send(rows).await {
            let concerned = touched
                .iter()
                .filter(|key| assignment.bucket(key) == Some(bucket));
            failed.extend(concerned.map(|key| (key.clone(), reason.clone())));
        }
    }
    Ok(failed)
}

/// What has to change for these entries alone.
async fn plan_for(
    context: &Context,
    assignment: &Assignment<'_>,
    keys: &BTreeSet<ItemKey>,
) -> Result<work::Found, RulesError> {
    let options = &context.settings.plan;
    let heads = context.rules.list().await?;
    context.metrics.gauge(Metric::Rules, heads.len() as u64);
    let own = assignment.own_rules(keys);
    let names: BTreeSet<String> = heads.keys().cloned().collect();
    let standing = Standing {
        stay: names.difference(&own).cloned().collect(),
        names,
    };
    let scheduled = assignment.scheduled(keys);
    let plan = plan(&scheduled, options, &TargetInputs, &standing);
    let refused = Refused::of(&plan);
    let concerned: BTreeSet<String> = match options.layout {
        // An edit that broke an entry keeps the rule of the last good one.
        Layout::PerMonitor => {
            let in_order = keys.iter().filter(|key| {
                let broken =
                    assignment.family().get(key).is_some() && assignment.monitor(key).is_none();
                !broken && !refused.contains(key)
            });
            assignment.own_rules(in_order)
        }
        Layout::Buckets => plan.rules.keys().cloned().collect(),
    };
    let heads = heads
        .into_iter()
        .filter(|(name, _)| concerned.contains(name));
    let actual = context.rules.with_targets(heads.collect()).await?;
    // A bucket that this batch emptied is noticed by the next reconciliation.
    let plan = match options.layout {
        Layout::PerMonitor => plan,
        Layout::Buckets => grown(plan, &actual),
    };
    let changes: Changes = changes(&plan.rules, &actual);
    let Plan { served, .. } = plan;
    Ok(work::Found {
        changes,
        served,
        refused,
    })
}

/// Rows for the entries that were touched: what they are now, or that they are gone.
fn definition_rows(context: &Context, assignment: &Assignment<'_>, batch: &Batch) -> Rows {
    let now = context.clock.now().truncated_to_millis();
    let mut rows = Rows::default();
    for key in batch.keys() {
        let (Some(name), Some(bucket)) = (key.monitor_key(), assignment.bucket(&key)) else {
            continue;
        };
        let record = match assignment.monitor(&key) {
            Some(monitor) => rows::monitor_row(monitor, now),
            None if assignment.family().get(&key).is_none() => {
                rows::tombstone(&name, batch.former_kind(&key), now)
            }
            // An entry that an edit broke is as it was before, as far as rows tell.
            None => continue,
        };
        rows.push(bucket, name.tenant, record);
    }
    rows
}
