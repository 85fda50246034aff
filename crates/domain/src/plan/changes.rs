//! From the rules that are there to those that should be.

use std::collections::BTreeMap;

use super::limits;
use super::rule::{Rule, Target};

/// One call to EventBridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Makes a rule, or gives it another schedule; its targets stay.
    PutRule {
        /// The rule, whose targets do not matter here.
        rule: Rule,
    },
    /// Adds targets, or replaces those of the same ids.
    PutTargets {
        /// The name of the rule.
        rule: String,
        /// At most [`limits::TARGETS_A_CALL`].
        targets: Vec<Target>,
    },
    /// Removes targets.
    RemoveTargets {
        /// The name of the rule.
        rule: String,
        /// At most [`limits::TARGETS_A_CALL`].
        ids: Vec<String>,
    },
    /// Removes a rule, which must have no targets any more.
    DeleteRule {
        /// The name of the rule.
        rule: String,
    },
}

impl Change {
    /// The name of the rule that is changed.
    pub fn rule(&self) -> &str {
        match self {
            Change::PutRule { rule } => &rule.name,
            Change::PutTargets { rule, .. }
            | Change::RemoveTargets { rule, .. }
            | Change::DeleteRule { rule } => rule,
        }
    }
}

/// What has to be done, in two steps: everything is called by the new rules before the first old
/// one is taken away, so that a move is at most a double run and never a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// First.
    pub make: Vec<Change>,
    /// Once all of the first succeeded.
    pub remove: Vec<Change>,
}

impl Changes {
    /// Whether everything is as it should be.
    pub fn is_empty(&self) -> bool {
        self.make.is_empty() && self.remove.is_empty()
    }

    /// How many rules are made, changed or removed.
    pub fn rules(&self) -> usize {
        let mut names: Vec<&str> = self
            .make
            .iter()
            .chain(&self.remove)
            .map(Change::rule)
            .collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}

/// What turns `actual` into `desired`, both by name. Rules that are not in `desired` are removed.
pub fn changes(desired: &BTreeMap<String, Rule>, actual: &BTreeMap<String, Rule>) -> Changes {
    let mut changes = Changes::default();
    for (name, rule) in desired {
        toward(rule, actual.get(name), &mut changes);
    }
    for (name, rule) in actual {
        if !desired.contains_key(name) {
            let ids = rule.targets.iter().map(|target| target.id.clone());
            remove_targets(name, ids.collect(), &mut changes.remove);
            changes
                .remove
                .push(Change::DeleteRule { rule: name.clone() });
        }
    }
    changes
}

fn toward(desired: &Rule, actual: Option<&Rule>, changes: &mut Changes) {
    let head = |rule: &Rule| {
        (
            rule.schedule.clone(),
            rule.enabled,
            rule.description.clone(),
        )
    };
    if actual.map(head) != Some(head(desired)) {
        changes.make.push(Change::PutRule {
            rule: desired.clone(),
        });
    }
    let standing = actual.map_or(&[][..], |rule| &rule.targets);
    let wanted = |id: &str| desired.targets.iter().any(|target| target.id == id);
    let (kept, strangers): (Vec<&Target>, Vec<&Target>) =
        standing.iter().partition(|target| wanted(&target.id));
    let missing: Vec<Target> = desired
        .targets
        .iter()
        .filter(|target| !standing.contains(target))
        .cloned()
        .collect();
    let new = missing
        .iter()
        .filter(|target| !kept.iter().any(|found| found.id == target.id))
        .count();
    let strangers: Vec<String> = strangers.iter().map(|target| target.id.clone()).collect();
    // Targets that nobody planned go last, unless there is no room beside them.
    let crowded = kept.len() + strangers.len() + new > limits::TARGETS;
    let step = if crowded {
        &mut changes.make
    } else {
        &mut changes.remove
    };
    remove_targets(&desired.name, strangers, step);
    for chunk in missing.chunks(limits::TARGETS_A_CALL) {
        changes.make.push(Change::PutTargets {
            rule: desired.name.clone(),
            targets: chunk.to_vec(),
        });
    }
}

fn remove_targets(rule: &str, ids: Vec<String>, step: &mut Vec<Change>) {
    for chunk in ids.chunks(limits::TARGETS_A_CALL) {
        step.push(Change::RemoveTargets {
            rule: rule.to_owned(),
            ids: chunk.to_vec(),
        });
    }
}
