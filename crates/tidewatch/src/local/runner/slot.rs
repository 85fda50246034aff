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

use super::Shared;
use crate::local::agenda::Due;
use crate::local::board::{HISTORY, Point};

impl Shared {
    pub(super) async fn run_slot(&self, due: Due) {
        let monitor = &due.monitor;
        for slot in &due.missed {
            self.miss(
                monitor,
                *slot,
                "nobody was there to probe: the machine slept or was overloaded",
            )
            .await;
        }
        let Some(_busy) = self.claim(&monitor.key) else {
            self.miss(
                monitor,
                due.slot,
                "the probe of an earlier slot was still running",
            )
            .await;
            return;
        };
        let until_next = due.next.since(self.world.clock.now());
        let permits = async {
            let of_host = self.hosts.acquire(monitor).await;
            let of_all = Arc::clone(&self.world.in_flight).acquire_owned().await;
            (of_host, of_all)
        };
        // The semaphores are never closed, so that only the wait itself can fail.
        let Ok(_permits) = tokio::time::timeout(until_next, permits).await else {
            self.miss(
                monitor,
                due.slot,
                "too many probes were running until the next slot",
            )
            .await;
            return;
        };
        let probe = AssertUnwindSafe(self.world.prober.probe(monitor, due.slot)).catch_unwind();
        match probe.await {
            Ok(result) => self.finish(monitor, &result).await,
            Err(_) => {
                tracing::error!(monitor = %monitor.key, "a probe panicked; this is a bug");
                self.miss(
                    monitor,
                    due.slot,
                    "the prober ended the probe by a fault of its own",
                )
                .await;
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

    async fn miss(&self, monitor: &Monitor, slot: Timestamp, why: &'static str) {
        self.world.counters.missed(1);
        let cause = Cause::new(ErrorClass::Overloaded, why);
        let row = rows::missed_row(monitor, &self.world.location, slot, &cause);
        self.show(
            monitor,
            Point {
                slot,
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
            self.world.queue.push(assessment.rows).await;
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
