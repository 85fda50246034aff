//! What lies in the alert queue: a verified request, as it came, with where and when.
//!
//! ```json
//! {"v":1,"source":"grafana","received":"2026-11-22T13:00:00.000Z","id":"<sha256>","payload":{...}}
//! ```

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;

use crate::instant;
use crate::queue::QueueError;

/// The only version of the shape so far.
const VERSION: u32 = 1;

/// Where alerts came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Grafana's webhook.
    Grafana,
    /// A topic that Grafana publishes to.
    Sns,
    /// The writer, from a state change.
    Writer,
    /// The local mode's own evaluation, or a person who tries the way.
    Local,
    /// The consumer itself, to look at a subject again later; the payload is a [`WakeUp`].
    Timer,
}

impl Source {
    /// The name in the queue.
    const fn name(self) -> &'static str {
        match self {
            Source::Grafana => "grafana",
            Source::Sns => "sns",
            Source::Writer => "writer",
            Source::Local => "local",
            Source::Timer => "timer",
        }
    }
}

/// One entry of the alert queue.
///
/// The payload is kept as the text that it came as: of a verified request the very bytes go on,
/// whatever else is in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// Where it came from.
    pub source: Source,
    /// When it was taken in.
    pub received: Timestamp,
    /// SHA-256 of the payload's bytes, in lower-case hexadecimal.
    pub id: String,
    /// JSON: the body of Grafana's webhook, or a [`WakeUp`].
    payload: String,
}

/// An entry as it stands in the queue.
#[derive(Deserialize)]
struct Form<'t> {
    v: u32,
    source: Source,
    #[serde(with = "instant")]
    received: Timestamp,
    id: String,
    #[serde(borrow)]
    payload: &'t RawValue,
}

/// The parts of a webhook's body that an entry can be divided by.
#[derive(Deserialize)]
struct Divisible<'t> {
    #[serde(borrow)]
    alerts: Vec<&'t RawValue>,
    #[serde(default, rename = "truncatedAlerts")]
    truncated: u64,
}

/// Asks the consumer to look at a subject once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeUp {
    /// The subject, as its case is called in the table.
    pub subject: String,
    /// When to look.
    #[serde(with = "instant")]
    pub at: Timestamp,
}

/// Bytes that are no entry of the alert queue.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not JSON, or not of this shape.
    #[error("not an alert envelope")]
    Shape(#[source] serde_json::Error),
    /// Written by a later release.
    #[error(
        "an alert envelope of version {0}, this release reads version {VERSION}; deploy the release that wrote it"
    )]
    Version(u32),
}

impl Envelope {
    /// Puts `bytes`, the body of a request that holds JSON, into an envelope; gives beside it what
    /// they hold.
    pub fn of_bytes(
        source: Source,
        received: Timestamp,
        bytes: &[u8],
    ) -> Result<(Self, Value), serde_json::Error> {
        let payload = serde_json::from_slice(bytes)?;
        let text = str::from_utf8(bytes).map_err(serde::de::Error::custom)?;
        Ok((
            Envelope::of_json(source, received, text.to_owned()),
            payload,
        ))
    }

    /// Puts a payload that was made here into an envelope.
    pub fn of_payload(source: Source, received: Timestamp, payload: &impl Serialize) -> Self {
        let payload = serde_json::to_string(payload)
            .expect("payloads are maps with text keys and finite numbers");
        Envelope::of_json(source, received, payload)
    }

    fn of_json(source: Source, received: Timestamp, payload: String) -> Self {
        Envelope {
            source,
            received,
            id: HEXLOWER.encode(&Sha256::digest(payload.as_bytes())),
            payload,
        }
    }

    /// Reads an entry of the queue.
    pub fn read(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let form: Form<'_> = serde_json::from_slice(bytes).map_err(EnvelopeError::Shape)?;
        if form.v != VERSION {
            return Err(EnvelopeError::Version(form.v));
        }
        Ok(Envelope {
            source: form.source,
            received: form.received,
            id: form.id,
            payload: form.payload.get().to_owned(),
        })
    }

    /// What it holds.
    pub fn payload<'t, P: Deserialize<'t>>(&'t self) -> Result<P, serde_json::Error> {
        serde_json::from_str(&self.payload)
    }

    /// The entry as JSON texts of at most `limit` bytes, for queues whose messages are small: one,
    /// or several that share its alerts. An alert that is too large by itself is an error.
    pub fn split(&self, limit: usize) -> Result<Vec<String>, QueueError> {
        let whole = self.to_json();
        if whole.len() <= limit {
            return Ok(vec![whole]);
        }
        let Ok(Divisible { alerts, truncated }) = self.payload() else {
            return Err(QueueError(format!(
                "an envelope has {} bytes, more than {limit}, and no alerts to divide it by",
                whole.len()
            )));
        };
        let mut parts: Vec<String> = Vec::new();
        let mut rest = alerts.as_slice();
        while !rest.is_empty() {
            // Alerts that Grafana left out are left out once.
            let truncated = if parts.is_empty() { truncated } else { 0 };
            let around = self.around(&payload_of_part(truncated, &[])).len();
            let mut room = limit.saturating_sub(around);
            let fitting = rest
                .iter()
                .take_while(|alert| {
                    let taken = alert.get().len() + 1;
                    let fits = taken <= room + 1;
                    room = room.saturating_sub(taken);
                    fits
                })
                .count();
            if fitting == 0 {
                return Err(QueueError(format!(
                    "one alert alone has more than {limit} bytes; shorten its annotations"
                )));
            }
            let (part, left) = rest.split_at(fitting);
            parts.push(self.around(&payload_of_part(truncated, part)));
            rest = left;
        }
        Ok(parts)
    }

    /// The entry as JSON text.
    pub fn to_json(&self) -> String {
        self.around(&self.payload)
    }

    /// An entry like this one around another payload.
    fn around(&self, payload: &str) -> String {
        // Source, instant and id need no escapes.
        format!(
            r#"{{"v":{VERSION},"source":"{}","received":"{}","id":"{}","payload":{payload}}}"#,
            self.source.name(),
            instant::format(self.received),
            self.id,
        )
    }
}

/// The body of a webhook with some of its alerts.
fn payload_of_part(truncated: u64, alerts: &[&RawValue]) -> String {
    let alerts: Vec<&str> = alerts.iter().map(|alert| alert.get()).collect();
    format!(
        r#"{{"truncatedAlerts":{truncated},"alerts":[{}]}}"#,
        alerts.join(",")
    )
}

#[cfg(test)]
mod tests;
