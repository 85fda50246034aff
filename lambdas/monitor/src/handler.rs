//! From an event to its answer.

mod event;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use tidewatch_aws::queue::{LONGEST_DELAY, Outgoing};
use tidewatch_domain::ports::Clock;
use tidewatch_domain::{Cause, ErrorClass, Timestamp};
use tidewatch_telemetry::{Metric, Metrics};

use crate::allowance::Allowance;
use crate::definitions::Definitions;
use crate::input::{Call, Input, InputError};
use crate::jobs::{Job, Place};
use crate::outlet::{Harvest, Outlet, OutletError, Sender, missed};
use crate::round::{Made, Round};
use crate::tally::Tally;
use event::Event;

/// What the function works with, built once for each environment.
pub(crate) struct Function {
    pub(crate) place: Place,
    pub(crate) definitions: Arc<dyn Definitions>,
    pub(crate) round: Round,
    pub(crate) outlet: Arc<dyn Outlet>,
    /// Takes further slots of a tick; `None` where no queue is set for them.
    pub(crate) slots: Option<Arc<dyn Sender>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Metrics,
    pub(crate) tally: Tally,
}

/// The invocation failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandlerError {
    /// The event makes no sense, and will make none the next time.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The entries could not be read.
    #[error("the entries to probe could not be read: {0}")]
    Definitions(String),
    /// The one entry of the input is invalid.
    #[error("the entry cannot be probed: {0}")]
    Entry(String),
    /// What was found could not be handed on.
    #[error(transparent)]
    Outlet(#[from] OutletError),
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let error_type = match error {
            HandlerError::Input(_) => "InvalidInput",
            HandlerError::Definitions(_) => "EntriesUnreadable",
            HandlerError::Entry(_) => "InvalidEntry",
            HandlerError::Outlet(_) => "ResultsNotHandedOn",
        };
        Diagnostic {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// What a piece of work came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Done {
    probes: usize,
    missed: usize,
    parcels: usize,
}

/// Probes, and slots for later.
#[derive(Default)]
struct Work {
    jobs: Vec<Job>,
    later: Vec<Later>,
}

/// A further slot of a tick.
struct Later {
    slot: Timestamp,
    body: Value,
    jobs: Vec<Job>,
}

impl Function {
    /// Answers an event. Lambda ends the invocation at `deadline`.
    pub(crate) async fn handle(
        &self,
        payload: Value,
        deadline: Timestamp,
    ) -> Result<Value, HandlerError> {
        let allowance = Allowance::until(deadline, self.clock.now());
        match Event::read(payload) {
            Event::Call(body) => match Call::read(body).inspect_err(|_| self.refuse(1))? {
                Call::Ping => Ok(self.pong()),
                Call::Probe(input) => {
                    let mut work = Work::default();
                    self.gather(&input, &mut work).await?;
                    let done = self.work(work, allowance).await?;
                    Ok(json!({
                        "probes": done.probes, "missed": done.missed, "messages": done.parcels,
                    }))
                }
            },
            Event::Messages(messages) => Ok(self.messages(messages, allowance).await),
        }
    }

    fn pong(&self) -> Value {
        json!({
            "function": "monitor",
            "version": env!("CARGO_PKG_VERSION"),
            "location": self.place.location.as_str(),
            "results": self.outlet.name(),
            "slots": self.slots.is_some(),
        })
    }

    /// Works on the messages of a queue; the answer names those that have to come again. One that
    /// makes no sense is named too, so that the queue hands it to its dead letters.
    async fn messages(
        &self,
        messages: Vec<(String, Option<String>)>,
        allowance: Allowance,
    ) -> Value {
        let mut work = Work::default();
        let mut taken = Vec::new();
        let mut failed = Vec::new();
        for (id, body) in messages {
            match self.read_message(body.as_deref(), &mut work).await {
                Ok(()) => taken.push(id),
                Err(error) => {
                    tracing::error!(
                        message_id = id,
                        "a message of the slots queue failed: {error}"
                    );
                    failed.push(id);
                }
            }
        }
        if let Err(error) = self.work(work, allowance).await {
            tracing::error!("{error}");
            failed.append(&mut taken);
        }
        let failed: Vec<Value> = failed
            .into_iter()
            .map(|id| json!({"itemIdentifier": id}))
            .collect();
        json!({"batchItemFailures": failed})
    }

    async fn read_message(&self, body: Option<&str>, work: &mut Work) -> Result<(), HandlerError> {
        let body = serde_json::from_str(body.unwrap_or_default()).unwrap_or(Value::Null);
        match Call::read(body).inspect_err(|_| self.refuse(1))? {
            Call::Ping => Ok(()),
            Call::Probe(input) => self.gather(&input, work).await,
        }
    }

    /// Adds to `work` what an input asks for.
    async fn gather(&self, input: &Input, work: &mut Work) -> Result<(), HandlerError> {
        let asked = self.place.asked(input, self.definitions.as_ref()).await;
        let asked = asked.map_err(HandlerError::Definitions)?;
        self.refuse(asked.faults.len());
        if asked.jobs.is_empty() && input.is_single() && !asked.faults.is_empty() {
            let faults: Vec<String> = asked.faults.iter().map(ToString::to_string).collect();
            return Err(HandlerError::Entry(faults.join(" | ")));
        }
        for fault in &asked.faults {
            let entry = fault
                .entry
                .as_deref()
                .and_then(|entry| entry.split_once('/'));
            let (tenant, monitor) = entry.unzip();
            tracing::warn!(tenant, monitor, "an entry is not probed: {fault}");
        }
        for slot in asked.further {
            let jobs = asked.jobs.iter().cloned();
            work.later.push(Later {
                slot,
                body: input.at(slot),
                jobs: jobs.map(|job| Job { slot, ..job }).collect(),
            });
        }
        work.jobs.extend(asked.jobs);
        Ok(())
    }

    /// Probes, sends further slots on their way, and hands on what was found.
    async fn work(&self, work: Work, allowance: Allowance) -> Result<Done, OutletError> {
        let probes = self.round.make(work.jobs, allowance.probing);
        let (made, lost) = join(probes, self.postpone(work.later)).await;
        let mut harvest = Harvest::default();
        let location = &self.place.location;
        let mut longest_lag = Duration::ZERO;
        let mut missed_slots = 0;
        let lost = lost
            .into_iter()
            .map(|(job, cause)| (job, Made::Missed(cause)));
        for (job, made) in made.into_iter().chain(lost) {
            match made {
                Made::Probed(result) => {
                    longest_lag = longest_lag.max(result.start_lag());
                    harvest.results.push((job, *result));
                }
                Made::Missed(cause) => {
                    missed_slots += 1;
                    harvest.rows.push(missed(&job, location, &cause));
                }
            }
        }
        let mut done = Done {
            probes: harvest.results.len(),
            missed: missed_slots,
            parcels: 0,
        };
        self.metrics.count(Metric::Probes, done.probes as u64);
        self.metrics.count(Metric::Missed, done.missed as u64);
        self.metrics.longest(Metric::StartLag, longest_lag);
        self.tally.add(done.probes, done.missed, longest_lag);
        harvest
            .rows
            .extend(self.tally.row(location, self.clock.now()));
        let handed_on = self.outlet.hand_on(harvest, allowance.sending).await?;
        self.refuse(handed_on.refused);
        self.metrics
            .count(Metric::WriteRetries, handed_on.retries as u64);
        self.tally.add_sent(handed_on.retries, handed_on.refused);
        done.parcels = handed_on.parcels;
        tracing::debug!(
            probes = done.probes,
            missed = done.missed,
            parcels = done.parcels,
            "probed"
        );
        Ok(done)
    }

    /// Sends further slots to the queue that brings them back in time; those that it does not
    /// take are missed.
    async fn postpone(&self, later: Vec<Later>) -> Vec<(Job, Cause)> {
        if later.is_empty() {
            return Vec::new();
        }
        let miss = |later: &Later, why: &str| -> Vec<(Job, Cause)> {
            let cause = Cause::new(ErrorClass::Overloaded, why);
            let jobs = later.jobs.iter();
            jobs.map(|job| (job.clone(), cause.clone())).collect()
        };
        let Some(slots) = &self.slots else {
            let why = "intervals below a minute need a queue for the slots within it: set \
                       TIDEWATCH_SLOTS_QUEUE_URL";
            tracing::error!("{why}");
            return later.iter().flat_map(|later| miss(later, why)).collect();
        };
        let now = self.clock.now();
        let messages: Vec<Outgoing> = later
            .iter()
            .map(|later| Outgoing {
                body: later.body.to_string(),
                // Cut to whole seconds: what comes early waits for its slot.
                delay: later.slot.since(now).min(LONGEST_DELAY),
            })
            .collect();
        let report = slots.send(&messages).await;
        self.metrics
            .count(Metric::WriteRetries, report.retries as u64);
        let mut lost = Vec::new();
        for (position, reason) in report.failed {
            tracing::error!("a slot could not be sent to the slots queue: {reason}");
            let why = format!("the slots queue did not take it: {reason}");
            lost.extend(
                later
                    .get(position)
                    .into_iter()
                    .flat_map(|later| miss(later, &why)),
            );
        }
        lost
    }

    fn refuse(&self, count: usize) {
        if count > 0 {
            self.metrics.count(Metric::Refused, count as u64);
        }
    }
}

#[cfg(test)]
mod tests;
