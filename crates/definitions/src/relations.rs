//! What holds between monitors: keys are unique, parents exist, and nothing is its own ancestor.

use std::collections::{HashMap, HashSet};

use tidewatch_domain::{Monitor, MonitorKey};

use crate::fault::Fault;
use crate::load::Entry;
use crate::tree::Position;

/// The monitors that stay: later ones with a key that is taken, and all on a circle of parents,
/// are reported and left out. A parent that nobody knows is only worth a warning, because the
/// monitor works without it.
pub(crate) fn settle(
    decoded: Vec<(Monitor, &Entry)>,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<Fault>,
) -> Vec<Monitor> {
    let unique = without_duplicates(decoded, faults);
    let kept = without_circles(unique, faults);
    let known: HashSet<MonitorKey> = kept
        .iter()
        .map(|(monitor, _)| monitor.key.clone())
        .collect();
    for (monitor, entry) in &kept {
        if let Some(parent) = parent(monitor).filter(|parent| !known.contains(parent)) {
            let problem = "names no monitor of this tenant that could be loaded";
            let remedy = "correct the name; until then this monitor is treated as without a parent";
            let mut warning = of_field(monitor, entry, "parent", problem.to_owned(), remedy);
            warning.value = Some(parent.monitor_id.to_string());
            warnings.push(warning);
        }
    }
    kept.into_iter().map(|(monitor, _)| monitor).collect()
}

fn without_duplicates<'e>(
    decoded: Vec<(Monitor, &'e Entry)>,
    faults: &mut Vec<Fault>,
) -> Vec<(Monitor, &'e Entry)> {
    let mut first: HashMap<MonitorKey, &Entry> = HashMap::new();
    let mut unique = Vec::with_capacity(decoded.len());
    for (monitor, entry) in decoded {
        match first.get(&monitor.key) {
            Some(earlier) => {
                let problem = format!("is already defined by {}", origin(earlier));
                let remedy = "give it another monitor_id, or remove one of the two";
                faults.push(of_field(&monitor, entry, "monitor_id", problem, remedy));
            }
            None => {
                first.insert(monitor.key.clone(), entry);
                unique.push((monitor, entry));
            }
        }
    }
    unique
}

fn without_circles<'e>(
    monitors: Vec<(Monitor, &'e Entry)>,
    faults: &mut Vec<Fault>,
) -> Vec<(Monitor, &'e Entry)> {
    let parents: HashMap<MonitorKey, MonitorKey> = monitors
        .iter()
        .filter_map(|(monitor, _)| Some((monitor.key.clone(), parent(monitor)?)))
        .collect();
    let circles = circles(&parents);
    let (circular, kept): (Vec<_>, Vec<_>) = monitors
        .into_iter()
        .partition(|(monitor, _)| circles.contains(&monitor.key));
    for (monitor, entry) in circular {
        let problem = format!("leads back to itself: {}", way(&monitor.key, &parents));
        let remedy = "remove `parent` from one of them";
        faults.push(of_field(&monitor, entry, "parent", problem, remedy));
    }
    kept
}

/// Every monitor that is its own ancestor. Each is visited once, however the parents are linked.
fn circles(parents: &HashMap<MonitorKey, MonitorKey>) -> HashSet<&MonitorKey> {
    let mut circular = HashSet::new();
    let mut visited_from: HashMap<&MonitorKey, &MonitorKey> = HashMap::new();
    for start in parents.keys() {
        let mut at = start;
        while !visited_from.contains_key(at) {
            visited_from.insert(at, start);
            let Some(parent) = parents.get(at) else { break };
            at = parent;
        }
        // Met within this walk, and not in an earlier one: the circle begins here.
        if visited_from.get(at) == Some(&start) && parents.contains_key(at) {
            while circular.insert(at) {
                let Some(parent) = parents.get(at) else { break };
                at = parent;
            }
        }
    }
    circular
}

/// `a -> b -> a`, for a monitor on a circle; the middle of a long way is left out.
fn way(start: &MonitorKey, parents: &HashMap<MonitorKey, MonitorKey>) -> String {
    const LONGEST: usize = 8;
    let mut way = vec![start.monitor_id.as_str()];
    let mut at = start;
    while let Some(parent) = parents.get(at).filter(|parent| *parent != start) {
        if way.len() == LONGEST {
            way.push("…");
            break;
        }
        way.push(parent.monitor_id.as_str());
        at = parent;
    }
    way.push(start.monitor_id.as_str());
    way.join(" -> ")
}

fn parent(monitor: &Monitor) -> Option<MonitorKey> {
    let monitor_id = monitor.parent.clone()?;
    Some(MonitorKey {
        tenant: monitor.key.tenant.clone(),
        monitor_id,
    })
}

fn of_field(monitor: &Monitor, entry: &Entry, field: &str, problem: String, remedy: &str) -> Fault {
    let at = entry
        .tree
        .get(field)
        .and_then(|tree| tree.at)
        .or(entry.tree.at);
    Fault {
        entry: Some(monitor.key.to_string()),
        field: Some(field.to_owned()),
        ..Fault::of_file(&entry.file, at, problem, remedy)
    }
}

/// `monitors.yaml:12`, or `entry #3 of monitors` where there are no lines.
fn origin(entry: &Entry) -> String {
    match entry.tree.at {
        Some(Position { line, .. }) => format!("{}:{line}", entry.file),
        None => format!("entry #{} of {}", entry.number, entry.file),
    }
}
