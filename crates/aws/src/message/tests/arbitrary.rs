//! Results and rows of every shape.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use tidewatch_domain::monitor::{AssertionResult, Connection, DnsTransport, Kind, RecordType};
use tidewatch_domain::ports::Destination;
use tidewatch_domain::probe::{
    CertificateFacts, ChainLink, DnsFacts, DnsFlag, DnsRecord, Hop, PhaseReached,
    PresentedCertificate, Rcode, Staple, StepFacts, TlsFacts,
};
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{
    Attempt, Cause, ErrorClass, ErrorOwner, Phases, ProbeResult, Record, Tenant, Timestamp, Value,
};

use crate::message::Row;

/// Texts with everything that JSON and SQS treat in a way of their own.
fn text() -> BoxedStrategy<String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,6}",
        Just("\u{fffe}\u{ffff}\"\\\n\u{0}\u{7f}".to_owned()),
    ]
    .boxed()
}

fn duration() -> BoxedStrategy<Duration> {
    prop_oneof![0..10_000_000_000_u64, any::<u64>()]
        .prop_map(Duration::from_nanos)
        .boxed()
}

fn timestamp() -> BoxedStrategy<Timestamp> {
    any::<i64>().prop_map(Timestamp::from_nanos).boxed()
}

fn phases() -> BoxedStrategy<Phases> {
    let some = || of(duration());
    (
        some(),
        some(),
        some(),
        some(),
        some(),
        some(),
        some(),
        duration(),
    )
        .prop_map(
            |(resolve, connect, proxy, tls, send, wait, transfer, total)| Phases {
                resolve,
                connect,
                proxy,
                tls,
                send,
                wait,
                transfer,
                total,
            },
        )
        .boxed()
}

fn cause() -> BoxedStrategy<Cause> {
    (select(ErrorClass::ALL), select(ErrorOwner::ALL), text())
        .prop_map(|(class, owner, text)| Cause { class, owner, text })
        .boxed()
}

fn certificate() -> BoxedStrategy<CertificateFacts> {
    let presented = (
        (text(), text(), timestamp(), timestamp()),
        (text(), of(any::<u32>()), text(), text(), text()),
        any::<bool>(),
    )
        .prop_map(|(who, how, on_path)| ChainLink {
            certificate: Arc::new(PresentedCertificate {
                subject: who.0,
                issuer: who.1,
                not_before: who.2,
                not_after: who.3,
                key_type: how.0,
                key_bits: how.1,
                signature_algorithm: how.2,
                serial: how.3,
                fingerprint: how.4,
            }),
            on_path,
        });
    (
        (timestamp(), timestamp(), timestamp()),
        (text(), text(), vec(text(), 0..3), text()),
        (0..9_usize, any::<bool>(), vec(presented, 0..3)),
    )
        .prop_map(|(when, who, what)| CertificateFacts {
            not_after: when.0,
            not_before: when.1,
            leaf_not_after: when.2,
            subject: who.0,
            issuer: who.1,
            names: who.2,
            fingerprint: who.3,
            presented: what.0,
            verified: what.1,
            chain: what.2,
        })
        .boxed()
}

fn staple() -> BoxedStrategy<Staple> {
    let reason = of(select(vec!["keyCompromise", "superseded", "aACompromise"]));
    prop_oneof![
        Just(Staple::Good),
        (timestamp(), reason).prop_map(|(at, reason)| Staple::Revoked { at, reason }),
        text().prop_map(Staple::Unusable),
    ]
    .boxed()
}

/// `certificates` are few, so that attempts share them.
fn tls(certificates: Vec<CertificateFacts>) -> BoxedStrategy<TlsFacts> {
    (
        of(select(vec!["1.2", "1.3"])),
        (of(text()), of(text()), of(text())),
        any::<bool>(),
        of(select(certificates)),
        of(staple()),
    )
        .prop_map(|(version, names, resumed, certificate, staple)| TlsFacts {
            version,
            cipher: names.0,
            group: names.1,
            alpn: names.2,
            resumed,
            certificate,
            staple,
        })
        .boxed()
}

fn dns() -> BoxedStrategy<DnsFacts> {
    let record =
        (text(), text(), any::<u32>(), text()).prop_map(|(name, record_type, ttl, data)| {
            DnsRecord {
                name,
                record_type,
                ttl,
                data,
            }
        });
    (
        select(RecordType::ALL),
        (0..4_096_u16).prop_map(Rcode::new),
        vec(select(DnsFlag::ALL), 0..5),
        vec(record, 0..3),
        0..9_usize,
        select(DnsTransport::ALL),
        any::<bool>(),
    )
        .prop_map(
            |(record_type, rcode, flags, answers, authorities, transport, cut_off_over_udp)| {
                DnsFacts {
                    record_type,
                    rcode,
                    flags,
                    answers,
                    authorities,
                    transport,
                    cut_off_over_udp,
                }
            },
        )
        .boxed()
}

fn attempt(certificates: Vec<CertificateFacts>) -> BoxedStrategy<Attempt> {
    let hop = (text(), any::<u16>(), phases()).prop_map(|(url, status_code, phases)| Hop {
        url,
        status_code,
        phases,
    });
    let step = (text(), duration()).prop_map(|(step, took)| StepFacts { step, took });
    let assertion = (
        text(),
        text(),
        text(),
        any::<bool>(),
        select(ErrorClass::ALL),
    )
        .prop_map(
            |(expression, expected, actual, passed, class)| AssertionResult {
                expression,
                expected,
                actual,
                passed,
                class,
            },
        );
    let beginning = (
        any::<u8>(),
        timestamp(),
        select(vec![Connection::Fresh, Connection::Reuse]),
        phases(),
        select(PhaseReached::ALL),
        vec(cause(), 0..3),
    );
    let answer = (
        of(any::<u16>()),
        of(select(vec!["1.0", "1.1", "2"])),
        of(any::<(IpAddr, u16)>().prop_map(|(ip, port)| SocketAddr::new(ip, port))),
        any::<u64>(),
        any::<bool>(),
    );
    let found = (
        of(tls(certificates)),
        of(dns()),
        vec(hop, 0..3),
        vec(step, 0..3),
        vec(assertion, 0..3),
        of(duration()),
        of(duration()),
    );
    (beginning, answer, found)
        .prop_map(|(beginning, answer, found)| Attempt {
            number: beginning.0,
            started_at: beginning.1,
            connection: beginning.2,
            phases: beginning.3,
            reached: beginning.4,
            causes: beginning.5,
            status_code: answer.0,
            http_version: answer.1,
            remote_addr: answer.2,
            body_bytes: answer.3,
            body_cut: answer.4,
            tls: found.0,
            dns: found.1,
            hops: found.2,
            steps: found.3,
            assertions: found.4,
            rtt: found.5,
            prober_lag: found.6,
        })
        .boxed()
}

/// Any result of the monitor that `of` is a result of.
pub(super) fn result(of_monitor: ProbeResult) -> BoxedStrategy<ProbeResult> {
    let attempts = vec(certificate(), 1..3).prop_flat_map(|certificates| {
        (
            vec(attempt(certificates.clone()), 0..4),
            of(attempt(certificates)),
        )
    });
    let when = (timestamp(), timestamp());
    (attempts, when, select(Kind::ALL), any::<u8>())
        .prop_map(
            move |((samples, retry), (slot, started_at), kind, skipped)| ProbeResult {
                kind,
                slot,
                started_at,
                samples,
                skipped,
                retry,
                ..of_monitor.clone()
            },
        )
        .boxed()
}

fn value() -> BoxedStrategy<Value> {
    let finite = prop_oneof![
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        Just(f64::MAX),
        Just(5e-324),
        Just(-0.0),
    ];
    prop_oneof![
        finite.prop_map(Value::Double),
        any::<i64>().prop_map(Value::Bigint),
        text().prop_map(Value::Varchar),
        any::<bool>().prop_map(Value::Boolean),
        timestamp().prop_map(Value::Timestamp),
    ]
    .boxed()
}

/// Any row.
pub(super) fn row() -> BoxedStrategy<Row> {
    let name = prop_oneof![
        select(measure::ALL).prop_map(|measure| Cow::Borrowed(measure.name)),
        "label_[a-z]{1,5}".prop_map(Cow::Owned),
    ];
    let tenant = prop_oneof![
        Just(Tenant::system()),
        "[a-z]{1,5}".prop_map(|name| Tenant::try_new(name).unwrap()),
    ];
    (
        select(vec![Destination::Main, Destination::Attempts]),
        tenant,
        vec((select(dimension::ALL), text()), 0..5),
        select(measure_name::ALL),
        timestamp(),
        any::<i64>(),
        vec((name, value()), 0..5),
    )
        .prop_map(
            |(destination, tenant, dimensions, measure_name, time, version, measures)| Row {
                destination,
                tenant,
                record: Record {
                    dimensions,
                    measure_name,
                    time,
                    version,
                    measures,
                },
            },
        )
        .boxed()
}
