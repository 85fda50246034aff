//! Alerting in JSON: `/api/alerts`, and the key `alerting` of `/api/status`.

use std::collections::BTreeMap;

use serde::Serialize;
use tidewatch_alerting::silence::Silence;
use tidewatch_domain::Timestamp;

use super::Time;
use crate::local::{LastTold, Told};
use crate::rules::{Alerting, Call, GroupView, Open, is_acknowledgement};

/// Alerting at one moment.
#[derive(Debug, Serialize)]
pub(in crate::status) struct AlertingStatus {
    /// When this was true.
    now: Time,
    /// Who finds outages: `local`, `writer` or `grafana`.
    source: &'static str,
    /// Alerts that fire or are about to, those that fire first.
    alerts: Vec<AlertStatus>,
    /// Silences that are not over.
    silences: Vec<SilenceStatus>,
    /// How the groups of rules are evaluated.
    groups: Vec<GroupStatus>,
    /// Rules whose last evaluation failed.
    faults: Vec<RuleFault>,
    /// What keeps alerting from remembering or from telling.
    troubles: Vec<String>,
    /// The last messages to people, the newest first.
    messages: Vec<Message>,
    /// The last call of the heartbeat's address; `null` where there was none.
    heartbeat: Option<CallStatus>,
}

#[derive(Debug, Serialize)]
struct AlertStatus {
    /// Its name for commands.
    id: String,
    /// One of `Alerting`, `Pending`, `Recovering`, `NoData`, `Error`.
    state: &'static str,
    /// Why, where not by the condition.
    reason: Option<String>,
    /// Whether people are told of it, or would be without a silence.
    fires: bool,
    /// The uid of its rule.
    rule: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    since: Time,
    /// The silence that holds it back.
    silenced_by: Option<String>,
}

/// A silence, in lists and as the answer to its making.
#[derive(Debug, Serialize)]
pub(in crate::status) struct SilenceStatus {
    id: String,
    matchers: Vec<String>,
    starts_at: Time,
    /// `null` for an acknowledgement, which ends with its alert.
    ends_at: Option<Time>,
    author: String,
    comment: String,
    /// The alert that an acknowledgement is about.
    alert: Option<String>,
}

#[derive(Debug, Serialize)]
struct GroupStatus {
    name: String,
    interval_s: u64,
    /// The last evaluation; `null` before the first.
    evaluated_at: Option<Time>,
    took_ms: f64,
    /// Evaluations that were left out since the start.
    skipped: u64,
}

#[derive(Debug, Serialize)]
struct RuleFault {
    /// The rule's title.
    rule: String,
    reason: String,
}

#[derive(Debug, Serialize)]
struct Message {
    at: Time,
    tenant: String,
    monitor_id: String,
    kind: String,
    channel: String,
    result: String,
}

#[derive(Debug, Serialize)]
struct CallStatus {
    at: Time,
    /// `null` where it was answered well.
    failure: Option<String>,
}

impl AlertingStatus {
    /// How everything stands at `now`.
    pub(in crate::status) fn new(alerting: &Alerting, told: &LastTold, now: Timestamp) -> Self {
        let standing = alerting.standing(now);
        AlertingStatus {
            now: Time(now),
            source: alerting.source.name(),
            alerts: standing.alerts.into_iter().map(AlertStatus::of).collect(),
            silences: standing.silences.iter().map(SilenceStatus::of).collect(),
            groups: standing.groups.into_iter().map(GroupStatus::of).collect(),
            faults: standing
                .faults
                .into_iter()
                .map(|(rule, reason)| RuleFault { rule, reason })
                .collect(),
            troubles: standing.troubles,
            messages: told.all().into_iter().map(Message::of).collect(),
            heartbeat: standing.heartbeat.map(CallStatus::of),
        }
    }
}

impl AlertStatus {
    fn of(open: Open) -> Self {
        let fires = open.fires();
        let Open { alert, silenced_by } = open;
        AlertStatus {
            id: alert.fingerprint,
            state: alert.state.name(),
            reason: alert.reason,
            fires,
            rule: alert.rule_uid,
            labels: alert.labels,
            annotations: alert.annotations,
            since: Time(if fires { alert.starts_at } else { alert.since }),
            silenced_by,
        }
    }
}

impl SilenceStatus {
    /// One silence.
    pub(in crate::status) fn of(silence: &Silence) -> Self {
        SilenceStatus {
            id: silence.id.clone(),
            matchers: silence.matchers.iter().map(ToString::to_string).collect(),
            starts_at: Time(silence.starts_at),
            ends_at: (!is_acknowledgement(silence)).then_some(Time(silence.ends_at)),
            author: silence.author.clone(),
            comment: silence.comment.clone(),
            alert: silence.until_resolved.clone(),
        }
    }
}

impl GroupStatus {
    fn of(group: GroupView) -> Self {
        GroupStatus {
            name: group.name,
            interval_s: group.interval.as_secs(),
            evaluated_at: group.pulse.evaluated_at.map(Time),
            took_ms: super::millis(group.pulse.took),
            skipped: group.pulse.skipped,
        }
    }
}

impl Message {
    fn of(told: Told) -> Self {
        Message {
            at: Time(told.at),
            tenant: told.tenant,
            monitor_id: told.monitor_id,
            kind: told.kind,
            channel: told.channel,
            result: told.result,
        }
    }
}

impl CallStatus {
    fn of(call: Call) -> Self {
        CallStatus {
            at: Time(call.at),
            failure: call.result.err(),
        }
    }
}
