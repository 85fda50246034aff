//! Results of probes for tests that judge.

use std::time::Duration;

use tidewatch_domain::monitor::Connection;
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{
    Attempt, Cause, ErrorClass, Location, Monitor, Phases, ProbeResult, Timestamp,
};

/// The result of a probe of `monitor` for `slot`: one attempt that began two milliseconds later
/// and, where `failure` is given, failed for it after five seconds if it waits, else at once.
pub fn a_result(
    monitor: &Monitor,
    location: &Location,
    slot: Timestamp,
    failure: Option<ErrorClass>,
) -> ProbeResult {
    let started_at = slot.plus(Duration::from_millis(2));
    let waits = matches!(
        failure,
        Some(ErrorClass::ConnectTimeout | ErrorClass::DnsTimeout)
    );
    let total = Duration::from_millis(if waits { 5_000 } else { 100 });
    let answered = failure.is_none();
    let attempt = Attempt {
        number: 1,
        started_at,
        connection: Connection::Fresh,
        phases: Phases {
            wait: answered.then_some(total),
            total,
            ..Phases::default()
        },
        reached: if answered {
            PhaseReached::Done
        } else {
            PhaseReached::Connect
        },
        causes: failure
            .map(|class| Cause::new(class, "as the test wants it"))
            .into_iter()
            .collect(),
        status_code: answered.then_some(200),
        http_version: answered.then_some("1.1"),
        remote_addr: None,
        body_bytes: if answered { 100 } else { 0 },
        body_cut: false,
        tls: None,
        dns: None,
        hops: Vec::new(),
        steps: Vec::new(),
        assertions: Vec::new(),
        rtt: None,
        prober_lag: None,
    };
    ProbeResult {
        key: monitor.key.clone(),
        kind: monitor.kind(),
        location: location.clone(),
        slot,
        started_at,
        samples: vec![attempt],
        skipped: 0,
        retry: None,
    }
}
