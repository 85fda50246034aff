//! What is due when: a plain data structure, told the time by its caller.

mod missed;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::schedule::Grid;
use tidewatch_domain::{Location, Monitor, MonitorKey, Timestamp};

pub(crate) use missed::Missed;

/// The shortest time between two first probes after a start or an edit: with more monitors than
/// fit into the spread at this pace, most begin with their own slot.
const PACE: Duration = Duration::from_millis(10);

/// The slots of all monitors at one location.
#[derive(Debug)]
pub(crate) struct Agenda {
    location: Location,
    /// The most by which a probe begins after its slot, by chance.
    jitter: Duration,
    entries: HashMap<MonitorKey, Entry>,
    /// When something is to begin, of which monitor and generation.
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
    /// Earlier slots that passed while nobody looked, oldest first.
    pub(crate) missed: Vec<Missed>,
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
    /// An empty agenda. Each probe begins up to `jitter` after its slot, so that monitors whose
    /// slots fall together, or a target that does something every full second, are not always
    /// met alike.
    pub(crate) fn new(location: Location, jitter: Duration) -> Self {
        Agenda {
            location,
            jitter,
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
            match before.remove_entry(&monitor.key) {
                Some((key, entry)) if is_same(&entry.monitor, &monitor) => {
                    self.entries.insert(key, entry);
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
        let crowded = step < PACE && !spread.is_zero();
        let step = if crowded { PACE } else { step };
        let mut turn = now;
        for monitor in &changes.changed {
            let grid = Grid::new(&monitor.key, &self.location, monitor.interval);
            // Many monitors at once: whoever's own slot comes before its turn begins with that.
            let first = if crowded {
                turn.min(grid.next(now))
            } else {
                turn
            };
            self.insert(Arc::clone(monitor), grid, first.truncated_to_millis());
            if self.runs(monitor) {
                turn = turn.plus(step);
            }
        }
        changes
    }

    /// When the next probe is to begin.
    pub(crate) fn next_at(&mut self) -> Option<Timestamp> {
        loop {
            let Reverse((begin, key, generation)) = self.due.peek()?;
            if self
                .entries
                .get(key)
                .is_some_and(|entry| entry.generation == *generation)
            {
                return Some(*begin);
            }
            self.due.pop();
        }
    }

    /// The next monitor whose probe is to begin by `now`, and puts its following slot down.
    ///
    /// Of the slots that have passed, the newest is probed and the ones before it are missed.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<Due> {
        let (key, generation) = self.take(now)?;
        let entry = self.entries.get_mut(&key)?;
        let passed = entry.passed(now);
        let (slot, missed) = passed.newest_and_rest();
        let next = entry.slot_after(slot);
        entry.next = next;
        let due = Due {
            monitor: Arc::clone(&entry.monitor),
            slot,
            next,
            missed,
        };
        self.put(key, generation, next);
        Some(due)
    }

    /// Gives up every slot up to `now` and goes on with the first one after it: what a machine
    /// does that wakes up, because probing everything at once then would say nothing good.
    pub(crate) fn skip(&mut self, now: Timestamp) -> Vec<(Arc<Monitor>, Vec<Missed>)> {
        let mut skipped = Vec::new();
        while let Some((key, generation)) = self.take(now) {
            let Some(entry) = self.entries.get_mut(&key) else {
                continue;
            };
            let missed = entry.passed(now).all();
            entry.next = entry.grid.next(now);
            let next = entry.next;
            skipped.push((Arc::clone(&entry.monitor), missed));
            self.put(key, generation, next);
        }
        skipped
    }

    /// Puts every monitor down for its first slot after `now`, because the clock was set back and
    /// the slots that were next are far away.
    pub(crate) fn realign(&mut self, now: Timestamp) {
        self.due.clear();
        let mut next = Vec::with_capacity(self.entries.len());
        for (key, entry) in &mut self.entries {
            if entry.monitor.enabled && entry.monitor.runs_at(&self.location) {
                entry.next = entry.grid.next(now);
                next.push((key.clone(), entry.generation, entry.next));
            }
        }
        for (key, generation, slot) in next {
            self.put(key, generation, slot);
        }
    }

    /// The slot for which a monitor is probed next.
    pub(crate) fn next_of(&self, key: &MonitorKey) -> Option<Timestamp> {
        self.entries
            .get(key)
            .filter(|entry| self.runs(&entry.monitor))
            .map(|entry| entry.next)
    }

    fn insert(&mut self, monitor: Arc<Monitor>, grid: Grid, slot: Timestamp) {
        self.generation += 1;
        let generation = self.generation;
        let key = monitor.key.clone();
        if self.runs(&monitor) {
            self.put(key.clone(), generation, slot);
        }
        self.entries.insert(
            key,
            Entry {
                monitor,
                grid,
                generation,
                next: slot,
            },
        );
    }

    fn put(&mut self, key: MonitorKey, generation: u64, slot: Timestamp) {
        let begin = slot.plus(self.jitter_of(generation, slot));
        self.due.push(Reverse((begin, key, generation)));
    }

    fn take(&mut self, now: Timestamp) -> Option<(MonitorKey, u64)> {
        if self.next_at()? > now {
            return None;
        }
        let Reverse((_, key, generation)) = self.due.pop()?;
        Some((key, generation))
    }

    /// Chance that needs no source: Weyl's sequence over slots and monitors, mixed by SplitMix64.
    fn jitter_of(&self, generation: u64, slot: Timestamp) -> Duration {
        let bound = u64::try_from(self.jitter.as_nanos()).unwrap_or(u64::MAX);
        if bound == 0 {
            return Duration::ZERO;
        }
        let slot = slot.as_millis().unsigned_abs();
        let mut mixed = (slot ^ generation.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Duration::from_nanos((mixed ^ (mixed >> 31)) % bound)
    }

    fn runs(&self, monitor: &Monitor) -> bool {
        monitor.enabled && monitor.runs_at(&self.location)
    }
}

/// Whether two definitions are one; cheap where the loader kept the value.
fn is_same(before: &Arc<Monitor>, now: &Arc<Monitor>) -> bool {
    Arc::ptr_eq(before, now) || before == now
}

impl Entry {
    /// The slot that follows `slot`. A first probe may lie off the grid: the next one is then
    /// kept at least half an interval away.
    fn slot_after(&self, slot: Timestamp) -> Timestamp {
        let half = self.monitor.interval / 2;
        self.grid
            .next(slot.plus(half).minus(Duration::from_millis(1)))
    }

    /// The slots from the planned one to the newest that is not after `now`.
    fn passed(&self, now: Timestamp) -> missed::Passed {
        let second = self.slot_after(self.next);
        let more = if second > now {
            0
        } else {
            1 + self.grid.slots_between(second, now)
        };
        missed::Passed {
            first: self.next,
            second,
            more,
            interval: self.monitor.interval,
        }
    }
}

#[cfg(test)]
mod tests;
