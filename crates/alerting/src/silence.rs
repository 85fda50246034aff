//! Silences: alerts that people do not want to hear of for a while.
//!
//! Matchers are Alertmanager's (`pkg/labels/matcher.go`, `pkg/labels/parse.go`). Acknowledgements,
//! silences that end with the alert, are Tidewatch's own.

mod matcher;
mod store;

use serde::{Deserialize, Serialize};
use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::instant;
use crate::state::Alert;

pub use matcher::{Matcher, MatcherError, Operator};
pub use store::Silences;

/// One silence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Its name, made when it is created.
    pub id: String,
    /// All of them have to match.
    pub matchers: Vec<Matcher>,
    /// From when.
    #[serde(with = "instant")]
    pub starts_at: Timestamp,
    /// Until when.
    #[serde(with = "instant")]
    pub ends_at: Timestamp,
    /// Who made it.
    pub author: String,
    /// Why.
    pub comment: String,
    /// It ends by itself when the alert with this fingerprint does (an acknowledgement).
    pub until_resolved: Option<String>,
}

impl Silence {
    /// Whether it is in force.
    pub fn is_active(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }

    /// Whether all its matchers match; one without matchers matches nothing.
    pub fn matches(&self, labels: &Labels) -> bool {
        !self.matchers.is_empty() && self.matchers.iter().all(|it| it.matches(labels))
    }

    /// Whether it silences `alert` at that time; matchers see the internal labels too.
    pub fn silences(&self, alert: &Alert, at: Timestamp) -> bool {
        if !self.is_active(at) {
            return false;
        }
        if alert.internal.is_empty() {
            return self.matches(&alert.labels);
        }
        let mut labels = alert.labels.clone();
        labels.extend(alert.internal.clone());
        self.matches(&labels)
    }
}

#[cfg(test)]
mod tests;
