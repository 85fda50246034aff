//! What alerting on this machine remembers, shared by whoever evaluates, tells, silences and shows.
//!
//! All of it is one file: states of alerts, groups with what was sent of them, silences. It is
//! written before anybody is told anything, so that a restart goes on where this process was:
//! people hear nothing twice, and of every end that they wait for.

mod kept;
mod request;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidewatch_alerting::evaluate::{Evaluation, Found, Labels};
use tidewatch_alerting::group::{Dispatcher, Notification, Routing};
use tidewatch_alerting::rule::{Group, Rule};
use tidewatch_alerting::silence::Silences;
use tidewatch_alerting::state::{About, Alert, End, RuleStates, State};
use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::Clock;
use tokio::sync::Notify;

use super::keep::KeptFile;
use kept::Kept;

pub(crate) use request::{Refusal, SilenceRequest, is_acknowledgement};
pub(crate) use view::{Alerting, GroupView, Open, Standing};

/// The file, in the folder of alerting.
const FILE: &str = "rules.json";

/// The memory of alerting.
#[derive(Debug)]
pub(crate) struct Desk {
    groups: Vec<Group>,
    /// What links of alerts begin with; ends with a slash.
    external_url: String,
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
    /// Held while the file is written, so that an older memory never replaces a newer one.
    file: tokio::sync::Mutex<KeptFile>,
    /// Rings when there may be something to send.
    changed: Notify,
}

#[derive(Debug)]
struct Memory {
    /// By the uid of the rule.
    rules: BTreeMap<String, Remembered>,
    dispatcher: Dispatcher,
    silences: Silences,
    /// In the order of the groups.
    pulses: Vec<Pulse>,
    /// Why what is remembered is not on disk.
    unkept: Option<String>,
    /// Why the queue did not take the last notification.
    unsent: Option<String>,
}

/// What is remembered of a rule.
#[derive(Debug, Default)]
struct Remembered {
    states: RuleStates,
    /// Why its last evaluation found nothing out.
    fault: Option<String>,
}

/// How the evaluation of a group goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Pulse {
    /// The last evaluation.
    pub(crate) evaluated_at: Option<Timestamp>,
    /// How long it took.
    pub(crate) took: Duration,
    /// Evaluations that were left out because one before took too long.
    pub(crate) skipped: u64,
}

impl Desk {
    /// Goes on from what is in `folder`. What cannot be read there is kept beside, which `warn`
    /// is told; the error is a sentence.
    pub(crate) fn open(
        folder: &std::path::Path,
        groups: Vec<Group>,
        routing: Routing,
        external_url: String,
        clock: Arc<dyn Clock>,
        warn: impl Fn(String),
    ) -> Result<Self, String> {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
        let file = KeptFile::at(folder.join(FILE));
        let now = clock.now();
        let kept = match kept::read(&file, &routing) {
            Ok(kept) => kept,
            Err(reason) => {
                let aside = file.set_aside(now).map_err(|error| {
                    format!(
                        "{} cannot be read ({reason}) nor moved aside: {error}",
                        file.path().display()
                    )
                })?;
                warn(format!(
                    "the states of alerts cannot be read, alerting begins anew: {reason}; the \
                     file is kept as {}",
                    aside.display()
                ));
                Kept::new(&routing)
            }
        };
        let pulses = groups.iter().map(|_| Pulse::default()).collect();
        let desk = Desk {
            groups,
            external_url,
            clock,
            memory: Mutex::new(Memory {
                rules: kept.rules.into_iter().map(Remembered::of).collect(),
                dispatcher: kept.dispatcher,
                silences: kept.silences,
                pulses,
                unkept: None,
                unsent: None,
            }),
            file: tokio::sync::Mutex::new(file),
            changed: Notify::new(),
        };
        desk.settle(now);
        Ok(desk)
    }

    /// The groups of rules.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What links of alerts begin with.
    pub(crate) fn external_url(&self) -> &str {
        &self.external_url
    }

    /// Query labels of the instances of a rule that fire now.
    pub(crate) fn active(&self, uid: &str) -> BTreeSet<Labels> {
        let memory = self.memory.lock();
        memory
            .rules
            .get(uid)
            .map(|rule| rule.states.active())
            .unwrap_or_default()
    }

    /// Takes in what an evaluation of `rule` found.
    pub(crate) fn judge(&self, group: &Group, rule: &Rule, evaluation: &Evaluation) {
        let about = self.about(group);
        let now = self.clock.now();
        let mut memory = self.memory.lock();
        let memory = &mut *memory;
        let remembered = memory.rules.entry(rule.uid.clone()).or_default();
        remembered.fault = match &evaluation.found {
            Found::Error { message, .. } => Some(message.clone()),
            _ => None,
        };
        let alerts = remembered.states.apply(rule, &about, evaluation);
        memory.silences.settle(&alerts);
        memory.dispatcher.take(alerts, now);
    }

    /// Notes that a group was evaluated, and writes down what came of it.
    pub(crate) async fn evaluated(&self, index: usize, pulse: Pulse) {
        {
            let mut memory = self.memory.lock();
            let memory = &mut *memory;
            if let Some(noted) = memory.pulses.get_mut(index) {
                let skipped = noted.skipped + pulse.skipped;
                *noted = Pulse { skipped, ..pulse };
            }
            memory.expire(self.clock.now());
        }
        self.keep().await;
        self.changed.notify_one();
    }

    /// When something is to be sent next.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.memory.lock().dispatcher.next_due()
    }

    /// Rings when there may be something to send earlier than was said.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What is to be sent now.
    pub(crate) fn due(&self) -> Vec<Notification> {
        let now = self.clock.now();
        let mut memory = self.memory.lock();
        let Memory {
            dispatcher,
            silences,
            ..
        } = &mut *memory;
        // The end of what people were told is no noise: an alert that is over passes.
        dispatcher.due(now, &|alert: &Alert| {
            alert.resolved_at.is_none() && silences.of(alert, now).is_some()
        })
    }

    /// Notes that `notification` is about to be handed to the queue, and writes that down: a crash
    /// right after the queue has taken it must not lose the end of what it says.
    pub(crate) async fn offer(&self, notification: &Notification) {
        self.memory.lock().dispatcher.offer(notification);
        self.keep().await;
    }

    /// Notes that the queue has taken `notification`.
    pub(crate) async fn sent(&self, notification: &Notification) {
        {
            let now = self.clock.now();
            let mut memory = self.memory.lock();
            memory.dispatcher.sent(notification, now);
            memory.unsent = None;
        }
        self.keep().await;
    }

    /// Notes that the queue did not take a notification; it is tried again.
    pub(crate) fn not_sent(&self, reason: String) {
        self.memory.lock().unsent = Some(reason);
    }

    /// Whether somebody has silenced alerts with these labels.
    pub(crate) fn silences(&self, labels: &Labels) -> bool {
        let now = self.clock.now();
        let memory = self.memory.lock();
        let mut active = memory.silences.iter().filter(|it| it.is_active(now));
        active.any(|silence| silence.matches(labels))
    }

    fn about<'a>(&'a self, group: &'a Group) -> About<'a> {
        About {
            folder: &group.folder,
            interval: group.interval,
            external_url: &self.external_url,
            org_id: group.org_id,
        }
    }

    /// Ends the alerts of rules that are gone or rest. Those of a rule that says something else now
    /// go on: a series that it no longer has is missing, which ends its alert.
    fn settle(&self, now: Timestamp) {
        let rules: BTreeMap<&str, &Rule> = self
            .groups
            .iter()
            .flat_map(|group| &group.rules)
            .map(|rule| (rule.uid.as_str(), rule))
            .collect();
        let mut memory = self.memory.lock();
        let Memory {
            rules: remembered,
            dispatcher,
            silences,
            ..
        } = &mut *memory;
        for (uid, known) in remembered.iter_mut() {
            let end = match rules.get(uid.as_str()) {
                None => End::Deleted,
                Some(rule) if rule.paused => End::Paused,
                Some(_) => continue,
            };
            let ended = known.states.end(end, now);
            silences.settle(&ended);
            dispatcher.take(ended, now);
        }
        remembered.retain(|uid, _| rules.get(uid.as_str()).is_some_and(|rule| !rule.paused));
        memory.expire(now);
    }

    /// Writes everything down. What cannot be written is said, and tried with the next change:
    /// that people are told is more important than that it is remembered.
    async fn keep(&self) {
        let file = self.file.lock().await;
        let bytes = kept::to_bytes(&self.memory.lock());
        let writing = file.clone();
        let written = tokio::task::spawn_blocking(move || writing.write(&bytes)).await;
        let reason = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(format!("{}: {error}", file.path().display())),
            // Only the end of the runtime ends such a task early.
            Err(_) => return,
        };
        if let Some(reason) = &reason {
            tracing::error!("the states of alerts cannot be kept: {reason}");
        }
        self.memory.lock().unkept = reason;
    }
}

impl Memory {
    /// Every alert that is not simply normal.
    fn open(&self) -> impl Iterator<Item = &Alert> {
        let alerts = self.rules.values().flat_map(|rule| rule.states.alerts());
        alerts.filter(|alert| alert.state != State::Normal)
    }

    /// Lets go of silences that are over, and of acknowledgements whose alert is gone: one that
    /// never fired has no end that would be told.
    fn expire(&mut self, now: Timestamp) {
        let open: BTreeSet<&str> = self
            .open()
            .map(|alert| alert.fingerprint.as_str())
            .collect();
        let is_gone = |fingerprint: &String| !open.contains(fingerprint.as_str());
        let gone: Vec<String> = self
            .silences
            .iter()
            .filter(|silence| silence.until_resolved.as_ref().is_some_and(is_gone))
            .map(|silence| silence.id.clone())
            .collect();
        for id in gone {
            self.silences.end(&id, now);
        }
        self.silences.sweep(now);
    }
}

impl Remembered {
    /// What was kept of the rule `uid`.
    fn of((uid, states): (String, RuleStates)) -> (String, Self) {
        let rule = Remembered {
            states,
            fault: None,
        };
        (uid, rule)
    }
}

#[cfg(test)]
mod tests;
