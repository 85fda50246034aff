//! Who may send alerts: whoever signs the body, or shows a token or a password.
//!
//! Any configured way is enough. Comparisons take the same time whatever is sent. Secrets shorter
//! than [`SHORTEST_SECRET`] are refused at the start, so that none can be guessed; each way takes
//! several, so that one can be replaced without a gap.
//!
//! The signature is Grafana's: lower-case hexadecimal HMAC-SHA256 over the raw body, or, with a
//! timestamp header, over the header's value, `:` and the raw body.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use tidewatch_domain::Timestamp;

/// The header that Grafana signs in.
pub const SIGNATURE_HEADER: &str = "X-Grafana-Alerting-Signature";
/// The header for the timestamp, as in the shipped contact point.
pub const TIMESTAMP_HEADER: &str = "X-Grafana-Alerting-Timestamp";
/// The shortest secret that is accepted, in bytes.
pub const SHORTEST_SECRET: usize = 32;
/// How far a timestamp may be from the clock.
pub const SKEW: Duration = Duration::from_secs(300);

/// Secrets as they are stored, `{"hmac":[..],"bearer":[..],"basic":["user:password"]}`; each list
/// may be absent, each may hold several.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSecrets {
    /// Keys that bodies are signed with.
    #[serde(default)]
    pub hmac: Vec<String>,
    /// Tokens.
    #[serde(default)]
    pub bearer: Vec<String>,
    /// `user:password`.
    #[serde(default)]
    pub basic: Vec<String>,
}

impl WebhookSecrets {
    /// Whether anybody could be recognised by them.
    pub fn is_empty(&self) -> bool {
        self.hmac.is_empty() && self.bearer.is_empty() && self.basic.is_empty()
    }
}

/// Secrets that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// It could be guessed.
    #[error(
        "{way} secret number {number} has {length} bytes; use at least {SHORTEST_SECRET}, for instance from `openssl rand -hex 32`"
    )]
    TooShort {
        /// hmac, bearer or basic.
        way: &'static str,
        /// Its place in the list, from 1.
        number: usize,
        /// Its length, of a password without the user.
        length: usize,
    },
    /// No colon.
    #[error("basic secret number {0} is not `user:password`")]
    NotUserAndPassword(usize),
    /// Nobody could send anything.
    #[error(
        "there is no secret: nobody could send alerts; set at least one of hmac, bearer and basic"
    )]
    None,
}

/// Decides who may send alerts.
pub struct Authenticator {
    keys: Vec<hmac::Key>,
    bearer: Vec<String>,
    basic: Vec<String>,
    timestamp_header: Option<String>,
    /// Without a secret everybody may: only for listeners on loopback.
    open: bool,
}

/// Why a request was refused. The client is told the first line only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither signature nor credentials.
    #[error("the request has neither a signature nor credentials")]
    Missing,
    /// The signature is not ours.
    #[error("the signature does not fit the body")]
    Signature,
    /// A timestamp is configured and the request has none that can be read.
    #[error("the timestamp header is missing or not a number of seconds")]
    NoTimestamp,
    /// It was signed too long ago, or in the future.
    #[error("the request was signed more than 300 s from now; check both clocks")]
    Stale,
    /// Token or password are not known.
    #[error("the credentials are not known")]
    Credentials,
}

impl Authenticator {
    /// Recognises senders by `secrets`. With a `timestamp_header`, signatures have to cover it.
    pub fn new(
        secrets: &WebhookSecrets,
        timestamp_header: Option<String>,
    ) -> Result<Self, SecretsError> {
        if secrets.is_empty() {
            return Err(SecretsError::None);
        }
        let check = |way, number: usize, secret: &str| {
            if secret.len() < SHORTEST_SECRET {
                return Err(SecretsError::TooShort {
                    way,
                    number: number + 1,
                    length: secret.len(),
                });
            }
            Ok(())
        };
        for (number, secret) in secrets.hmac.iter().enumerate() {
            check("hmac", number, secret)?;
        }
        for (number, secret) in secrets.bearer.iter().enumerate() {
            check("bearer", number, secret)?;
        }
        for (number, secret) in secrets.basic.iter().enumerate() {
            let (_, password) = secret
                .split_once(':')
                .ok_or(SecretsError::NotUserAndPassword(number + 1))?;
            check("basic", number, password)?;
        }
        Ok(Authenticator {
            keys: secrets
                .hmac
                .iter()
                .map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
                .collect(),
            bearer: secrets.bearer.clone(),
            basic: secrets.basic.clone(),
            timestamp_header,
            open: false,
        })
    }

    /// Lets everybody in. Only for a listener that nobody beyond this machine can reach.
    pub fn open() -> Self {
        Authenticator {
            keys: Vec::new(),
            bearer: Vec::new(),
            basic: Vec::new(),
            timestamp_header: None,
            open: true,
        }
    }

    /// Whether everybody is let in.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Decides over a request: its headers and the bytes of its body.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
        if self.open {
            return Ok(());
        }
        let signature = headers.get(SIGNATURE_HEADER).map(|value| value.as_bytes());
        if let Some(signature) = signature.filter(|_| !self.keys.is_empty()) {
            return self.verify_signature(signature, headers, body, now);
        }
        let Some(value) = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
        else {
            return Err(Refusal::Missing);
        };
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        let known = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => is_one_of(&self.bearer, rest.trim().as_bytes()),
            "basic" => STANDARD
                .decode(rest.trim())
                .is_ok_and(|shown| is_one_of(&self.basic, &shown)),
            _ => return Err(Refusal::Missing),
        };
        if known {
            Ok(())
        } else {
            Err(Refusal::Credentials)
        }
    }

    fn verify_signature(
        &self,
        signature: &[u8],
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let tag = HEXLOWER.decode(signature).map_err(|_| Refusal::Signature)?;
        let timestamp = match &self.timestamp_header {
            None => None,
            Some(name) => {
                let text = headers
                    .get(name)
                    .and_then(|value| value.to_str().ok())
                    .ok_or(Refusal::NoTimestamp)?;
                let seconds: i64 = text.parse().map_err(|_| Refusal::NoTimestamp)?;
                Some((text, Timestamp::from_secs(seconds)))
            }
        };
        let message = signed(timestamp.map(|(text, _)| text), body);
        let genuine = self.keys.iter().fold(false, |genuine, key| {
            genuine | hmac::verify(key, &message, &tag).is_ok()
        });
        if !genuine {
            return Err(Refusal::Signature);
        }
        match timestamp {
            Some((_, at)) if now.since(at).max(at.since(now)) > SKEW => Err(Refusal::Stale),
            _ => Ok(()),
        }
    }
}

/// The signature of a body as Grafana makes it, with or without a timestamp.
pub fn signature(secret: &[u8], timestamp: Option<&str>, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    HEXLOWER.encode(hmac::sign(&key, &signed(timestamp, body)).as_ref())
}

fn signed(timestamp: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(body.len() + 16);
    if let Some(timestamp) = timestamp {
        message.extend_from_slice(timestamp.as_bytes());
        message.push(b':');
    }
    message.extend_from_slice(body);
    message
}

/// Compares digests, so that not even the length of a secret shows in the time that it takes.
fn is_one_of(secrets: &[String], shown: &[u8]) -> bool {
    let digest = |bytes: &[u8]| aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let shown = digest(shown);
    secrets.iter().fold(false, |known, secret| {
        let secret = digest(secret.as_bytes());
        known | verify_slices_are_equal(secret.as_ref(), shown.as_ref()).is_ok()
    })
}

impl std::fmt::Debug for WebhookSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "WebhookSecrets({} hmac, {} bearer, {} basic)",
            self.hmac.len(),
            self.bearer.len(),
            self.basic.len()
        )
    }
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Authenticator")
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
