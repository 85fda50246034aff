//! A writer among ports that live in memory and stop working wherever a test wants it.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_aws::environment::{Environment, Tenants};
use tidewatch_aws::message::Row;
use tidewatch_aws::rejected::Rejected;
use tidewatch_aws::state_table::{BucketState, Committed, Loaded, StateError};
use tidewatch_aws::timestream::{QueryError, QueryResult, Written};
use tidewatch_domain::assess::AttemptRows;
use tidewatch_domain::{ErrorClass, Location, Monitor, MonitorId, Record, Timestamp};
use tidewatch_telemetry::Metrics;
use tidewatch_testkit::{a_monitor, a_result};

use crate::delivery::Delivery;
use crate::judging::{Options, Probed};
use crate::memory::Memory;
use crate::ports::{Alerts, DeadLetters, Questions, Rows, States};

/// Where a call to a port stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is killed before the call has an effect.
    KilledBefore,
    /// The process is killed when the call has had its effect.
    KilledAfter,
    /// The service answers with an error, and has done nothing.
    Refused,
}

/// The services of a test. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<Inside>>);

#[derive(Default)]
pub(crate) struct Inside {
    /// Committed states, with their versions.
    pub(crate) states: BTreeMap<String, (u64, bool, BucketState)>,
    /// The rows of the store by identity: what a reader finds.
    pub(crate) rows: BTreeMap<String, Record>,
    /// Everything that was queued as an alert.
    pub(crate) alerts: Vec<String>,
    /// Everything that has no other way.
    pub(crate) letters: Vec<Rejected>,
    /// Rows with this location are refused for good.
    pub(crate) poisoned: Option<&'static str>,
    /// Others that commit the same bucket just before the next commits.
    pub(crate) rivals: u32,
    /// Every state is too large to be kept.
    pub(crate) full: bool,
    /// Calls until the fault, and the fault.
    pub(crate) fault: Option<(usize, Fault)>,
}

impl World {
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap()
    }

    /// Runs an effect of a port, or into the fault. `None` is an error of the service.
    async fn call<T>(&self, effect: impl FnOnce(&mut Inside) -> T) -> Option<T> {
        let fault = {
            let mut inside = self.inside();
            match &mut inside.fault {
                Some((0, fault)) => {
                    let fault = *fault;
                    inside.fault = None;
                    Some(fault)
                }
                Some((left, _)) => {
                    *left -= 1;
                    None
                }
                None => None,
            }
        };
        match fault {
            None => Some(effect(&mut self.inside())),
            Some(Fault::Refused) => None,
            Some(Fault::KilledBefore) => pending().await,
            Some(Fault::KilledAfter) => {
                effect(&mut self.inside());
                pending().await
            }
        }
    }

    /// The ways out of a writer in this world.
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery {
            rows: Box::new(self.clone()),
            alerts: Some(Box::new(self.clone())),
            dead_letters: Some(Box::new(self.clone())),
            metrics: Metrics::default(),
        }
    }
}

#[async_trait]
impl States for World {
    async fn load(&self, bucket: &str) -> Result<Loaded, StateError> {
        let found = self.call(|inside| inside.states.get(bucket).cloned()).await;
        let loaded = found.ok_or_else(|| down(bucket))?;
        Ok(match loaded {
            None => Loaded {
                delivered: true,
                ..Loaded::default()
            },
            Some((version, delivered, state)) => Loaded {
                version,
                delivered: delivered || state.outbox.is_empty(),
                state,
                refused: Vec::new(),
            },
        })
    }

    async fn commit(
        &self,
        bucket: &str,
        seen: u64,
        state: &BucketState,
    ) -> Result<Committed, StateError> {
        if self.inside().full {
            return Err(StateError::TooLarge {
                bucket: bucket.to_owned(),
                bytes: 400 * 1024,
            });
        }
        let committed = self.call(|inside| {
            let held = inside.states.entry(bucket.to_owned()).or_default();
            if inside.rivals > 0 {
                inside.rivals -= 1;
                held.0 += 1;
                held.1 = true;
            }
            if held.0 != seen {
                return Committed::LostRace;
            }
            *held = (seen + 1, false, state.clone());
            Committed::Done
        });
        committed.await.ok_or_else(|| down(bucket))
    }

    async fn mark_delivered(&self, bucket: &str, version: u64) -> Result<(), StateError> {
        let marked = self.call(|inside| {
            let held = inside.states.get_mut(bucket);
            if let Some(held) = held.filter(|held| held.0 == version) {
                held.1 = true;
            }
        });
        marked.await.ok_or_else(|| down(bucket))
    }
}

#[async_trait]
impl Rows for World {
    async fn write(&self, rows: &[Row]) -> Written {
        let written = self.call(|inside| {
            let mut written = Written::default();
            for (position, row) in rows.iter().enumerate() {
                let is_poisoned =
                    |(_, value): &(&str, String)| Some(value.as_str()) == inside.poisoned;
                if row.record.dimensions.iter().any(is_poisoned) {
                    written.rejected.push((position, "poisoned".to_owned()));
                    continue;
                }
                match inside.rows.get(&identity(&row.record)) {
                    Some(held) if held.version >= row.record.version && *held != row.record => {
                        written.duplicates += 1;
                    }
                    _ => {
                        written.accepted += 1;
                        inside
                            .rows
                            .insert(identity(&row.record), row.record.clone());
                    }
                }
            }
            written
        });
        written.await.unwrap_or_else(|| Written {
            failed: (0..rows.len())
                .map(|position| (position, "down".to_owned()))
                .collect(),
            ..Written::default()
        })
    }
}

#[async_trait]
impl Alerts for World {
    async fn send(&self, alerts: &[String]) -> Result<(), String> {
        let sent = self.call(|inside| inside.alerts.extend_from_slice(alerts));
        sent.await.ok_or_else(|| "down".to_owned())
    }
}

#[async_trait]
impl DeadLetters for World {
    async fn keep(&self, letters: &[Rejected]) -> Result<(), String> {
        let kept = self.call(|inside| inside.letters.extend_from_slice(letters));
        kept.await.ok_or_else(|| "down".to_owned())
    }
}

/// A store without any row.
pub(crate) struct Empty;

#[async_trait]
impl Questions for Empty {
    async fn ask(&self, _: &str) -> Result<QueryResult, QueryError> {
        Ok(QueryResult::default())
    }
}

/// Tenants that all share one store.
pub(crate) fn tenants() -> Tenants {
    let lookup = |_: &str| None;
    Environment::new(&lookup).tenants().unwrap()
}

/// Nothing is known of any monitor.
pub(crate) fn no_memory() -> Memory {
    Memory::new(Box::new(Empty), tenants())
}

fn down(bucket: &str) -> StateError {
    StateError::Service {
        table: "judging".to_owned(),
        bucket: bucket.to_owned(),
        reason: "down".to_owned(),
    }
}

fn identity(record: &Record) -> String {
    format!(
        "{} {:?} {:?}",
        record.measure_name, record.dimensions, record.time
    )
}

/// How the tests judge.
pub(crate) const OPTIONS: Options = Options {
    attempt_rows: AttemptRows::Failures,
    alerts: true,
};

/// An instant of the story, in seconds.
pub(crate) fn at(second: u64) -> Timestamp {
    Timestamp::from_secs(1_795_330_800).plus(Duration::from_secs(second))
}

/// Monitors `a`, `b`, ... at unrelated targets; `b` is below `a`.
pub(crate) fn monitors() -> Vec<Arc<Monitor>> {
    ["a", "b", "c", "d", "e", "f"]
        .into_iter()
        .map(|id| {
            let target = format!("https://www.{id}.example/");
            let mut monitor = a_monitor(&target).named(id).build();
            if id == "b" {
                monitor.parent = Some(MonitorId::try_new("a").unwrap());
            }
            Arc::new(monitor)
        })
        .collect()
}

/// The result of a monitor's probe in a minute of the story.
pub(crate) fn probed(
    monitor: &Arc<Monitor>,
    place: &str,
    minute: u64,
    failure: Option<ErrorClass>,
) -> Probed {
    let location = Location::try_new(place).unwrap();
    Probed {
        result: a_result(monitor, &location, at(60 * minute), failure),
        monitor: Arc::clone(monitor),
    }
}
