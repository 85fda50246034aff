//! Gathers alerts into groups and says when a message is due.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::instant;
use crate::state::Alert;

use super::Notification;
use super::log::Log;
use super::order;
use super::route::{Routing, Way};

/// All groups of alerts, their clocks, and the log of what was told.
///
/// The caller waits until [`next_due`](Dispatcher::next_due), calls [`due`](Dispatcher::due), says
/// with [`offer`](Dispatcher::offer) what it is about to send, sends, and says with
/// [`sent`](Dispatcher::sent) what arrived. What did not is due again after the group's interval,
/// as in Grafana.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispatcher {
    pub(super) routing: Routing,
    pub(super) groups: BTreeMap<String, Group>,
    pub(super) log: Log,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    receiver: String,
    labels: Labels,
    group_wait: Duration,
    group_interval: Duration,
    repeat_interval: Duration,
    #[serde(with = "instant")]
    pub(super) next: Timestamp,
    /// Whether it was due once; before that, an old alert does not wait.
    pub(super) flushed: bool,
    pub(super) alerts: BTreeMap<String, Alert>,
}

impl Dispatcher {
    /// Without any alert.
    pub fn new(routing: Routing) -> Self {
        Dispatcher {
            routing,
            groups: BTreeMap::new(),
            log: Log::default(),
        }
    }

    /// Takes in alerts as [`RuleStates`](crate::state::RuleStates) hands them out.
    pub fn take(&mut self, alerts: impl IntoIterator<Item = Alert>, at: Timestamp) {
        for alert in alerts {
            let group = self.group_of(&alert, at);
            if !group.flushed && alert.starts_at.plus(group.group_wait) < at {
                group.next = at;
            }
            group.alerts.insert(alert.fingerprint.clone(), alert);
        }
    }

    /// The group of an alert, made if it is its first.
    pub(super) fn group_of(&mut self, alert: &Alert, at: Timestamp) -> &mut Group {
        let way = Way::of(alert, &self.routing);
        let labels = way.group_labels(alert);
        let key = way.group_key(&labels);
        self.groups.entry(key).or_insert_with(|| Group {
            receiver: way.receiver.to_owned(),
            labels,
            group_wait: way.group_wait,
            group_interval: way.group_interval,
            repeat_interval: way.repeat_interval,
            next: at.plus(way.group_wait),
            flushed: false,
            alerts: BTreeMap::new(),
        })
    }

    /// When [`due`](Dispatcher::due) has something to look at next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.groups.values().map(|group| group.next).min()
    }

    /// The messages to send now. Alerts for which `silenced` is true are not in them, neither when
    /// they fire nor when they end.
    pub fn due(&mut self, at: Timestamp, silenced: &dyn Fn(&Alert) -> bool) -> Vec<Notification> {
        self.log.sweep(at);
        let mut notifications = Vec::new();
        for (key, group) in &mut self.groups {
            if group.next > at {
                continue;
            }
            group.next = at.plus(group.group_interval);
            group.flushed = true;
            let mut alerts: Vec<Alert> = group
                .alerts
                .values()
                .filter(|alert| !silenced(alert))
                .cloned()
                .collect();
            let to = (group.receiver.as_str(), key.as_str());
            let repeat = group.repeat_interval;
            if alerts.is_empty() || !self.log.calls_for_message(to, &alerts, repeat, at) {
                group.forget_resolved(at);
                continue;
            }
            alerts.sort_by(order::compare);
            notifications.push(Notification {
                receiver: group.receiver.clone(),
                group_key: key.clone(),
                group_labels: group.labels.clone(),
                alerts,
                at,
            });
        }
        self.groups.retain(|_, group| !group.alerts.is_empty());
        notifications
    }

    /// Writes down that `notification` is about to be sent. Should nobody come to say what became
    /// of it, people may have been told: it is sent again, and the end of what fires in it is told,
    /// too.
    pub fn offer(&mut self, notification: &Notification) {
        let repeat = self.repeat_interval(&notification.group_key);
        let to = notification.to();
        self.log
            .offer(to, &notification.alerts, repeat, notification.at);
    }

    /// Writes down that `notification` arrived at `at`, and forgets the ends that it told of.
    pub fn sent(&mut self, notification: &Notification, at: Timestamp) {
        let repeat = self.repeat_interval(&notification.group_key);
        let to = notification.to();
        self.log.write(to, &notification.alerts, repeat, at);
        if let Some(group) = self.groups.get_mut(&notification.group_key) {
            group.forget_resolved(notification.at);
        }
        self.groups.retain(|_, group| !group.alerts.is_empty());
    }

    fn repeat_interval(&self, group_key: &str) -> Duration {
        let group = self.groups.get(group_key);
        group.map_or(self.routing.repeat_interval, |group| group.repeat_interval)
    }

    /// The alerts that are waiting or told, of all groups.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.groups.values().flat_map(|group| group.alerts.values())
    }
}

impl Group {
    fn forget_resolved(&mut self, at: Timestamp) {
        self.alerts
            .retain(|_, alert| alert.resolved_at.is_none_or(|resolved| resolved > at));
    }
}
