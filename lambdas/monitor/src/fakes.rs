//! What the tests of the function share: a clock that runs with tokio's paused time, and ports
//! that do as they are told.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tidewatch_aws::queue::{Outgoing, SendReport};
use tidewatch_definitions::Fault;
use tidewatch_domain::ports::Clock;
use tidewatch_domain::{Cause, ErrorClass, Location, Monitor, MonitorKey, ProbeResult, Timestamp};
use tokio::time::{Instant, sleep};

use crate::definitions::{Definitions, Found};
use crate::outlet::Sender;
use crate::round::Probes;

/// Where the tests probe.
pub(crate) fn here() -> Location {
    Location::try_new("eu-west-1").expect("it is a usable name")
}

/// A wall clock that stands at 2026-11-22T13:00:00Z when it is made, and runs with tokio's time.
#[derive(Debug)]
pub(crate) struct RunningClock {
    made: Instant,
}

impl Default for RunningClock {
    fn default() -> Self {
        RunningClock {
            made: Instant::now(),
        }
    }
}

impl Clock for RunningClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_795_352_400).plus(self.made.elapsed())
    }
}

/// Probes that take a while and find that the connection is refused.
pub(crate) struct Probing {
    takes: Duration,
    clock: RunningClock,
}

impl Probing {
    /// Each probe takes so long.
    pub(crate) fn taking(takes: Duration) -> Self {
        Probing {
            takes,
            clock: RunningClock::default(),
        }
    }
}

#[async_trait]
impl Probes for Probing {
    async fn probe_until(
        &self,
        monitor: &Monitor,
        slot: Timestamp,
        _until: Instant,
    ) -> ProbeResult {
        let started_at = self.clock.now();
        sleep(self.takes).await;
        let cause = Cause::new(ErrorClass::ConnectRefused, "refused");
        ProbeResult::failed(monitor, &here(), slot, started_at, cause)
    }
}

/// Entries that lie in memory.
#[derive(Default)]
pub(crate) struct Entries {
    /// The monitors of every bucket, with the bucket that their items name.
    pub(crate) monitors: Vec<(Arc<Monitor>, Option<u32>)>,
    /// What is wrong with the other entries.
    pub(crate) faults: Vec<Fault>,
    /// Why they cannot be read.
    pub(crate) broken: Option<String>,
}

#[async_trait]
impl Definitions for Entries {
    async fn of_bucket(&self, _name: &str) -> Result<Found, String> {
        match &self.broken {
            Some(why) => Err(why.clone()),
            None => Ok(Found {
                monitors: self.monitors.clone(),
                faults: self.faults.clone(),
            }),
        }
    }

    async fn of_key(&self, key: &MonitorKey) -> Result<Found, String> {
        let mut found = self.of_bucket("").await?;
        found.monitors.retain(|(monitor, _)| monitor.key == *key);
        Ok(found)
    }
}

/// A queue that keeps what it took.
#[derive(Default)]
pub(crate) struct Post {
    /// What it took.
    pub(crate) taken: Mutex<Vec<Outgoing>>,
    /// Of each call to come, the positions that it refuses.
    pub(crate) refusals: Mutex<VecDeque<Vec<usize>>>,
    /// How long each call takes.
    pub(crate) takes: Duration,
}

#[async_trait]
impl Sender for Post {
    async fn send(&self, messages: &[Outgoing]) -> SendReport {
        sleep(self.takes).await;
        let refused = self.refusals.lock().pop_front().unwrap_or_default();
        let mut report = SendReport::default();
        for (position, message) in messages.iter().enumerate() {
            if refused.contains(&position) {
                report.failed.push((position, "throttled".to_owned()));
            } else {
                self.taken.lock().push(message.clone());
                report.sent += 1;
            }
        }
        report
    }
}
