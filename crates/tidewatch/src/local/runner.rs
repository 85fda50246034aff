//! The loop of the local mode: what is due is probed, judged and handed to the writer.

mod hosts;
mod slot;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use tidewatch_domain::assess::Ledger;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::ports::{Clock, Destination, Prober};
use tidewatch_domain::rows::{self, Overlays};
use tidewatch_domain::{Location, Monitor, MonitorKey, Timestamp};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::agenda::{Agenda, Changes};
use super::announcer::Announcer;
use super::board::{Board, Card};
use super::counters::Counters;
use super::definitions::Loaded;
use super::lapse::{Lapse, Watch};
use super::writer::RecordQueue;
use crate::status::Findings;
use hosts::HostLimits;

/// The time over which monitors that are new are spread, at start and after an edit.
const FIRST_ROUND: Duration = Duration::from_secs(3);
/// The most by which a probe begins after its slot, by chance.
const JITTER: Duration = Duration::from_millis(5);
/// The longest time without a look at the clock, so that a clock that is set shows soon.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// Told of every change of a monitor's state.
pub(crate) trait ChangeListener: Send + Sync {
    /// The verdict on `monitor` went from `before` to `after`.
    fn changed(&self, monitor: &Monitor, before: &Verdict, after: &Verdict);
}

/// What the loop works with.
pub(crate) struct World {
    /// Where probes run.
    pub(crate) location: Location,
    /// What judging remembers of all monitors.
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    /// Runs probes.
    pub(crate) prober: Arc<dyn Prober>,
    /// Takes rows.
    pub(crate) queue: RecordQueue,
    /// Shows the present.
    pub(crate) board: Arc<Board>,
    /// What the definitions say wrongly.
    pub(crate) findings: Arc<RwLock<Findings>>,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// What is counted.
    pub(crate) counters: Arc<Counters>,
    /// Probes that may run at the same time.
    pub(crate) in_flight: Arc<Semaphore>,
    /// Probes that may run against one host at the same time.
    pub(crate) per_host: usize,
    /// Told of changes.
    pub(crate) listener: Arc<dyn ChangeListener>,
    /// Tells people of outages, where this process does that.
    pub(crate) announcer: Option<Announcer>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("World")
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// What is kept of each monitor between its probes.
#[derive(Debug, Default)]
struct Tracked {
    /// Whether a probe of it is running.
    busy: bool,
}

/// The loop's memory, shared with the running probes.
#[derive(Debug)]
struct Shared {
    world: World,
    tracked: Mutex<HashMap<MonitorKey, Tracked>>,
    hosts: HostLimits,
}

/// The loop.
#[derive(Debug)]
pub(crate) struct Runner {
    agenda: Agenda,
    shared: Arc<Shared>,
    restored: HashMap<MonitorKey, Verdict>,
    probes: TaskTracker,
}

impl Runner {
    /// A loop that goes on from the verdicts that were last known.
    pub(crate) fn new(world: World, restored: HashMap<MonitorKey, Verdict>) -> Self {
        Runner {
            agenda: Agenda::new(world.location.clone(), JITTER),
            shared: Arc::new(Shared {
                hosts: HostLimits::new(world.per_host),
                world,
                tracked: Mutex::new(HashMap::new()),
            }),
            restored,
            probes: TaskTracker::new(),
        }
    }

    /// Runs until `stop` is cancelled, then waits for the probes that are running.
    pub(crate) async fn run(
        mut self,
        mut updates: mpsc::Receiver<Loaded>,
        stop: CancellationToken,
    ) {
        let mut watch = Watch::new(self.shared.world.clock.now());
        loop {
            let now = self.shared.world.clock.now();
            self.allow_for(watch.look(now), now);
            let wait = self
                .agenda
                .next_at()
                .map_or(LONGEST_SLEEP, |at| at.since(now));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(loaded) = updates.recv() => self.apply(loaded).await,
                () = tokio::time::sleep(wait.min(LONGEST_SLEEP)) => {}
            }
            let now = self.shared.world.clock.now();
            self.allow_for(watch.look(now), now);
            while let Some(due) = self.agenda.pop_due(now) {
                self.plan(&due.monitor.key);
                let shared = Arc::clone(&self.shared);
                self.probes.spawn(async move { shared.run_slot(due).await });
            }
        }
        self.probes.close();
        self.probes.wait().await;
    }

    /// Goes on from here when the clock and the loop came apart.
    fn allow_for(&mut self, lapse: Lapse, now: Timestamp) {
        match lapse {
            Lapse::None => {}
            Lapse::Gap(gap) => {
                tracing::warn!(
                    "nothing ran for {gap:.0?}: this machine slept, was stalled, or its clock was \
                     set; the slots of that time are missed"
                );
                let skipped = self.agenda.skip(now);
                for (monitor, _) in &skipped {
                    self.plan(&monitor.key);
                }
                let shared = Arc::clone(&self.shared);
                self.probes
                    .spawn(async move { shared.miss_all(skipped).await });
            }
            Lapse::SetBack(by) => {
                tracing::warn!(
                    "the clock was set back by {by:.0?}; slots that come up again keep their \
                     first result"
                );
                self.agenda.realign(now);
                for card in self.shared.world.board.cards() {
                    self.plan(&card.monitor.key);
                }
            }
        }
    }

    /// Shows when a monitor is probed next.
    fn plan(&self, key: &MonitorKey) {
        let next = self.agenda.next_of(key);
        let board = &self.shared.world.board;
        board.update(key, |card| card.next_slot = next);
    }

    /// Takes over what the definitions say now.
    async fn apply(&mut self, loaded: Loaded) {
        let world = &self.shared.world;
        let now = world.clock.now();
        let Changes { changed, removed } = self.agenda.replace(loaded.monitors, now, FIRST_ROUND);
        *world.findings.write() = Findings {
            faults: loaded.faults,
            warnings: loaded.warnings,
        };
        let mut rows = Vec::new();
        for monitor in &changed {
            let last = self.restored.remove(&monitor.key);
            let is_restored = last.is_some();
            let verdict = self.shared.track(monitor, last, now).await;
            if is_restored {
                self.shared.announce(monitor, now).await;
            }
            let history = world
                .board
                .card(&monitor.key)
                .map(|card| card.history.clone())
                .unwrap_or_default();
            if is_restored {
                // Alerts need not wait for the next periodic row to know what holds since before
                // the restart, and a start soon after this one finds every state.
                let states = world.ledger.lock().state_rows(&monitor.key, now);
                rows.extend(states.into_iter().map(|row| (Destination::Main, row)));
            }
            world.board.put(Card {
                monitor: Arc::clone(monitor),
                verdict,
                overlays: Overlays::of(monitor, now),
                history,
                found: None,
                next_slot: self.agenda.next_of(&monitor.key),
            });
            rows.push((Destination::Main, rows::monitor_row(monitor, now)));
        }
        for monitor in &removed {
            self.shared.tracked.lock().remove(&monitor.key);
            world.board.remove(&monitor.key);
            let assessments = world.ledger.lock().forget(&monitor.key, now);
            self.shared.publish(assessments).await;
            if let Some(announcer) = &world.announcer {
                announcer.forget(monitor, now).await;
            }
            let row = rows::tombstone(&monitor.key, monitor.kind(), now);
            rows.push((Destination::Main, row));
        }
        world.queue.push(rows).await;
    }
}

impl Shared {
    /// Begins to keep track of a monitor, or goes on; returns its verdict.
    async fn track(
        &self,
        monitor: &Arc<Monitor>,
        last: Option<Verdict>,
        now: Timestamp,
    ) -> Verdict {
        self.tracked.lock().entry(monitor.key.clone()).or_default();
        let (assessments, verdict) = {
            let mut ledger = self.world.ledger.lock();
            let assessments = ledger.track(monitor, last, now);
            (assessments, ledger.verdict(&monitor.key).cloned())
        };
        self.publish(assessments).await;
        verdict.unwrap_or_else(Verdict::unknown)
    }
}

#[cfg(test)]
mod tests;
