//! What lies in the alert queue: a verified request, as it came, with where and when.
//!
//! ```json
//! {"v":1,"source":"grafana","received":"2026-11-22T13:00:00.000Z","id":"<sha256>","payload":{...}}
//! ```

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidewatch_domain::Timestamp;

use crate::instant;
use crate::queue::QueueError;

/// The only version of the shape so far.
const VERSION: u32 = 1;

/// Where alerts came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// One entry of the alert queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// The version of this shape, 1.
    v: u32,
    /// Where it came from.
    pub source: Source,
    /// When it was taken in.
    #[serde(with = "instant")]
    pub received: Timestamp,
    /// SHA-256 of the payload's bytes, in lower-case hexadecimal.
    pub id: String,
    /// The body of Grafana's webhook, or a [`WakeUp`].
    pub payload: Value,
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
    /// Puts `bytes`, the body of a request that holds JSON, into an envelope.
    pub fn of_bytes(
        source: Source,
        received: Timestamp,
        bytes: &[u8],
    ) -> Result<Self, serde_json::Error> {
        Ok(Envelope {
            v: VERSION,
            source,
            received,
            id: HEXLOWER.encode(&Sha256::digest(bytes)),
            payload: serde_json::from_slice(bytes)?,
        })
    }

    /// Puts a payload that was made here into an envelope.
    pub fn of_payload(source: Source, received: Timestamp, payload: &impl Serialize) -> Self {
        let payload = serde_json::to_value(payload)
            .expect("payloads are maps with text keys and finite numbers");
        Envelope {
            v: VERSION,
            source,
            received,
            id: HEXLOWER.encode(&Sha256::digest(payload.to_string().as_bytes())),
            payload,
        }
    }

    /// Reads an entry of the queue.
    pub fn read(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(EnvelopeError::Shape)?;
        if envelope.v != VERSION {
            return Err(EnvelopeError::Version(envelope.v));
        }
        Ok(envelope)
    }

    /// The entry as JSON texts of at most `limit` bytes, for queues whose messages are small: one,
    /// or several that share its alerts. An alert that is too large by itself is an error.
    pub fn split(&self, limit: usize) -> Result<Vec<String>, QueueError> {
        let whole = self.to_json();
        if whole.len() <= limit {
            return Ok(vec![whole]);
        }
        let Some(alerts) = self.payload.get("alerts").and_then(Value::as_array) else {
            return Err(QueueError(format!(
                "an envelope has {} bytes, more than {limit}, and no alerts to divide it by",
                whole.len()
            )));
        };
        let of = |alerts: &[Value]| {
            let mut part = self.clone();
            part.payload = json!({ "alerts": alerts });
            part.to_json()
        };
        let mut parts = Vec::new();
        let mut rest = alerts.as_slice();
        while !rest.is_empty() {
            let mut count = rest.len();
            let text = loop {
                let text = of(&rest[..count]);
                if text.len() <= limit {
                    break text;
                }
                if count == 1 {
                    return Err(QueueError(format!(
                        "one alert alone has more than {limit} bytes; shorten its annotations"
                    )));
                }
                count = count.div_ceil(2);
            };
            parts.push(text);
            rest = &rest[count..];
        }
        Ok(parts)
    }

    /// The entry as JSON text in one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an envelope is a map with text keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_as_it_was_written() {
        let body = br#"{"alerts":[],"new":1}"#;
        let received = Timestamp::from_millis(1_795_330_800_123);
        let envelope = Envelope::of_bytes(Source::Grafana, received, body).unwrap();
        let text = envelope.to_json();
        assert!(text.starts_with(
            r#"{"v":1,"source":"grafana","received":"2026-11-22T07:00:00.123Z","id":""#
        ));
        assert_eq!(Envelope::read(text.as_bytes()).unwrap(), envelope);
        assert_eq!(
            envelope.split(text.len()).unwrap(),
            std::slice::from_ref(&text)
        );
        let later = text.replace("\"v\":1", "\"v\":2");
        assert!(matches!(
            Envelope::read(later.as_bytes()),
            Err(EnvelopeError::Version(2))
        ));
    }

    #[test]
    fn a_large_envelope_is_divided_and_no_alert_is_lost() {
        let alerts: Vec<Value> = (0..100)
            .map(|n| json!({ "n": n, "text": "x".repeat(n) }))
            .collect();
        let body = json!({ "title": "t".repeat(900), "alerts": alerts }).to_string();
        let envelope =
            Envelope::of_bytes(Source::Grafana, Timestamp::EPOCH, body.as_bytes()).unwrap();
        let parts = envelope.split(1_000).unwrap();
        assert!(parts.len() > 5 && parts.iter().all(|part| part.len() <= 1_000));
        let found: Vec<Value> = parts
            .iter()
            .flat_map(|part| {
                let part = Envelope::read(part.as_bytes()).unwrap();
                part.payload["alerts"].as_array().unwrap().clone()
            })
            .collect();
        assert_eq!(found, alerts);
        assert!(envelope.split(100).is_err());
    }
}
