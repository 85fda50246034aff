//! What the local mode knows right now: one card per monitor, for the status page and the
//! terminal. Rows in the store are the record; this is only the present.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::rows::Overlays;
use tidewatch_domain::{Attempt, Cause, Monitor, MonitorKey, Outcome, Timestamp};

/// How many past probes a card remembers.
pub(crate) const HISTORY: usize = 60;

/// The present of every monitor.
#[derive(Debug, Default)]
pub(crate) struct Board {
    cards: RwLock<BTreeMap<MonitorKey, Card>>,
}

/// The present of one monitor.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    /// The definition in force.
    pub(crate) monitor: Arc<Monitor>,
    /// The verdict over all evidence so far.
    pub(crate) verdict: Verdict,
    /// What lies over the state.
    pub(crate) overlays: Overlays,
    /// The last probes, oldest first, at most [`HISTORY`].
    pub(crate) history: VecDeque<Point>,
    /// What the last probe learned about the other side.
    pub(crate) found: Option<Arc<Attempt>>,
    /// When it is probed next; `None` while it is paused.
    pub(crate) next_slot: Option<Timestamp>,
}

/// One past probe.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    /// Its slot.
    pub(crate) slot: Timestamp,
    /// What it came to.
    pub(crate) outcome: Outcome,
    /// Mean total of the successful samples, absent when there was none.
    pub(crate) latency: Option<Duration>,
    /// Status code of the deciding attempt.
    pub(crate) status_code: Option<u16>,
    /// Why it was not ok.
    pub(crate) cause: Option<Cause>,
    /// Days until the certificate expires.
    pub(crate) cert_days: Option<i64>,
}

impl Card {
    /// The last probe that says something about the target.
    pub(crate) fn last(&self) -> Option<&Point> {
        self.history
            .iter()
            .rev()
            .find(|point| point.outcome != Outcome::Missed)
    }
}

impl Board {
    /// A copy of all cards, by tenant and monitor id.
    pub(crate) fn cards(&self) -> Vec<Card> {
        self.cards.read().values().cloned().collect()
    }

    /// A copy of one card.
    pub(crate) fn card(&self, key: &MonitorKey) -> Option<Card> {
        self.cards.read().get(key).cloned()
    }

    /// Puts a card up, or replaces it.
    pub(crate) fn put(&self, card: Card) {
        self.cards.write().insert(card.monitor.key.clone(), card);
    }

    /// Changes a card that is there.
    pub(crate) fn update(&self, key: &MonitorKey, change: impl FnOnce(&mut Card)) {
        if let Some(card) = self.cards.write().get_mut(key) {
            change(card);
        }
    }

    /// Takes a card down.
    pub(crate) fn remove(&self, key: &MonitorKey) {
        self.cards.write().remove(key);
    }
}
