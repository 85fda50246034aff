//! What people ask of the desk: silences, acknowledgements, and their end.

use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tidewatch_alerting::silence::{Matcher, Operator, Silence};
use tidewatch_alerting::state::{Alert, RULE_UID};
use tidewatch_domain::Timestamp;

use super::{Desk, Memory};

/// The longest silence. Whoever wants more wants another rule.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// What an acknowledgement has for an end: none before that of its alert.
const NO_END: Timestamp = Timestamp::from_nanos(i64::MAX);
/// The fewest characters that stand for a fingerprint.
const SHORTEST_PREFIX: usize = 4;
/// The longest text of a person.
const LONGEST_TEXT: usize = 1_000;

/// A silence that somebody asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilenceRequest {
    /// `tenant="acme"`, `monitor_id=~"shop-.*"`; all of them have to match.
    pub(crate) matchers: Vec<String>,
    /// Until when, RFC 3339.
    pub(crate) ends_at: String,
    /// Who.
    pub(crate) author: String,
    /// Why.
    #[serde(default)]
    pub(crate) comment: String,
}

/// Why something that was asked for is not done; a sentence for whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be meant.
    Wrong(String),
    /// There is nothing of that name.
    Unknown(String),
}

impl Desk {
    /// Makes a silence; on return it is kept.
    pub(crate) async fn silence(&self, request: &SilenceRequest) -> Result<Silence, Refusal> {
        if request.matchers.is_empty() {
            return Err(Refusal::Wrong(
                "`matchers` is empty, which would silence everything; name a label, such as \
                 tenant=\"acme\", or say alertname=~\".+\""
                    .to_owned(),
            ));
        }
        let matchers = request.matchers.iter().map(|text| text.parse());
        let matchers = matchers.collect::<Result<Vec<Matcher>, _>>();
        let matchers = matchers.map_err(|error| Refusal::Wrong(error.to_string()))?;
        let now = self.clock.now();
        let ends_at = end(&request.ends_at, now)?;
        let (author, comment) = texts(&request.author, &request.comment)?;
        Ok(self
            .add(Silence {
                id: String::new(),
                matchers,
                starts_at: now,
                ends_at,
                author,
                comment,
                until_resolved: None,
            })
            .await)
    }

    /// Silences the alert with this fingerprint, or the one whose fingerprint begins like this,
    /// until it is resolved.
    pub(crate) async fn acknowledge(
        &self,
        fingerprint: &str,
        author: &str,
        comment: &str,
    ) -> Result<Silence, Refusal> {
        let (author, comment) = texts(author, comment)?;
        let alert = find(&self.memory.lock(), fingerprint)?;
        // Nothing of its routing, which may be changed while the alert goes on.
        let rule = (RULE_UID, alert.rule_uid.as_str());
        let labels = alert
            .labels
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let equal = std::iter::once(rule)
            .chain(labels)
            .map(|(name, value)| Matcher::new(name, Operator::Equal, value));
        let matchers = equal.collect::<Result<_, _>>();
        let matchers = matchers.map_err(|error| Refusal::Wrong(error.to_string()))?;
        Ok(self
            .add(Silence {
                id: String::new(),
                matchers,
                starts_at: self.clock.now(),
                ends_at: NO_END,
                author,
                comment,
                until_resolved: Some(alert.fingerprint),
            })
            .await)
    }

    /// Ends a silence or an acknowledgement.
    pub(crate) async fn unsilence(&self, id: &str) -> Result<Silence, Refusal> {
        let ended = {
            let now = self.clock.now();
            let mut memory = self.memory.lock();
            let found = memory.silences.iter().find(|it| it.id == id).cloned();
            found.filter(|_| memory.silences.end(id, now))
        };
        let ended = ended.ok_or_else(|| {
            Refusal::Unknown(format!(
                "there is no silence `{id}`; `tidewatch alerts list` names them"
            ))
        })?;
        self.keep().await;
        self.changed.notify_one();
        Ok(ended)
    }

    /// Gives a silence its name and keeps it.
    async fn add(&self, silence: Silence) -> Silence {
        let silence = {
            let mut memory = self.memory.lock();
            memory.expire(silence.starts_at);
            let id = new_id(&memory, &silence);
            let silence = Silence { id, ..silence };
            memory.silences.add(silence.clone());
            silence
        };
        self.keep().await;
        silence
    }
}

/// The open alert whose fingerprint begins like this.
fn find(memory: &Memory, fingerprint: &str) -> Result<Alert, Refusal> {
    let mut found = memory
        .open()
        .filter(|alert| alert.fingerprint.starts_with(fingerprint));
    match (found.next(), found.next()) {
        (Some(_), _) if fingerprint.len() < SHORTEST_PREFIX => Err(Refusal::Wrong(format!(
            "`{fingerprint}` is too short to name an alert; give {SHORTEST_PREFIX} characters of \
             its id or more"
        ))),
        (Some(alert), None) => Ok(alert.clone()),
        (Some(_), Some(_)) => Err(Refusal::Wrong(format!(
            "several alerts begin with `{fingerprint}`; give more of the id"
        ))),
        (None, _) => Err(Refusal::Unknown(format!(
            "no alert `{fingerprint}` is open; `tidewatch alerts list` names them"
        ))),
    }
}

/// Eight hexadecimal digits that no other silence has.
fn new_id(memory: &Memory, silence: &Silence) -> String {
    let mut salt = 0_u64;
    loop {
        let mut hash = Sha256::new();
        hash.update(silence.starts_at.as_nanos().to_be_bytes());
        hash.update(salt.to_be_bytes());
        let digest = hash.finalize();
        let id: String = digest[..4].iter().map(|it| format!("{it:02x}")).collect();
        if memory.silences.iter().all(|silence| silence.id != id) {
            return id;
        }
        salt += 1;
    }
}

/// Whether a silence ends with an alert rather than at an instant.
pub(crate) fn is_acknowledgement(silence: &Silence) -> bool {
    silence.until_resolved.is_some()
}

fn end(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let instant: jiff::Timestamp = text.parse().map_err(|_| {
        Refusal::Wrong(format!(
            "`ends_at` is `{text}`, not an instant such as 2026-11-22T18:00:00Z"
        ))
    })?;
    let nanos = i64::try_from(instant.as_nanosecond());
    let end = Timestamp::from_nanos(nanos.unwrap_or(i64::MAX));
    match end.since(now) {
        Duration::ZERO => Err(Refusal::Wrong(format!(
            "`ends_at` is {end}, which is over; it is {now}"
        ))),
        length if length > LONGEST => Err(Refusal::Wrong(format!(
            "`ends_at` is {end}, more than a year ahead; pause the rule instead"
        ))),
        _ => Ok(end),
    }
}

fn texts(author: &str, comment: &str) -> Result<(String, String), Refusal> {
    let (author, comment) = (author.trim(), comment.trim());
    if author.is_empty() {
        return Err(Refusal::Wrong(
            "`author` is empty; say who wants it".to_owned(),
        ));
    }
    for (name, text) in [("author", author), ("comment", comment)] {
        if text.len() > LONGEST_TEXT {
            return Err(Refusal::Wrong(format!(
                "`{name}` has {} bytes, more than {LONGEST_TEXT}",
                text.len()
            )));
        }
    }
    Ok((author.to_owned(), comment.to_owned()))
}
