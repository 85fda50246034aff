//! How late the prober itself is.
//!
//! A prober short of CPU charges its own delay to the target. A timer that fires every few
//! milliseconds while attempts are in flight shows how late the runtime gets round to things;
//! the largest delay during an attempt is attached to it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// The time between two looks.
const TICK: Duration = Duration::from_millis(10);
/// What the runtime's timers are late by even when there is nothing else to do: they are rounded
/// up to whole milliseconds, and so is the wait for sockets.
const GRANULARITY: Duration = Duration::from_millis(2);
/// More looks than any attempt lasts; older ones are forgotten.
const KEPT_TICKS: u64 = 60_000 / 10;

/// Watches the runtime's delay while somebody wants to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct LagSampler {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    watchers: usize,
    /// Looks taken so far.
    ticks: u64,
    /// When the next look is due, while looks are taken.
    due: Option<Instant>,
    /// Delays with the number of their look, each smaller than the one before it: whoever is
    /// larger and later makes the earlier ones irrelevant. The first one at or after a number is
    /// the maximum since then.
    peaks: VecDeque<(u64, Duration)>,
    task: Option<JoinHandle<()>>,
}

impl LagSampler {
    /// Begins to watch. Must be called within a Tokio runtime.
    pub(crate) fn watch(&self) -> LagWatch {
        let mut shared = self.shared.lock();
        shared.watchers += 1;
        if shared.task.as_ref().is_none_or(JoinHandle::is_finished) {
            let due = Instant::now() + TICK;
            shared.due = Some(due);
            shared.task = Some(tokio::spawn(look_repeatedly(self.shared.clone(), due)));
        }
        // A look that is overdue already is late by what was before the watch.
        let overdue = shared.due.is_some_and(|due| delay(due) > Duration::ZERO);
        let since = shared.ticks + u64::from(overdue);
        LagWatch {
            since,
            shared: self.shared.clone(),
        }
    }
}

/// One attempt's view of the delays.
#[derive(Debug)]
pub(crate) struct LagWatch {
    shared: Arc<Mutex<Shared>>,
    since: u64,
}

impl LagWatch {
    /// The largest delay since the watch began. A look that is overdue right now counts.
    pub(crate) fn largest(&self) -> Duration {
        let shared = self.shared.lock();
        let first = shared.peaks.partition_point(|(tick, _)| *tick < self.since);
        let seen = shared
            .peaks
            .get(first)
            .map_or(Duration::ZERO, |(_, delay)| *delay);
        let pending = shared.due.filter(|_| shared.ticks >= self.since);
        seen.max(pending.map_or(Duration::ZERO, delay))
    }
}

impl Drop for LagWatch {
    fn drop(&mut self) {
        self.shared.lock().watchers -= 1;
    }
}

async fn look_repeatedly(shared: Arc<Mutex<Shared>>, mut due: Instant) {
    loop {
        sleep_until(due).await;
        let mut shared = shared.lock();
        shared.record(delay(due));
        if shared.watchers == 0 {
            shared.due = None;
            shared.task = None;
            return;
        }
        due = Instant::now() + TICK;
        shared.due = Some(due);
    }
}

impl Shared {
    fn record(&mut self, delay: Duration) {
        let tick = self.ticks;
        self.ticks += 1;
        while self
            .peaks
            .back()
            .is_some_and(|(_, smaller)| *smaller <= delay)
        {
            self.peaks.pop_back();
        }
        self.peaks.push_back((tick, delay));
        while self
            .peaks
            .front()
            .is_some_and(|(old, _)| old + KEPT_TICKS < tick)
        {
            self.peaks.pop_front();
        }
    }
}

/// How late it is for something that was due at `due`.
fn delay(due: Instant) -> Duration {
    Instant::now()
        .saturating_duration_since(due)
        .saturating_sub(GRANULARITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[test]
    fn the_first_peak_since_a_look_is_the_maximum_since_then() {
        let mut shared = Shared::default();
        for millis in [3, 9, 4, 7, 1, 2] {
            shared.record(Duration::from_millis(millis));
        }
        let shared = Arc::new(Mutex::new(shared));
        let largest = |since| {
            shared.lock().watchers += 1;
            LagWatch {
                shared: shared.clone(),
                since,
            }
            .largest()
            .as_millis()
        };
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(largest), [9, 9, 7, 7, 2, 2, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_blocked_runtime_shows_and_is_forgotten_by_later_watches() {
        let sampler = LagSampler::default();
        let early = sampler.watch();
        tokio::task::yield_now().await;
        // The runtime cannot look while the clock moves on: what a blocking call does to it.
        advance(TICK + Duration::from_millis(52)).await;
        assert_eq!(early.largest().as_millis(), 50);
        let late = sampler.watch();
        tokio::time::sleep(TICK * 3).await;
        assert_eq!(early.largest().as_millis(), 50);
        assert_eq!(late.largest(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_looks_when_nobody_wants_to_know() {
        let sampler = LagSampler::default();
        drop(sampler.watch());
        tokio::time::sleep(TICK * 3).await;
        assert!(sampler.shared.lock().task.is_none());
        let _watch = sampler.watch();
        assert!(sampler.shared.lock().task.is_some());
    }
}
