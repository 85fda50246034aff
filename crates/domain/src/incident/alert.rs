//! One alert of a rule, and what it is about.

use std::collections::BTreeMap;
use std::fmt;

use crate::monitor::Severity;
use crate::name::MonitorKey;
use crate::time::Timestamp;
use crate::{MonitorId, Tenant};

/// Names of labels that the shipped rules and the writer give to alerts.
pub mod label {
    /// The title of the rule.
    pub const ALERTNAME: &str = "alertname";
    /// The slug of a shipped rule.
    pub const RULE: &str = "rule";
    /// The rule's title where Grafana says that its data source fails or has no data.
    pub const RULENAME: &str = "rulename";
    /// Who the monitor belongs to.
    pub const TENANT: &str = "tenant";
    /// The monitor.
    pub const MONITOR_ID: &str = "monitor_id";
    /// The number of the outage.
    pub const EPOCH: &str = "epoch";
    /// critical, warning or info.
    pub const SEVERITY: &str = "severity";
    /// Who is called.
    pub const TEAM: &str = "team";
    /// The component of Tidewatch that an alert is about.
    pub const COMPONENT: &str = "component";
    /// The location that an alert is about.
    pub const LOCATION: &str = "location";
    /// The instance that an alert is about; `Grafana` in the test of a contact point.
    pub const INSTANCE: &str = "instance";
    /// The product that a rule came with.
    pub const PRODUCT: &str = "product";
}

/// Names of annotations that are read.
pub mod annotation {
    /// One line.
    pub const SUMMARY: &str = "summary";
    /// The whole story.
    pub const DESCRIPTION: &str = "description";
    /// What to do.
    pub const RUNBOOK_URL: &str = "runbook_url";
    /// Where to look.
    pub const DASHBOARD_URL: &str = "dashboard_url";
    /// Why Grafana changed the state of an alert, other than by its condition.
    pub const STATE_REASON: &str = "grafana_state_reason";
    /// Grafana's own words where the query of a rule fails.
    pub const ERROR: &str = "Error";
    /// How many alerts of the same group the sender left out.
    pub const LEFT_OUT: &str = "tidewatch_left_out";
    /// Since when the monitor is down: RFC 3339, or as Grafana's `humanizeTimestamp` writes it.
    pub const SINCE: &str = "since";
    /// The error class.
    pub const CAUSE: &str = "cause";
    /// Who has to act.
    pub const CAUSE_OWNER: &str = "cause_owner";
    /// The error for people.
    pub const CAUSE_TEXT: &str = "cause_text";
    /// Locations that see the monitor failing.
    pub const FAILING_LOCATIONS: &str = "failing_locations";
    /// The target, without credentials.
    pub const TARGET: &str = "target";
    /// The name shown to people.
    pub const NAME: &str = "name";
    /// Overlays of the state, separated by commas.
    pub const OVERLAYS: &str = "overlays";
}

/// Whether an alert fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It fires.
    Firing,
    /// It no longer does. For the same beginning this is the last word.
    Resolved,
}

impl Status {
    /// The stable name, Grafana's own.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Firing => "firing",
            Status::Resolved => "resolved",
        }
    }
}

/// Why a rule cannot tell anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleTrouble {
    /// Its query finds nothing.
    NoData,
    /// Its query fails.
    Error,
}

/// Addresses that came with an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The rule.
    pub generator: Option<String>,
    /// Where to silence it.
    pub silence: Option<String>,
    /// The dashboard that the rule names.
    pub dashboard: Option<String>,
    /// The panel that the rule names.
    pub panel: Option<String>,
}

/// One alert at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Identity of the label set.
    pub fingerprint: String,
    /// Whether it fires.
    pub status: Status,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// Numbers of the rule's queries and expressions, finite ones only.
    pub values: BTreeMap<String, f64>,
    /// When it began to fire; with the fingerprint the identity of one episode.
    pub starts_at: Timestamp,
    /// When it ended.
    pub ends_at: Option<Timestamp>,
    /// Since when the monitor itself is in trouble, where the alert says so.
    pub since: Option<Timestamp>,
    /// Addresses.
    pub links: Links,
}

impl Alert {
    /// A label; an empty one is no label.
    pub fn label(&self, name: &str) -> Option<&str> {
        filled(self.labels.get(name))
    }

    /// An annotation; an empty one is none.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        filled(self.annotations.get(name))
    }

    /// The name of the rule for people. Grafana puts it elsewhere where the rule itself failed.
    pub fn rule_name(&self) -> &str {
        self.label(label::RULENAME)
            .or_else(|| self.label(label::ALERTNAME))
            .unwrap_or("unnamed alert")
    }

    /// How bad it is; alerts that do not say are warnings.
    pub fn severity(&self) -> Severity {
        let name = self.label(label::SEVERITY);
        *Severity::ALL
            .iter()
            .find(|severity| Some(severity.name()) == name)
            .unwrap_or(&Severity::Warning)
    }

    /// What it is about. Names that no monitor can have make an alert without a monitor.
    pub fn subject(&self) -> Subject {
        let key = || {
            Some(MonitorKey {
                tenant: Tenant::try_new(self.label(label::TENANT)?).ok()?,
                monitor_id: MonitorId::try_new(self.label(label::MONITOR_ID)?).ok()?,
            })
        };
        match key() {
            Some(key) => Subject::Monitor(key),
            None => Subject::Alert(self.fingerprint.clone()),
        }
    }

    /// The number of the outage, where this is the judge's verdict that a monitor is down.
    pub fn outage(&self) -> Option<u64> {
        (self.label(label::RULE) == Some("down") && matches!(self.subject(), Subject::Monitor(_)))
            .then(|| {
                self.label(label::EPOCH)
                    .and_then(|epoch| epoch.parse().ok())
                    .unwrap_or(0)
            })
    }

    /// Whether it is the heartbeat of alerting itself, which always fires.
    pub fn is_watchdog(&self) -> bool {
        self.label(label::RULE) == Some("watchdog")
            || self.label(label::ALERTNAME) == Some("Watchdog")
    }

    /// Whether somebody is only trying whether alerts arrive.
    pub fn is_test(&self) -> bool {
        self.label(label::ALERTNAME) == Some("TestAlert")
    }

    /// What Grafana says about the rule itself, where it does.
    pub fn trouble_of_rule(&self) -> Option<RuleTrouble> {
        match self.label(label::ALERTNAME) {
            Some("DatasourceNoData") => Some(RuleTrouble::NoData),
            Some("DatasourceError") => Some(RuleTrouble::Error),
            _ => None,
        }
    }

    /// Why it ended, other than because its condition no longer holds.
    pub fn ended_because(&self) -> Option<&str> {
        self.annotation(annotation::STATE_REASON)
            .filter(|_| self.status == Status::Resolved)
    }

    /// Whether the judge calls the monitor flapping.
    pub fn says_flapping(&self) -> bool {
        self.annotation(annotation::OVERLAYS)
            .is_some_and(|names| names.split(',').any(|name| name.trim() == "flapping"))
    }

    /// Since when there is trouble.
    pub fn trouble_since(&self) -> Timestamp {
        self.since
            .map_or(self.starts_at, |since| since.min(self.starts_at))
    }
}

fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// What alerts are about: the same subject, the same case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A monitor.
    Monitor(MonitorKey),
    /// Anything else: each alert by itself, by fingerprint.
    Alert(String),
}

/// `tenant/monitor_id`, or `alert:fingerprint`, which no tenant can be called.
impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Monitor(key) => key.fmt(formatter),
            Subject::Alert(fingerprint) => write!(formatter, "alert:{fingerprint}"),
        }
    }
}
