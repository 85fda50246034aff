//! What is expected of alerts and notifications, and silences.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;

use super::super::file::{AlertCheck, ExpectedAlert, ExpectedNotification, NotificationCheck};
use super::{json, labels, span};
use crate::document::{Faults, Map, Node};
use crate::silence::Silence;
use crate::state::State;

const STATES: [(&str, State); 5] = [
    ("Pending", State::Pending),
    ("Alerting", State::Alerting),
    ("Recovering", State::Recovering),
    ("NoData", State::NoData),
    ("Error", State::Error),
];
const STATUSES: [(&str, &str); 2] = [("firing", "firing"), ("resolved", "resolved")];

/// `alert_rule_test`.
pub(super) fn alerts(map: &mut Map<'_>, faults: &mut Faults) -> Vec<AlertCheck> {
    let nodes = map.list("alert_rule_test", faults);
    let checks = nodes.iter().filter_map(|node| {
        let mut map = node.map(faults)?;
        let at = map.required("eval_time", faults);
        let rule = map.required("rule", faults);
        let expected = map.required("exp_alerts", faults);
        map.finish(faults);
        let expected = expected.map(|node| node.list(faults)).unwrap_or_default();
        Some(AlertCheck {
            line: node.line,
            at: at?.duration(faults)?,
            rule: rule?.word(faults)?,
            alerts: expected
                .iter()
                .filter_map(|node| alert(node, faults))
                .collect(),
        })
    });
    checks.collect()
}

fn alert(node: &Node<'_>, faults: &mut Faults) -> Option<ExpectedAlert> {
    let mut map = node.map(faults)?;
    let state = map
        .get("state")
        .and_then(|node| node.choice(&STATES, faults));
    let only = map
        .get("no_other_annotations")
        .and_then(|node| node.boolean(faults));
    let expected = ExpectedAlert {
        state: state.unwrap_or(State::Alerting),
        labels: labels(&mut map, "labels", faults),
        annotations: labels(&mut map, "annotations", faults),
        no_other_annotations: only.unwrap_or_default(),
        values: values(&mut map, faults),
    };
    map.finish(faults);
    Some(expected)
}

fn values(map: &mut Map<'_>, faults: &mut Faults) -> BTreeMap<String, f64> {
    let pairs = map.get("values").and_then(|node| node.pairs(faults));
    let pairs = pairs.unwrap_or_default().into_iter();
    pairs
        .filter_map(|(name, node)| Some((name.to_owned(), node.number(faults)?)))
        .collect()
}

/// `notification_test`.
pub(super) fn notifications(map: &mut Map<'_>, faults: &mut Faults) -> Vec<NotificationCheck> {
    let nodes = map.list("notification_test", faults);
    let checks = nodes.iter().filter_map(|node| {
        let mut map = node.map(faults)?;
        let from = map.get("from").map(|node| node.duration(faults));
        let to = map.required("to", faults);
        let rule = map.required("rule", faults);
        let expected = map.required("exp_notifications", faults);
        map.finish(faults);
        let expected = expected.map(|node| node.list(faults)).unwrap_or_default();
        Some(NotificationCheck {
            line: node.line,
            from: from.flatten().unwrap_or_default(),
            to: to?.duration(faults)?,
            rule: rule?.word(faults)?,
            notifications: expected
                .iter()
                .filter_map(|node| notification(node, faults))
                .collect(),
        })
    });
    checks.collect()
}

fn notification(node: &Node<'_>, faults: &mut Faults) -> Option<ExpectedNotification> {
    let mut map = node.map(faults)?;
    let at = map.required("at", faults);
    let receiver = map.get("receiver").and_then(|node| node.word(faults));
    let group_labels = map
        .get("group_labels")
        .is_some()
        .then(|| labels(&mut map, "group_labels", faults));
    let payload = map.get("payload").map(|node| json(node.tree));
    let mut alerts = Vec::new();
    for node in map.list("alerts", faults) {
        let Some(mut map) = node.map(faults) else {
            continue;
        };
        let status = map
            .get("status")
            .and_then(|node| node.choice(&STATUSES, faults));
        let status = status.unwrap_or("firing").to_owned();
        alerts.push((status, labels(&mut map, "labels", faults)));
        map.finish(faults);
    }
    map.finish(faults);
    Some(ExpectedNotification {
        at: at?.duration(faults)?,
        receiver,
        group_labels,
        alerts,
        payload,
    })
}

/// `silences`.
pub(super) fn silences(map: &mut Map<'_>, start: Timestamp, faults: &mut Faults) -> Vec<Silence> {
    let mut silences = Vec::new();
    for (node, number) in map.list("silences", faults).iter().zip(1..) {
        let Some(mut map) = node.map(faults) else {
            continue;
        };
        let (starts_at, ends_at) = span(&mut map, start, faults);
        let matchers = map.required("matchers", faults);
        let matchers = matchers.map(|node| node.list(faults)).unwrap_or_default();
        let comment = map.get("comment").and_then(|node| node.text(faults));
        map.finish(faults);
        silences.push(Silence {
            id: format!("silence-{number}"),
            matchers: matchers
                .iter()
                .filter_map(|node| node.parsed(faults))
                .collect(),
            starts_at,
            ends_at,
            author: "test".to_owned(),
            comment: comment.unwrap_or_default(),
            until_resolved: None,
        });
    }
    silences
}
