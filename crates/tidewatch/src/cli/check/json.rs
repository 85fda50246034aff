//! A probe for programs. The shape is documented in `docs/cli.md`; names are those of the rows.

mod attempt;

use std::time::Duration;

use serde::Serialize;
use tidewatch_domain::summary::Latency;
use tidewatch_domain::{Attempt, Cause};

use super::spread::{self, Spread};
use super::{Findings, hint::hint};
use attempt::AttemptReport;

/// The result as an indented JSON object.
pub(super) fn render(findings: &Findings<'_>) -> String {
    let report = Report::of(findings, None);
    text(serde_json::to_string_pretty(&report))
}

/// The result as JSON on one line, with its number in a repetition.
pub(super) fn line(findings: &Findings<'_>, number: u64) -> String {
    let report = Report::of(findings, Some(number));
    text(serde_json::to_string(&report))
}

fn text(json: serde_json::Result<String>) -> String {
    let mut text = json.expect("a structure of texts and numbers always has a JSON form");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<u64>,
    target: String,
    kind: &'static str,
    slot: String,
    started_at: String,
    outcome: &'static str,
    up: Option<bool>,
    cause: Option<CauseReport<'a>>,
    latency_ms: Option<LatencyReport>,
    statistics: Statistics,
    failed_attempts: usize,
    skipped_attempts: u8,
    cert_days: Option<i64>,
    attempts: Vec<AttemptReport<'a>>,
    retry: Option<AttemptReport<'a>>,
}

impl<'a> Report<'a> {
    fn of(findings: &'a Findings<'_>, probe: Option<u64>) -> Self {
        let (result, summary) = (&findings.result, &findings.summary);
        let attempt = |attempt: &'a Attempt| AttemptReport::of(attempt, findings.now);
        let successes: Vec<&Attempt> = result.successes().collect();
        let spreads = spread::of_attempts(&successes).into_iter();
        Report {
            probe,
            target: findings.monitor.public_target(),
            kind: result.kind.name(),
            slot: result.slot.to_string(),
            started_at: result.started_at.to_string(),
            outcome: summary.outcome.name(),
            up: summary.outcome.is_up(),
            cause: summary.cause.as_ref().map(CauseReport::of),
            latency_ms: summary.latency.map(LatencyReport::of),
            statistics: Statistics(
                spreads
                    .map(|(name, spread)| (name, SpreadReport::of(spread)))
                    .collect(),
            ),
            failed_attempts: summary.failed,
            skipped_attempts: result.skipped,
            cert_days: summary.cert_days,
            attempts: result.samples.iter().map(attempt).collect(),
            retry: result.retry.as_ref().map(attempt),
        }
    }
}

/// An object with a member for each phase that happened, in order, and `total`.
struct Statistics(Vec<(&'static str, SpreadReport)>);

impl Serialize for Statistics {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, spread)| (name, spread)))
    }
}

/// Milliseconds over the attempts that got through and had the phase.
#[derive(Serialize)]
struct SpreadReport {
    count: usize,
    min: f64,
    mean: f64,
    median: f64,
    max: f64,
}

impl SpreadReport {
    fn of(spread: Spread) -> Self {
        SpreadReport {
            count: spread.count,
            min: millis(spread.min),
            mean: millis(spread.mean),
            median: millis(spread.median),
            max: millis(spread.max),
        }
    }
}

#[derive(Serialize)]
struct CauseReport<'a> {
    class: &'static str,
    owner: &'static str,
    text: &'a str,
    hint: &'static str,
}

#[derive(Serialize)]
struct LatencyReport {
    mean: f64,
    min: f64,
    max: f64,
    median: f64,
}

impl<'a> CauseReport<'a> {
    fn of(cause: &'a Cause) -> Self {
        CauseReport {
            class: cause.class.name(),
            owner: cause.owner.name(),
            text: &cause.text,
            hint: hint(cause.class),
        }
    }
}

impl LatencyReport {
    fn of(latency: Latency) -> Self {
        LatencyReport {
            mean: millis(latency.mean),
            min: millis(latency.min),
            max: millis(latency.max),
            median: millis(latency.median),
        }
    }
}

/// Milliseconds with three decimals: whole microseconds.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
