//! Envelopes opened, and their alerts put together by subject.

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_domain::incident::{Delivery, Status, Subject, annotation};
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

use super::{Consumer, Report};
use crate::envelope::{Envelope, Source, WakeUp};
use crate::payload::Payload;

/// What there is to do about one subject.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) subject: Subject,
    pub(super) deliveries: Vec<Delivery>,
    /// Positions of the envelopes that brought it.
    pub(super) envelopes: BTreeSet<usize>,
    /// Whether it was asked for by a wake-up, which has to be renewed where it came too early.
    pub(super) woken: bool,
}

impl Consumer {
    pub(super) fn gather(&self, envelopes: &[Envelope], report: &mut Report) -> Vec<Work> {
        let mut works: BTreeMap<Subject, Work> = BTreeMap::new();
        for (position, envelope) in envelopes.iter().enumerate() {
            if envelope.source == Source::Timer {
                match envelope
                    .payload::<WakeUp>()
                    .ok()
                    .and_then(|wake_up| subject_of(&wake_up.subject))
                {
                    Some(subject) => {
                        let work = work_on(&mut works, subject);
                        work.woken = true;
                        work.envelopes.insert(position);
                    }
                    None => {
                        report.fail([position], "a wake-up without a subject");
                    }
                }
                continue;
            }
            let payload = envelope
                .payload()
                .map_err(|error| error.to_string())
                .and_then(|body| Payload::read(&body).map_err(|error| error.to_string()));
            match payload {
                Ok(payload) => {
                    self.sort_in(position, envelope, payload, &mut works, report);
                }
                Err(reason) => report.fail([position], &reason),
            }
        }
        works.into_values().collect()
    }

    fn sort_in(
        &self,
        position: usize,
        envelope: &Envelope,
        payload: Payload,
        works: &mut BTreeMap<Subject, Work>,
        report: &mut Report,
    ) {
        for fault in &payload.faults {
            report.refused += 1;
            tracing::warn!(envelope.id = %envelope.id, %fault, "an alert cannot be read");
        }
        if payload.truncated > 0 {
            tracing::warn!(
                envelope.id = %envelope.id,
                alerts = payload.truncated,
                "grafana left alerts out; set `maxAlerts` of the contact point to 0"
            );
        }
        for mut alert in payload.alerts {
            if alert.is_watchdog() {
                if alert.status == Status::Firing {
                    report.heartbeats += 1;
                    self.heartbeat.beat(envelope.received);
                }
                continue;
            }
            if payload.truncated > 0 {
                // Whoever is told of one of them learns that there are more.
                alert.annotations.insert(
                    annotation::LEFT_OUT.to_owned(),
                    payload.truncated.to_string(),
                );
            }
            let work = work_on(works, alert.subject());
            work.envelopes.insert(position);
            work.deliveries.push(Delivery {
                alert,
                received: envelope.received,
            });
        }
    }
}

fn work_on(works: &mut BTreeMap<Subject, Work>, subject: Subject) -> &mut Work {
    works.entry(subject.clone()).or_insert_with(|| Work {
        subject,
        deliveries: Vec::new(),
        envelopes: BTreeSet::new(),
        woken: false,
    })
}

/// The subject of a key of the table.
fn subject_of(key: &str) -> Option<Subject> {
    if let Some(fingerprint) = key.strip_prefix("alert:") {
        return Some(Subject::Alert(fingerprint.to_owned()));
    }
    let (tenant, monitor_id) = key.split_once('/')?;
    Some(Subject::Monitor(MonitorKey {
        tenant: Tenant::try_new(tenant).ok()?,
        monitor_id: MonitorId::try_new(monitor_id).ok()?,
    }))
}
