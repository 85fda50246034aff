//! A clock that moves when it is told to.

use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;

/// A wall clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        ManualClock {
            now: Mutex::new(now),
        }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock();
        *now = now.plus(by);
    }

    /// Sets the clock, to the past too.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock() = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock()
    }
}

/// 2026-06-01T00:00:00Z, within the default validity of test certificates.
impl Default for ManualClock {
    fn default() -> Self {
        ManualClock::at(Timestamp::from_secs(1_780_272_000))
    }
}
