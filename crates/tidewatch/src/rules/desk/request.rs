//! What people ask of the desk: silences, acknowledgements, and their end.

use std::time::Duration;

use serde::Deserialize;
use tidewatch_alerting::silence::{Matcher, Silence};
use tidewatch_alerting::state::{Alert, State};
use tidewatch_domain::Timestamp;

use super::Desk;
use crate::rules::silences::{About, LONGEST, Wish};

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
        let matchers = request.matchers.iter().map(|text| Matcher::parse(text));
        let matchers = matchers.collect::<Result<Vec<_>, _>>();
        let matchers = matchers.map_err(Refusal::Wrong)?;
        let now = self.clock.now();
        let end = end(&request.ends_at, now)?;
        let (author, comment) = texts(&request.author, &request.comment)?;
        Ok(self
            .wish(Wish {
                about: About::Labels(matchers, end),
                author,
                comment,
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
        let alert = Box::new(self.find(fingerprint)?);
        Ok(self
            .wish(Wish {
                about: About::Alert(alert),
                author,
                comment,
            })
            .await)
    }

    /// Ends a silence or an acknowledgement.
    pub(crate) async fn unsilence(&self, id: &str) -> Result<Silence, Refusal> {
        let ended = self.memory.lock().silences.end(id);
        let ended = ended.ok_or_else(|| {
            Refusal::Unknown(format!(
                "there is no silence `{id}`; `tidewatch alerts list` names them"
            ))
        })?;
        self.keep().await;
        self.changed.notify_one();
        Ok(ended)
    }

    async fn wish(&self, wish: Wish) -> Silence {
        let now = self.clock.now();
        let made = {
            let mut memory = self.memory.lock();
            memory.expire(now);
            memory.silences.make(wish, now)
        };
        self.keep().await;
        made
    }

    fn find(&self, fingerprint: &str) -> Result<Alert, Refusal> {
        let memory = self.memory.lock();
        let mut found = memory
            .open()
            .filter(|alert| alert.state != State::Normal)
            .filter(|alert| alert.fingerprint.starts_with(fingerprint));
        match (found.next(), found.next()) {
            (Some(_), _) if fingerprint.len() < SHORTEST_PREFIX => Err(Refusal::Wrong(format!(
                "`{fingerprint}` is too short to name an alert; give {SHORTEST_PREFIX} characters \
                 of its id or more"
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
