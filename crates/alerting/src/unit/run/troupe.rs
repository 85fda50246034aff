//! One set of rules on the stage, with its states and everything that it would have sent.

use std::time::Duration;

use tidewatch_domain::Timestamp;

use super::super::compare::{self, Mismatch, Sent, clock};
use super::super::file::{AlertCheck, Test, TestFile};
use super::Outcome;
use super::memo::Memo;
use crate::evaluate::{Defaults, Evaluation, Found, Given, evaluate};
use crate::group::{Dispatcher, Notification, Routing};
use crate::payload;
use crate::rule::{Group, Rule};
use crate::silence::Silence;
use crate::state::{About, RuleStates};

/// Where alerts go whose rule does not say it.
const DEFAULT_RECEIVER: &str = "grafana-default-email";

/// A set of rules, of which those that the test names are played.
pub(super) struct Troupe<'a> {
    file: &'a TestFile,
    test: &'a Test,
    defaults: Defaults,
    actors: Vec<Actor<'a>>,
    dispatcher: Dispatcher,
    /// Alert checks whose time has not come, the earliest first.
    pending: Vec<&'a AlertCheck>,
    outcome: Outcome,
}

/// A rule that is played.
struct Actor<'a> {
    group: &'a Group,
    rule: &'a Rule,
    states: RuleStates,
    last: Option<Evaluation>,
    sent: Vec<Sent>,
}

impl<'a> Troupe<'a> {
    pub(super) fn new(file: &'a TestFile, test: &'a Test, groups: &'a [Group]) -> Self {
        let named: Vec<&str> = test.rules().map(|(name, _)| name).collect();
        let rules = groups
            .iter()
            .flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
        let actors: Vec<Actor<'_>> = rules
            .filter(|(_, rule)| named.iter().any(|name| is_called(rule, name)))
            .map(|(group, rule)| Actor {
                group,
                rule,
                states: RuleStates::default(),
                last: None,
                sent: Vec::new(),
            })
            .collect();
        let is_here = |name: &str| actors.iter().any(|actor| is_called(actor.rule, name));
        let mut pending: Vec<_> = test
            .alerts
            .iter()
            .filter(|check| is_here(&check.rule))
            .collect();
        pending.sort_by_key(|check| check.at);
        let notifications = test.notifications.iter();
        let checks = pending.len() + notifications.filter(|check| is_here(&check.rule)).count();
        let quoted = |name: &str| format!("\"{name}\"");
        Troupe {
            defaults: Defaults {
                database: quoted(&file.table.database),
                table: quoted(&file.table.table),
                measure: file.measure.clone(),
            },
            dispatcher: Dispatcher::new(Routing::to(DEFAULT_RECEIVER)),
            outcome: Outcome {
                checks,
                mismatches: Vec::new(),
            },
            file,
            test,
            actors,
            pending,
        }
    }

    /// The intervals at which its rules are evaluated.
    pub(super) fn intervals(&self) -> impl Iterator<Item = Duration> {
        self.actors.iter().map(|actor| actor.group.interval)
    }

    pub(super) fn has_failed(&self) -> bool {
        !self.outcome.mismatches.is_empty()
    }

    /// Evaluates what is due at `at`, sends what is due before `next`, and checks what is to be
    /// checked before it.
    pub(super) async fn play(&mut self, at: Timestamp, next: Option<Timestamp>, source: &Memo<'_>) {
        let after = at.since(self.file.start);
        for actor in &mut self.actors {
            let interval = actor.group.interval.as_nanos().max(1);
            if !after.as_nanos().is_multiple_of(interval) || actor.rule.paused {
                continue;
            }
            let active = actor.states.active();
            let given = Given {
                source,
                defaults: &self.defaults,
                active: &active,
                now: at,
            };
            let evaluated = evaluate(actor.rule, at, &given).await;
            let about = About {
                folder: &actor.group.folder,
                interval: actor.group.interval,
                external_url: &self.file.external_url,
                org_id: actor.group.org_id,
            };
            let alerts = actor
                .states
                .apply(actor.rule, &about, &evaluated.evaluation);
            actor.last = Some(evaluated.evaluation);
            self.dispatcher.take(alerts, at);
        }
        self.send_until(next);
        while let Some(check) = self.pending.first() {
            if next.is_some_and(|next| self.file.start.plus(check.at) >= next) {
                break;
            }
            self.check(self.pending[0]);
            self.pending.remove(0);
        }
    }

    /// What became of it.
    pub(super) fn finish(mut self) -> Outcome {
        for check in &self.test.notifications {
            let actors = self.actors.iter();
            let mut named = actors.filter(|actor| is_called(actor.rule, &check.rule));
            if let Some(actor) = named.next() {
                let mismatch = compare::notifications(check, &actor.sent);
                self.outcome.mismatches.extend(mismatch);
            }
        }
        self.outcome
    }

    fn check(&mut self, check: &AlertCheck) {
        let mut actors = self.actors.iter();
        let Some(actor) = actors.find(|actor| is_called(actor.rule, &check.rule)) else {
            return;
        };
        let found: Vec<_> = actor.states.alerts().cloned().collect();
        if let Some(mismatch) = compare::alerts(check, &found) {
            self.outcome.mismatches.push(Mismatch {
                seen: actor.seen(self.file.start),
                ..mismatch
            });
        }
    }

    /// Sends every notification that is due before `end`; without one, until the last check.
    fn send_until(&mut self, end: Option<Timestamp>) {
        let last = self.file.start.plus(self.test.length());
        while let Some(at) = self.dispatcher.next_due() {
            if at > last || end.is_some_and(|end| at >= end) {
                return;
            }
            let silences = &self.test.silences;
            let silenced = |alert: &_| silences.iter().any(|it: &Silence| it.silences(alert, at));
            for notification in self.dispatcher.due(at, &silenced) {
                self.tell(&notification);
                self.dispatcher.sent(&notification, at);
            }
        }
    }

    fn tell(&mut self, notification: &Notification) {
        for actor in &mut self.actors {
            let mut alerts = notification.alerts.iter();
            if !alerts.any(|alert| alert.rule_uid == actor.rule.uid) {
                continue;
            }
            let context = payload::Context {
                external_url: &self.file.external_url,
                app_version: "",
                org_id: actor.group.org_id,
            };
            let body = payload::body(notification, &context);
            let status = |is_resolved: bool| if is_resolved { "resolved" } else { "firing" };
            actor.sent.push(Sent {
                at: notification.at.since(self.file.start),
                receiver: notification.receiver.clone(),
                group_labels: notification.group_labels.clone(),
                alerts: notification
                    .alerts
                    .iter()
                    .map(|alert| {
                        let is_resolved = alert.resolved_at.is_some();
                        (status(is_resolved).to_owned(), alert.labels.clone())
                    })
                    .collect(),
                payload: serde_json::from_slice(&body).unwrap_or_default(),
            });
        }
    }
}

impl Actor<'_> {
    /// What the last evaluation found, a line for each fact.
    fn seen(&self, start: Timestamp) -> Vec<String> {
        let Some(evaluation) = &self.last else {
            return vec!["the rule was not evaluated yet, or is paused".to_owned()];
        };
        let at = clock(evaluation.at.since(start));
        match &evaluation.found {
            Found::Instances(instances) => instances
                .iter()
                .map(|instance| {
                    let holds = match instance.holds {
                        Some(true) => "holds",
                        Some(false) => "does not hold",
                        None => "has no value",
                    };
                    format!("at {at} the condition {holds}: {}", instance.value_string)
                })
                .collect(),
            Found::NoData(_) => vec![format!("at {at} the queries found nothing")],
            Found::Error { message, .. } => vec![format!("at {at} it failed: {message}")],
        }
    }
}

/// Whether a test means `rule` by `name`.
fn is_called(rule: &Rule, name: &str) -> bool {
    rule.uid == name || rule.title == name
}
