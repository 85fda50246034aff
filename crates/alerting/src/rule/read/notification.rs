//! `notification_settings` of a rule.

use super::context::Context;
use crate::document::{Map, Node};
use crate::rule::NotificationSettings;

pub(super) fn settings(node: &Node<'_>, context: &mut Context<'_>) -> Option<NotificationSettings> {
    let mut map = node.map(&mut context.faults)?;
    let receiver = context.required_text("receiver", &mut map);
    let group_by = texts("group_by", &mut map, context);
    let group_wait = context.optional_duration("group_wait", &mut map);
    let group_interval = positive("group_interval", &mut map, context);
    let repeat_interval = positive("repeat_interval", &mut map, context);
    let mute_time_intervals = unsupported("mute_time_intervals", &mut map, context);
    let active_time_intervals = unsupported("active_time_intervals", &mut map, context);
    map.finish(&mut context.faults);
    Some(NotificationSettings {
        receiver: receiver.unwrap_or_default(),
        group_by,
        group_wait,
        group_interval,
        repeat_interval,
        mute_time_intervals,
        active_time_intervals,
    })
}

/// Texts that say something; Grafana passes over empty ones.
fn texts(name: &'static str, map: &mut Map<'_>, context: &mut Context<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    for node in map.list(name, &mut context.faults) {
        texts.extend(context.text(&node).filter(|text| !text.is_empty()));
    }
    texts
}

/// Intervals between messages; without any distance there would be no end of them.
fn positive(
    name: &'static str,
    map: &mut Map<'_>,
    context: &mut Context<'_>,
) -> Option<std::time::Duration> {
    let duration = context.optional_duration(name, map)?;
    if duration.is_zero() {
        let node = map.get(name)?;
        context.fault(&node, "is zero; write a longer duration");
    }
    Some(duration)
}

/// Silently not muting would wake people, silently not being active would let them sleep.
fn unsupported(name: &'static str, map: &mut Map<'_>, context: &mut Context<'_>) -> Vec<String> {
    let names = texts(name, map, context);
    if let (Some(node), false) = (map.get(name), names.is_empty()) {
        let reason = "timings are not supported where rules are evaluated without a Grafana; use a silence or a maintenance window";
        context.fault(&node, reason);
    }
    names
}
