//! `/api/status`: what the pages show, for scripts.
//!
//! A JSON object. Keys are stable: new ones may appear, none changes its meaning or goes away. A
//! value that is not known is `null`, never absent, except in faults and warnings, which
//! have the shape of [`Fault`] everywhere. Times are RFC 3339 in UTC with milliseconds, latencies are
//! milliseconds, names of states, overlays, outcomes and causes are those of the rows. Monitors
//! come in the order of the page: worst first, then by name.

pub(super) mod alerting;

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};
use tidewatch_definitions::Fault;
use tidewatch_domain::judge::State;
use tidewatch_domain::{Cause, Location, Timestamp};

use self::alerting::AlertingStatus;
use super::headline::Headline;
use super::standing::{Standing, overlays};
use super::view::View;
use super::{StatusState, monitor, overview};
use crate::local::{Card, Point};

/// How much is told of each monitor.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Detail {
    /// The most past probes, the newest; all that are remembered by default.
    probes: Option<usize>,
}

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    /// The version of this binary.
    version: String,
    /// When this was true.
    now: Time,
    /// Everything in one line, for people: `2 of 12 monitors are down`.
    headline: String,
    /// How many monitors stand how.
    counts: Counts,
    /// Every monitor that was asked for.
    monitors: Vec<MonitorStatus>,
    /// What keeps entries of the definitions file from being used.
    faults: Vec<Fault>,
    /// What is probably not meant in the definitions file.
    warnings: Vec<Fault>,
    /// Alerts and silences, and how they are found and told.
    alerting: AlertingStatus,
    /// Where the rows are.
    rows: Rows,
}

/// How many monitors stand how; their sum is the number of monitors.
#[derive(Debug, Serialize)]
struct Counts {
    down: usize,
    suspect: usize,
    recovering: usize,
    degraded: usize,
    unknown: usize,
    up: usize,
    paused: usize,
}

/// One monitor.
#[derive(Debug, Serialize)]
struct MonitorStatus {
    tenant: String,
    monitor_id: String,
    name: String,
    /// `http`.
    kind: &'static str,
    /// Without credentials, query and fragment.
    target: String,
    /// The path of its page.
    page: String,
    /// One of `unknown`, `up`, `suspect`, `down`, `recovering`.
    state: &'static str,
    /// Any of `degraded`, `flapping`, `maintenance`, `paused`.
    overlays: Vec<String>,
    /// Since when the state holds; `null` while it is unknown.
    since: Option<Time>,
    /// How many outages it had.
    outages: u64,
    /// Why it is not simply up.
    cause: Option<CauseStatus>,
    /// Locations whose last probe failed.
    failing_locations: Vec<String>,
    /// `info`, `warning` or `critical`.
    severity: &'static str,
    team: Option<String>,
    runbook_url: Option<String>,
    /// Seconds between two slots.
    interval_s: f64,
    /// `null` while it is paused.
    next_run: Option<Time>,
    /// The last probes, oldest first.
    probes: Vec<ProbeStatus>,
}

/// One past probe.
#[derive(Debug, Serialize)]
struct ProbeStatus {
    slot: Time,
    /// One of `ok`, `degraded`, `fail`, `unknown`, `missed`.
    outcome: &'static str,
    latency_ms: Option<f64>,
    status_code: Option<u16>,
    cause: Option<CauseStatus>,
    /// Days until the certificate expires, negative afterwards.
    cert_days: Option<i64>,
}

/// Why something is not as wanted.
#[derive(Debug, Serialize)]
struct CauseStatus {
    class: &'static str,
    /// Who has to act: `target`, `network`, `prober` or `config`.
    owner: &'static str,
    text: String,
}

/// Where the rows are.
#[derive(Debug, Serialize)]
struct Rows {
    bridge_url: String,
    database: String,
    table: String,
}

/// An instant as text.
#[derive(Debug)]
struct Time(Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Status {
    /// The answer at `now`.
    pub(super) fn new(state: &StatusState, now: Timestamp, view: &View, detail: Detail) -> Self {
        let findings = state.findings.read().clone();
        let mut cards = state.board.cards();
        overview::sort(&mut cards);
        let headline = Headline::of(&cards, now);
        let shown = if view.is_paged() {
            view.select(cards).cards
        } else {
            view.matching(cards)
        };
        Status {
            version: state.places.version.clone(),
            now: Time(now),
            counts: Counts::of(&headline),
            headline: headline.text,
            monitors: shown
                .iter()
                .map(|card| MonitorStatus::of(card, detail))
                .collect(),
            faults: findings.faults,
            warnings: findings.warnings,
            alerting: AlertingStatus::new(&state.alerting, &state.told, now),
            rows: Rows {
                bridge_url: state.places.bridge_url.clone(),
                database: state.places.database.clone(),
                table: state.places.table.clone(),
            },
        }
    }
}

impl Counts {
    fn of(headline: &Headline) -> Self {
        let number = |wanted| {
            let found = headline
                .counts
                .iter()
                .find(|(standing, _)| *standing == wanted);
            found.map_or(0, |(_, number)| *number)
        };
        Counts {
            down: number(Standing::Down),
            suspect: number(Standing::Suspect),
            recovering: number(Standing::Recovering),
            degraded: number(Standing::Degraded),
            unknown: number(Standing::Unknown),
            up: number(Standing::Up),
            paused: number(Standing::Paused),
        }
    }
}

impl MonitorStatus {
    fn of(card: &Card, detail: Detail) -> Self {
        let (definition, verdict) = (&card.monitor, &card.verdict);
        let left_out = detail
            .probes
            .map_or(0, |probes| card.history.len().saturating_sub(probes));
        MonitorStatus {
            tenant: definition.key.tenant.to_string(),
            monitor_id: definition.key.monitor_id.to_string(),
            name: definition.name.clone(),
            kind: definition.kind().name(),
            target: definition.public_target(),
            page: monitor::path(&definition.key),
            state: verdict.state.name(),
            overlays: overlays(card),
            since: (verdict.state != State::Unknown).then_some(Time(verdict.since)),
            outages: verdict.epoch,
            cause: verdict.cause.as_ref().map(CauseStatus::of),
            failing_locations: verdict.failing.iter().map(Location::to_string).collect(),
            severity: definition.severity.name(),
            team: definition.team.clone(),
            runbook_url: definition.runbook_url.clone(),
            interval_s: definition.interval.as_secs_f64(),
            next_run: card.next_slot.map(Time),
            probes: card
                .history
                .iter()
                .skip(left_out)
                .map(ProbeStatus::of)
                .collect(),
        }
    }
}

impl ProbeStatus {
    fn of(point: &Point) -> Self {
        ProbeStatus {
            slot: Time(point.slot),
            outcome: point.outcome.name(),
            latency_ms: point.latency.map(millis),
            status_code: point.status_code,
            cause: point.cause.as_ref().map(CauseStatus::of),
            cert_days: point.cert_days,
        }
    }
}

impl CauseStatus {
    fn of(cause: &Cause) -> Self {
        CauseStatus {
            class: cause.class.name(),
            owner: cause.owner.name(),
            text: cause.text.clone(),
        }
    }
}

/// Milliseconds with three decimals: what is below is noise.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
