//! How an instance goes from state to state.
//!
//! Sources: `resultNormal`, `resultAlerting`, `resultError`, `resultNoData`, `resultKeepLast`,
//! `transition` and `nextEndsTime` of `pkg/services/ngalert/state/state.go`, `setNextStateForRule`
//! and `setNextStateForAll` of `manager.go` beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewatch_domain::Timestamp;

use crate::evaluate::{Evaluation, Found, Labels, Value};
use crate::rule::{ErrorState, NoDataState, Rule};

use super::labels;
use super::{About, Alert, Instance, State};

/// What an evaluation says of one instance, before the rule says what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Normal,
    Alerting,
    NoData,
    Error,
}

impl Verdict {
    fn state(self) -> State {
        match self {
            Verdict::Normal => State::Normal,
            Verdict::Alerting => State::Alerting,
            Verdict::NoData => State::NoData,
            Verdict::Error => State::Error,
        }
    }
}

/// One result of an evaluation.
#[derive(Clone, Debug)]
pub(super) struct Outcome<'a> {
    pub(super) labels: Labels,
    pub(super) verdict: Verdict,
    pub(super) values: &'a BTreeMap<String, Value>,
    pub(super) value_string: &'a str,
    pub(super) failure: Option<Failure<'a>>,
}

/// What failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure<'a> {
    pub(super) message: &'a str,
    pub(super) ref_id: Option<&'a str>,
    pub(super) datasource_uid: Option<&'a str>,
}

static NO_VALUES: BTreeMap<String, Value> = BTreeMap::new();

impl<'a> Outcome<'a> {
    /// What several results without data, or failures, say of the rule as a whole.
    pub(super) fn as_one(outcomes: Vec<Outcome<'a>>) -> Outcome<'a> {
        let named = |name: &str| {
            let mut found: Vec<&str> = Vec::new();
            for value in outcomes.iter().filter_map(|it| it.labels.get(name)) {
                if !found.contains(&value.as_str()) {
                    found.push(value);
                }
            }
            (name.to_owned(), found.join(","))
        };
        let labels = Labels::from([labels::REF_ID, labels::DATASOURCE_UID].map(named));
        Outcome {
            labels,
            ..outcomes.into_iter().next().unwrap_or_else(Outcome::nothing)
        }
    }

    /// That of an evaluation without any result.
    pub(super) fn nothing() -> Self {
        Outcome {
            labels: Labels::new(),
            verdict: Verdict::NoData,
            values: &NO_VALUES,
            value_string: "",
            failure: None,
        }
    }
}

/// The results of an evaluation.
pub(super) fn outcomes(evaluation: &Evaluation) -> Vec<Outcome<'_>> {
    match &evaluation.found {
        Found::Instances(instances) => instances
            .iter()
            .map(|instance| Outcome {
                labels: instance.labels.clone(),
                verdict: match instance.holds {
                    Some(true) => Verdict::Alerting,
                    Some(false) => Verdict::Normal,
                    None => Verdict::NoData,
                },
                values: &instance.values,
                value_string: &instance.value_string,
                failure: None,
            })
            .collect(),
        Found::NoData(empty) if empty.is_empty() => vec![Outcome::nothing()],
        Found::NoData(empty) => empty
            .iter()
            .map(|empty| Outcome {
                labels: Labels::from([
                    (labels::REF_ID.to_owned(), empty.ref_ids.join(",")),
                    (
                        labels::DATASOURCE_UID.to_owned(),
                        empty.datasource_uid.clone(),
                    ),
                ]),
                ..Outcome::nothing()
            })
            .collect(),
        Found::Error {
            message,
            ref_id,
            datasource_uid,
        } => vec![Outcome {
            verdict: Verdict::Error,
            failure: Some(Failure {
                message,
                ref_id: ref_id.as_deref(),
                datasource_uid: datasource_uid.as_deref(),
            }),
            ..Outcome::nothing()
        }],
    }
}

/// Until when Grafana believes an alert that is not evaluated: four intervals, of 30 s at least.
pub(super) fn believed_until(interval: Duration, at: Timestamp) -> Timestamp {
    at.plus(interval.max(Duration::from_secs(30)).saturating_mul(4))
}

impl Instance {
    /// A normal one, at its first evaluation.
    pub(super) fn new(
        rule: &Rule,
        about: &About<'_>,
        outcome: &Outcome<'_>,
        at: Timestamp,
    ) -> Self {
        Instance {
            alert: Alert {
                rule_uid: rule.uid.clone(),
                org_id: about.org_id,
                labels: Labels::new(),
                internal: Labels::new(),
                query_labels: outcome.labels.clone(),
                annotations: BTreeMap::new(),
                state: State::Normal,
                reason: None,
                since: at,
                starts_at: at,
                ends_at: at,
                resolved_at: None,
                last_evaluation: at,
                values: BTreeMap::new(),
                value_string: String::new(),
                fingerprint: String::new(),
                dashboard_uid: rule.dashboard_uid.clone(),
                panel_id: rule.panel_id,
                route: rule.notification.as_ref().map(crate::group::Route::of),
            },
            told: None,
        }
    }

    /// One evaluation that saw this instance.
    pub(super) fn step(
        &mut self,
        mut labels: Labels,
        mut annotations: BTreeMap<String, String>,
        rule: &Rule,
        about: &About<'_>,
        outcome: &Outcome<'_>,
        at: Timestamp,
    ) {
        self.alert.query_labels.clone_from(&outcome.labels);
        let as_labels = self.advance(rule, about, outcome, at);
        if let Some(failure) = &outcome.failure {
            if as_labels && self.alert.state == State::Error && failure.ref_id.is_none() {
                for name in [labels::REF_ID, labels::DATASOURCE_UID] {
                    if let Some(value) = self.alert.labels.get(name) {
                        labels.insert(name.to_owned(), value.clone());
                    }
                }
            }
            labels::add_failure(failure, as_labels, &mut labels, &mut annotations);
        }
        labels::dress(&mut self.alert, labels, annotations);
    }

    /// One evaluation that found nothing, or failed, for the rule as a whole: the instance keeps
    /// its labels and annotations.
    pub(super) fn step_all(
        &mut self,
        own: &Labels,
        rule: &Rule,
        about: &About<'_>,
        outcome: &Outcome<'_>,
        at: Timestamp,
    ) {
        let mut annotations = std::mem::take(&mut self.alert.annotations);
        self.advance(rule, about, outcome, at);
        match &outcome.failure {
            Some(failure) => {
                labels::add_failure(failure, false, &mut Labels::new(), &mut annotations);
            }
            None => {
                for name in [labels::REF_ID, labels::DATASOURCE_UID] {
                    let value = outcome.labels.get(name).cloned().unwrap_or_default();
                    annotations.insert(name.to_owned(), value);
                }
            }
        }
        labels::dress(&mut self.alert, own.clone(), annotations);
    }

    /// Moves the state on. Returns whether a failure is told in labels rather than annotations.
    fn advance(
        &mut self,
        rule: &Rule,
        about: &About<'_>,
        outcome: &Outcome<'_>,
        at: Timestamp,
    ) -> bool {
        let alert = &mut self.alert;
        alert.last_evaluation = at;
        alert.value_string = outcome.value_string.to_owned();
        alert.values = match outcome.verdict {
            // Grafana puts -1 where there was a number before, so that templates find something.
            Verdict::NoData | Verdict::Error => std::mem::take(&mut alert.values)
                .into_keys()
                .map(|ref_id| (ref_id, -1.0))
                .collect(),
            Verdict::Normal | Verdict::Alerting => outcome
                .values
                .iter()
                .map(|(ref_id, value)| (ref_id.clone(), value.value.unwrap_or(f64::NAN)))
                .collect(),
        };

        let mut step = Step {
            alert,
            hold: rule.hold,
            keep: rule.keep_firing_for,
            at,
            until: believed_until(about.interval, at),
        };
        let mut keeps_last = false;
        let mut as_labels = false;
        match outcome.verdict {
            Verdict::Normal => step.normal(),
            Verdict::Alerting => step.alerting(),
            Verdict::NoData => match rule.no_data {
                NoDataState::NoData => step.enter_or_stay(State::NoData),
                NoDataState::Alerting => step.alerting(),
                NoDataState::Ok => step.normal(),
                NoDataState::KeepLast => {
                    keeps_last = true;
                    step.keep_last();
                }
            },
            Verdict::Error => match rule.error {
                ErrorState::Error => {
                    as_labels = true;
                    step.enter_or_stay(State::Error);
                }
                ErrorState::Alerting => step.alerting(),
                ErrorState::Ok => step.normal(),
                ErrorState::KeepLast => {
                    keeps_last = true;
                    step.keep_last();
                }
            },
        }

        let verdict = outcome.verdict;
        let speaks = matches!(verdict, Verdict::NoData | Verdict::Error);
        alert.reason = (speaks && alert.state != verdict.state()).then(|| {
            let name = verdict.state().name();
            if keeps_last {
                format!("{name}, KeepLast")
            } else {
                name.to_owned()
            }
        });
        as_labels
    }
}

/// One move of a state.
struct Step<'a> {
    alert: &'a mut Alert,
    hold: Duration,
    keep: Duration,
    at: Timestamp,
    until: Timestamp,
}

impl Step<'_> {
    fn normal(&mut self) {
        match self.alert.state {
            State::Normal => {}
            State::Recovering if self.at.since(self.alert.since) < self.keep => {
                self.alert.ends_at = self.until;
            }
            State::Alerting if !self.keep.is_zero() => self.enter(State::Recovering),
            _ => {
                self.enter(State::Normal);
                self.alert.ends_at = self.at;
            }
        }
    }

    fn alerting(&mut self) {
        match self.alert.state {
            State::Alerting => self.alert.ends_at = self.until,
            State::Pending if self.at.since(self.alert.since) < self.hold => {}
            // What recovers does not wait again.
            State::Pending | State::Recovering => self.enter(State::Alerting),
            _ if self.hold.is_zero() => self.enter(State::Alerting),
            _ => self.enter(State::Pending),
        }
    }

    fn keep_last(&mut self) {
        match self.alert.state {
            State::Alerting | State::Pending => self.alerting(),
            _ => self.normal(),
        }
    }

    fn enter_or_stay(&mut self, state: State) {
        if self.alert.state == state {
            self.alert.ends_at = self.until;
        } else {
            self.enter(state);
        }
    }

    fn enter(&mut self, state: State) {
        self.alert.state = state;
        self.alert.since = self.at;
        self.alert.ends_at = self.until;
        self.alert.resolved_at = None;
    }
}
