//! What has to be true of all rules of a file together.

use std::collections::BTreeMap;

use super::context::Context;
use crate::document::Node;
use crate::rule::Group;

/// Groups, uids and titles are there once; of titles, once in a folder.
pub(super) fn check(groups: &[(Node<'_>, Group)], context: &mut Context<'_>) {
    let mut names = BTreeMap::new();
    let mut uids = BTreeMap::new();
    let mut titles = BTreeMap::new();
    for (node, group) in groups {
        let line = node.line.unwrap_or(1);
        let key = (group.org_id, &group.folder, &group.name);
        if let Some(first) = names.insert(key, line) {
            let reason = format!(
                "there is a group `{}` in the folder `{}` already, in line {first}; rename one",
                group.name, group.folder
            );
            context.fault(node, reason);
        }
        for (index, rule) in group.rules.iter().enumerate() {
            let at = Node {
                path: format!("{}.rules[{index}]", node.path),
                line: Some(rule.place.line),
                tree: node.tree,
            };
            let line = rule.place.line;
            if let Some(first) = uids.insert((group.org_id, &rule.uid), line) {
                let uid = &rule.uid;
                let reason =
                    format!("the uid `{uid}` is there already, in line {first}; choose another");
                context.fault(&at, reason);
            }
            if let Some(first) = titles.insert((group.org_id, &group.folder, &rule.title), line) {
                let reason = format!(
                    "the title `{}` is there already in the folder `{}`, in line {first}; choose another",
                    rule.title, group.folder
                );
                context.fault(&at, reason);
            }
        }
    }
}
