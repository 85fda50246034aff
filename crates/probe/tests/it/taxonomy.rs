//! Every way in which a target, the network or the prober's own machine can misbehave has its
//! class, its owner, the phase in which the attempt ended, and a text that says what was seen.

mod answers;
mod case;
mod certificates;
mod frames;
mod handshakes;
mod machine;
mod names;
mod prober;
mod redirects;
mod transport;

use std::collections::BTreeSet;

use tidewatch_domain::ErrorClass;

use case::{Case, World, run};

/// Classes that no row of the table shows, and why, or which file of tests does.
const ELSEWHERE: [(ErrorClass, &str); 15] = [
    (
        ErrorClass::LocalOom,
        "a kernel that refuses memory cannot be had in a test; unit test of `failure::local`",
    ),
    (
        ErrorClass::Cancelled,
        "nobody is there any more to whom a result could be given",
    ),
    (ErrorClass::LatencyDegraded, "found by judging"),
    (ErrorClass::LatencyExceeded, "found by judging"),
    (ErrorClass::CertExpiring, "found by judging"),
    (
        ErrorClass::UnexpectedSuccess,
        "what `expect: down` finds; `tcp`",
    ),
    (
        ErrorClass::BodyTooLarge,
        "a limit of the definition; `http_assertions`",
    ),
    (ErrorClass::VersionMismatch, "an assertion; `http_versions`"),
    (ErrorClass::HeaderMismatch, "an assertion; `assertions`"),
    (ErrorClass::BodyMismatch, "an assertion; `assertions`"),
    (ErrorClass::JsonMismatch, "an assertion; `http_assertions`"),
    (ErrorClass::DnsAnswerMismatch, "an assertion; `dns_checks`"),
    (
        ErrorClass::CertFingerprintMismatch,
        "an assertion; `http_assertions`",
    ),
    (ErrorClass::DecodeError, "`compression`"),
    (ErrorClass::ProxyFailed, "`proxies`"),
];

/// The table. In a child process that has a network of its own, the part of it that needs one.
#[tokio::test]
async fn every_misbehaviour_has_its_class_owner_phase_and_text() {
    if machine::is_here() {
        return machine::tell_all().await;
    }
    let world = World::new();
    let mut cases: Vec<Case> = Vec::new();
    cases.extend(transport::cases(&world));
    cases.extend(answers::cases(&world).await);
    cases.extend(frames::cases(&world).await);
    cases.extend(handshakes::cases(&world).await);
    cases.extend(certificates::cases(&world).await);
    cases.extend(names::cases().await);
    cases.extend(redirects::cases(&world).await);
    cases.extend(prober::cases(&world));
    let machine = machine::cases();
    let skipped = machine.is_none();
    cases.extend(machine.unwrap_or_default());

    let rows = cases.len() + if skipped { machine::ROWS } else { 0 };
    let mut shown: BTreeSet<ErrorClass> = cases.iter().map(|case| case.wanted.0).collect();
    let wrong = run(cases).await;
    assert!(
        wrong.is_empty(),
        "{} of {rows}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(rows, 150);

    if skipped {
        shown.extend(machine::CLASSES);
    }
    let elsewhere: BTreeSet<ErrorClass> = ELSEWHERE.iter().map(|(class, _)| *class).collect();
    let all: BTreeSet<ErrorClass> = ErrorClass::ALL.iter().copied().collect();
    assert_eq!(
        &all - &shown,
        elsewhere,
        "a class has no row, or is no longer without one"
    );
}
