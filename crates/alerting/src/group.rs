//! Groups of alerts, and when people are told of them.
//!
//! The rules are Alertmanager's: `dispatch/dispatch.go` for groups and their clocks,
//! `notify/dedup_stage.go` for what is worth a message, `notify/set_notifies_stage.go` for the
//! log. Grafana makes a route of its own for the notification settings of a rule; [`Route`] is
//! that route.

mod dispatcher;
mod log;
mod order;
mod route;
mod snapshot;

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::state::Alert;

pub use dispatcher::Dispatcher;
pub use route::{Route, Routing};

/// One message about a group, to be sent now.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The contact point.
    pub receiver: String,
    /// Identity of the group, `{}/{...}:{alertname="..."}`.
    pub group_key: String,
    /// The labels that the group has in common because it is made by them.
    pub group_labels: Labels,
    /// Its alerts, firing and just resolved, in Alertmanager's order.
    pub alerts: Vec<Alert>,
    /// When it is sent.
    pub at: Timestamp,
}

impl Notification {
    /// Whether one of its alerts fires.
    pub fn fires(&self) -> bool {
        self.alerts.iter().any(|alert| alert.resolved_at.is_none())
    }

    /// Receiver and group, by which what was told is remembered.
    fn to(&self) -> (&str, &str) {
        (&self.receiver, &self.group_key)
    }
}

#[cfg(test)]
mod tests;
