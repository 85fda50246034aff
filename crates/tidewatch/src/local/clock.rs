//! The machine's wall clock: the one place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use tidewatch_domain::Timestamp;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl tidewatch_domain::ports::Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 shows as 1970: rows of that time are refused by the store's
        // time window, which says so.
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_nanos(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
    }
}

impl tidewatch_store::Clock for SystemClock {
    fn now(&self) -> i64 {
        tidewatch_domain::ports::Clock::now(self).as_nanos()
    }
}
