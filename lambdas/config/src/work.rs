//! Carries out what was found: rules first, then notes in the items, then removals.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use tidewatch_aws::monitors_table::{Annotations, ItemKey};
use tidewatch_aws::rules::Applied;
use tidewatch_domain::MonitorKey;
use tidewatch_domain::plan::{Change, Changes, Plan};

use crate::assignment::Assignment;
use crate::context::Context;

/// Items that are written at the same time.
const NOTES_AT_ONCE: usize = 8;

/// What has to be done about some entries.
#[derive(Debug)]
pub(crate) struct Found {
    /// What has to change in EventBridge.
    pub(crate) changes: Changes,
    /// For which monitors each rule is, by its name.
    pub(crate) served: BTreeMap<String, Vec<MonitorKey>>,
    /// Valid entries that cannot be scheduled.
    pub(crate) refused: Refused,
}

/// Valid entries that cannot be scheduled, and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(BTreeMap<ItemKey, String>);

impl Refused {
    /// Those that a plan refused.
    pub(crate) fn of(plan: &Plan) -> Self {
        let refused = plan.refused.iter();
        Refused(
            refused
                .map(|refusal| (ItemKey::from(&refusal.key), refusal.reason.clone()))
                .collect(),
        )
    }

    /// Whether an entry is among them.
    pub(crate) fn contains(&self, key: &ItemKey) -> bool {
        self.0.contains_key(key)
    }

    /// Their keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &ItemKey> {
        self.0.keys()
    }
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Rules that were made, changed or removed.
    pub(crate) rules_changed: u64,
    /// Entries that are not in step, and why.
    pub(crate) failed: BTreeMap<ItemKey, String>,
    /// Rules that could not be changed and belong to no known entry, and why.
    pub(crate) failed_rules: BTreeMap<String, String>,
}

/// Does what was found about `keys`. With `hold_back`, nothing is removed as long as something
/// that should take its place could not be made.
pub(crate) async fn carry_out(
    context: &Context,
    assignment: &Assignment<'_>,
    keys: &BTreeSet<ItemKey>,
    found: Found,
    hold_back: bool,
) -> Done {
    let Found {
        changes,
        served,
        mut refused,
    } = found;
    let mut made = context.rules.apply(&changes.make).await;
    let mut done = Done::default();
    let notes = assignment.notes(keys, &refused.0);
    done.failed.extend(note(context, notes).await);

    let passing = made.failed.values().any(|failure| !failure.over_quota);
    let removals: Vec<Change> = changes
        .remove
        .iter()
        .filter(|change| !(made.failed.contains_key(change.rule()) || hold_back && passing))
        .cloned()
        .collect();
    let removed = context.rules.apply(&removals).await;
    if removed.done > 0 {
        make_use_of_room(context, &changes.make, &mut made).await;
    }

    let owners = owners(assignment, keys, served);
    let mut over_quota = Refused::default();
    let failures = made.failed.iter().chain(&removed.failed);
    let mut failed_rules = BTreeSet::new();
    for (rule, failure) in failures {
        failed_rules.insert(rule.as_str());
        let owners = owners.get(rule).map_or(&[][..], |owners| owners);
        if owners.is_empty() {
            done.failed_rules.insert(rule.clone(), failure.to_string());
        }
        for key in owners {
            if failure.over_quota {
                // The same again would not help, so that it is no reason to be called again.
                over_quota
                    .0
                    .insert(key.clone(), out_of_rules(&failure.reason));
            } else {
                done.failed.insert(key.clone(), failure.to_string());
            }
        }
    }
    let notes = assignment.notes(over_quota.keys(), &over_quota.0);
    done.failed.extend(note(context, notes).await);
    refused.0.extend(over_quota.0);
    for (key, reason) in &refused.0 {
        tracing::warn!(
            tenant = key.tenant,
            monitor = key.monitor_id,
            "{key} is not scheduled: {reason}"
        );
    }
    let changed: BTreeSet<&str> = changes
        .make
        .iter()
        .chain(&removals)
        .map(Change::rule)
        .filter(|rule| !failed_rules.contains(rule))
        .collect();
    done.rules_changed = changed.len() as u64;
    done
}

fn out_of_rules(reason: &str) -> String {
    format!(
        "the region has no room for its rule ({reason}); use the layout `buckets`, or have the \
         quota raised"
    )
}

/// Tries again what the quota refused, after removals.
async fn make_use_of_room(context: &Context, make: &[Change], made: &mut Applied) {
    let again: Vec<Change> = make
        .iter()
        .filter(|change| {
            let failure = made.failed.get(change.rule());
            failure.is_some_and(|failure| failure.over_quota)
        })
        .cloned()
        .collect();
    if again.is_empty() {
        return;
    }
    let second = context.rules.apply(&again).await;
    made.failed.retain(|_, failure| !failure.over_quota);
    made.failed.extend(second.failed);
    made.done += second.done;
}

/// The entries that each rule is about, by its name.
fn owners(
    assignment: &Assignment<'_>,
    keys: &BTreeSet<ItemKey>,
    served: BTreeMap<String, Vec<MonitorKey>>,
) -> BTreeMap<String, Vec<ItemKey>> {
    let mut owners: BTreeMap<String, Vec<ItemKey>> = BTreeMap::new();
    // Rules that are removed serve nobody any more; their names tell whose they were.
    for key in keys {
        for name in assignment.own_rules([key]) {
            owners.insert(name, vec![key.clone()]);
        }
    }
    for (rule, keys) in served {
        owners.insert(rule, keys.iter().map(ItemKey::from).collect());
    }
    owners
}

/// Writes notes; gives the entries where that failed. An item that is gone in the meantime has a
/// record of its own in the stream.
async fn note(context: &Context, notes: Vec<(ItemKey, Annotations)>) -> BTreeMap<ItemKey, String> {
    let now = context.clock.now();
    let work = notes.into_iter().map(|(key, annotations)| async move {
        let noted = context.table.note(&key, &annotations, now).await;
        noted.err().map(|error| (key, error.to_string()))
    });
    let failed = futures::stream::iter(work).buffer_unordered(NOTES_AT_ONCE);
    failed.filter_map(|failed| async { failed }).collect().await
}
