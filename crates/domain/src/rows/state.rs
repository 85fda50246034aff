//! `state` rows: the verdict on a monitor.

use super::dimensions;
use crate::cause::{Cause, ErrorClass, ErrorOwner};
use crate::judge::{State, Verdict};
use crate::monitor::Monitor;
use crate::name::{Location, MonitorId};
use crate::record::{Record, Value};
use crate::schema::{measure, measure_name};
use crate::time::Timestamp;

const SUPPRESSED: &str = "suppressed";
const NETWORK_LOST: &str = "network_lost";

/// What lies over the state without being part of the verdict.
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
            (verdict.suppressed_by.is_some(), SUPPRESSED),
            (verdict.network_lost, NETWORK_LOST),
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

/// The row of a verdict at `time`: over all locations, or from the one named.
pub fn state_row(
    monitor: &Monitor,
    location: &Location,
    verdict: &Verdict,
    overlays: Overlays,
    time: Timestamp,
) -> Record {
    let mut record = Record::new(
        measure_name::STATE,
        time,
        dimensions(&monitor.key, location, monitor.kind()),
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
    record.set(measure::FLAP_HISTORY, i64::from(verdict.flap_history));
    record.set_some(
        measure::SUPPRESSED_BY,
        verdict.suppressed_by.as_ref().map(MonitorId::as_str),
    );
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
    let text = |name: &str| match measure_of(name) {
        Some(Value::Varchar(text)) => Some(text),
        _ => None,
    };
    let state = State::from_name(&text(measure::STATE)?)?;
    let overlays = text(measure::OVERLAYS).unwrap_or_default();
    let has_overlay = |name| overlays.split(',').any(|found| found == name);
    let whole = |name: &str| match measure_of(name) {
        Some(Value::Bigint(number)) => Some(number),
        _ => None,
    };
    Some(Verdict {
        state,
        since: match measure_of(measure::SINCE) {
            Some(Value::Timestamp(since)) => since,
            _ => time,
        },
        decided_at: time,
        epoch: whole(measure::EPOCH)
            .and_then(|epoch| u64::try_from(epoch).ok())
            .unwrap_or(0),
        cause: cause(&text),
        failing: text(measure::FAILING_LOCATIONS)
            .unwrap_or_default()
            .split(',')
            .filter_map(|name| Location::try_new(name).ok())
            .collect(),
        degraded: has_overlay("degraded"),
        flapping: has_overlay("flapping"),
        flap_score: match measure_of(measure::FLAP_SCORE) {
            Some(Value::Double(score)) => score,
            _ => 0.0,
        },
        flap_history: whole(measure::FLAP_HISTORY)
            .and_then(|bits| u32::try_from(bits).ok())
            .unwrap_or(0),
        suppressed_by: text(measure::SUPPRESSED_BY)
            .filter(|_| has_overlay(SUPPRESSED))
            .and_then(|name| MonitorId::try_new(name).ok()),
        network_lost: has_overlay(NETWORK_LOST),
    })
}

/// The cause that a row tells of, with the owner that it had then.
fn cause(text: &impl Fn(&str) -> Option<String>) -> Option<Cause> {
    let name = text(measure::ERROR_CLASS)?;
    let class = *ErrorClass::ALL.iter().find(|class| class.name() == name)?;
    let mut cause = Cause::new(class, text(measure::ERROR_TEXT).unwrap_or_default());
    let owner = text(measure::ERROR_OWNER);
    if let Some(owner) = ErrorOwner::ALL
        .iter()
        .find(|known| owner.as_deref() == Some(known.name()))
    {
        cause.owner = *owner;
    }
    Some(cause)
}
