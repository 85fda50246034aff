//! What is due when: a plain data structure, told the time by its caller.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::schedule::Grid;
use tidewatch_domain::{Location, Monitor, MonitorKey, Timestamp};

/// The slots of all monitors at one location.
#[derive(Debug)]
pub(crate) struct Agenda {
    location: Location,
    entries: HashMap<MonitorKey, Entry>,
    due: BinaryHeap<Reverse<(Timestamp, MonitorKey, u64)>>,
    generation: u64,
}

#[derive(Debug)]
struct Entry {
    monitor: Arc<Monitor>,
    grid: Grid,
    /// Heap entries of other generations are left-overs of an earlier definition.
    generation: u64,
    next: Timestamp,
}

/// A monitor whose time has come.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    /// The monitor.
    pub(crate) monitor: Arc<Monitor>,
    /// The slot to probe for.
    pub(crate) slot: Timestamp,
    /// The slot after it.
    pub(crate) next: Timestamp,
    /// Earlier slots that passed while nobody looked, oldest first, at most [`Agenda::MISSED_KEPT`].
    pub(crate) missed: Vec<Timestamp>,
}

/// What a new set of definitions changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Monitors that were not there before, or are defined otherwise now.
    pub(crate) changed: Vec<Arc<Monitor>>,
    /// Monitors that are gone.
    pub(crate) removed: Vec<Arc<Monitor>>,
}

impl Agenda {
    /// How many missed slots of one monitor are reported after a long gap, such as a suspended
    /// machine: the newest ones.
    pub(crate) const MISSED_KEPT: u32 = 100;

    /// An empty agenda.
    pub(crate) fn new(location: Location) -> Self {
        Agenda {
            location,
            entries: HashMap::new(),
            due: BinaryHeap::new(),
            generation: 0,
        }
    }

    /// Takes over a new set of definitions. What is new or changed is due at once, spread over
    /// `spread`; what is as before keeps its slot.
    pub(crate) fn replace(
        &mut self,
        monitors: impl IntoIterator<Item = Arc<Monitor>>,
        now: Timestamp,
        spread: Duration,
    ) -> Changes {
        let mut changes = Changes::default();
        let mut before = std::mem::take(&mut self.entries);
        for monitor in monitors {
            match before.remove(&monitor.key) {
                Some(entry) if entry.monitor == monitor => {
                    self.entries.insert(monitor.key.clone(), entry);
                }
                _ => changes.changed.push(monitor),
            }
        }
        changes.removed = before.into_values().map(|entry| entry.monitor).collect();
        let running = changes
            .changed
            .iter()
            .filter(|monitor| self.runs(monitor))
            .count();
        let step = spread / u32::try_from(running).unwrap_or(u32::MAX).max(1);
        let mut first = now;
        for monitor in &changes.changed {
            self.insert(Arc::clone(monitor), first.truncated_to_millis());
            if self.runs(monitor) {
                first = first.plus(step);
            }
        }
        changes
    }

    /// When the next monitor is due.
    pub(crate) fn next_at(&mut self) -> Option<Timestamp> {
        loop {
            let Reverse((slot, key, generation)) = self.due.peek()?;
            if self
                .entries
                .get(key)
                .is_some_and(|entry| entry.generation == *generation)
            {
                return Some(*slot);
            }
            self.due.pop();
        }
    }

    /// The next monitor whose slot is not after `now`, and puts its following slot down.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Due> {
        if self.next_at()? > now {
            return None;
        }
        let Reverse((planned, key, generation)) = self.due.pop()?;
        let entry = self.entries.get_mut(&key)?;
        // Of the slots that have passed, the newest is probed; the ones before it are missed.
        let mut slot = planned;
        let mut missed = Vec::new();
        let oldest_kept = now.minus(entry.monitor.interval.saturating_mul(Self::MISSED_KEPT));
        if slot < oldest_kept {
            slot = entry.grid.next(oldest_kept);
        }
        let mut next = entry.slot_after(slot);
        while next <= now {
            missed.push(slot);
            slot = next;
            next = entry.slot_after(slot);
        }
        entry.next = next;
        self.due.push(Reverse((next, key, generation)));
        Some(Due {
            monitor: Arc::clone(&entry.monitor),
            slot,
            next,
            missed,
        })
    }

    /// When a monitor is due next.
    pub(crate) fn next_of(&self, key: &MonitorKey) -> Option<Timestamp> {
        self.entries
            .get(key)
            .filter(|entry| self.runs(&entry.monitor))
            .map(|entry| entry.next)
    }

    fn insert(&mut self, monitor: Arc<Monitor>, slot: Timestamp) {
        self.generation += 1;
        let generation = self.generation;
        if self.runs(&monitor) {
            self.due
                .push(Reverse((slot, monitor.key.clone(), generation)));
        }
        let grid = Grid::new(&monitor.key, &self.location, monitor.interval);
        self.entries.insert(
            monitor.key.clone(),
            Entry {
                monitor,
                grid,
                generation,
                next: slot,
            },
        );
    }

    fn runs(&self, monitor: &Monitor) -> bool {
        monitor.enabled && monitor.runs_at(&self.location)
    }
}

impl Entry {
    /// The slot after `slot`. The first slot of a monitor lies off the grid; the one after it is
    /// kept at least half an interval away.
    fn slot_after(&self, slot: Timestamp) -> Timestamp {
        let half = self.monitor.interval / 2;
        self.grid
            .next(slot.plus(half).minus(Duration::from_millis(1)))
    }
}

#[cfg(test)]
mod tests;
