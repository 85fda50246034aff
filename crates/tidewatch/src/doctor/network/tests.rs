use tidewatch_domain::monitor::{Connection, Kind};
use tidewatch_domain::probe::Phases;
use tidewatch_domain::{Cause, ErrorClass, Location, MonitorId, MonitorKey, Tenant, Timestamp};

use super::*;
use crate::doctor::finding::Status;

const SITE: &str = "https://example.com/";

fn result(resolve: Option<u64>, reached: PhaseReached, class: Option<ErrorClass>) -> ProbeResult {
    let attempt = Attempt {
        number: 1,
        started_at: Timestamp::EPOCH,
        connection: Connection::Fresh,
        phases: Phases {
            resolve: resolve.map(Duration::from_millis),
            total: Duration::from_millis(80),
            ..Phases::default()
        },
        reached,
        causes: class
            .into_iter()
            .map(|class| Cause::new(class, "it broke"))
            .collect(),
        status_code: None,
        http_version: None,
        remote_addr: None,
        body_bytes: 0,
        body_cut: false,
        tls: None,
        dns: None,
        hops: Vec::new(),
        assertions: Vec::new(),
        rtt: None,
        prober_lag: None,
    };
    ProbeResult {
        key: MonitorKey {
            tenant: Tenant::try_new("t").unwrap(),
            monitor_id: MonitorId::try_new("m").unwrap(),
        },
        kind: Kind::Http,
        location: Location::try_new("local").unwrap(),
        slot: Timestamp::EPOCH,
        started_at: Timestamp::EPOCH,
        samples: vec![attempt],
        skipped: 0,
        retry: None,
    }
}

fn statuses(result: &ProbeResult) -> Vec<Status> {
    judge(SITE, result)
        .into_iter()
        .map(|finding| finding.status)
        .collect()
}

#[test]
fn an_answer_means_that_both_work() {
    let findings = judge(SITE, &result(Some(20), PhaseReached::Done, None));
    assert_eq!(
        findings[0].measured,
        "the name of https://example.com/ was resolved in 20.0 ms"
    );
    assert_eq!(
        findings[1].measured,
        "https://example.com/ answered in 80.0 ms"
    );
    assert!(findings.iter().all(|finding| finding.status == Status::Ok));
}

#[test]
fn slow_names_are_a_warning() {
    let slow = result(Some(900), PhaseReached::Done, None);
    assert_eq!(statuses(&slow), [Status::Warn, Status::Ok]);
}

#[test]
fn without_a_network_there_are_warnings_only() {
    let offline = result(None, PhaseReached::Resolve, Some(ErrorClass::DnsTimeout));
    assert_eq!(statuses(&offline), [Status::Warn, Status::Warn]);
    let blocked = result(
        Some(3),
        PhaseReached::Connect,
        Some(ErrorClass::ConnectTimeout),
    );
    assert_eq!(statuses(&blocked), [Status::Ok, Status::Warn]);
}

#[test]
fn a_machine_without_resources_fails() {
    let exhausted = result(Some(3), PhaseReached::Connect, Some(ErrorClass::LocalFd));
    assert_eq!(statuses(&exhausted), [Status::Ok, Status::Fail]);
}
