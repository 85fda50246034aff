//! One slot of one monitor, from the moment that it is due to the moment that its rows are
//! handed in.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tidewatch_domain::assess::{Assessment, JudgedProbe};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::rows::{self, Overlays};
use tidewatch_domain::{
    Cause, ErrorClass, Monitor, MonitorKey, Outcome, ProbeResult, Summary, Timestamp,
};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::Shared;
use crate::local::agenda::{Due, Missed};
use crate::local::board::{HISTORY, Point};

/// Why earlier slots of a monitor passed.
const NOBODY_THERE: &str = "nobody was there to probe: the machine slept or was overloaded";

/// What a running probe holds.
struct Admitted {
    _of_host: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Shared {
    pub(super) async fn run_slot(&self, due: Due) {
        let monitor = &due.monitor;
        for missed in &due.missed {
            self.miss(monitor, *missed, NOBODY_THERE).await;
        }
        let this = Missed::one(due.slot);
        let Some(_busy) = self.claim(&monitor.key) else {
            let why = "the probe of an earlier slot was still running";
            return self.miss(monitor, this, why).await;
        };
        let _admitted = match self.admitted(&due).await {
            Ok(admitted) => admitted,
            Err(why) => return self.miss(monitor, this, &why).await,
        };
        let probe = AssertUnwindSafe(self.world.prober.probe(monitor, due.slot)).catch_unwind();
        match probe.await {
            Ok(result) => self.finish(monitor, &result).await,
            Err(_) => {
                tracing::error!(monitor = %monitor.key, "a probe panicked; this is a bug");
                let why = "the prober ended the probe by a fault of its own";
                self.miss(monitor, this, why).await;
            }
        }
    }

    /// Marks a monitor as being probed, unless it is already.
    fn claim(&self, key: &MonitorKey) -> Option<Busy<'_>> {
        let mut tracked = self.tracked.lock();
        let entry = tracked.get_mut(key)?;
        if std::mem::replace(&mut entry.busy, true) {
            return None;
        }
        Some(Busy {
            shared: self,
            key: key.clone(),
        })
    }

    /// A place among the probes in flight, or why there was none until the next slot.
    async fn admitted(&self, due: &Due) -> Result<Admitted, String> {
        // The semaphores are never closed, so that only the wait itself can fail.
        let next = Instant::now() + due.next.since(self.world.clock.now());
        let Ok(Ok(of_host)) = timeout_at(next, self.hosts.acquire(&due.monitor)).await else {
            return Err(format!(
                "{} other probes of the same host were running until the next slot; if the host \
                 can bear more, raise --max-per-host",
                self.world.per_host
            ));
        };
        let in_flight = Arc::clone(&self.world.in_flight);
        let Ok(Ok(of_all)) = timeout_at(next, in_flight.acquire_owned()).await else {
            return Err(
                "too many probes were running until the next slot; raise --max-in-flight, \
                        or have fewer monitors here"
                    .to_owned(),
            );
        };
        Ok(Admitted {
            _of_host: of_host,
            _of_all: of_all,
        })
    }

    /// Tells of the slots that passed while nothing ran at all.
    pub(super) async fn miss_all(&self, all: Vec<(Arc<Monitor>, Vec<Missed>)>) {
        for (monitor, each) in all {
            for missed in each {
                self.miss(&monitor, missed, NOBODY_THERE).await;
            }
        }
    }

    async fn miss(&self, monitor: &Monitor, missed: Missed, why: &str) {
        self.world.counters.missed(missed.slots);
        let text = match missed.slots {
            1 => why.to_owned(),
            slots => format!("{slots} slots until {}: {why}", missed.last),
        };
        let cause = Cause::new(ErrorClass::Overloaded, text);
        let location = &self.world.location;
        let row = rows::missed_row(monitor, location, missed.first, missed.slots, &cause);
        self.show(
            monitor,
            Point {
                slot: missed.last,
                outcome: Outcome::Missed,
                latency: None,
                status_code: None,
                cause: Some(cause),
                cert_days: None,
            },
        );
        self.world.queue.push([(Destination::Main, row)]).await;
    }

    async fn finish(&self, monitor: &Arc<Monitor>, result: &ProbeResult) {
        self.world.counters.probed(result.start_lag());
        // A monitor that was removed while its probe ran leaves no more rows.
        let assessments = {
            let mut ledger = self.world.ledger.lock();
            let assessments = ledger.take(monitor, result);
            let lost = ledger.network_lost_since(&self.world.location).is_some();
            self.world.counters.network_lost(lost);
            assessments
        };
        let summary = Summary::of(monitor, result);
        let found = rows::telling_attempt(result, &summary).cloned();
        self.world.board.update(&monitor.key, |card| {
            card.found = found.map(Arc::new);
        });
        self.publish(assessments).await;
    }

    /// Shows what became of monitors, and hands their rows in.
    pub(super) async fn publish(&self, assessments: Vec<Assessment>) {
        for assessment in assessments {
            let monitor = &assessment.monitor;
            match assessment.probe {
                Some(probe) => self.show(monitor, Point::from(probe)),
                None => self.refresh(monitor),
            }
            if let Some((before, after)) = assessment.change {
                self.world.listener.changed(monitor, &before, &after);
            }
            // Before the rows: after a crash in between, the next start finds the state as it was
            // and tells the change once more.
            self.announce(monitor, self.world.clock.now()).await;
            self.world.queue.push(assessment.rows).await;
        }
    }

    /// Tells people what is news about a monitor.
    pub(super) async fn announce(&self, monitor: &Monitor, now: Timestamp) {
        let Some(announcer) = &self.world.announcer else {
            return;
        };
        let verdict = self.world.ledger.lock().verdict(&monitor.key).cloned();
        if let Some(verdict) = verdict {
            let overlays = Overlays::of(monitor, now);
            announcer.observe(monitor, &verdict, overlays, now).await;
        }
    }

    /// Brings the monitor's card up to date. A point that is there already was judged anew.
    fn show(&self, monitor: &Monitor, point: Point) {
        self.world.board.update(&monitor.key, |card| {
            if let Some(earlier) = card.history.iter_mut().find(|one| one.slot == point.slot) {
                *earlier = point;
                return;
            }
            if card.history.len() == HISTORY {
                card.history.pop_front();
            }
            card.history.push_back(point);
        });
        self.refresh(monitor);
    }

    /// Brings the verdict on the monitor's card up to date.
    fn refresh(&self, monitor: &Monitor) {
        let verdict = self.world.ledger.lock().verdict(&monitor.key).cloned();
        let Some(verdict) = verdict else { return };
        let overlays = Overlays::of(monitor, self.world.clock.now());
        self.world.board.update(&monitor.key, |card| {
            card.verdict = verdict;
            card.overlays = overlays;
        });
    }
}

impl From<JudgedProbe> for Point {
    fn from(probe: JudgedProbe) -> Self {
        Point {
            slot: probe.slot,
            outcome: probe.summary.outcome,
            latency: probe.summary.latency.map(|latency| latency.mean),
            status_code: probe.status_code,
            cause: probe.summary.cause,
            cert_days: probe.summary.cert_days,
        }
    }
}

/// While it lives, the monitor is being probed.
struct Busy<'a> {
    shared: &'a Shared,
    key: MonitorKey,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.shared.tracked.lock().get_mut(&self.key) {
            entry.busy = false;
        }
    }
}
