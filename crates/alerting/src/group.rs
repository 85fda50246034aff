//! Groups of alerts, and when people are told of them.

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;
use crate::state::Alert;

/// One message about a group, to be sent now.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The contact point.
    pub receiver: String,
    /// Identity of the group, `{}/{...}:{alertname="..."}`.
    pub group_key: String,
    /// The labels that the group has in common because it is made by them.
    pub group_labels: Labels,
    /// Its alerts, firing and just resolved.
    pub alerts: Vec<Alert>,
    /// When it is sent.
    pub at: Timestamp,
}
