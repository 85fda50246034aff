//! What was expected beside what was found, as two texts: they are equal where the test holds,
//! and where it does not their difference says why.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::file::{AlertCheck, ExpectedAlert, ExpectedNotification, NotificationCheck};
use crate::evaluate::Labels;
use crate::state::{Alert, State};

/// Labels that Grafana adds to every alert of a rule.
const GIVEN: [&str; 2] = ["alertname", "grafana_folder"];

/// A check that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where the check is written.
    pub line: Option<u64>,
    /// What was checked: `alerts of tidewatch-down at 12m`.
    pub subject: String,
    /// What was expected.
    pub expected: String,
    /// What was found, as far as it was compared.
    pub found: String,
    /// What the rule saw at that time, a line for each fact.
    pub seen: Vec<String>,
}

/// A notification that was sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sent {
    /// From the start.
    pub(super) at: Duration,
    pub(super) receiver: String,
    pub(super) group_labels: Labels,
    /// Status and labels.
    pub(super) alerts: Vec<(String, Labels)>,
    pub(super) payload: serde_json::Value,
}

/// Compares the alerts of a rule; `found` are all of them.
pub(super) fn alerts(check: &AlertCheck, found: &[Alert]) -> Option<Mismatch> {
    let mut left: Vec<&Alert> = found
        .iter()
        .filter(|alert| alert.state != State::Normal)
        .collect();
    let mut pairs: Vec<(&ExpectedAlert, Option<&Alert>)> = Vec::new();
    for expected in &check.alerts {
        let twin = left
            .iter()
            .position(|alert| labels_as(expected, alert) == expected.labels);
        pairs.push((expected, twin.map(|position| left.remove(position))));
    }
    // What has no twin is set beside what is left, so that the difference is small.
    for (_, found) in &mut pairs {
        if found.is_none() && !left.is_empty() {
            *found = Some(left.remove(0));
        }
    }
    let (mut expected, mut found) = (String::new(), String::new());
    for (wanted, alert) in &pairs {
        expected.push_str(&expected_text(wanted));
        if let Some(alert) = alert {
            found.push_str(&found_text(wanted, alert));
        }
    }
    for alert in left {
        let everything = ExpectedAlert {
            state: alert.state,
            labels: Labels::new(),
            annotations: BTreeMap::new(),
            no_other_annotations: true,
            values: BTreeMap::new(),
        };
        found.push_str(&found_text(&everything, alert));
    }
    mismatch(
        check.line,
        format!("alerts of {} at {}", check.rule, clock(check.at)),
        expected,
        found,
    )
}

/// Compares the notifications about a rule; `sent` are all of them.
pub(super) fn notifications(check: &NotificationCheck, sent: &[Sent]) -> Option<Mismatch> {
    let within = sent
        .iter()
        .filter(|sent| check.from <= sent.at && sent.at <= check.to);
    let mut expected = String::new();
    let mut found = String::new();
    let mut wanted = check.notifications.iter();
    for sent in within {
        let next = wanted.next();
        if let Some(next) = next {
            expected.push_str(&wanted_text(next));
        }
        found.push_str(&sent_text(next, sent));
    }
    for missing in wanted {
        expected.push_str(&wanted_text(missing));
    }
    let (from, to) = (clock(check.from), clock(check.to));
    mismatch(
        check.line,
        format!("notifications of {} from {from} to {to}", check.rule),
        expected,
        found,
    )
}

fn mismatch(
    line: Option<u64>,
    subject: String,
    expected: String,
    found: String,
) -> Option<Mismatch> {
    let or_nothing = |text: String| {
        if text.is_empty() {
            "nothing\n".to_owned()
        } else {
            text
        }
    };
    (expected != found).then(|| Mismatch {
        line,
        subject,
        expected: or_nothing(expected),
        found: or_nothing(found),
        seen: Vec::new(),
    })
}

/// The labels of an alert without those that the test may leave out, and does.
fn labels_as(expected: &ExpectedAlert, alert: &Alert) -> Labels {
    let mut labels = alert.labels.clone();
    labels.retain(|name, _| !GIVEN.contains(&name.as_str()) || expected.labels.contains_key(name));
    labels
}

fn expected_text(alert: &ExpectedAlert) -> String {
    text(
        alert.state,
        &alert.labels,
        &alert.annotations,
        &alert.values,
    )
}

/// An alert as far as it is compared.
fn found_text(expected: &ExpectedAlert, alert: &Alert) -> String {
    let mut annotations = alert.annotations.clone();
    if !expected.no_other_annotations {
        annotations.retain(|name, _| expected.annotations.contains_key(name));
    }
    let mut values = alert.values.clone();
    values.retain(|name, _| expected.values.contains_key(name));
    text(
        alert.state,
        &labels_as(expected, alert),
        &annotations,
        &values,
    )
}

fn text(
    state: State,
    labels: &Labels,
    annotations: &BTreeMap<String, String>,
    values: &BTreeMap<String, f64>,
) -> String {
    let mut text = format!("- state: {}\n", state.name());
    texts(&mut text, "  ", "labels", labels);
    texts(&mut text, "  ", "annotations", annotations);
    let values = values
        .iter()
        .map(|(name, value)| (name.clone(), value.to_string()))
        .collect();
    texts(&mut text, "  ", "values", &values);
    text
}

fn wanted_text(wanted: &ExpectedNotification) -> String {
    let mut text = format!("- at: {}\n", clock(wanted.at));
    if let Some(receiver) = &wanted.receiver {
        line(&mut text, "  ", "receiver", receiver);
    }
    if let Some(labels) = &wanted.group_labels {
        texts(&mut text, "  ", "group_labels", labels);
    }
    alert_lines(&mut text, wanted.alerts.clone());
    if let Some(payload) = &wanted.payload {
        json_lines(&mut text, payload);
    }
    text
}

/// A notification as far as it is compared.
fn sent_text(wanted: Option<&ExpectedNotification>, sent: &Sent) -> String {
    let mut text = format!("- at: {}\n", clock(sent.at));
    if wanted.is_none_or(|wanted| wanted.receiver.is_some()) {
        line(&mut text, "  ", "receiver", &sent.receiver);
    }
    if wanted.is_none_or(|wanted| wanted.group_labels.is_some()) {
        texts(&mut text, "  ", "group_labels", &sent.group_labels);
    }
    let mut alerts = sent.alerts.clone();
    // Labels that the test does not name are not compared.
    for (status, wanted) in wanted.into_iter().flat_map(|wanted| &wanted.alerts) {
        let twin = alerts.iter_mut().find(|(found, labels)| {
            found == status
                && wanted
                    .iter()
                    .all(|(name, value)| labels.get(name) == Some(value))
        });
        if let Some((_, labels)) = twin {
            labels.retain(|name, _| wanted.contains_key(name));
        }
    }
    alert_lines(&mut text, alerts);
    if let Some(payload) = wanted.and_then(|wanted| wanted.payload.as_ref()) {
        json_lines(&mut text, &projected(payload, &sent.payload));
    }
    text
}

fn alert_lines(text: &mut String, mut alerts: Vec<(String, Labels)>) {
    alerts.sort();
    text.push_str("  alerts:\n");
    for (status, labels) in &alerts {
        line(text, "    ", "- status", status);
        texts(text, "      ", "labels", labels);
    }
}

fn json_lines(text: &mut String, payload: &serde_json::Value) {
    text.push_str("  payload:\n");
    for line in format!("{payload:#}").lines() {
        let _ = writeln!(text, "    {line}");
    }
}

/// `found` without the members that `wanted` does not have.
fn projected(wanted: &serde_json::Value, found: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .filter_map(|(name, wanted)| {
                let found = found.get(name)?;
                Some((name.clone(), projected(wanted, found)))
            })
            .collect(),
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => wanted
            .iter()
            .zip(found)
            .map(|(wanted, found)| projected(wanted, found))
            .collect(),
        // YAML writes a whole number where JSON may have 3.0.
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {
            wanted.clone()
        }
        _ => found.clone(),
    }
}

fn texts(text: &mut String, indent: &str, name: &str, texts: &BTreeMap<String, String>) {
    if texts.is_empty() {
        return;
    }
    let _ = writeln!(text, "{indent}{name}:");
    for (name, value) in texts {
        line(text, &format!("{indent}  "), name, value);
    }
}

/// A line of its own for each line of the value, so that differences stay readable.
fn line(text: &mut String, indent: &str, name: &str, value: &str) {
    let value = value.replace('\n', &format!("\n{indent}  "));
    let _ = writeln!(text, "{indent}{name}: {value}");
}

/// A time of a test as people write it: `1h2m3s`.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let mut text = String::new();
    for (count, unit) in [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ] {
        if count > 0 {
            let _ = write!(text, "{count}{unit}");
        }
    }
    if time.subsec_millis() > 0 {
        let _ = write!(text, "{}ms", time.subsec_millis());
    }
    if text.is_empty() {
        text.push_str("0s");
    }
    text
}

#[cfg(test)]
mod tests;
