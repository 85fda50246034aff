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
///
/// Readers get shared cards, so that looking at ten thousand of them copies none. A card that
/// changes while somebody looks at it is copied then, alone.
#[derive(Debug, Default)]
pub(crate) struct Board {
    cards: RwLock<BTreeMap<MonitorKey, Arc<Card>>>,
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
    /// All cards as they are now, by tenant and monitor id.
    pub(crate) fn cards(&self) -> Vec<Arc<Card>> {
        self.cards.read().values().cloned().collect()
    }

    /// One card as it is now.
    pub(crate) fn card(&self, key: &MonitorKey) -> Option<Arc<Card>> {
        self.cards.read().get(key).cloned()
    }

    /// How many monitors are probed.
    pub(crate) fn enabled(&self) -> usize {
        let cards = self.cards.read();
        cards.values().filter(|card| card.monitor.enabled).count()
    }

    /// Puts a card up, or replaces it.
    pub(crate) fn put(&self, card: Card) {
        let key = card.monitor.key.clone();
        self.cards.write().insert(key, Arc::new(card));
    }

    /// Changes a card that is there.
    pub(crate) fn update(&self, key: &MonitorKey, change: impl FnOnce(&mut Card)) {
        if let Some(card) = self.cards.write().get_mut(key) {
            change(Arc::make_mut(card));
        }
    }

    /// Takes a card down.
    pub(crate) fn remove(&self, key: &MonitorKey) {
        self.cards.write().remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidewatch_testkit::a_monitor;

    #[test]
    fn what_a_reader_holds_does_not_change_under_it() {
        let board = Board::default();
        let monitor = Arc::new(a_monitor("http://127.0.0.1/").build());
        board.put(Card {
            monitor: Arc::clone(&monitor),
            verdict: Verdict::unknown(),
            overlays: Overlays::default(),
            history: VecDeque::new(),
            found: None,
            next_slot: None,
        });
        let held = board.card(&monitor.key).unwrap();
        let slot = Timestamp::from_secs(1);
        board.update(&monitor.key, |card| card.next_slot = Some(slot));
        assert_eq!(held.next_slot, None);
        assert_eq!(board.card(&monitor.key).unwrap().next_slot, Some(slot));
        assert_eq!(board.enabled(), 1);
        board.remove(&monitor.key);
        assert!(board.cards().is_empty());
    }
}
