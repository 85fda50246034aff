//! Assertions on real answers, and what is shown of them.

use std::time::Duration;

use serde_json::json;
use tidewatch_domain::monitor::{
    AddressTest, Assertion, CertificateTest, HttpVersion, JsonPath, JsonTest, NumberTest,
    OverLimit, Sha256Digest, TextTest, Timing, TlsField,
};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{ErrorClass, ErrorOwner};
use tidewatch_testkit::{Authority, FakeSecrets, Reply, Target, Validity};

use crate::support::{attempt, engine, engine_with, failure, options, quick, trusting};

fn equals(text: &str) -> TextTest {
    TextTest::Equals(text.to_owned())
}

fn at_least(bound: f64) -> NumberTest {
    NumberTest::try_new(Some(bound), None).unwrap()
}

fn on_json(path: &str, test: JsonTest) -> Assertion {
    Assertion::Json {
        path: JsonPath::parse(path).unwrap(),
        test,
    }
}

#[tokio::test]
async fn everything_about_a_secure_answer_can_be_demanded() {
    let root = Authority::root();
    let identity = root.server(&["localhost"], Validity::default());
    let fingerprint = Sha256Digest::of(&identity.chain()[0]);
    let tls = identity.serve().alpn("h2").alpn("http/1.1");
    let body = r#"{"status": "ok", "hits": [1, 2]}"#;
    let target = Target::https(tls, move |seen| match seen.path.as_str() {
        "/old" => Reply::redirect(302, "/new?page=2"),
        _ => Reply::ok(body).header("x-a", "1"),
    })
    .await
    .unwrap();
    let tls = |field, text| Assertion::Tls {
        field,
        test: equals(text),
    };
    let certificate = Assertion::Certificate;
    let assertions = [
        Assertion::HttpVersion(vec![HttpVersion::Http2]),
        Assertion::HeaderPresent {
            name: "x-a".to_owned(),
            present: true,
        },
        Assertion::BodyLength(at_least(body.len() as f64)),
        Assertion::BodySha256(Sha256Digest::of(body.as_bytes())),
        on_json("$.status", JsonTest::Equals(json!("ok"))),
        on_json("$.hits[*]", JsonTest::Count(at_least(2.0))),
        Assertion::FinalUrl(equals(&target.url("/new?page=2"))),
        Assertion::Timing {
            timing: Timing::Total,
            at_most: Duration::from_secs(60),
        },
        tls(TlsField::Version, "1.3"),
        tls(TlsField::Alpn, "h2"),
        tls(TlsField::Group, "X25519"),
        certificate(CertificateTest::DaysLeft(at_least(100.0))),
        certificate(CertificateTest::Subject(TextTest::Contains(
            "test server".to_owned(),
        ))),
        certificate(CertificateTest::Issuer(TextTest::Contains(
            "Test Root".to_owned(),
        ))),
        certificate(CertificateTest::Names(equals("localhost"))),
        certificate(CertificateTest::Fingerprint(vec![fingerprint])),
        certificate(CertificateTest::KeyBits(at_least(256.0))),
        Assertion::RemoteAddr(AddressTest::In(vec!["127.0.0.0/8".parse().unwrap()])),
    ];
    let mut monitor = quick(&target.url("/old"));
    for assertion in assertions.clone() {
        monitor = monitor.expect(assertion);
    }
    let found = attempt(&trusting(&root), &monitor.build()).await;
    assert!(found.succeeded(), "{:#?}", found.causes);
    assert_eq!(found.assertions.len(), 1 + assertions.len());
    assert_eq!(found.reached, PhaseReached::Done);
}

#[tokio::test]
async fn the_pin_and_the_days_have_classes_of_their_own() {
    let root = Authority::root();
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let target = Target::https(tls, |_| Reply::ok("x")).await.unwrap();
    let pin = Sha256Digest::of(b"another certificate");
    let monitor = quick(&target.url("/"))
        .expect(Assertion::Certificate(CertificateTest::DaysLeft(at_least(
            100_000.0,
        ))))
        .expect(Assertion::Certificate(CertificateTest::Fingerprint(vec![
            pin,
        ])))
        .build();
    let found = attempt(&trusting(&root), &monitor).await;
    let classes: Vec<ErrorClass> = found.causes.iter().map(|cause| cause.class).collect();
    assert_eq!(
        classes,
        [
            ErrorClass::CertFingerprintMismatch,
            ErrorClass::CertExpiring
        ]
    );
    assert_eq!(found.reached, PhaseReached::Assert);
}

#[tokio::test]
async fn a_body_beyond_the_limit_fails_where_the_definition_says_so() {
    let target = Target::http(|seen| match seen.path.as_str() {
        "/broken" => Reply::status(500).body("x".repeat(100)),
        _ => Reply::ok("x".repeat(100)),
    })
    .await
    .unwrap();
    let engine = engine(options());
    let limited = |path: &str, limit| {
        quick(&target.url(path))
            .body_limit(limit)
            .request(|check| check.over_limit = OverLimit::Fail)
            .build()
    };
    assert!(attempt(&engine, &limited("/", 100)).await.succeeded());
    let found = attempt(&engine, &limited("/", 99)).await;
    assert_eq!(
        failure(&found),
        Some((ErrorClass::BodyTooLarge, ErrorOwner::Target))
    );
    assert_eq!(
        found.cause().unwrap().text,
        "the body goes on beyond the limit of 99 bytes"
    );
    assert_eq!(found.reached, PhaseReached::Assert);
    assert!(found.phases.transfer.is_some());
    // The status takes precedence.
    let found = attempt(&engine, &limited("/broken", 99)).await;
    let classes: Vec<ErrorClass> = found.causes.iter().map(|cause| cause.class).collect();
    assert_eq!(
        classes,
        [ErrorClass::StatusMismatch, ErrorClass::BodyTooLarge]
    );
}

#[tokio::test]
async fn what_a_server_gives_in_confidence_is_judged_but_not_shown() {
    let target = Target::http(|seen| match seen.path.as_str() {
        "/login" => Reply::redirect(302, "/home?ticket=t1cket-s3cret"),
        _ => Reply::ok(r#"{"key": "k3y\"s3cret"}"#)
            .header("set-cookie", "session=c00kie-s3cret; Path=/; HttpOnly"),
    })
    .await
    .unwrap();
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_KEY", "k3y\"s3cret")]);
    let monitor = quick(&target.url("/login"))
        .header("x-key-of-mine", "${env:TIDEWATCH_SECRET_KEY}")
        .expect(Assertion::FinalUrl(TextTest::Contains(
            "ticket=t1cket-s3cret".to_owned(),
        )))
        .expect(Assertion::Header {
            name: "set-cookie".to_owned(),
            test: TextTest::Contains("session=c00kie-s3cret; Path=/".to_owned()),
        })
        .expect(on_json("$.key", JsonTest::Equals(json!("k3y\"s3cret"))))
        .build();
    let found = attempt(&engine_with(options(), secrets), &monitor).await;
    assert!(found.succeeded(), "{:#?}", found.causes);
    let actual: Vec<&str> = found.assertions[1..]
        .iter()
        .map(|result| result.actual.as_str())
        .collect();
    assert_eq!(
        actual,
        [
            target.url("/home?***").as_str(),
            "session=***; Path=/; HttpOnly",
            "\"***\""
        ]
    );
    let shown = format!("{:?}", found.assertions[3]);
    assert!(!shown.contains("s3cret"), "{shown}");
}
