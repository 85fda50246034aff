//! Which sets of labels belong together: equal ones, and those of which one holds the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::evaluate::Labels;

/// Finds, for a set of labels, all of many sets that are equal to it, hold it or are held by it,
/// in time that does not grow with their number.
pub(crate) struct Related<'l> {
    groups: Vec<Group<'l>>,
}

/// Sets with the same names.
struct Group<'l> {
    names: BTreeSet<&'l str>,
    members: Vec<(usize, &'l Labels)>,
    /// Members by their values of some of the names, for the choices of names asked for so far.
    by_values: HashMap<Vec<&'l str>, HashMap<Vec<&'l str>, Vec<usize>>>,
}

impl<'l> Related<'l> {
    /// Over `sets`, which answers name by their positions.
    pub(crate) fn new(sets: impl IntoIterator<Item = &'l Labels>) -> Self {
        let mut groups: BTreeMap<BTreeSet<&str>, Vec<(usize, &Labels)>> = BTreeMap::new();
        for (index, labels) in sets.into_iter().enumerate() {
            let names = labels.keys().map(String::as_str).collect();
            groups.entry(names).or_default().push((index, labels));
        }
        let groups = groups.into_iter().map(|(names, members)| Group {
            names,
            members,
            by_values: HashMap::new(),
        });
        Related {
            groups: groups.collect(),
        }
    }

    /// The positions of all related sets, ascending.
    pub(crate) fn to(&mut self, labels: &'l Labels) -> Vec<usize> {
        let mut found = Vec::new();
        for group in &mut self.groups {
            let shared: Vec<&str> = labels
                .keys()
                .map(String::as_str)
                .filter(|name| group.names.contains(name))
                .collect();
            // One has to hold all names of the other.
            if shared.len() == group.names.len().min(labels.len()) {
                found.extend_from_slice(group.with_values(shared, labels));
            }
        }
        found.sort_unstable();
        found
    }
}

impl<'l> Group<'l> {
    fn with_values(&mut self, names: Vec<&'l str>, labels: &'l Labels) -> &[usize] {
        let values = values(labels, &names);
        let members = &self.members;
        let by_values = self.by_values.entry(names).or_insert_with_key(|names| {
            let mut by_values: HashMap<Vec<&str>, Vec<usize>> = HashMap::new();
            for (index, member) in members {
                by_values
                    .entry(self::values(member, names))
                    .or_default()
                    .push(*index);
            }
            by_values
        });
        by_values.get(&values).map_or(&[], Vec::as_slice)
    }
}

/// `a=1, b=2`, as the `String` of Grafana's plugin SDK (`data/labels.go`).
pub(crate) fn text(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join(", ")
}

fn values<'l>(labels: &'l Labels, names: &[&str]) -> Vec<&'l str> {
    names
        .iter()
        .map(|name| labels.get(*name).map_or("", String::as_str))
        .collect()
}
