//! Silences and acknowledgements: made, in force, over.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tidewatch_alerting::silence::{Matcher, Silence};
use tidewatch_alerting::state::Alert;
use tidewatch_domain::Timestamp;

/// The longest silence. Whoever wants more wants another rule.
pub(crate) const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// What an acknowledgement has for an end: none before that of its alert.
const NO_END: Timestamp = Timestamp::from_nanos(i64::MAX);

/// What somebody wants to hear nothing of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    /// Which alerts.
    pub(crate) about: About,
    /// Who wants it.
    pub(crate) author: String,
    /// Why.
    pub(crate) comment: String,
}

/// Which alerts a silence is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum About {
    /// Those with these labels, until then.
    Labels(Vec<Matcher>, Timestamp),
    /// One, until it is resolved.
    Alert(Box<Alert>),
}

/// All silences that are not over.
#[derive(Debug, Default)]
pub(crate) struct Silences(Vec<Silence>);

impl Silences {
    /// Those that were kept.
    pub(crate) fn of(kept: Vec<Silence>) -> Self {
        Silences(kept)
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> &[Silence] {
        &self.0
    }

    /// Makes one.
    pub(crate) fn make(&mut self, wish: Wish, now: Timestamp) -> Silence {
        let (matchers, ends_at, until_resolved) = match wish.about {
            About::Labels(matchers, end) => (matchers, end, None),
            About::Alert(alert) => (
                alert.labels.iter().map(equal).collect(),
                NO_END,
                Some(alert.fingerprint),
            ),
        };
        let silence = Silence {
            id: self.new_id(&wish.author, now),
            matchers,
            starts_at: now,
            ends_at,
            author: wish.author,
            comment: wish.comment,
            until_resolved,
        };
        self.0.push(silence.clone());
        silence
    }

    /// Ends one; `None` where there is none with this name.
    pub(crate) fn end(&mut self, id: &str) -> Option<Silence> {
        let position = self.0.iter().position(|silence| silence.id == id)?;
        Some(self.0.remove(position))
    }

    /// Lets go of those that are over at `now`, of acknowledgements where `is_open` says no to
    /// their alert. Returns whether there were any.
    pub(crate) fn expire(&mut self, now: Timestamp, is_open: impl Fn(&str) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|silence| match &silence.until_resolved {
            Some(fingerprint) => is_open(fingerprint),
            None => now < silence.ends_at,
        });
        self.0.len() < before
    }

    /// The silence that holds `alert` back at `now`.
    pub(crate) fn of_alert(&self, alert: &Alert, now: Timestamp) -> Option<&Silence> {
        self.0
            .iter()
            .find(|silence| match &silence.until_resolved {
                Some(fingerprint) => *fingerprint == alert.fingerprint,
                None => now < silence.ends_at && silence.matches(&alert.labels),
            })
    }

    fn new_id(&self, author: &str, now: Timestamp) -> String {
        let mut salt = 0_u64;
        loop {
            let mut hash = Sha256::new();
            hash.update(now.as_nanos().to_be_bytes());
            hash.update(salt.to_be_bytes());
            hash.update(author);
            let digest = hash.finalize();
            let id: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
            if self.0.iter().all(|silence| silence.id != id) {
                return id;
            }
            salt += 1;
        }
    }
}

/// Whether a silence ends with an alert rather than at an instant.
pub(crate) fn is_acknowledgement(silence: &Silence) -> bool {
    silence.until_resolved.is_some()
}

fn equal((name, value): (&String, &String)) -> Matcher {
    Matcher {
        name: name.clone(),
        operator: tidewatch_alerting::silence::Operator::Equal,
        value: value.clone(),
    }
}

#[cfg(test)]
mod tests;
