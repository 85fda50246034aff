//! A clock that the targets set.

use std::sync::atomic::{AtomicI64, Ordering};

use tidewatch_store::Clock;

/// Says the instant that it was last given.
#[derive(Debug)]
pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that says `now`, in nanoseconds since the Unix epoch.
    pub(crate) fn new(now: i64) -> SetClock {
        SetClock(AtomicI64::new(now))
    }

    pub(crate) fn set(&self, now: i64) {
        self.0.store(now, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}
