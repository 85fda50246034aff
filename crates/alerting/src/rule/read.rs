//! Reading of provisioning files. All faults of a file are told at once, each with its place.

mod alert;
mod context;
mod duration;
mod evaluator;
mod expression;
mod notification;
mod query;
mod step;
mod whole;

use std::path::Path;

use tidewatch_definitions::Tree;

use super::Group;
use crate::document::Node;
use crate::fault::Fault;
use context::Context;

/// Kinds of resources of the same files that are not rules.
const OTHERS: [&str; 9] = [
    "contactPoints",
    "policies",
    "templates",
    "muteTimes",
    "deleteRules",
    "deleteContactPoints",
    "resetPolicies",
    "deleteMuteTimes",
    "deleteTemplates",
];

/// The schedulers' beat: intervals are multiples of it.
const BEAT_SECONDS: u64 = 10;

/// Reads the rules of a file in YAML or JSON. `variables` gives the environment variables that
/// Grafana would replace.
///
/// Grafana ignores keys that it does not know, and many mistakes show only when a rule is
/// evaluated; here each of them is a fault. Contact points, policies and other kinds of resources
/// that may stand in the same file are passed over.
pub fn read(
    file: &Path,
    text: &str,
    variables: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Group>, Vec<Fault>> {
    let mut context = Context::new(file, variables);
    let groups = match context.faults.parse(text) {
        Some(tree) => document(&tree, &mut context),
        None => Vec::new(),
    };
    if context.faults.list.is_empty() {
        Ok(groups)
    } else {
        let mut faults = context.faults.list;
        faults.sort_by_key(|fault| fault.line);
        Err(faults)
    }
}

fn document(tree: &Tree, context: &mut Context<'_>) -> Vec<Group> {
    let root = Node::root(tree);
    if root.is_null() {
        return Vec::new();
    }
    let Some(mut map) = root.map(&mut context.faults) else {
        return Vec::new();
    };
    if let Some(node) = map.get("apiVersion")
        && let Some(version) = node.text(&mut context.faults)
        && version != "1"
    {
        let reason = format!("`{version}` is no version of this format; write 1");
        context.fault(&node, reason);
    }
    let mut read = Vec::new();
    for node in map.list("groups", &mut context.faults) {
        if let Some(group) = group(&node, context) {
            read.push((node, group));
        }
    }
    for name in OTHERS {
        let _passed_over = map.get(name);
    }
    map.finish(&mut context.faults);
    whole::check(&read, context);
    read.into_iter().map(|(_, group)| group).collect()
}

fn group(node: &Node<'_>, context: &mut Context<'_>) -> Option<Group> {
    let mut map = node.map(&mut context.faults)?;
    let org_id = context.organisation(&mut map);
    let name = context.required_text("name", &mut map);
    let folder = context.required_text("folder", &mut map);
    let interval = map
        .required("interval", &mut context.faults)
        .and_then(|node| {
            let interval = context.duration(&node)?;
            let beats = interval.as_millis() % u128::from(BEAT_SECONDS * 1000) == 0;
            if interval.is_zero() || !beats {
                let problem = format!("is {interval:?}; use a multiple of {BEAT_SECONDS} s");
                context.fault(&node, problem);
            }
            Some(interval)
        });
    let mut rules = Vec::new();
    for node in map.list("rules", &mut context.faults) {
        rules.extend(alert::rule(&node, context));
    }
    map.finish(&mut context.faults);
    Some(Group {
        org_id,
        name: name.unwrap_or_default(),
        folder: folder.unwrap_or_default(),
        interval: interval.unwrap_or_default(),
        rules,
    })
}

#[cfg(test)]
mod tests;
