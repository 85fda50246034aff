//! The wall clock of the functions.

use std::time::{SystemTime, UNIX_EPOCH};

use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
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
