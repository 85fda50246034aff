//! What a probe finds when its target behaves as a scenario says.

use std::time::Duration;

use tidewatch_domain::cause::Stage;
use tidewatch_domain::probe::{CertificateFacts, PhaseReached, TlsFacts};
use tidewatch_domain::{
    Attempt, Cause, ErrorClass, Kind, Location, Monitor, Phases, ProbeResult, Timestamp,
};

use super::super::scenario::Behaviour;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How late every probe begins.
const START_LAG: Duration = Duration::from_millis(2);
/// How long it takes to be refused.
const QUICK: Duration = Duration::from_millis(50);
/// A probe leaves the rest out after so many equal failures on the way.
const EQUAL_FAILURES: u8 = 2;

/// What a probe of `monitor` for `slot` finds; `None` where nobody probes. `began` is the
/// beginning of the behaviour.
pub(super) fn result(
    monitor: &Monitor,
    location: &Location,
    slot: Timestamp,
    behaviour: Behaviour,
    began: Timestamp,
) -> Option<ProbeResult> {
    let started_at = slot.plus(START_LAG);
    let (one, wanted) = match behaviour {
        Behaviour::Up {
            latency,
            certificate,
        } => (
            good(monitor.kind(), latency, certificate, began),
            monitor.attempts,
        ),
        Behaviour::Down(class) if class.stage() == Stage::Transport => {
            (bad(monitor, class), monitor.attempts.min(EQUAL_FAILURES))
        }
        Behaviour::Down(class) => (bad(monitor, class), monitor.attempts),
        Behaviour::Silent | Behaviour::Missed | Behaviour::Paused | Behaviour::Deleted => {
            return None;
        }
    };
    let attempt = |number: u8, started_at| Attempt {
        number,
        started_at,
        connection: monitor.connection,
        ..one.clone()
    };
    let samples: Vec<Attempt> = (1..=wanted)
        .map(|number| {
            attempt(
                number,
                started_at.plus(one.phases.total * u32::from(number - 1)),
            )
        })
        .collect();
    let retry = one.cause().is_some_and(Cause::is_worth_a_retry).then(|| {
        let ended = started_at.plus(one.phases.total * u32::from(wanted));
        attempt(1, ended.plus(monitor.retry_delay()))
    });
    Some(ProbeResult {
        key: monitor.key.clone(),
        kind: monitor.kind(),
        location: location.clone(),
        slot,
        started_at,
        samples,
        skipped: monitor.attempts - wanted,
        retry,
    })
}

/// When the last attempt of a probe ended.
pub(super) fn ended(result: &ProbeResult) -> Timestamp {
    let attempts = result.samples.iter().chain(&result.retry);
    attempts
        .map(|attempt| attempt.started_at.plus(attempt.phases.total))
        .max()
        .unwrap_or(result.started_at)
}

fn good(kind: Kind, latency: Duration, certificate: Option<u32>, began: Timestamp) -> Attempt {
    let http = kind == Kind::Http;
    Attempt {
        phases: phases(latency),
        reached: PhaseReached::Done,
        status_code: http.then_some(200),
        http_version: http.then_some("1.1"),
        body_bytes: 1_024,
        tls: certificate.map(|days| tls(days, began)),
        rtt: Some(latency / 10),
        prober_lag: Some(Duration::ZERO),
        ..Attempt::begun(1, began)
    }
}

/// The phases of an attempt that got through; they add up to the total.
fn phases(total: Duration) -> Phases {
    let tenth = total / 10;
    Phases {
        resolve: Some(tenth),
        connect: Some(tenth),
        send: Some(tenth),
        wait: Some(total - tenth * 4),
        transfer: Some(tenth),
        total,
        ..Phases::default()
    }
}

/// A certificate that is valid for so many days and half a day from `began` on.
fn tls(days: u32, began: Timestamp) -> TlsFacts {
    let end = began.plus(DAY * days + DAY / 2);
    TlsFacts {
        version: Some("1.3"),
        certificate: Some(CertificateFacts {
            not_after: end,
            not_before: end.minus(DAY * 90),
            leaf_not_after: end,
            subject: "CN=scenario".to_owned(),
            issuer: "CN=scenario authority".to_owned(),
            names: Vec::new(),
            fingerprint: "00".repeat(32),
            presented: 1,
            verified: true,
            chain: Vec::new(),
        }),
        ..TlsFacts::default()
    }
}

fn bad(monitor: &Monitor, class: ErrorClass) -> Attempt {
    let at = Timestamp::EPOCH;
    let cause = Cause::new(class, format!("{} in this scenario", class.name()));
    if class.stage() != Stage::Transport {
        // A complete answer, but not the wanted one.
        let mut attempt = good(monitor.kind(), QUICK, None, at);
        attempt.reached = PhaseReached::Assert;
        attempt.causes.push(cause);
        if class == ErrorClass::StatusMismatch {
            attempt.status_code = Some(503);
        }
        return attempt;
    }
    let total = match class {
        ErrorClass::ConnectTimeout | ErrorClass::DnsTimeout => monitor.timeouts.connect,
        ErrorClass::TlsTimeout | ErrorClass::ReadTimeoutHeader | ErrorClass::ReadTimeoutBody => {
            monitor.timeouts.attempt.min(monitor.timeouts.probe / 2)
        }
        _ => QUICK,
    };
    Attempt {
        phases: Phases {
            total,
            ..Phases::default()
        },
        reached: reached(class),
        causes: vec![cause],
        prober_lag: Some(Duration::ZERO),
        ..Attempt::begun(1, at)
    }
}

/// The phase in which a failure on the way happens.
fn reached(class: ErrorClass) -> PhaseReached {
    let name = class.name();
    if name.starts_with("dns_") {
        PhaseReached::Resolve
    } else if name.starts_with("connect_") {
        PhaseReached::Connect
    } else if name.starts_with("tls_") {
        PhaseReached::Tls
    } else {
        PhaseReached::Wait
    }
}
