//! An attempt within the report for programs.

use serde::Serialize;
use tidewatch_domain::monitor::{AssertionResult, Connection};
use tidewatch_domain::probe::{
    CertificateFacts, ChainLink, DnsFacts, DnsRecord, Hop, Phases, Staple, StepFacts, TlsFacts,
};
use tidewatch_domain::{Attempt, Timestamp};

use super::{CauseReport, millis};

#[derive(Serialize)]
pub(super) struct AttemptReport<'a> {
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
    dialogue: Vec<StepReport<'a>>,
    dns: Option<DnsReport<'a>>,
    redirects: Vec<HopReport<'a>>,
    assertions: Vec<AssertionReport<'a>>,
}

/// A phase that did not happen or did not end is null, never zero.
#[derive(Serialize)]
struct PhasesReport {
    resolve_ms: Option<f64>,
    connect_ms: Option<f64>,
    proxy_ms: Option<f64>,
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
    alpn: Option<&'a str>,
    resumed: bool,
    staple: Option<StapleReport<'a>>,
}

/// What the stapled OCSP response says of the certificate: `good`, `revoked` or `unusable`.
#[derive(Serialize)]
struct StapleReport<'a> {
    status: &'static str,
    revoked_at: Option<String>,
    reason: Option<&'a str>,
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
    chain: Vec<LinkReport<'a>>,
}

/// A presented certificate.
#[derive(Serialize)]
struct LinkReport<'a> {
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
    key_type: &'a str,
    key_bits: Option<u32>,
    signature_algorithm: &'a str,
    serial: &'a str,
    fingerprint: &'a str,
    on_path: bool,
}

#[derive(Serialize)]
struct StepReport<'a> {
    step: &'a str,
    took_ms: f64,
}

#[derive(Serialize)]
struct DnsReport<'a> {
    record_type: &'static str,
    rcode: String,
    flags: Vec<&'static str>,
    transport: &'static str,
    cut_off_over_udp: bool,
    authorities: usize,
    answers: Vec<RecordReport<'a>>,
}

#[derive(Serialize)]
struct RecordReport<'a> {
    name: &'a str,
    r#type: &'a str,
    ttl: u32,
    data: &'a str,
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

impl<'a> AttemptReport<'a> {
    pub(super) fn of(attempt: &'a Attempt, now: Timestamp) -> Self {
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
            dialogue: attempt.steps.iter().map(StepReport::of).collect(),
            dns: attempt.dns.as_ref().map(DnsReport::of),
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
            proxy_ms: phases.proxy.map(millis),
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
            alpn: tls.alpn.as_deref(),
            resumed: tls.resumed,
            staple: tls.staple.as_ref().map(StapleReport::of),
        }
    }
}

impl<'a> StapleReport<'a> {
    fn of(staple: &'a Staple) -> Self {
        let (status, revoked_at, reason) = match staple {
            Staple::Good => ("good", None, None),
            Staple::Revoked { at, reason } => ("revoked", Some(at.to_string()), *reason),
            Staple::Unusable(why) => ("unusable", None, Some(why.as_str())),
        };
        StapleReport {
            status,
            revoked_at,
            reason,
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
            chain: facts.chain.iter().map(LinkReport::of).collect(),
        }
    }
}

impl<'a> LinkReport<'a> {
    fn of(link: &'a ChainLink) -> Self {
        let certificate = &link.certificate;
        LinkReport {
            subject: &certificate.subject,
            issuer: &certificate.issuer,
            not_before: certificate.not_before.to_string(),
            not_after: certificate.not_after.to_string(),
            key_type: &certificate.key_type,
            key_bits: certificate.key_bits,
            signature_algorithm: &certificate.signature_algorithm,
            serial: &certificate.serial,
            fingerprint: &certificate.fingerprint,
            on_path: link.on_path,
        }
    }
}

impl<'a> StepReport<'a> {
    fn of(facts: &'a StepFacts) -> Self {
        StepReport {
            step: &facts.step,
            took_ms: millis(facts.took),
        }
    }
}

impl<'a> DnsReport<'a> {
    fn of(facts: &'a DnsFacts) -> Self {
        DnsReport {
            record_type: facts.record_type.name(),
            rcode: facts.rcode.to_string(),
            flags: facts.flags.iter().map(|flag| flag.name()).collect(),
            transport: facts.transport.name(),
            cut_off_over_udp: facts.cut_off_over_udp,
            authorities: facts.authorities,
            answers: facts.answers.iter().map(RecordReport::of).collect(),
        }
    }
}

impl<'a> RecordReport<'a> {
    fn of(record: &'a DnsRecord) -> Self {
        RecordReport {
            name: &record.name,
            r#type: &record.record_type,
            ttl: record.ttl,
            data: &record.data,
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
