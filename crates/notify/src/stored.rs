//! Cases, notices and what waits to be sent, as JSON text in the table of incidents.
//!
//! Alerts are written as in Grafana's webhook and read by the same reader.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidewatch_domain::incident::{
    Alert, Case, Flapping, Notice, NoticeKind, Status, Subject, Tracked,
};
use tidewatch_domain::{MonitorId, MonitorKey, Tenant, Timestamp};

use crate::instant;
use crate::payload::{alert_json, read_alert};

const VERSION: u32 = 1;

/// What is stored of one subject: its case, and what still has to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CaseFile {
    pub(crate) case: Case,
    /// Decided and not sent yet, the oldest first.
    pub(crate) outbox: Vec<Outgoing>,
}

/// A notice on its way to people.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outgoing {
    pub(crate) notice: Notice,
    /// When the alerts arrived that led to it.
    pub(crate) received: Timestamp,
    /// Channels that have not taken it yet.
    pub(crate) left: Vec<String>,
    /// The digest that it goes out with.
    pub(crate) digest: Option<String>,
    /// Until then, whoever wrote this sends it, and nobody else.
    pub(crate) claimed_until: Timestamp,
}

/// A digest on its way to people.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DigestFile {
    pub(crate) notices: Vec<Notice>,
    pub(crate) received: Timestamp,
    pub(crate) left: Vec<String>,
}

/// An item that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the item `{key}` of the table of incidents cannot be read: {reason}; remove it if it is not needed"
)]
pub(crate) struct StoredError {
    key: String,
    reason: String,
}

/// The key of a digest's item.
pub(crate) fn digest_key(id: &str) -> String {
    format!("digest:{id}")
}

impl CaseFile {
    pub(crate) fn new(subject: Subject) -> Self {
        CaseFile {
            case: Case::new(subject),
            outbox: Vec::new(),
        }
    }

    pub(crate) fn read(key: &str, text: &str) -> Result<Self, StoredError> {
        read_json::<CaseJson>(text)
            .and_then(CaseJson::into_file)
            .map_err(|reason| StoredError {
                key: key.to_owned(),
                reason,
            })
    }

    pub(crate) fn to_json(&self) -> String {
        text_of(&CaseJson::of(self))
    }
}

impl DigestFile {
    pub(crate) fn read(key: &str, text: &str) -> Result<Self, StoredError> {
        let read = || {
            let json: DigestJson = read_json(text)?;
            Ok(DigestFile {
                notices: json
                    .notices
                    .into_iter()
                    .map(NoticeJson::into_notice)
                    .collect::<Result<_, _>>()?,
                received: json.received,
                left: json.left,
            })
        };
        read().map_err(|reason| StoredError {
            key: key.to_owned(),
            reason,
        })
    }

    pub(crate) fn to_json(&self) -> String {
        text_of(&DigestJson {
            v: VERSION,
            notices: self.notices.iter().map(NoticeJson::of).collect(),
            received: self.received,
            left: self.left.clone(),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct CaseJson {
    v: u32,
    subject: SubjectJson,
    alerts: Vec<TrackedJson>,
    outages: Vec<InstantJson>,
    flapping: Option<InstantJson>,
    told_at: Option<InstantJson>,
    reminders: u32,
    outbox: Vec<OutgoingJson>,
}

#[derive(Serialize, Deserialize)]
struct DigestJson {
    v: u32,
    notices: Vec<NoticeJson>,
    #[serde(with = "instant")]
    received: Timestamp,
    left: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct InstantJson(#[serde(with = "instant")] Timestamp);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SubjectJson {
    Monitor { tenant: String, monitor_id: String },
    Alert { fingerprint: String },
}

#[derive(Serialize, Deserialize)]
struct TrackedJson {
    alert: Value,
    #[serde(with = "instant")]
    received: Timestamp,
    told: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct OutgoingJson {
    notice: NoticeJson,
    #[serde(with = "instant")]
    received: Timestamp,
    left: Vec<String>,
    digest: Option<String>,
    #[serde(with = "instant")]
    claimed_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct NoticeJson {
    subject: SubjectJson,
    kind: String,
    number: u32,
    alerts: Vec<Value>,
    attached: Vec<Value>,
    earlier: Vec<Value>,
    flapping: Option<usize>,
    #[serde(with = "instant")]
    at: Timestamp,
}

impl CaseJson {
    fn of(file: &CaseFile) -> Self {
        let case = &file.case;
        CaseJson {
            v: VERSION,
            subject: SubjectJson::of(&case.subject),
            alerts: case.alerts.values().map(TrackedJson::of).collect(),
            outages: case.outages.iter().copied().map(InstantJson).collect(),
            flapping: case.flapping.map(|flapping| InstantJson(flapping.changed)),
            told_at: case.told_at.map(InstantJson),
            reminders: case.reminders,
            outbox: file
                .outbox
                .iter()
                .map(|outgoing| OutgoingJson {
                    notice: NoticeJson::of(&outgoing.notice),
                    received: outgoing.received,
                    left: outgoing.left.clone(),
                    digest: outgoing.digest.clone(),
                    claimed_until: outgoing.claimed_until,
                })
                .collect(),
        }
    }

    fn into_file(self) -> Result<CaseFile, String> {
        let mut alerts = BTreeMap::new();
        for tracked in self.alerts {
            let tracked = tracked.into_tracked()?;
            alerts.insert(tracked.alert.fingerprint.clone(), tracked);
        }
        let mut outbox = Vec::with_capacity(self.outbox.len());
        for outgoing in self.outbox {
            outbox.push(Outgoing {
                notice: outgoing.notice.into_notice()?,
                received: outgoing.received,
                left: outgoing.left,
                digest: outgoing.digest,
                claimed_until: outgoing.claimed_until,
            });
        }
        Ok(CaseFile {
            case: Case {
                subject: self.subject.into_subject()?,
                alerts,
                outages: self.outages.into_iter().map(|instant| instant.0).collect(),
                flapping: self.flapping.map(|changed| Flapping { changed: changed.0 }),
                told_at: self.told_at.map(|instant| instant.0),
                reminders: self.reminders,
            },
            outbox,
        })
    }
}

impl SubjectJson {
    fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Monitor(key) => SubjectJson::Monitor {
                tenant: key.tenant.to_string(),
                monitor_id: key.monitor_id.to_string(),
            },
            Subject::Alert(fingerprint) => SubjectJson::Alert {
                fingerprint: fingerprint.clone(),
            },
        }
    }

    fn into_subject(self) -> Result<Subject, String> {
        Ok(match self {
            SubjectJson::Monitor { tenant, monitor_id } => Subject::Monitor(MonitorKey {
                tenant: Tenant::try_new(tenant).map_err(|error| error.to_string())?,
                monitor_id: MonitorId::try_new(monitor_id).map_err(|error| error.to_string())?,
            }),
            SubjectJson::Alert { fingerprint } => Subject::Alert(fingerprint),
        })
    }
}

impl TrackedJson {
    fn of(tracked: &Tracked) -> Self {
        TrackedJson {
            alert: alert_json(&tracked.alert),
            received: tracked.received,
            told: tracked.told.map(|status| status.name().to_owned()),
        }
    }

    fn into_tracked(self) -> Result<Tracked, String> {
        let told = match self.told.as_deref() {
            None => None,
            Some("firing") => Some(Status::Firing),
            Some("resolved") => Some(Status::Resolved),
            Some(other) => return Err(format!("`told` is `{other}`")),
        };
        Ok(Tracked {
            alert: read_alert(&self.alert)?,
            received: self.received,
            told,
        })
    }
}

impl NoticeJson {
    fn of(notice: &Notice) -> Self {
        let list = |alerts: &[Alert]| alerts.iter().map(alert_json).collect();
        NoticeJson {
            subject: SubjectJson::of(&notice.subject),
            kind: notice.kind.name().to_owned(),
            number: notice.number,
            alerts: list(&notice.alerts),
            attached: list(&notice.attached),
            earlier: list(&notice.earlier),
            flapping: notice.flapping,
            at: notice.at,
        }
    }

    fn into_notice(self) -> Result<Notice, String> {
        let list =
            |alerts: Vec<Value>| alerts.iter().map(read_alert).collect::<Result<Vec<_>, _>>();
        if self.alerts.is_empty() {
            return Err("a notice is about no alert".to_owned());
        }
        Ok(Notice {
            subject: self.subject.into_subject()?,
            kind: NoticeKind::from_name(&self.kind)
                .ok_or_else(|| format!("`kind` is `{}`", self.kind))?,
            number: self.number,
            alerts: list(self.alerts)?,
            attached: list(self.attached)?,
            earlier: list(self.earlier)?,
            flapping: self.flapping,
            at: self.at,
        })
    }
}

/// Reads an item of this release's shape.
fn read_json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    let versioned: Versioned = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if versioned.v != VERSION {
        return Err(format!(
            "it is of version {}, this release reads version {VERSION}",
            versioned.v
        ));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn text_of(json: &impl Serialize) -> String {
    serde_json::to_string(json).expect("items are maps with text keys")
}

#[cfg(test)]
mod tests;
