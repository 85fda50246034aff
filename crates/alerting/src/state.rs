//! The states of a rule's alerts from one evaluation to the next.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;

use crate::evaluate::Labels;

/// One alert of a rule, after an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// All labels of people: of the series, of the rule, `alertname` and `grafana_folder`.
    pub labels: Labels,
    /// The annotations, templates executed, with `grafana_state_reason` where there is one.
    pub annotations: BTreeMap<String, String>,
    /// The state.
    pub state: State,
    /// Why the state is what it is, where not by the condition: `NoData`, `Error`,
    /// `MissingSeries`, `Paused`, `Updated`, `RuleDeleted`.
    pub reason: Option<String>,
    /// Since when it is in this state.
    pub starts_at: Timestamp,
    /// When it ended, or until when it is believed while nothing is evaluated.
    pub ends_at: Timestamp,
    /// When it was resolved, if it just was.
    pub resolved_at: Option<Timestamp>,
    /// The last evaluation that saw it.
    pub last_evaluation: Timestamp,
    /// Numbers by refId.
    pub values: BTreeMap<String, f64>,
    /// Grafana's `valueString`.
    pub value_string: String,
    /// 16 hexadecimal digits over all labels, internal ones too.
    pub fingerprint: String,
    /// The rule.
    pub rule_uid: String,
}

/// The states of an alert, by Grafana's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
