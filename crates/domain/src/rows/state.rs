//! `state` rows: the verdict on a monitor.

use super::dimensions;
use crate::cause::{Cause, ErrorClass};
use crate::judge::{State, Verdict};
use crate::monitor::Monitor;
use crate::name::Location;
use crate::record::{Record, Value};
use crate::schema::{measure, measure_name};
use crate::time::Timestamp;

/// What lies over the state without changing it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlays {
    /// A maintenance window is open.
    pub maintenance: bool,
    /// The monitor is not enabled.
    pub paused: bool,
}

impl Overlays {
    /// The overlays of a monitor at an instant.
    pub fn of(monitor: &Monitor, at: Timestamp) -> Self {
        Overlays {
            maintenance: monitor.in_maintenance(at),
            paused: !monitor.enabled,
        }
    }

    /// The names of these overlays and of the verdict's own, separated by commas.
    pub fn names(self, verdict: &Verdict) -> String {
        let overlays = [
            (verdict.degraded, "degraded"),
            (verdict.flapping, "flapping"),
            (self.maintenance, "maintenance"),
            (self.paused, "paused"),
        ];
        let names: Vec<&str> = overlays
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, name)| name)
            .collect();
        names.join(",")
    }
}

/// The row of a verdict at `time`, for the location `_all`.
pub fn state_row(
    monitor: &Monitor,
    verdict: &Verdict,
    overlays: Overlays,
    time: Timestamp,
) -> Record {
    let mut record = Record::new(
        measure_name::STATE,
        time,
        dimensions(&monitor.key, &Location::all(), monitor.kind()),
    );
    record.set(measure::STATE, verdict.state.name());
    record.set(measure::OVERLAYS, overlays.names(verdict));
    record.set(measure::SINCE, verdict.since);
    record.set(
        measure::EPOCH,
        i64::try_from(verdict.epoch).unwrap_or(i64::MAX),
    );
    if let Some(cause) = &verdict.cause {
        record.set(measure::ERROR_CLASS, cause.class.name());
        record.set(measure::ERROR_OWNER, cause.owner.name());
        record.set(measure::ERROR_TEXT, cause.text.clone());
    }
    let failing: Vec<&str> = verdict.failing.iter().map(Location::as_str).collect();
    record.set(measure::FAILING_LOCATIONS, failing.join(","));
    record.set(measure::FLAP_SCORE, verdict.flap_score);
    record.set(measure::SEVERITY, monitor.severity.name());
    record
}

/// The verdict that a `state` row holds, to go on from after a restart.
///
/// `None` where the row has no state that is known today.
pub fn verdict_of_row(
    time: Timestamp,
    measure_of: impl Fn(&str) -> Option<Value>,
) -> Option<Verdict> {
    let text = |name| match measure_of(name) {
        Some(Value::Varchar(text)) => Some(text),
        _ => None,
    };
    let state = State::from_name(&text(measure::STATE)?)?;
    let overlays = text(measure::OVERLAYS).unwrap_or_default();
    let class = text(measure::ERROR_CLASS).and_then(|name| {
        ErrorClass::ALL
            .iter()
            .copied()
            .find(|class| class.name() == name)
    });
    Some(Verdict {
        state,
        since: match measure_of(measure::SINCE) {
            Some(Value::Timestamp(since)) => since,
            _ => time,
        },
        decided_at: time,
        epoch: match measure_of(measure::EPOCH) {
            Some(Value::Bigint(epoch)) => u64::try_from(epoch).unwrap_or(0),
            _ => 0,
        },
        cause: class.map(|class| Cause::new(class, text(measure::ERROR_TEXT).unwrap_or_default())),
        failing: text(measure::FAILING_LOCATIONS)
            .unwrap_or_default()
            .split(',')
            .filter_map(|name| Location::try_new(name).ok())
            .collect(),
        degraded: overlays.split(',').any(|name| name == "degraded"),
        flapping: overlays.split(',').any(|name| name == "flapping"),
        flap_score: match measure_of(measure::FLAP_SCORE) {
            Some(Value::Double(score)) => score,
            _ => 0.0,
        },
    })
}
