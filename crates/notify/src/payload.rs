//! The body of Grafana's webhook: read with tolerance for whatever is new, written for alerts of
//! our own.
//!
//! What has to be there is the list of alerts, and in each of them a status, labels and a
//! beginning. An alert that cannot be read is named with its place and reason, and the others
//! count. Texts are cut to [`LONGEST_TEXT`], so that nothing that a stranger writes into a label
//! fills a table.

mod write;

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::{Alert, Links, Status, annotation};

use crate::instant;

pub use write::{alert_json, payload_of};

/// The longest label, annotation or address that is kept, in bytes.
pub const LONGEST_TEXT: usize = 2_048;
/// The most labels, annotations or values of one alert that are kept.
pub const MOST_ENTRIES: usize = 64;

/// What a request holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// The alerts that can be read.
    pub alerts: Vec<Alert>,
    /// Those that cannot.
    pub faults: Vec<AlertFault>,
    /// Alerts that Grafana left out, because the contact point limits their number.
    pub truncated: u64,
}

/// An alert that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("alerts[{position}]: {reason}")]
pub struct AlertFault {
    /// Its place in the list.
    pub position: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// JSON that is no webhook body at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// Not an object.
    #[error("the body is {0}, not the JSON object of a Grafana webhook")]
    NotAnObject(&'static str),
    /// No list of alerts.
    #[error(
        "`alerts` is {0}, not a list; use Grafana's default payload, without a template of your own"
    )]
    NoAlerts(&'static str),
}

impl Payload {
    /// Reads the body of a webhook.
    pub fn read(body: &Value) -> Result<Self, PayloadError> {
        let Value::Object(fields) = body else {
            return Err(PayloadError::NotAnObject(kind(body)));
        };
        let alerts = match fields.get("alerts") {
            Some(Value::Array(alerts)) => alerts,
            other => return Err(PayloadError::NoAlerts(other.map_or("missing", kind))),
        };
        let mut payload = Payload {
            alerts: Vec::with_capacity(alerts.len()),
            faults: Vec::new(),
            truncated: fields
                .get("truncatedAlerts")
                .and_then(Value::as_u64)
                .unwrap_or(0),
        };
        for (position, alert) in alerts.iter().enumerate() {
            match read_alert(alert) {
                Ok(alert) => payload.alerts.push(alert),
                Err(reason) => payload.faults.push(AlertFault { position, reason }),
            }
        }
        Ok(payload)
    }
}

/// Reads one alert as it stands in the list of a webhook.
pub fn read_alert(alert: &Value) -> Result<Alert, String> {
    let Value::Object(fields) = alert else {
        return Err(format!("it is {}, not an object", kind(alert)));
    };
    let status = match fields.get("status").and_then(Value::as_str) {
        Some("firing") => Status::Firing,
        Some("resolved") => Status::Resolved,
        Some(other) => {
            return Err(format!(
                "`status` is `{other}`, neither firing nor resolved"
            ));
        }
        None => return Err("`status` is missing".to_owned()),
    };
    let labels = match fields.get("labels") {
        Some(Value::Object(labels)) => texts(labels),
        other => return Err(format!("`labels` is {}", other.map_or("missing", kind))),
    };
    let starts_at = match fields.get("startsAt").and_then(Value::as_str) {
        Some(text) => instant::parse(text)
            .ok_or_else(|| format!("`startsAt` is `{text}`, not an instant in RFC 3339"))?,
        None => return Err("`startsAt` is missing".to_owned()),
    };
    let annotations = match fields.get("annotations") {
        Some(Value::Object(annotations)) => texts(annotations),
        _ => BTreeMap::new(),
    };
    Ok(Alert {
        fingerprint: text(fields, "fingerprint").unwrap_or_else(|| fingerprint(&labels)),
        status,
        since: annotations
            .get(annotation::SINCE)
            .and_then(|text| instant::parse(text).or_else(|| instant::parse_go(text))),
        values: fields.get("values").map(values).unwrap_or_default(),
        starts_at,
        ends_at: ends_at(fields, status),
        links: Links {
            generator: text(fields, "generatorURL"),
            silence: text(fields, "silenceURL"),
            dashboard: text(fields, "dashboardURL"),
            panel: text(fields, "panelURL"),
        },
        labels,
        annotations,
    })
}

/// Grafana writes the year 1 while an alert fires.
fn ends_at(fields: &Map<String, Value>, status: Status) -> Option<Timestamp> {
    fields
        .get("endsAt")
        .and_then(Value::as_str)
        .and_then(instant::parse)
        .filter(|_| status == Status::Resolved)
}

/// Who does not send a fingerprint is told apart by labels all the same.
pub(crate) fn fingerprint(labels: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, value) in labels {
        for part in [name, value] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}

/// Entries that are not text are left out, over-long ones cut.
fn texts(map: &Map<String, Value>) -> BTreeMap<String, String> {
    map.iter()
        .filter_map(|(name, value)| Some((cut(name), cut(value.as_str()?))))
        .take(MOST_ENTRIES)
        .collect()
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .map(cut)
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(LONGEST_TEXT)].to_owned()
}

/// Numbers by refId; `null` is what Grafana writes where there is none.
fn values(value: &Value) -> BTreeMap<String, f64> {
    let Value::Object(map) = value else {
        return BTreeMap::new();
    };
    map.iter()
        .filter_map(|(name, value)| Some((cut(name), value.as_f64()?)))
        .take(MOST_ENTRIES)
        .collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
