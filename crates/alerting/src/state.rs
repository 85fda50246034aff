//! The states of a rule's alerts from one evaluation to the next.
//!
//! The transitions are those of Grafana (`pkg/services/ngalert/state`): what each does is in
//! [`transition`], labels and annotations are made in [`labels`]. Two things differ on purpose.
//! Grafana's state manager talks to an Alertmanager that forgets alerts which it no longer hears
//! of; here every end is said, so nothing ends because nobody evaluated for a while. And an
//! instance that is normal and has nothing to tell is forgotten.

mod labels;
mod snapshot;
mod transition;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidewatch_domain::Timestamp;

use crate::evaluate::{Evaluation, Labels};
use crate::group::Route;
use crate::instant;
use crate::rule::{ErrorState, NoDataState, Rule};

pub use labels::RULE_UID;
use labels::Texts;
use transition::{Outcome, Verdict};

/// What the alerts of one rule came to, by the labels of their instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleStates {
    instances: BTreeMap<Labels, Instance>,
    /// Alerts that people were told of and that go by other labels now (an instance without data
    /// is an alert `DatasourceNoData`); each ends at its `ends_at`, unless it comes back before.
    departing: Vec<Alert>,
}

/// An instance of a rule: one series of its condition, or the rule as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Instance {
    /// As it is after its last evaluation.
    alert: Alert,
    /// As it was handed out last, while it fires.
    told: Option<Alert>,
}

/// One alert of a rule, after an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The rule.
    pub rule_uid: String,
    /// Grafana's organisation.
    pub org_id: u64,
    /// All labels of people: of the series, of the rule, `alertname` and `grafana_folder`.
    pub labels: Labels,
    /// Labels that people do not see, `__alert_rule_uid__` and those of the routing.
    pub internal: Labels,
    /// The labels of the series alone.
    pub query_labels: Labels,
    /// The annotations, templates executed, with `grafana_state_reason` where there is one.
    pub annotations: BTreeMap<String, String>,
    /// The state.
    pub state: State,
    /// Why the state is what it is, where not by the condition: `NoData`, `Error`,
    /// `NoData, KeepLast`, `MissingSeries`, `Paused`, `Updated`, `RuleDeleted`.
    pub reason: Option<String>,
    /// Since when it is in this state.
    #[serde(with = "instant")]
    pub since: Timestamp,
    /// Since when it fires, through `Recovering` too: what people are told.
    #[serde(with = "instant")]
    pub starts_at: Timestamp,
    /// When it ended, or until when Grafana believes it while nothing is evaluated: four intervals
    /// (of 30 s at least) after the last evaluation.
    #[serde(with = "instant")]
    pub ends_at: Timestamp,
    /// When it was resolved, if it was.
    #[serde(with = "instant::optional")]
    pub resolved_at: Option<Timestamp>,
    /// The last evaluation that saw it.
    #[serde(with = "instant")]
    pub last_evaluation: Timestamp,
    /// Numbers by refId; no number is NaN.
    #[serde(with = "snapshot::numbers")]
    pub values: BTreeMap<String, f64>,
    /// Grafana's `valueString`.
    pub value_string: String,
    /// 16 hexadecimal digits over all labels, internal ones too.
    pub fingerprint: String,
    /// The dashboard that the alert links to.
    pub dashboard_uid: Option<String>,
    /// The panel of that dashboard.
    pub panel_id: Option<i64>,
    /// Where it goes past the default route.
    pub route: Option<Route>,
}

/// The states of an alert, by Grafana's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum State {
    /// The condition does not hold.
    Normal,
    /// It holds, but not for long enough.
    Pending,
    /// It fires.
    Alerting,
    /// It no longer holds, but the alert is kept firing.
    Recovering,
    /// There is nothing to judge by.
    NoData,
    /// The rule cannot be evaluated.
    Error,
}

impl State {
    /// Grafana's name.
    pub const fn name(self) -> &'static str {
        match self {
            State::Normal => "Normal",
            State::Pending => "Pending",
            State::Alerting => "Alerting",
            State::Recovering => "Recovering",
            State::NoData => "NoData",
            State::Error => "Error",
        }
    }

    /// Whether people are told of it.
    pub const fn fires(self) -> bool {
        matches!(
            self,
            State::Alerting | State::Recovering | State::NoData | State::Error
        )
    }
}

/// What a rule's alerts need to know beside the rule.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The folder of the rule's group, for the label `grafana_folder`.
    pub folder: &'a str,
    /// How often the group is evaluated.
    pub interval: Duration,
    /// Grafana's address, for the template functions `externalURL` and `pathPrefix`.
    pub external_url: &'a str,
    /// The organisation.
    pub org_id: u64,
}

/// Why the alerts of a rule end without an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The rule is paused.
    Paused,
    /// The rule is another one now.
    Updated,
    /// The rule is gone.
    Deleted,
}

impl End {
    /// Grafana's name of the reason.
    pub const fn reason(self) -> &'static str {
        match self {
            End::Paused => "Paused",
            End::Updated => "Updated",
            End::Deleted => "RuleDeleted",
        }
    }
}

impl RuleStates {
    /// Takes in what an evaluation of `rule` found. Returns each alert that fires, and each that
    /// just stopped once, with its `resolved_at`.
    pub fn apply(&mut self, rule: &Rule, about: &About<'_>, evaluation: &Evaluation) -> Vec<Alert> {
        let outcomes = transition::outcomes(evaluation);
        let all_missing = outcomes.iter().all(|it| it.verdict == Verdict::NoData);
        let all_failed =
            !outcomes.is_empty() && outcomes.iter().all(|it| it.verdict == Verdict::Error);
        let as_one = (all_missing && rule.no_data != NoDataState::NoData)
            || (all_failed && rule.error != ErrorState::Error);

        if as_one && !self.instances.is_empty() {
            let outcome = Outcome::as_one(outcomes);
            for (labels, instance) in &mut self.instances {
                instance.step_all(labels, rule, about, &outcome, evaluation.at);
            }
        } else {
            let texts = Texts::of(rule, about);
            for outcome in outcomes {
                self.step(rule, about, &texts, &outcome, evaluation.at);
            }
        }
        self.miss(rule, about, evaluation.at);

        let mut handed = self.hand_out(evaluation.at);
        handed.extend(self.depart(evaluation.at));
        self.instances.retain(|_, instance| {
            instance.alert.state != State::Normal
                || (remembers_normal(rule)
                    && instance.alert.reason.as_deref() != Some(MISSING_SERIES))
        });
        handed
    }

    /// Ends all alerts of the rule. Returns those that people may have been told of.
    pub fn end(&mut self, end: End, at: Timestamp) -> Vec<Alert> {
        let told = std::mem::take(&mut self.instances)
            .into_values()
            .filter_map(|instance| instance.told);
        let departing = std::mem::take(&mut self.departing);
        told.chain(departing)
            .map(|alert| Alert {
                state: State::Normal,
                reason: Some(end.reason().to_owned()),
                annotations: labels::with_reason(alert.annotations, Some(end.reason())),
                since: at,
                ends_at: at,
                resolved_at: Some(at),
                last_evaluation: at,
                values: BTreeMap::new(),
                ..alert
            })
            .collect()
    }

    /// The instances that are not simply normal, for lists.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        self.instances.values().map(|instance| &instance.alert)
    }

    /// Query labels of the instances whose condition holds, for recovery thresholds: alerting or
    /// pending, by the condition itself (`ngalert/schedule`, `AlertingResultsFromRuleState`).
    pub fn active(&self) -> BTreeSet<Labels> {
        self.alerts()
            .filter(|alert| matches!(alert.state, State::Alerting | State::Pending))
            .filter(|alert| alert.reason.is_none())
            .map(|alert| alert.query_labels.clone())
            .collect()
    }

    fn step(
        &mut self,
        rule: &Rule,
        about: &About<'_>,
        texts: &Texts<'_>,
        outcome: &Outcome<'_>,
        at: Timestamp,
    ) {
        let labels = texts.labels(outcome);
        let known = self.instances.contains_key(&labels);
        if !known && outcome.verdict == Verdict::Normal && !remembers_normal(rule) {
            return;
        }
        self.instances
            .entry(labels.clone())
            .or_insert_with(|| Instance::new(rule, about, outcome, at))
            .step(labels, texts.annotations(outcome), rule, about, outcome, at);
    }

    /// Instances that this evaluation did not see: resolved when they are missing for long enough.
    fn miss(&mut self, rule: &Rule, about: &About<'_>, at: Timestamp) {
        for instance in self.instances.values_mut() {
            let alert = &mut instance.alert;
            if alert.last_evaluation == at {
                continue;
            }
            let patience = match alert.state {
                State::NoData | State::Error => 1,
                _ => rule.missing_series_evals_to_resolve,
            };
            if at.since(alert.last_evaluation) >= about.interval.saturating_mul(patience) {
                alert.state = State::Normal;
                alert.reason = Some(MISSING_SERIES.to_owned());
                alert.annotations = labels::with_reason(
                    std::mem::take(&mut alert.annotations),
                    Some(MISSING_SERIES),
                );
                alert.last_evaluation = at;
                alert.since = at;
                alert.ends_at = at;
            } else if alert.state.fires() {
                alert.ends_at = transition::believed_until(about.interval, at);
            }
        }
    }

    /// The alerts to hand to grouping, with beginnings and ends as people are told them.
    fn hand_out(&mut self, at: Timestamp) -> Vec<Alert> {
        let mut handed = Vec::new();
        for instance in self.instances.values_mut() {
            let alert = &mut instance.alert;
            if alert.state.fires() {
                let same = instance.told.as_ref();
                let same = same.filter(|told| told.fingerprint == alert.fingerprint);
                let before = same.cloned().or_else(|| {
                    let found = self
                        .departing
                        .iter()
                        .position(|it| it.fingerprint == alert.fingerprint)?;
                    Some(self.departing.remove(found))
                });
                alert.starts_at = before
                    .as_ref()
                    .map_or(alert.since, |before| before.starts_at.min(alert.since));
                alert.resolved_at = None;
                let after = alert.clone();
                if let Some(told) = instance.told.replace(after.clone())
                    && told.fingerprint != after.fingerprint
                {
                    self.departing.push(told);
                }
                handed.push(after);
            } else if let Some(told) = instance.told.take() {
                if alert.state == State::Pending {
                    self.departing.push(told);
                    continue;
                }
                alert.starts_at = told.starts_at;
                alert.resolved_at = Some(at);
                handed.push(Alert {
                    labels: told.labels,
                    internal: told.internal,
                    fingerprint: told.fingerprint,
                    ..alert.clone()
                });
            }
        }
        handed
    }

    /// Resolves what went by other labels and did not come back in time.
    fn depart(&mut self, at: Timestamp) -> Vec<Alert> {
        let (gone, staying) = std::mem::take(&mut self.departing)
            .into_iter()
            .partition::<Vec<_>, _>(|alert| alert.ends_at <= at);
        self.departing = staying;
        gone.into_iter()
            .map(|alert| Alert {
                state: State::Normal,
                since: alert.ends_at,
                resolved_at: Some(alert.ends_at),
                ..alert
            })
            .collect()
    }
}

/// Whether instances that are normal count: they all become alerts when the rule finds nothing, or
/// fails.
fn remembers_normal(rule: &Rule) -> bool {
    rule.no_data == NoDataState::Alerting || rule.error == ErrorState::Alerting
}

/// The reason of an alert whose series went away.
const MISSING_SERIES: &str = "MissingSeries";

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
