//! What is shown of alerting.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_alerting::silence::Silence;
use tidewatch_alerting::state::Alert;
use tidewatch_domain::Timestamp;

use super::{Desk, Pulse};
use crate::rules::heartbeat::{Call, LastCall};
use crate::settings::AlertSource;

/// Alerting, for whoever shows it.
#[derive(Clone, Debug)]
pub(crate) struct Alerting {
    /// Who finds outages.
    pub(crate) source: AlertSource,
    /// The memory; `None` where this process evaluates no rules.
    pub(crate) desk: Option<Arc<Desk>>,
    /// The last call to the outside; `None` where no address is set.
    pub(crate) heartbeat: Option<LastCall>,
}

/// Alerting at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// Alerts that fire or are about to, the firing ones first, then by their labels.
    pub(crate) alerts: Vec<Open>,
    /// Silences that are not over, the oldest first.
    pub(crate) silences: Vec<Silence>,
    /// The groups of rules, in the order of their files.
    pub(crate) groups: Vec<GroupView>,
    /// Titles of rules whose last evaluation failed, and why.
    pub(crate) faults: Vec<(String, String)>,
    /// What keeps alerting from remembering or from telling.
    pub(crate) troubles: Vec<String>,
    /// The last call to the outside.
    pub(crate) heartbeat: Option<Call>,
}

/// An alert that is not simply normal.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// The alert.
    pub(crate) alert: Alert,
    /// The name of the silence that holds it back.
    pub(crate) silenced_by: Option<String>,
}

/// A group of rules.
#[derive(Clone, Debug)]
pub(crate) struct GroupView {
    /// Its name.
    pub(crate) name: String,
    /// How often it is evaluated.
    pub(crate) interval: Duration,
    /// How that goes.
    pub(crate) pulse: Pulse,
}

impl Alerting {
    /// How everything stands at `now`.
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        let mut standing = self
            .desk
            .as_ref()
            .map(|desk| desk.standing(now))
            .unwrap_or_default();
        standing.heartbeat = self.heartbeat.as_ref().and_then(|last| last.lock().clone());
        standing
    }
}

impl Open {
    /// Whether people are told of it, or would be if nobody had silenced it.
    pub(crate) fn fires(&self) -> bool {
        self.alert.state.fires()
    }
}

impl Desk {
    fn standing(&self, now: Timestamp) -> Standing {
        let memory = self.memory.lock();
        let mut alerts: Vec<Open> = memory
            .open()
            .map(|alert| Open {
                silenced_by: memory
                    .silences
                    .of(alert, now)
                    .map(|silence| silence.id.clone()),
                alert: alert.clone(),
            })
            .collect();
        alerts.sort_by(|one, other| {
            let key = |open: &Open| !open.fires();
            (key(one), &one.alert.labels).cmp(&(key(other), &other.alert.labels))
        });
        let groups = self.groups.iter().zip(&memory.pulses);
        let titles = self.groups.iter().flat_map(|group| &group.rules);
        let faults = titles.filter_map(|rule| {
            let fault = memory.rules.get(&rule.uid)?.fault.clone()?;
            Some((rule.title.clone(), fault))
        });
        let unkept = memory
            .unkept
            .iter()
            .map(|reason| format!("the states of alerts cannot be kept: {reason}"));
        let unsent = memory
            .unsent
            .iter()
            .map(|reason| format!("the last message was not taken: {reason}"));
        Standing {
            alerts,
            silences: memory
                .silences
                .iter()
                .filter(|it| it.is_active(now))
                .cloned()
                .collect(),
            groups: groups
                .map(|(group, pulse)| GroupView {
                    name: group.name.clone(),
                    interval: group.interval,
                    pulse: pulse.clone(),
                })
                .collect(),
            faults: faults.collect(),
            troubles: unkept.chain(unsent).collect(),
            heartbeat: None,
        }
    }
}
