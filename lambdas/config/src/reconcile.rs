//! The whole table against all rules: hourly, after a deployment, and after the stream gave up on
//! a batch.

mod remembered;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use tidewatch_aws::monitors_table::{ItemKey, TableError};
use tidewatch_aws::rules::{RulesError, TargetInputs};
use tidewatch_domain::plan::{Layout, Plan, Rule, Standing, changes, plan};
use tidewatch_domain::schema::measure;
use tidewatch_domain::{Tenant, Timestamp, Value, rows};
use tidewatch_telemetry::Metric;

use crate::assignment::Assignment;
use crate::context::Context;
use crate::family::Family;
use crate::rows::Rows;
use crate::work::{self, Done, Refused};

/// Drift that could not be put right; the next reconciliation tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconcileError {
    /// The table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The rules cannot be read.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Some of it failed.
    #[error("{count} entries and rules are not in step; the first is {first}")]
    Left {
        /// How many.
        count: usize,
        /// One of them, and why.
        first: String,
    },
}

/// Puts right whatever drifted, and writes the rows of all definitions.
pub(crate) async fn handle(context: &Context) -> Result<Json, ReconcileError> {
    let family = Family::of_all(context.table.all().await?);
    let assignment = Assignment::new(&context.settings, family);
    let keys: BTreeSet<ItemKey> = assignment
        .family()
        .entries()
        .map(|entry| entry.key.clone())
        .collect();
    let actual = context
        .rules
        .with_targets(context.rules.list().await?)
        .await?;
    let found = plan_for_all(context, &assignment, &keys, &actual);
    let drift = found.changes.rules() as u64;
    let wanted = found.served.len() as u64;
    let mut done = work::carry_out(context, &assignment, &keys, found, true).await;

    let now = context.clock.now().truncated_to_millis();
    let enabled = keys
        .iter()
        .filter(|key| {
            assignment
                .monitor(key)
                .is_some_and(|monitor| monitor.enabled)
        })
        .count() as u64;
    let invalid = assignment.invalid() as u64;
    let figures = [
        (Metric::Monitors, measure::MONITORS, enabled),
        (Metric::MonitorsInvalid, measure::MONITORS_INVALID, invalid),
        (Metric::Rules, measure::RULES, wanted),
    ];
    for (metric, _, figure) in figures {
        context.metrics.gauge(metric, figure);
    }
    context.metrics.count(Metric::Drift, drift);
    context
        .metrics
        .count(Metric::RulesChanged, done.rules_changed);

    let mut rows = if context.settings.is_home() {
        definition_rows(&assignment, &keys, &actual, now)
    } else {
        Rows::default()
    };
    let changed = (measure::RULES_CHANGED, done.rules_changed);
    let figures = figures
        .map(|(_, name, figure)| (name, figure))
        .into_iter()
        .chain([changed])
        .map(|(name, figure)| {
            (
                name,
                Value::Bigint(i64::try_from(figure).unwrap_or(i64::MAX)),
            )
        });
    let location = &context.settings.plan.location;
    rows.push(
        0,
        Tenant::system(),
        rows::function_row("config", location, figures, now),
    );
    for (bucket, reason) in context.rows.send(rows).await {
        done.failed_rules
            .insert(format!("rows of bucket {bucket}"), reason);
    }
    tracing::info!(
        monitors = enabled,
        invalid,
        rules = wanted,
        drift,
        "reconciled the rules with the table"
    );
    answer(&done, enabled, invalid, wanted, drift)
}

fn answer(
    done: &Done,
    monitors: u64,
    invalid: u64,
    rules: u64,
    drift: u64,
) -> Result<Json, ReconcileError> {
    let entries = done
        .failed
        .iter()
        .map(|(key, reason)| format!("{key}: {reason}"));
    let others = done
        .failed_rules
        .iter()
        .map(|(rule, reason)| format!("{rule}: {reason}"));
    let mut left: Vec<String> = entries.chain(others).collect();
    for failure in &left {
        tracing::error!("not in step: {failure}");
    }
    if left.is_empty() {
        return Ok(json!({
            "v": 1,
            "kind": "reconciled",
            "monitors": monitors,
            "invalid": invalid,
            "rules": rules,
            "drift": drift,
        }));
    }
    Err(ReconcileError::Left {
        count: left.len(),
        first: left.swap_remove(0),
    })
}

fn plan_for_all(
    context: &Context,
    assignment: &Assignment<'_>,
    keys: &BTreeSet<ItemKey>,
    actual: &BTreeMap<String, Rule>,
) -> work::Found {
    let options = &context.settings.plan;
    let broken = || keys.iter().filter(|key| assignment.monitor(key).is_none());
    let names: BTreeSet<String> = actual.keys().cloned().collect();
    // An edit that broke an entry keeps the rule of the last good one.
    let mut stay = match options.layout {
        Layout::PerMonitor => assignment.own_rules(broken()),
        Layout::Buckets => BTreeSet::new(),
    };
    stay.retain(|name| names.contains(name));
    let standing = Standing {
        names,
        stay: stay.clone(),
    };
    let mut plan = plan(
        &assignment.scheduled(keys),
        options,
        &TargetInputs,
        &standing,
    );
    let refused = Refused::of(&plan);
    if options.layout == Layout::PerMonitor {
        stay.extend(assignment.own_rules(refused.keys()));
    }
    for name in stay {
        if let Some(rule) = actual.get(&name) {
            plan.rules.insert(name, rule.clone());
        }
    }
    let Plan { rules, served, .. } = plan;
    work::Found {
        changes: changes(&rules, actual),
        served,
        refused,
    }
}

/// The rows of all valid entries, and of those that are gone although a rule was still there.
fn definition_rows(
    assignment: &Assignment<'_>,
    keys: &BTreeSet<ItemKey>,
    actual: &BTreeMap<String, Rule>,
    now: Timestamp,
) -> Rows {
    let mut rows = Rows::default();
    for key in keys {
        if let (Some(monitor), Some(bucket)) = (assignment.monitor(key), assignment.bucket(key)) {
            let tenant = monitor.key.tenant.clone();
            rows.push(bucket, tenant, rows::monitor_row(monitor, now));
        }
    }
    for forgotten in remembered::entries(actual.values()) {
        if !keys.contains(&ItemKey::from(&forgotten.key)) {
            let record = rows::tombstone(&forgotten.key, forgotten.kind, now);
            rows.push(forgotten.bucket, forgotten.key.tenant, record);
        }
    }
    rows
}
