//! All silences of an installation.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidewatch_domain::Timestamp;

use crate::state::Alert;

use super::Silence;

/// The version of a snapshot; a reader refuses others.
const VERSION: u32 = 1;

/// The silences that are in force, will be or lately were.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Silences(Vec<Silence>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
    silences: Vec<Silence>,
}

impl Silences {
    /// Adds one; it replaces one with the same name.
    pub fn add(&mut self, silence: Silence) {
        self.0.retain(|it| it.id != silence.id);
        self.0.push(silence);
    }

    /// Ends the one with this name now. Returns whether there is one that is not over.
    pub fn end(&mut self, id: &str, at: Timestamp) -> bool {
        let found = self.0.iter_mut().find(|it| it.id == id && at < it.ends_at);
        let Some(silence) = found else { return false };
        silence.starts_at = silence.starts_at.min(at);
        silence.ends_at = at;
        true
    }

    /// In the order in which they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Silence> {
        self.0.iter()
    }

    /// The silence that keeps people from hearing of `alert` at that time, if one does.
    pub fn of(&self, alert: &Alert, at: Timestamp) -> Option<&Silence> {
        self.0.iter().find(|silence| silence.silences(alert, at))
    }

    /// Ends the acknowledgements of those of `alerts` that are resolved, so that people hear of
    /// the end: for every list of alerts that rule states hand out, before they are grouped.
    pub fn settle(&mut self, alerts: &[Alert]) {
        for alert in alerts {
            let Some(resolved_at) = alert.resolved_at else {
                continue;
            };
            for silence in &mut self.0 {
                if silence.until_resolved.as_ref() == Some(&alert.fingerprint) {
                    silence.ends_at = silence.ends_at.min(resolved_at);
                }
            }
        }
    }

    /// Forgets those that ended before `at`.
    pub fn sweep(&mut self, at: Timestamp) {
        self.0.retain(|silence| silence.ends_at >= at);
    }

    /// All of them, as an object with a `version`.
    pub fn snapshot(&self) -> Value {
        let form = Form {
            version: VERSION,
            silences: self.0.clone(),
        };
        serde_json::to_value(form).expect("texts and whole numbers can be written as JSON")
    }

    /// What [`Silences::snapshot`] gave.
    ///
    /// # Errors
    ///
    /// Another version, or no snapshot at all.
    pub fn restore(snapshot: &Value) -> Result<Self, String> {
        let form = Form::deserialize(snapshot)
            .map_err(|error| format!("no snapshot of silences: {error}"))?;
        if form.version != VERSION {
            return Err(format!(
                "the snapshot of silences has version {}; this program reads version {VERSION}",
                form.version
            ));
        }
        Ok(Silences(form.silences))
    }
}
