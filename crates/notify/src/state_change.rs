//! The judge's verdicts as alerts: what the writer sends when it alerts itself instead of Grafana.
//!
//! The alert has the labels of the shipped rule `down`, so that messages, routes and runbooks are
//! the same whoever saw the outage first, and more annotations than Grafana can give: cause,
//! failing locations, target.

use std::collections::BTreeMap;

use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::{Alert, Links, Status, annotation, label};
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::monitor::Monitor;
use tidewatch_domain::rows::Overlays;

use crate::envelope::{Envelope, Source};
use crate::instant;
use crate::payload::{fingerprint, payload_of};

/// The sender's name in payloads.
const RECEIVER: &str = "tidewatch-writer";

/// The envelope that tells of a change of a monitor's verdict, for the alert queue.
///
/// `None` where the change is nothing to tell: no outage began or ended, or it calls nobody,
/// because of maintenance, a pause, or a monitor above that is in trouble itself. An outage that
/// begins during maintenance is told when the window closes, provided that the verdict then is
/// handed in as a change from itself with the window open (`overlays_before`).
pub fn envelope_of_change(
    source: Source,
    monitor: &Monitor,
    before: (&Verdict, Overlays),
    after: (&Verdict, Overlays),
    at: Timestamp,
) -> Option<Envelope> {
    let alerts = alerts_of_change(monitor, before, after, at);
    (!alerts.is_empty()).then(|| Envelope::of_payload(source, at, &payload_of(RECEIVER, &alerts)))
}

/// The alerts themselves: the end of the outage before, the beginning of the one after, or both.
fn alerts_of_change(
    monitor: &Monitor,
    (before, overlays_before): (&Verdict, Overlays),
    (after, overlays): (&Verdict, Overlays),
    at: Timestamp,
) -> Vec<Alert> {
    let called = calls(before, overlays_before);
    let calls = calls(after, overlays);
    let same = before.epoch == after.epoch;
    let mut alerts = Vec::new();
    if called && !(calls && same) {
        let mut alert = alert(monitor, before, overlays_before, Status::Resolved, at);
        if after.state.is_outage() && same {
            // It goes on and only calls nobody any more: that is no recovery.
            let reason = if overlays.paused { "Paused" } else { "Updated" };
            alert
                .annotations
                .insert(annotation::STATE_REASON.to_owned(), reason.to_owned());
        }
        alerts.push(alert);
    }
    if calls && !(called && same) {
        alerts.push(alert(monitor, after, overlays, Status::Firing, at));
    }
    alerts
}

/// Whether an outage calls somebody; the same question as in the shipped rule.
pub fn calls(verdict: &Verdict, overlays: Overlays) -> bool {
    verdict.state.is_outage()
        && verdict.suppressed_by.is_none()
        && !overlays.maintenance
        && !overlays.paused
}

fn alert(
    monitor: &Monitor,
    verdict: &Verdict,
    overlays: Overlays,
    status: Status,
    at: Timestamp,
) -> Alert {
    let labels = labels_of_outage(monitor, verdict);
    Alert {
        fingerprint: fingerprint(&labels),
        status,
        annotations: annotations(monitor, verdict, overlays),
        values: BTreeMap::new(),
        // The outage's own beginning is the same whoever asks, so that repeats are recognised.
        starts_at: verdict.since,
        ends_at: (status == Status::Resolved).then_some(at),
        since: Some(verdict.since),
        links: Links::default(),
        labels,
    }
}

/// The labels of the alert about the outage that `verdict` speaks of.
pub fn labels_of_outage(monitor: &Monitor, verdict: &Verdict) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        (label::ALERTNAME, "Monitor down".to_owned()),
        (label::RULE, "down".to_owned()),
        (label::PRODUCT, "tidewatch".to_owned()),
        (label::TENANT, monitor.key.tenant.to_string()),
        (label::MONITOR_ID, monitor.key.monitor_id.to_string()),
        (label::EPOCH, verdict.epoch.to_string()),
        (label::SEVERITY, monitor.severity.name().to_owned()),
    ]);
    if let Some(team) = &monitor.team {
        labels.insert(label::TEAM, team.clone());
    }
    owned(labels)
}

fn annotations(
    monitor: &Monitor,
    verdict: &Verdict,
    overlays: Overlays,
) -> BTreeMap<String, String> {
    let mut annotations = BTreeMap::from([
        (annotation::SUMMARY, format!("{} is down", monitor.key)),
        (annotation::NAME, monitor.name.clone()),
        (annotation::TARGET, monitor.public_target()),
        (annotation::SINCE, instant::format(verdict.since)),
    ]);
    if let Some(cause) = &verdict.cause {
        annotations.insert(annotation::CAUSE, cause.class.name().to_owned());
        annotations.insert(annotation::CAUSE_OWNER, cause.owner.name().to_owned());
        annotations.insert(annotation::CAUSE_TEXT, cause.text.clone());
    }
    if !verdict.failing.is_empty() {
        let failing: Vec<&str> = verdict.failing.iter().map(|place| place.as_str()).collect();
        annotations.insert(annotation::FAILING_LOCATIONS, failing.join(", "));
    }
    let names = overlays.names(verdict);
    if !names.is_empty() {
        annotations.insert(annotation::OVERLAYS, names);
    }
    if let Some(runbook) = &monitor.runbook_url {
        annotations.insert(annotation::RUNBOOK_URL, runbook.clone());
    }
    owned(annotations)
}

fn owned(map: BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    map.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests;
