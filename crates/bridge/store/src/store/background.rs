//! Flushing by size, by age and because a day or a retention is over.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use std::sync::atomic::Ordering::Relaxed;

use super::Inner;
use crate::flush;

/// The background task of a store.
#[derive(Debug, Default)]
pub(super) struct Background {
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Background {
    pub(super) fn start(&self, inner: &Arc<Inner>) {
        if !inner.shared.options.housekeeping_every.is_zero() {
            let task = tokio::spawn(work(Arc::downgrade(inner)));
            *self.task.lock() = Some(task);
        }
    }

    /// Ends the task. A flush it has begun goes on; wait for that on its own lock.
    pub(super) async fn stop(&self) {
        let task = self.task.lock().take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().take() {
            task.abort();
        }
    }
}

/// Looks after a store for as long as somebody else holds it.
async fn work(store: Weak<Inner>) {
    let Some(shared) = store.upgrade().map(|inner| inner.shared.clone()) else {
        return;
    };
    let options = &shared.options;
    let mut ticks = interval(options.housekeeping_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_flush = Instant::now();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shared.flush_wanted.notified() => {}
        }
        let Some(inner) = store.upgrade() else {
            return;
        };
        let head_bytes = shared.counters.head_bytes.load(Relaxed);
        let full = head_bytes >= options.head_bytes;
        let old = head_bytes > 0 && last_flush.elapsed() >= options.flush_every;
        if shared.health.read_only().is_some() || !(full || old || flush::is_due(&shared)) {
            continue;
        }
        last_flush = Instant::now();
        if let Err(error) = inner.flush().await {
            tracing::error!(%error, "could not move rows to parquet files; they stay in memory");
        }
    }
}
