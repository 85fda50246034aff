use std::collections::BTreeMap;

use super::*;
use crate::monitor::*;
use crate::name::{Location, MonitorId, MonitorKey, Tenant};
use crate::probe::{CertificateFacts, PhaseReached, Phases, TlsFacts};

pub(crate) fn monitor() -> Monitor {
    let url = "http://user:pw@shop.example/cart?token=1".parse().unwrap();
    Monitor {
        key: MonitorKey {
            tenant: Tenant::try_new("demo").unwrap(),
            monitor_id: MonitorId::try_new("shop").unwrap(),
        },
        name: "Shop".to_owned(),
        enabled: true,
        target: "http://shop.example/cart".to_owned(),
        check: Check::Http(HttpCheck {
            url,
            method: "GET".to_owned(),
            headers: vec![],
            body: None,
            redirects: Redirects::Follow { max: 10 },
            network: Network::default(),
            body_limit: limits::BODY,
        }),
        assertions: vec![],
        interval: Duration::from_secs(60),
        attempts: 5,
        connection: Connection::Fresh,
        timeouts: Timeouts::default(),
        thresholds: Thresholds::default(),
        confirmations: 2,
        failures: None,
        recoveries: 2,
        locations: vec![],
        quorum: None,
        slo: Slo::default(),
        maintenance: vec![],
        severity: Severity::Critical,
        team: None,
        runbook_url: None,
        labels: BTreeMap::new(),
        parent: None,
        reference: false,
    }
}

pub(crate) fn attempt(number: u8, total_ms: u64) -> Attempt {
    let total = Duration::from_millis(total_ms);
    Attempt {
        number,
        started_at: Timestamp::from_secs(1_000_000).plus(Duration::from_millis(2)),
        connection: Connection::Fresh,
        phases: Phases {
            resolve: Some(total / 5),
            connect: Some(total / 5),
            tls: None,
            send: Some(total / 5),
            wait: Some(total / 5),
            transfer: Some(total / 5),
            total,
        },
        reached: PhaseReached::Done,
        causes: vec![],
        status_code: Some(200),
        http_version: Some("1.1"),
        remote_addr: Some(([192, 0, 2, 1], 80).into()),
        body_bytes: 100,
        body_cut: false,
        tls: None,
        dns: None,
        hops: vec![],
        assertions: vec![],
        rtt: Some(Duration::from_millis(1)),
        prober_lag: Some(Duration::ZERO),
    }
}

pub(crate) fn failed(number: u8, total_ms: u64, class: ErrorClass) -> Attempt {
    Attempt {
        phases: Phases {
            resolve: Some(Duration::from_millis(1)),
            total: Duration::from_millis(total_ms),
            ..Phases::default()
        },
        reached: PhaseReached::Connect,
        causes: vec![Cause::new(class, class.name())],
        status_code: None,
        http_version: None,
        body_bytes: 0,
        rtt: None,
        ..attempt(number, total_ms)
    }
}

pub(crate) fn result(samples: Vec<Attempt>) -> ProbeResult {
    ProbeResult {
        key: monitor().key,
        kind: Kind::Http,
        location: Location::try_new("local").unwrap(),
        slot: Timestamp::from_secs(1_000_000),
        started_at: Timestamp::from_secs(1_000_000).plus(Duration::from_millis(1)),
        samples,
        skipped: 0,
        retry: None,
    }
}

fn summary(samples: Vec<Attempt>) -> Summary {
    Summary::of(&monitor(), &result(samples))
}

#[track_caller]
fn check(samples: Vec<Attempt>, outcome: Outcome, class: Option<ErrorClass>) {
    let summary = summary(samples);
    assert_eq!(
        (summary.outcome, summary.cause.map(|cause| cause.class)),
        (outcome, class)
    );
}

#[test]
fn the_majority_of_samples_decides() {
    use ErrorClass::{ConnectRefused, ConnectTimeout, StatusMismatch};
    check(vec![attempt(1, 10)], Outcome::Ok, None);
    check(
        vec![
            attempt(1, 10),
            attempt(2, 10),
            failed(3, 3_000, ConnectTimeout),
        ],
        Outcome::Degraded,
        Some(ConnectTimeout),
    );
    check(
        vec![attempt(1, 10), failed(2, 1, ConnectRefused)],
        Outcome::Degraded,
        Some(ConnectRefused),
    );
    check(
        vec![
            attempt(1, 10),
            failed(2, 10, StatusMismatch),
            failed(3, 10, ConnectRefused),
            failed(4, 10, StatusMismatch),
        ],
        Outcome::Fail,
        Some(StatusMismatch),
    );
    // Of equals the transport failure takes precedence.
    check(
        vec![failed(1, 10, StatusMismatch), failed(2, 10, ConnectRefused)],
        Outcome::Fail,
        Some(ConnectRefused),
    );
}

#[test]
fn the_probers_own_faults_never_count_against_the_target() {
    use ErrorClass::{AuthFailed, ConnectRefused, LocalFd};
    check(vec![failed(1, 1, LocalFd)], Outcome::Unknown, Some(LocalFd));
    check(
        vec![failed(1, 1, AuthFailed)],
        Outcome::Unknown,
        Some(AuthFailed),
    );
    check(
        vec![attempt(1, 10), failed(2, 1, LocalFd), failed(3, 1, LocalFd)],
        Outcome::Ok,
        None,
    );
    check(
        vec![failed(1, 1, LocalFd), failed(2, 1, ConnectRefused)],
        Outcome::Fail,
        Some(ConnectRefused),
    );
    check(vec![], Outcome::Unknown, None);
}

#[test]
fn a_timeout_is_never_folded_into_the_mean() {
    let summary = summary(vec![
        attempt(1, 10),
        attempt(2, 40),
        attempt(3, 20),
        attempt(4, 10),
        failed(5, 5_000, ErrorClass::ReadTimeoutHeader),
    ]);
    let latency = summary.latency.unwrap();
    assert_eq!(latency.mean, Duration::from_millis(20));
    assert_eq!(latency.min, Duration::from_millis(10));
    assert_eq!(latency.max, Duration::from_millis(40));
    assert_eq!(latency.median, Duration::from_millis(15));
    assert_eq!(summary.failed, 1);
}

#[test]
fn latency_limits_are_soft_and_hard() {
    let mut monitor = monitor();
    monitor.thresholds.degraded = Some(Duration::from_millis(100));
    monitor.thresholds.exceeded = Some(Duration::from_millis(500));
    let outcome = |total| {
        let summary = Summary::of(&monitor, &result(vec![attempt(1, total)]));
        (
            summary.outcome,
            summary.cause.map(|cause| cause.to_string()),
        )
    };
    assert_eq!(outcome(100), (Outcome::Ok, None));
    assert_eq!(
        outcome(101),
        (
            Outcome::Degraded,
            Some("latency_degraded: mean total 101.0 ms is over the limit of 100 ms".to_owned())
        )
    );
    assert_eq!(
        outcome(501),
        (
            Outcome::Fail,
            Some("latency_exceeded: mean total 501.0 ms is over the limit of 500 ms".to_owned())
        )
    );
}

#[test]
fn a_certificate_warns_by_days_or_by_a_third_of_a_short_life() {
    let with_certificate = |lifetime_days: u64, left_days: u64| {
        let mut attempt = attempt(1, 10);
        let day = Duration::from_secs(86_400);
        let not_after = attempt
            .started_at
            .plus(day * u32::try_from(left_days).unwrap());
        attempt.tls = Some(TlsFacts {
            certificate: Some(CertificateFacts {
                not_after,
                not_before: not_after.minus(day * u32::try_from(lifetime_days).unwrap()),
                leaf_not_after: not_after,
                subject: "CN=shop.example".to_owned(),
                issuer: "CN=ca".to_owned(),
                names: vec![],
                fingerprint: String::new(),
                presented: 1,
                verified: true,
            }),
            ..TlsFacts::default()
        });
        attempt
    };
    check(vec![with_certificate(90, 21)], Outcome::Ok, None);
    check(
        vec![with_certificate(90, 20)],
        Outcome::Degraded,
        Some(ErrorClass::CertExpiring),
    );
    check(vec![with_certificate(6, 2)], Outcome::Ok, None);
    check(
        vec![with_certificate(6, 1)],
        Outcome::Degraded,
        Some(ErrorClass::CertExpiring),
    );
    assert_eq!(summary(vec![with_certificate(90, 20)]).cert_days, Some(20));
}
