//! What was told of each group, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewatch_domain::Timestamp;

use crate::instant;
use crate::state::Alert;

/// Entries are forgotten after this time at the latest, as in Grafana.
const RETENTION: Duration = Duration::from_secs(5 * 24 * 3600);

/// The notification log: the last message about each group, by the group's key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Log(BTreeMap<String, Entry>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    receiver: String,
    firing: BTreeSet<String>,
    resolved: BTreeSet<String>,
    /// Fires of a message that was on its way when this was written: people may have been told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    offered: BTreeSet<String>,
    #[serde(with = "instant")]
    at: Timestamp,
    #[serde(with = "instant")]
    until: Timestamp,
}

impl Log {
    /// Whether `alerts` are worth a message now. Nobody is told of an end who has not heard of the
    /// beginning.
    pub(super) fn calls_for_message(
        &self,
        (receiver, group_key): (&str, &str),
        alerts: &[Alert],
        repeat_interval: Duration,
        at: Timestamp,
    ) -> bool {
        let (firing, resolved) = split(alerts);
        let entry = self.0.get(group_key);
        let Some(entry) = entry.filter(|entry| entry.receiver == receiver) else {
            return !firing.is_empty();
        };
        if !firing.is_subset(&entry.firing) {
            return true;
        }
        if firing.is_empty() {
            return !entry.firing.is_empty() || !entry.offered.is_empty();
        }
        !resolved.is_subset(&entry.resolved) || entry.at < at.minus(repeat_interval)
    }

    /// Writes down that a message is on its way, beside what is known to have been told.
    pub(super) fn offer(
        &mut self,
        (receiver, group_key): (&str, &str),
        alerts: &[Alert],
        repeat_interval: Duration,
        at: Timestamp,
    ) {
        let (offered, _) = split(alerts);
        let told = self.0.remove(group_key);
        let mut entry = told
            .filter(|entry| entry.receiver == receiver)
            .unwrap_or_else(|| Entry::new(receiver, repeat_interval, at));
        entry.offered.extend(offered);
        self.0.insert(group_key.to_owned(), entry);
    }

    /// Writes down that people were told.
    pub(super) fn write(
        &mut self,
        (receiver, group_key): (&str, &str),
        alerts: &[Alert],
        repeat_interval: Duration,
        at: Timestamp,
    ) {
        let (firing, resolved) = split(alerts);
        let entry = Entry {
            firing,
            resolved,
            ..Entry::new(receiver, repeat_interval, at)
        };
        self.0.insert(group_key.to_owned(), entry);
    }

    /// Forgets what is too old to matter.
    pub(super) fn sweep(&mut self, at: Timestamp) {
        self.0.retain(|_, entry| entry.until > at);
    }
}

impl Entry {
    /// Of a message at `at` about nothing yet.
    fn new(receiver: &str, repeat_interval: Duration, at: Timestamp) -> Self {
        Entry {
            receiver: receiver.to_owned(),
            firing: BTreeSet::new(),
            resolved: BTreeSet::new(),
            offered: BTreeSet::new(),
            at,
            until: at.plus(repeat_interval.saturating_mul(2).min(RETENTION)),
        }
    }
}

fn split(alerts: &[Alert]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (firing, resolved): (Vec<&Alert>, Vec<&Alert>) =
        alerts.iter().partition(|alert| alert.resolved_at.is_none());
    let names = |alerts: Vec<&Alert>| alerts.iter().map(|it| it.fingerprint.clone()).collect();
    (names(firing), names(resolved))
}
