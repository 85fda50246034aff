//! A probe for programs. The shape is documented in `docs/cli.md`; names are those of the rows.

use std::time::Duration;

use serde::Serialize;
use tidewatch_domain::monitor::AssertionResult;
use tidewatch_domain::probe::{CertificateFacts, Hop, Phases, TlsFacts};
use tidewatch_domain::summary::Latency;
use tidewatch_domain::{Attempt, Cause, Timestamp};

use super::{Findings, hint::hint};

/// The result as an indented JSON object.
pub(super) fn render(findings: &Findings) -> String {
    let result = &findings.result;
    let report = Report {
        target: findings.monitor.public_target(),
        started_at: result.started_at.to_string(),
        outcome: findings.summary.outcome.name(),
        up: findings.summary.outcome.is_up(),
        cause: findings.summary.cause.as_ref().map(CauseReport::of),
        latency_ms: findings.summary.latency.map(LatencyReport::of),
        failed_attempts: findings.summary.failed,
        skipped_attempts: result.skipped,
        cert_days: findings.summary.cert_days,
        attempts: result
            .samples
            .iter()
            .map(|one| AttemptReport::of(one, findings.now))
            .collect(),
        retry: result
            .retry
            .as_ref()
            .map(|one| AttemptReport::of(one, findings.now)),
    };
    let mut text = serde_json::to_string_pretty(&report)
        .expect("a structure of texts and numbers always has a JSON form");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'a> {
    target: String,
    started_at: String,
    outcome: &'static str,
    up: Option<bool>,
    cause: Option<CauseReport<'a>>,
    latency_ms: Option<LatencyReport>,
    failed_attempts: usize,
    skipped_attempts: u8,
    cert_days: Option<i64>,
    attempts: Vec<AttemptReport<'a>>,
    retry: Option<AttemptReport<'a>>,
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
    causes: Vec<CauseReport<'a>>,
    phase_reached: &'static str,
    phases: PhasesReport,
    status_code: Option<u16>,
    http_version: Option<&'static str>,
    remote_addr: Option<String>,
    bytes: u64,
    body_cut: bool,
    rtt_ms: Option<f64>,
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
            causes: attempt.causes.iter().map(CauseReport::of).collect(),
            phase_reached: attempt.reached.name(),
            phases: PhasesReport::of(&attempt.phases),
            status_code: attempt.status_code,
            http_version: attempt.http_version,
            remote_addr: attempt.remote_addr.map(|address| address.to_string()),
            bytes: attempt.body_bytes,
            body_cut: attempt.body_cut,
            rtt_ms: attempt.rtt.map(millis),
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
