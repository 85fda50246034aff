//! Full hours of UTC.

use std::fmt;
use std::time::Duration;

use crate::time::Timestamp;

const SECONDS: i64 = 60 * 60;
/// The length of every hour.
const LENGTH: Duration = Duration::from_secs(60 * 60);

/// A full hour of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(Timestamp);

impl Hour {
    /// The hour that `at` lies in.
    pub const fn of(at: Timestamp) -> Self {
        Hour(Timestamp::from_secs(
            at.as_secs().div_euclid(SECONDS) * SECONDS,
        ))
    }

    /// The last hour that is over at `now`.
    pub fn last_complete(now: Timestamp) -> Self {
        Hour::of(now).previous()
    }

    /// Its first instant; the time of its rows.
    pub const fn start(self) -> Timestamp {
        self.0
    }

    /// The first instant after it.
    pub fn end(self) -> Timestamp {
        self.0.plus(LENGTH)
    }

    /// The hour after it.
    #[must_use]
    pub fn next(self) -> Self {
        Hour(self.end())
    }

    /// The hour before it.
    #[must_use]
    pub fn previous(self) -> Self {
        Hour(self.0.minus(LENGTH))
    }
}

/// Its first instant.
impl fmt::Display for Hour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
