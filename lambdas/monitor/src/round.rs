//! Makes the probes of an invocation, side by side, within the time that it has.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::join_all;
use tidewatch_domain::ports::Clock;
use tidewatch_domain::schedule::Grid;
use tidewatch_domain::{
    Cause, ErrorClass, Location, Monitor, Outcome, ProbeResult, Summary, Timestamp,
};
use tidewatch_probe::Engine;
use tidewatch_telemetry::{Ending, Segment};
use tokio::time::{Instant, sleep, timeout_at};

use crate::jobs::Job;

/// The time over which the probes of an invocation begin. Rules that were made together fire
/// together for ever; more than this would show as a start lag that spoils the latency.
const SPREAD: Duration = Duration::from_millis(500);
/// How long a slot is waited for that came early.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Runs probes.
#[async_trait]
pub(crate) trait Probes: Send + Sync {
    /// Probes `monitor`, and begins nothing that would outlast `until`.
    async fn probe_until(&self, monitor: &Monitor, slot: Timestamp, until: Instant) -> ProbeResult;
}

#[async_trait]
impl Probes for Engine {
    async fn probe_until(&self, monitor: &Monitor, slot: Timestamp, until: Instant) -> ProbeResult {
        Engine::probe_until(self, monitor, slot, until).await
    }
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Made {
    /// It was probed, if perhaps not to the end.
    Probed(Box<ProbeResult>),
    /// It was not, for this reason.
    Missed(Cause),
}

/// What probes are made with.
pub(crate) struct Round {
    pub(crate) probes: Arc<dyn Probes>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) location: Location,
}

impl Round {
    /// Makes the probes. Each job has come to something at `until`, at the latest.
    pub(crate) async fn make(&self, jobs: Vec<Job>, until: Instant) -> Vec<(Job, Made)> {
        let all = jobs.into_iter().map(async |job| {
            let made = self.probe(&job, until).await;
            (job, made)
        });
        join_all(all).await
    }

    async fn probe(&self, job: &Job, until: Instant) -> Made {
        let monitor = &job.monitor;
        let now = self.clock.now();
        if now.since(job.slot) > monitor.interval {
            return missed(format!(
                "the call for this slot came {:.0?} late, after the next one: invocations were \
                 throttled, failed or waited in a queue",
                now.since(job.slot)
            ));
        }
        let early = job.slot.since(now).min(LONGEST_WAIT);
        let begin = Instant::now() + early + self.offset(monitor);
        if begin + monitor.timeouts.attempt > until {
            return missed(
                "the function's time was nearly over: give it more time, or fewer monitors in a \
                 bucket"
                    .to_owned(),
            );
        }
        sleep(begin.saturating_duration_since(Instant::now())).await;
        let started_at = self.clock.now();
        let probe = self.probes.probe_until(monitor, job.slot, until);
        let probe = segment(monitor).around(probe, |result| ending(monitor, result));
        match timeout_at(until, AssertUnwindSafe(probe).catch_unwind()).await {
            Ok(Ok(result)) => Made::Probed(Box::new(result)),
            Ok(Err(_)) => {
                tracing::error!(monitor = %monitor.key, "a probe panicked; this is a bug");
                missed("the prober ended the probe by a fault of its own".to_owned())
            }
            Err(_) => {
                let cause = Cause::new(
                    ErrorClass::Cancelled,
                    "the function's time was over before the probe's: give it more time than the \
                     probe timeout",
                );
                let location = &self.location;
                let result = ProbeResult::failed(monitor, location, job.slot, started_at, cause);
                Made::Probed(Box::new(result))
            }
        }
    }

    /// By how much the probes of a monitor begin later than they could, always the same.
    fn offset(&self, monitor: &Monitor) -> Duration {
        Grid::new(&monitor.key, &self.location, SPREAD).phase()
    }
}

fn missed(why: String) -> Made {
    Made::Missed(Cause::new(ErrorClass::Overloaded, why))
}

fn segment(monitor: &Monitor) -> Segment {
    let name = match monitor.check.host() {
        Some(host) => host.to_string(),
        None => monitor.public_target(),
    };
    Segment::remote(&name).about(&monitor.key)
}

fn ending(monitor: &Monitor, result: &ProbeResult) -> Ending {
    let summary = Summary::of(monitor, result);
    let ending = match (summary.outcome, summary.cause) {
        (Outcome::Fail, Some(cause)) => Ending::fault(cause.to_string()),
        (Outcome::Fail, None) => Ending::fault("failed"),
        _ => Ending::ok(),
    };
    let mut samples = result.samples.iter().rev();
    match samples.find_map(|attempt| attempt.status_code) {
        Some(code) => ending.status(code),
        None => ending,
    }
}

#[cfg(test)]
mod tests;
