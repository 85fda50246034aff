//! JSON as Go's `encoding/json` writes it.

use std::collections::BTreeMap;

use jiff::Timestamp as Instant;
use tidewatch_domain::Timestamp;

use crate::go;

use super::Shown;

/// Go's zero instant, for an end that is not there yet.
const NO_END: &str = "0001-01-01T00:00:00Z";

/// An object that grows key by key.
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Object("{".to_owned())
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &text(value));
    }

    pub(super) fn map(&mut self, key: &str, map: &BTreeMap<String, String>) {
        let mut object = Object::new();
        for (name, value) in map {
            object.text(name, value);
        }
        self.raw(key, &object.close());
    }

    /// A value that is JSON already.
    pub(super) fn raw(&mut self, key: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&text(key));
        self.0.push(':');
        self.0.push_str(json);
    }

    pub(super) fn close(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

pub(super) fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// One alert of the list.
pub(super) fn alert(shown: &Shown<'_>) -> String {
    let alert = shown.alert;
    let mut json = Object::new();
    json.text("status", if shown.resolved { "resolved" } else { "firing" });
    json.map("labels", &alert.labels);
    json.map("annotations", &alert.annotations);
    json.text("startsAt", &instant(alert.starts_at));
    if shown.resolved {
        json.text("endsAt", &instant(alert.ends_at));
    } else {
        json.text("endsAt", NO_END);
    }
    json.text("generatorURL", &shown.generator_url);
    json.text("fingerprint", &alert.fingerprint);
    json.text("silenceURL", &shown.silence_url);
    json.text("dashboardURL", &shown.dashboard_url);
    json.text("panelURL", &shown.panel_url);
    if !alert.rule_uid.is_empty() {
        json.text("ruleUID", &alert.rule_uid);
    }
    json.raw("values", &values(&alert.values));
    json.text("valueString", &alert.value_string);
    if alert.org_id != 0 {
        json.raw("orgId", &alert.org_id.to_string());
    }
    json.close()
}

/// One number that JSON does not have takes them all away, as in Grafana.
fn values(values: &BTreeMap<String, f64>) -> String {
    let numbers: Option<Vec<_>> = values
        .iter()
        .map(|(name, value)| Some((name, go::json(*value)?)))
        .collect();
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut object = Object::new();
            for (name, number) in numbers {
                object.raw(name, &number);
            }
            object.close()
        }
        _ => "null".to_owned(),
    }
}

/// RFC 3339 in UTC, with as many digits of the second as there are.
fn instant(instant: Timestamp) -> String {
    Instant::from_nanosecond(i128::from(instant.as_nanos()))
        .expect("an i64 of nanoseconds lies within the years -9999 to 9999")
        .to_string()
}

/// A text in quotes.
pub(super) fn text(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                json.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}
