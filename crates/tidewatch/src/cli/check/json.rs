//! A probe for programs. The shape is documented in `docs/cli.md`; names are those of the rows.

use std::time::Duration;

use serde::Serialize;
use tidewatch_domain::monitor::{AssertionResult, Connection};
use tidewatch_domain::probe::{CertificateFacts, Hop, Phases, TlsFacts};
use tidewatch_domain::summary::Latency;
use tidewatch_domain::{Attempt, Cause, Timestamp};

use super::spread::{self, Spread};
use super::{Findings, hint::hint};

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

#[derive(Serialize)]
struct AttemptReport<'a> {
    number: u8,
    started_at: String,
    ok: bool,
    connection: &'static str,
    causes: Vec<CauseReport<'a>>,
    phase_reached: &'static str,
    phases: PhasesReport,
    status_code: Option<u16>,
    http_version: Option<&'static str>,
    remote_addr: Option<String>,
    family: Option<&'static str>,
    bytes: u64,
    body_cut: bool,
    rtt_ms: Option<f64>,
    server_ms: Option<f64>,
    prober_lag_ms: Option<f64>,
    tainted: bool,
    tls: Option<TlsReport<'a>>,
    certificate: Option<CertificateReport<'a>>,
    redirects: Vec<HopReport<'a>>,
    assertions: Vec<AssertionReport<'a>>,
}

/// A phase that did not happen or did not end is null, never zero.
#[derive(Serialize)]
struct PhasesReport {
    resolve_ms: Option<f64>,
    connect_ms: Option<f64>,
    tls_ms: Option<f64>,
    send_ms: Option<f64>,
    wait_ms: Option<f64>,
    transfer_ms: Option<f64>,
    ttfb_ms: Option<f64>,
    total_ms: f64,
}

#[derive(Serialize)]
struct TlsReport<'a> {
    version: Option<&'static str>,
    cipher: Option<&'a str>,
    group: Option<&'a str>,
    resumed: bool,
}

#[derive(Serialize)]
struct CertificateReport<'a> {
    subject: &'a str,
    issuer: &'a str,
    names: &'a [String],
    not_before: String,
    not_after: String,
    days_left: i64,
    fingerprint: &'a str,
    presented: usize,
    verified: bool,
}

#[derive(Serialize)]
struct HopReport<'a> {
    url: &'a str,
    status_code: u16,
    phases: PhasesReport,
}

#[derive(Serialize)]
struct AssertionReport<'a> {
    expression: &'a str,
    expected: &'a str,
    actual: &'a str,
    passed: bool,
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

impl<'a> AttemptReport<'a> {
    fn of(attempt: &'a Attempt, now: Timestamp) -> Self {
        let tls = attempt.tls.as_ref();
        AttemptReport {
            number: attempt.number,
            started_at: attempt.started_at.to_string(),
            ok: attempt.succeeded(),
            connection: match attempt.connection {
                Connection::Fresh => "fresh",
                Connection::Reuse => "reused",
            },
            causes: attempt.causes.iter().map(CauseReport::of).collect(),
            phase_reached: attempt.reached.name(),
            phases: PhasesReport::of(&attempt.phases),
            status_code: attempt.status_code,
            http_version: attempt.http_version,
            remote_addr: attempt.remote_addr.map(|address| address.to_string()),
            family: attempt
                .remote_addr
                .map(|address| if address.is_ipv6() { "v6" } else { "v4" }),
            bytes: attempt.body_bytes,
            body_cut: attempt.body_cut,
            rtt_ms: attempt.rtt.map(millis),
            server_ms: attempt.server_time().map(millis),
            prober_lag_ms: attempt.prober_lag.map(millis),
            tainted: attempt.is_tainted(),
            tls: tls.map(TlsReport::of),
            certificate: tls
                .and_then(|tls| tls.certificate.as_ref())
                .map(|facts| CertificateReport::of(facts, now)),
            redirects: attempt.hops.iter().map(HopReport::of).collect(),
            assertions: attempt.assertions.iter().map(AssertionReport::of).collect(),
        }
    }
}

impl PhasesReport {
    fn of(phases: &Phases) -> Self {
        PhasesReport {
            resolve_ms: phases.resolve.map(millis),
            connect_ms: phases.connect.map(millis),
            tls_ms: phases.tls.map(millis),
            send_ms: phases.send.map(millis),
            wait_ms: phases.wait.map(millis),
            transfer_ms: phases.transfer.map(millis),
            ttfb_ms: phases.ttfb().map(millis),
            total_ms: millis(phases.total),
        }
    }
}

impl<'a> TlsReport<'a> {
    fn of(tls: &'a TlsFacts) -> Self {
        TlsReport {
            version: tls.version,
            cipher: tls.cipher.as_deref(),
            group: tls.group.as_deref(),
            resumed: tls.resumed,
        }
    }
}

impl<'a> CertificateReport<'a> {
    fn of(facts: &'a CertificateFacts, now: Timestamp) -> Self {
        CertificateReport {
            subject: &facts.subject,
            issuer: &facts.issuer,
            names: &facts.names,
            not_before: facts.not_before.to_string(),
            not_after: facts.not_after.to_string(),
            days_left: facts.days_left(now),
            fingerprint: &facts.fingerprint,
            presented: facts.presented,
            verified: facts.verified,
        }
    }
}

impl<'a> HopReport<'a> {
    fn of(hop: &'a Hop) -> Self {
        HopReport {
            url: &hop.url,
            status_code: hop.status_code,
            phases: PhasesReport::of(&hop.phases),
        }
    }
}

impl<'a> AssertionReport<'a> {
    fn of(result: &'a AssertionResult) -> Self {
        AssertionReport {
            expression: &result.expression,
            expected: &result.expected,
            actual: &result.actual,
            passed: result.passed,
        }
    }
}

/// Milliseconds with three decimals: whole microseconds.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
