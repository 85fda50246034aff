//! Title and message, as Grafana's default templates make them (`default.title` and
//! `default.message` of grafana/alerting `templates/default_template.go`).

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::evaluate::Labels;
use crate::number;

use super::Shown;

pub(super) fn title(
    status: &str,
    shown: &[Shown<'_>],
    group_labels: &Labels,
    common_labels: &Labels,
) -> String {
    let resolved = shown.iter().filter(|it| it.resolved).count();
    let firing = shown.len() - resolved;
    let mut title = format!("[{}", status.to_uppercase());
    if status == "firing" {
        put(&mut title, format_args!(":{firing}"));
        if resolved > 0 {
            put(&mut title, format_args!(", RESOLVED:{resolved}"));
        }
    }
    let values = |labels: &Labels| {
        let pairs: Vec<&str> = sorted(labels).map(|(_, value)| value).collect();
        pairs.join(" ")
    };
    put(&mut title, format_args!("] {} ", values(group_labels)));
    if common_labels.len() > group_labels.len() {
        let mut others = common_labels.clone();
        others.retain(|name, _| !group_labels.contains_key(name));
        // Go's `with` shows nothing for an empty map.
        if others.is_empty() {
            title.push_str("()");
        } else {
            put(&mut title, format_args!("({})", values(&others)));
        }
    }
    title
}

pub(super) fn message(shown: &[Shown<'_>]) -> String {
    let (resolved, firing): (Vec<_>, Vec<_>) = shown.iter().partition(|it| it.resolved);
    let mut message = String::new();
    if !firing.is_empty() {
        message.push_str("**Firing**\n");
        firing.iter().for_each(|it| one(&mut message, it));
        if !resolved.is_empty() {
            message.push_str("\n\n");
        }
    }
    if !resolved.is_empty() {
        message.push_str("**Resolved**\n");
        resolved.iter().for_each(|it| one(&mut message, it));
    }
    message
}

fn one(message: &mut String, shown: &Shown<'_>) {
    let values = &shown.alert.values;
    let values: Vec<String> = values
        .iter()
        .filter(|_| values.values().all(|value| value.is_finite()))
        .map(|(name, value)| format!("{name}={}", number::format(*value)))
        .collect();
    let values = if values.is_empty() {
        "[no value]".to_owned()
    } else {
        values.join(", ")
    };
    put(message, format_args!("\nValue: {values}\nLabels:\n"));
    lines(message, &shown.alert.labels);
    message.push_str("Annotations:\n");
    lines(message, &shown.alert.annotations);
    let links = [
        ("Source", &shown.generator_url),
        ("Silence", &shown.silence_url),
        ("Dashboard", &shown.dashboard_url),
        ("Panel", &shown.panel_url),
    ];
    for (name, address) in links {
        if !address.is_empty() {
            put(message, format_args!("{name}: {address}\n"));
        }
    }
}

fn lines(message: &mut String, pairs: &BTreeMap<String, String>) {
    for (name, value) in sorted(pairs) {
        put(message, format_args!(" - {name} = {value}\n"));
    }
}

/// By name, `alertname` first.
fn sorted(pairs: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    let name = "alertname";
    pairs
        .get_key_value(name)
        .into_iter()
        .chain(pairs.iter().filter(move |(it, _)| *it != name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more)
        .expect("a string takes all that is written");
}
