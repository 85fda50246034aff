//! Monitors and their scenarios.

use std::path::Path;
use std::sync::Arc;

use tidewatch_definitions::{Entry, Mode, Tree, Value, check};
use tidewatch_domain::Location;

use super::super::play::Cast;
use super::super::scenario::Scenario;
use crate::document::{Faults, Map, Node};
use crate::fault::Fault;

/// Where monitors are probed whose test does not say.
const LOCATION: &str = "local";

/// The monitors of a test. Beside `scenario`, their fields are those of definitions; a target is
/// made up where there is none, because nothing is sent there.
pub(super) fn casts(file: &Path, map: &mut Map<'_>, faults: &mut Faults) -> Vec<Cast> {
    let mut entries = Vec::new();
    let mut stories = Vec::new();
    for (node, number) in map.list("monitors", faults).iter().zip(1..) {
        let Some(mut fields) = node.map(faults) else {
            continue;
        };
        let scenario = fields.required("scenario", faults);
        let Some(story) = scenario.and_then(|node| story(&node, faults)) else {
            continue;
        };
        stories.push(story);
        entries.push(Entry {
            file: file.display().to_string(),
            number,
            tree: definition(node, &fields),
        });
    }
    let checked = check(&entries, Mode::Local);
    for fault in &checked.faults {
        let field = fault.field.as_deref().unwrap_or_default();
        faults.list.push(Fault {
            file: file.to_owned(),
            line: fault.line,
            field: field.to_owned(),
            reason: format!("{}; {}", fault.problem, fault.remedy),
        });
    }
    if !checked.faults.is_empty() || checked.monitors.len() != stories.len() {
        return Vec::new();
    }
    let casts = checked.monitors.into_iter().zip(stories);
    casts
        .map(|(monitor, from)| Cast {
            monitor: Arc::new(monitor),
            from,
        })
        .collect()
}

/// The entry as a definition file would have it.
fn definition(node: &Node<'_>, fields: &Map<'_>) -> Tree {
    let mut pairs: Vec<(String, Tree)> = fields
        .others()
        .map(|(name, node)| ((*name).to_owned(), node.tree.clone()))
        .collect();
    if !pairs.iter().any(|(name, _)| name == "target") {
        let id = pairs.iter().find_map(|(name, tree)| match &tree.value {
            Value::Text(id) if name == "monitor_id" => Some(id.to_ascii_lowercase()),
            _ => None,
        });
        let target = format!(
            "https://{}.example/",
            id.unwrap_or_default().replace(['_', '.'], "-")
        );
        pairs.push(("target".to_owned(), Tree::from(Value::Text(target))));
    }
    Tree {
        value: Value::Map(pairs),
        at: node.tree.at,
    }
}

/// One scenario for one location, or a map of them by location.
fn story(node: &Node<'_>, faults: &mut Faults) -> Option<Vec<(Location, Scenario)>> {
    let from = |name: &str, node: &Node<'_>, faults: &mut Faults| {
        let location = Location::try_new(name);
        let location = location.map_err(|error| faults.at(node, error.to_string()));
        Some((location.ok()?, node.parsed(faults)?))
    };
    if !matches!(node.tree.value, Value::Map(_)) {
        return Some(vec![from(LOCATION, node, faults)?]);
    }
    let found = node.pairs(faults)?;
    let scenarios: Vec<_> = found
        .iter()
        .map(|(name, node)| from(name, node, faults))
        .collect::<Option<_>>()?;
    if scenarios.is_empty() {
        faults.at(node, "names no location");
    }
    Some(scenarios)
}
