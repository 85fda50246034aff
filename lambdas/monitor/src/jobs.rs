//! From an input to the probes that it asks for.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_aws::environment::Tenants;
use tidewatch_definitions::{Entry, Fault, check};
use tidewatch_domain::plan::ticks;
use tidewatch_domain::{Location, Monitor, Timestamp};

use crate::definitions::{Definitions, Found};
use crate::input::{Input, Subject};

/// A probe to be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Job {
    /// What to probe.
    pub(crate) monitor: Arc<Monitor>,
    /// Where it is judged.
    pub(crate) bucket: u32,
    /// For which slot.
    pub(crate) slot: Timestamp,
}

/// What an input asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// Probes for the slot of the input.
    pub(crate) jobs: Vec<Job>,
    /// Further slots of the same tick.
    pub(crate) further: Vec<Timestamp>,
    /// Entries that cannot be used, each with all that is wrong with it.
    pub(crate) faults: Vec<Fault>,
}

/// Where and for whom the function probes.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) tenants: Tenants,
}

impl Place {
    /// What `input` asks for here. Monitors that are paused or not probed here are left out: the
    /// index of a table that several regions share finds them too. The error is for people.
    pub(crate) async fn asked(
        &self,
        input: &Input,
        definitions: &dyn Definitions,
    ) -> Result<Asked, String> {
        let (found, bucket, interval) = match &input.subject {
            Subject::Entry { entry, bucket } => (self.read(entry), *bucket, None),
            Subject::Key { key, bucket } => (definitions.of_key(key).await?, *bucket, None),
            Subject::Bucket {
                name,
                interval,
                bucket,
            } => (definitions.of_bucket(name).await?, *bucket, Some(*interval)),
        };
        let here = |monitor: &Monitor| monitor.enabled && monitor.runs_at(&self.location);
        let jobs: Vec<Job> = found
            .monitors
            .into_iter()
            .filter(|(monitor, _)| here(monitor))
            .map(|(monitor, own)| Job {
                monitor,
                bucket: own.unwrap_or(bucket),
                slot: input.slot,
            })
            .collect();
        let interval = interval.or_else(|| jobs.first().map(|job| job.monitor.interval));
        let further = match interval {
            Some(interval) if !input.expanded && !jobs.is_empty() => further(input.slot, interval),
            _ => Vec::new(),
        };
        Ok(Asked {
            jobs,
            further,
            faults: found.faults,
        })
    }

    /// The monitor of an entry in the plain shape.
    fn read(&self, entry: &serde_json::Value) -> Found {
        let tenant = entry.get("tenant").and_then(serde_json::Value::as_str);
        let mode = self.tenants.mode(tenant.unwrap_or_default());
        let entry = Entry::of_plain(entry, "input", 1);
        let checked = check(std::slice::from_ref(&entry), mode);
        let monitors = checked.monitors.into_iter();
        Found {
            monitors: monitors.map(|monitor| (Arc::new(monitor), None)).collect(),
            faults: checked.faults,
        }
    }
}

/// The slots after the first of a tick, for intervals below a minute. What no rule can keep has
/// none: its tick is all there is.
fn further(tick: Timestamp, interval: Duration) -> Vec<Timestamp> {
    let slots = ticks(interval).map_or(1, |ticks| ticks.slots);
    (1..slots)
        .map(|number| tick.plus(interval.saturating_mul(number)))
        .collect()
}
