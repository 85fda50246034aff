//! Alerts, silences and how the evaluation of rules goes.

use maud::{Markup, html};
use tidewatch_alerting::silence::Silence;
use tidewatch_alerting::state::State;
use tidewatch_domain::Timestamp;
use tidewatch_domain::incident::{annotation, label};

use super::words;
use crate::rules::{Alerting, GroupView, Open, Standing, is_acknowledgement};
use crate::settings::AlertSource;

/// More alerts than these are in `/api/alerts` only.
const SHOWN: usize = 50;

/// The sections of alerting; nothing where a Grafana has the alerts.
pub(super) fn sections(alerting: &Alerting, now: Timestamp) -> Markup {
    let standing = alerting.standing(now);
    html! {
        @if alerting.source != AlertSource::Grafana {
            section.alerts aria-labelledby="alerts" {
                h2 #alerts { "Alerts " span.quiet { (summary(&standing)) } }
                (troubles(&standing))
                @if !standing.alerts.is_empty() { (table(&standing.alerts, now)) }
                p.small.quiet { (evaluation(&standing, now)) }
            }
            @if !standing.silences.is_empty() { (silences(&standing.silences, now)) }
        }
    }
}

/// `2 firing, 1 of them silenced, 1 pending`.
fn summary(standing: &Standing) -> String {
    let firing = standing.alerts.iter().filter(|open| open.fires()).count();
    let pending = standing.alerts.len() - firing;
    let is_silenced = |open: &&Open| open.fires() && open.silenced_by.is_some();
    let silenced = standing.alerts.iter().filter(is_silenced).count();
    let mut parts = Vec::new();
    if firing > 0 {
        parts.push(format!("{firing} firing"));
    }
    if silenced > 0 {
        parts.push(format!("{silenced} of them silenced"));
    }
    if pending > 0 {
        parts.push(format!("{pending} pending"));
    }
    if parts.is_empty() {
        parts.push("none".to_owned());
    }
    parts.join(", ")
}

/// What keeps rules from being evaluated, and people from being told.
fn troubles(standing: &Standing) -> Markup {
    let failed = standing.heartbeat.as_ref();
    let failed = failed.and_then(|call| call.result.as_ref().err());
    html! {
        @if !standing.troubles.is_empty() || !standing.faults.is_empty() || failed.is_some() {
            div.notice {
                ul {
                    @for trouble in &standing.troubles { li { (words::prose(trouble)) } }
                    @for (rule, reason) in &standing.faults {
                        li { "The rule " strong { (rule) } " cannot be evaluated: " (reason) }
                    }
                    @if let Some(reason) = failed {
                        li { "No sign of life was sent: " (reason) }
                    }
                }
            }
        }
    }
}

fn table(alerts: &[Open], now: Timestamp) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "State" }
                th scope="col" { "Alert" }
                th scope="col" { "Since" }
                th scope="col" { "Silence" }
                th scope="col" { "Id" }
            } }
            tbody { @for open in alerts.iter().take(SHOWN) { (row(open, now)) } }
        }
        @if let Some(more) = alerts.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            p.small.quiet { "And " (more) " more in " a href="/api/alerts" { "/api/alerts" } "." }
        }
    }
}

fn row(open: &Open, now: Timestamp) -> Markup {
    let alert = &open.alert;
    let since = if open.fires() {
        alert.starts_at
    } else {
        alert.since
    };
    let label = |name: &str| {
        alert
            .labels
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    let (tenant, monitor) = (label(label::TENANT), label(label::MONITOR_ID));
    html! {
        tr class=(if open.fires() { "firing" } else { "pending" }) {
            td.state { (word(alert.state)) }
            td {
                strong { (label(label::ALERTNAME)) }
                @if !monitor.is_empty() {
                    // Rows of Tidewatch itself are about no monitor.
                    " " @if tenant.is_empty() || tenant.starts_with('_') { (monitor) }
                    @else { a href={ "/monitors/" (tenant) "/" (monitor) } { (tenant) "/" (monitor) } }
                }
                @if let Some(summary) = alert.annotations.get(annotation::SUMMARY) {
                    span.target { (summary) }
                }
            }
            td { (words::ago(since, now)) }
            td { @if let Some(id) = &open.silenced_by { code { (id) } } }
            td { code { (alert.fingerprint) } }
        }
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Normal => "normal",
        State::Pending => "pending",
        State::Alerting => "firing",
        State::Recovering => "recovering",
        State::NoData => "no data",
        State::Error => "error",
    }
}

/// `5 groups of rules, the last evaluation 12 s ago.`
fn evaluation(standing: &Standing, now: Timestamp) -> Markup {
    let groups = &standing.groups;
    let last = groups
        .iter()
        .filter_map(|group| group.pulse.evaluated_at)
        .max();
    let skipped: u64 = groups.iter().map(skipped).sum();
    html! {
        (words::count(groups.len(), "group")) " of rules"
        @match last {
            Some(at) => { ", the last evaluation " (words::ago(at, now)) }
            None => ", not evaluated yet"
        }
        @if skipped > 0 { ", " (skipped) " left out because others took too long" }
        "."
        @if let Some(call) = &standing.heartbeat && call.result.is_ok() {
            " A sign of life was sent " (words::ago(call.at, now)) "."
        }
    }
}

fn skipped(group: &GroupView) -> u64 {
    group.pulse.skipped
}

fn silences(silences: &[Silence], now: Timestamp) -> Markup {
    html! {
        section.alerts aria-labelledby="silences" {
            h2 #silences { "Silences" }
            table {
                thead { tr {
                    th scope="col" { "Id" }
                    th scope="col" { "Alerts" }
                    th scope="col" { "Until" }
                    th scope="col" { "By" }
                    th scope="col" { "Why" }
                } }
                tbody { @for silence in silences { (silence_row(silence, now)) } }
            }
        }
    }
}

fn silence_row(silence: &Silence, now: Timestamp) -> Markup {
    html! {
        tr {
            td { code { (silence.id) } }
            td { @for matcher in &silence.matchers { code { (matcher) } " " } }
            td {
                @if is_acknowledgement(silence) { "it is resolved" }
                @else { (words::ahead(silence.ends_at, now)) }
            }
            td { (silence.author) }
            td { (silence.comment) }
        }
    }
}
