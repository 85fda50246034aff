//! Instants and spans: whole milliseconds as numbers, everything finer as a text of nanoseconds.

use serde::{Deserialize, Serialize};
use tidewatch_domain::Timestamp;

use super::Unreadable;

const MILLI: i64 = 1_000_000;

/// An instant, or the distance between two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum TimeForm {
    /// Milliseconds.
    Millis(i64),
    /// Nanoseconds in decimal.
    Nanos(String),
}

impl TimeForm {
    /// An instant.
    pub(super) fn of(at: Timestamp) -> Self {
        TimeForm::of_nanos(at.as_nanos())
    }

    /// The distance from `base` to `at`.
    pub(super) fn between(base: Timestamp, at: Timestamp) -> Self {
        TimeForm::of_nanos(at.as_nanos().wrapping_sub(base.as_nanos()))
    }

    fn of_nanos(nanos: i64) -> Self {
        if nanos % MILLI == 0 {
            TimeForm::Millis(nanos / MILLI)
        } else {
            TimeForm::Nanos(nanos.to_string())
        }
    }

    /// The instant.
    pub(super) fn read(&self) -> Result<Timestamp, Unreadable> {
        self.nanos().map(Timestamp::from_nanos)
    }

    /// The instant that is this far from `base`.
    pub(super) fn read_from(&self, base: Timestamp) -> Result<Timestamp, Unreadable> {
        let nanos = self.nanos()?.wrapping_add(base.as_nanos());
        Ok(Timestamp::from_nanos(nanos))
    }

    fn nanos(&self) -> Result<i64, Unreadable> {
        match self {
            TimeForm::Millis(millis) => Ok(millis.saturating_mul(MILLI)),
            TimeForm::Nanos(text) => text
                .parse()
                .map_err(|_| Unreadable::new("the instant", text)),
        }
    }
}

/// An instant that may be absent.
pub(super) fn some(at: Option<Timestamp>) -> Option<TimeForm> {
    at.map(TimeForm::of)
}

/// The instant, where there is one.
pub(super) fn read_some(form: Option<&TimeForm>) -> Result<Option<Timestamp>, Unreadable> {
    form.map(TimeForm::read).transpose()
}
