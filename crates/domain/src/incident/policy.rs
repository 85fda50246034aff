//! How patient people want their alerts.

use std::time::Duration;

/// When something is said again, held back or put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A repeat of what people know is a reminder when they last heard of it this long ago, and
    /// else a repeat. How often alerts are repeated is up to the sender: four hours in the shipped
    /// rules.
    pub remind_after: Duration,
    /// This many outages of a monitor within [`Policy::flap_window`] make it flapping.
    pub flap_outages: usize,
    /// How far back outages are counted.
    pub flap_window: Duration,
    /// A flapping monitor has settled when its outages neither began nor ended for this long.
    pub settled_after: Duration,
    /// More notices than this at once for the same people are one digest.
    pub digest_above: usize,
    /// How long ended alerts are remembered, so that late repeats are recognised.
    pub memory: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            remind_after: Duration::from_secs(60 * 60),
            flap_outages: 4,
            flap_window: Duration::from_secs(60 * 60),
            settled_after: Duration::from_secs(30 * 60),
            digest_above: 5,
            memory: Duration::from_secs(24 * 60 * 60),
        }
    }
}
