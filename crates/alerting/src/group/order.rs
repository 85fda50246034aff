//! The order of alerts in a message.

use std::cmp::Ordering;

use crate::evaluate::Labels;
use crate::state::Alert;

/// Alertmanager's order: by the labels `job` and `instance`, then fewer labels first, then by
/// names and values (`AlertSlice.Less`, and `LabelSet.Before` of prometheus/common).
pub(super) fn compare(left: &Alert, right: &Alert) -> Ordering {
    for name in ["job", "instance"] {
        let order = match (left.labels.get(name), right.labels.get(name)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    let (left, right) = (all(left), all(right));
    left.len()
        .cmp(&right.len())
        .then_with(|| by_names(&left, &right))
}

/// The first name that both do not have alike decides: a name that is missing comes first.
fn by_names(left: &Labels, right: &Labels) -> Ordering {
    let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| left.get(name).cmp(&right.get(name)))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

fn all(alert: &Alert) -> Labels {
    let mut labels = alert.labels.clone();
    labels.extend(alert.internal.clone());
    labels
}
