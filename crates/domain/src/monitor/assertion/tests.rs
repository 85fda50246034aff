use std::collections::BTreeSet;
use std::sync::Arc;

use regex::Regex;
use serde_json::json;

use super::*;
use crate::cause::Stage;
use crate::probe::{Attempt, CertificateFacts, ChainLink, PresentedCertificate, TlsFacts};
use crate::summary::tests::attempt;
use crate::time::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// An attempt over TLS whose certificate has ten days and a half left.
fn found() -> Attempt {
    let mut found = attempt(1, 10);
    let not_after = found.started_at.plus(DAY * 10 + DAY / 2);
    found.phases.tls = Some(Duration::from_micros(1_250));
    found.tls = Some(TlsFacts {
        staple: None,
        version: Some("1.3"),
        cipher: Some("TLS13_AES_128_GCM_SHA256".to_owned()),
        group: Some("X25519".to_owned()),
        alpn: Some("h2".to_owned()),
        resumed: false,
        certificate: Some(CertificateFacts {
            not_after,
            not_before: not_after.minus(DAY * 90),
            leaf_not_after: not_after.plus(DAY),
            subject: "CN=shop.example".to_owned(),
            issuer: "CN=R11, O=An Authority".to_owned(),
            names: vec!["shop.example".to_owned(), "www.shop.example".to_owned()],
            fingerprint: "ab".repeat(32),
            presented: 2,
            verified: true,
            chain: vec![ChainLink {
                certificate: Arc::new(PresentedCertificate {
                    subject: "CN=shop.example".to_owned(),
                    issuer: "CN=R11, O=An Authority".to_owned(),
                    not_before: not_after.minus(DAY * 90),
                    not_after: not_after.plus(DAY),
                    key_type: "EC P-256".to_owned(),
                    key_bits: Some(256),
                    signature_algorithm: "ecdsa-with-SHA256".to_owned(),
                    serial: "01".to_owned(),
                    fingerprint: "ab".repeat(32),
                }),
                on_path: true,
            }],
        }),
    });
    found
}

/// Evaluates `assertion` on a response of status 301 within [`found`].
fn evaluated(assertion: &Assertion, body: &str) -> AssertionResult {
    on(assertion, body, &found())
}

fn on(assertion: &Assertion, body: &str, attempt: &Attempt) -> AssertionResult {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assertion.evaluate(Facts {
        attempt,
        response: Some(ResponseFacts {
            url: "https://shop.example/cart?page=2",
            status: 301,
            headers: &[header("via", "a"), header("via", "b")],
            body: &ResponseBody::new(body.as_bytes().to_vec()),
        }),
        reply: Some(b"250 ready"),
    })
}

fn number(at_least: Option<f64>, at_most: Option<f64>) -> NumberTest {
    NumberTest::try_new(at_least, at_most).unwrap()
}

fn equals(text: &str) -> TextTest {
    TextTest::Equals(text.to_owned())
}

fn contains(text: &str) -> TextTest {
    TextTest::Contains(text.to_owned())
}

fn header(name: &str, test: TextTest) -> Assertion {
    Assertion::Header {
        name: name.to_owned(),
        test,
    }
}

fn present(name: &str, present: bool) -> Assertion {
    Assertion::HeaderPresent {
        name: name.to_owned(),
        present,
    }
}

fn codes(first: u16, last: u16) -> Assertion {
    Assertion::Status(StatusSet::new(vec![StatusRange { first, last }]))
}

fn timing(timing: Timing, micros: u64) -> Assertion {
    Assertion::Timing {
        timing,
        at_most: Duration::from_micros(micros),
    }
}

fn tls(field: TlsField, test: TextTest) -> Assertion {
    Assertion::Tls { field, test }
}

fn digest(text: &str) -> Sha256Digest {
    Sha256Digest::of(text.as_bytes())
}

fn days_from_start(days: u32) -> Timestamp {
    found().started_at.plus(DAY * days)
}

fn within(ranges: &[&str]) -> Assertion {
    let ranges = ranges.iter().map(|range| range.parse().unwrap());
    Assertion::RemoteAddr(AddressTest::In(ranges.collect()))
}

#[test]
fn every_assertion_holds_and_fails_as_it_should() {
    use CertificateTest as Cert;
    let fingerprint = |byte: &str| Sha256Digest::parse(&byte.repeat(32)).unwrap();
    let not = |text: &str| TextTest::NotContains(text.to_owned());
    let matches = |text: &str| TextTest::Matches(Regex::new(text).unwrap());
    // What holds, what does not, the class, and how the failure reads.
    let cases = [
        (
            codes(300, 399),
            codes(200, 299),
            ErrorClass::StatusMismatch,
            "status: expected `200-299`, got `301`",
        ),
        (
            Assertion::HttpVersion(vec![HttpVersion::Http2, HttpVersion::Http11]),
            Assertion::HttpVersion(vec![HttpVersion::Http2]),
            ErrorClass::VersionMismatch,
            "http_version: expected `2`, got `1.1`",
        ),
        (
            header("via", equals("a, b")),
            header("via", contains("c")),
            ErrorClass::HeaderMismatch,
            "header via contains: expected `c`, got `a, b`",
        ),
        (
            header("server", not("x")),
            header("server", equals("")),
            ErrorClass::HeaderMismatch,
            "header server equals: expected ``, got `(absent)`",
        ),
        (
            present("via", true),
            present("via", false),
            ErrorClass::HeaderMismatch,
            "header via: expected `(absent)`, got `a, b`",
        ),
        (
            present("server", false),
            present("server", true),
            ErrorClass::HeaderMismatch,
            "header server: expected `(present)`, got `(absent)`",
        ),
        (
            Assertion::Body(matches("^he.*o$")),
            Assertion::Body(not("ell")),
            ErrorClass::BodyMismatch,
            "body not_contains: expected `ell`, got `hello`",
        ),
        (
            Assertion::BodyLength(number(Some(5.0), Some(5.0))),
            Assertion::BodyLength(number(Some(6.0), Some(9.0))),
            ErrorClass::BodyMismatch,
            "body_length between: expected `6 and 9 bytes`, got `5`",
        ),
        (
            Assertion::BodySha256(digest("hello")),
            Assertion::BodySha256(fingerprint("00")),
            ErrorClass::BodyMismatch,
            "body_sha256: expected `0000000000000000000000000000000000000000000000000000000000000000`, \
             got `2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824`",
        ),
        (
            Assertion::FinalUrl(equals("https://shop.example/cart?page=2")),
            Assertion::FinalUrl(contains("/login")),
            ErrorClass::HeaderMismatch,
            "final_url contains: expected `/login`, got `https://shop.example/cart?page=2`",
        ),
        (
            timing(Timing::Tls, 1_250),
            timing(Timing::Tls, 1_000),
            ErrorClass::LatencyExceeded,
            "timing tls at most: expected `1 ms`, got `1.2 ms`",
        ),
        (
            timing(Timing::Total, 10_000),
            timing(Timing::Ttfb, 7_999),
            ErrorClass::LatencyExceeded,
            "timing ttfb at most: expected `8.0 ms`, got `8 ms`",
        ),
        (
            Assertion::Certificate(Cert::DaysLeft(number(Some(10.0), None))),
            Assertion::Certificate(Cert::DaysLeft(number(Some(11.0), None))),
            ErrorClass::CertExpiring,
            "certificate days_left at least: expected `11 days`, got `10`",
        ),
        (
            Assertion::Certificate(Cert::NotAfter(days_from_start(10))),
            Assertion::Certificate(Cert::NotAfter(days_from_start(11))),
            ErrorClass::CertExpiring,
            "certificate not_after at least: expected `1970-01-23T13:46:40.002Z`, \
             got `1970-01-23T01:46:40.002Z`",
        ),
        (
            Assertion::Certificate(Cert::Issuer(contains("O=An Authority"))),
            Assertion::Certificate(Cert::Subject(contains("other"))),
            ErrorClass::CertFingerprintMismatch,
            "certificate subject contains: expected `other`, got `CN=shop.example`",
        ),
        (
            Assertion::Certificate(Cert::Names(equals("www.shop.example"))),
            Assertion::Certificate(Cert::Names(not("www"))),
            ErrorClass::CertFingerprintMismatch,
            "certificate names not_contains: expected `www`, got `shop.example, www.shop.example`",
        ),
        (
            Assertion::Certificate(Cert::Fingerprint(vec![
                fingerprint("00"),
                fingerprint("AB"),
            ])),
            Assertion::Certificate(Cert::Fingerprint(vec![fingerprint("00")])),
            ErrorClass::CertFingerprintMismatch,
            "certificate fingerprint: expected \
             `0000000000000000000000000000000000000000000000000000000000000000`, got \
             `abababababababababababababababababababababababababababababababab`",
        ),
        (
            Assertion::Certificate(Cert::KeyBits(number(Some(256.0), None))),
            Assertion::Certificate(Cert::KeyBits(number(Some(2048.0), None))),
            ErrorClass::CertFingerprintMismatch,
            "certificate key_bits at least: expected `2048 bits`, got `256`",
        ),
        (
            tls(TlsField::Version, equals("1.3")),
            tls(TlsField::Group, contains("MLKEM")),
            ErrorClass::VersionMismatch,
            "tls group contains: expected `MLKEM`, got `X25519`",
        ),
        (
            tls(TlsField::Cipher, contains("AES")),
            tls(TlsField::Alpn, equals("http/1.1")),
            ErrorClass::VersionMismatch,
            "tls alpn equals: expected `http/1.1`, got `h2`",
        ),
        (
            Assertion::Reply(contains("ready")),
            Assertion::Reply(matches("^220")),
            ErrorClass::BodyMismatch,
            "reply matches: expected `^220`, got `250 ready`",
        ),
        (
            within(&["10.0.0.0/8", "192.0.2.0/24"]),
            within(&["10.0.0.0/8"]),
            ErrorClass::DnsAnswerMismatch,
            "remote_addr in: expected `10.0.0.0/8`, got `192.0.2.1`",
        ),
        (
            Assertion::RemoteAddr(AddressTest::Text(equals("192.0.2.1"))),
            Assertion::RemoteAddr(AddressTest::Text(equals("192.0.2.2"))),
            ErrorClass::DnsAnswerMismatch,
            "remote_addr equals: expected `192.0.2.2`, got `192.0.2.1`",
        ),
    ];
    for (good, bad, class, text) in cases {
        let result = evaluated(&good, "hello");
        assert!(result.passed, "{result:?}");
        assert_eq!(result.cause(), None);
        let cause = evaluated(&bad, "hello").cause().unwrap();
        assert_eq!((cause.class, cause.text.as_str()), (class, text));
        // An assertion judges an answer that came: nothing is taken for a failed transport.
        assert!(cause.class.stage() > Stage::Transport);
        assert_ne!(good, bad);
        assert_eq!(good, good.clone());
    }
}

#[test]
fn values_in_json_are_found_and_compared() {
    let body = r#"{"status": "ok", "hits": [{"id": 1, "tags": ["a"]}, {"id": 2.0, "tags": []}],
        "total": 2, "big": 9007199254740993, "none": null, "nested": {"a": 1.0, "b": [true]}}"#;
    let matches = |text: &str| JsonTest::Text(TextTest::Matches(Regex::new(text).unwrap()));
    let cases = [
        ("$.status", JsonTest::Exists(true), true, "\"ok\""),
        ("$.missing", JsonTest::Exists(true), false, "(absent)"),
        ("$.missing", JsonTest::Exists(false), true, "(absent)"),
        ("$.none", JsonTest::Exists(true), true, "null"),
        ("$.none", JsonTest::Exists(false), false, "null"),
        ("$.status", JsonTest::Equals(json!("ok")), true, "\"ok\""),
        ("$.status", JsonTest::Equals(json!("OK")), false, "\"ok\""),
        ("$.total", JsonTest::Equals(json!(2.0)), true, "2"),
        ("$.total", JsonTest::Equals(json!("2")), false, "2"),
        (
            "$.big",
            JsonTest::Equals(json!(9_007_199_254_740_993_u64)),
            true,
            "9007199254740993",
        ),
        ("$.none", JsonTest::Equals(json!(null)), true, "null"),
        (
            "$.missing",
            JsonTest::Equals(json!(null)),
            false,
            "(absent)",
        ),
        (
            "$.nested",
            JsonTest::Equals(json!({"b": [true], "a": 1})),
            true,
            r#"{"a":1.0,"b":[true]}"#,
        ),
        (
            "$.nested",
            JsonTest::Equals(json!({"a": 1, "b": [false]})),
            false,
            r#"{"a":1.0,"b":[true]}"#,
        ),
        (
            "$.hits[*].id",
            JsonTest::Number(number(Some(1.0), None)),
            true,
            "1 and 1 more",
        ),
        (
            "$.hits[*].id",
            JsonTest::Number(number(Some(2.0), None)),
            false,
            "1",
        ),
        (
            "$.status",
            JsonTest::Number(number(Some(0.0), None)),
            false,
            "\"ok\"",
        ),
        ("$.status", JsonTest::Text(contains("o")), true, "\"ok\""),
        ("$.total", matches("^2$"), true, "2"),
        (
            "$.hits[0].tags",
            JsonTest::Text(contains("\"a\"")),
            true,
            "[\"a\"]",
        ),
        (
            "$.missing",
            JsonTest::Text(TextTest::NotContains("a".to_owned())),
            false,
            "(absent)",
        ),
        (
            "$.hits[?@.id > 1]",
            JsonTest::Count(number(Some(1.0), Some(1.0))),
            true,
            "1",
        ),
        (
            "$..id",
            JsonTest::Count(number(Some(3.0), None)),
            false,
            "2",
        ),
        (
            "$.hits[?length(@.tags) == 0].id",
            JsonTest::Equals(json!(2)),
            true,
            "2.0",
        ),
        ("$['status']", JsonTest::Equals(json!("ok")), true, "\"ok\""),
    ];
    for (path, test, passed, actual) in cases {
        let path = JsonPath::parse(path).unwrap();
        let assertion = Assertion::Json { path, test };
        let result = evaluated(&assertion, body);
        assert_eq!(
            (result.passed, result.actual.as_str()),
            (passed, actual),
            "{assertion}"
        );
        assert_eq!(result.class, ErrorClass::JsonMismatch);
    }
}

#[test]
fn what_is_no_json_fails_every_test_on_it() {
    let path = JsonPath::parse("$.a").unwrap();
    let deep = "[".repeat(10_000);
    for body in ["<html>", "", "{\"a\": 1} x", &deep] {
        for test in [JsonTest::Exists(false), JsonTest::Equals(json!(1))] {
            let assertion = Assertion::Json {
                path: path.clone(),
                test,
            };
            let result = evaluated(&assertion, body);
            assert!(!result.passed);
            assert!(
                result.actual.starts_with("(the body is not JSON: "),
                "{result:?}"
            );
        }
    }
}

#[test]
fn paths_that_cannot_be_read_or_cost_too_much_are_refused() {
    let error = |path: &str| JsonPath::parse(path).unwrap_err();
    for (path, position) in [("$.a[", 4), (".a", 1), ("", 1), ("$.é[x]", 4)] {
        assert_eq!(error(path), JsonPathError::Syntax { position }, "{path}");
    }
    assert_eq!(error("$..a..b"), JsonPathError::Costly { what: ".." });
    assert_eq!(
        error("$.a[?@.b == $.c]"),
        JsonPathError::Costly { what: "$" }
    );
    assert!(JsonPath::parse(r#"$..a['$..b', "it's \" $..c"]"#).is_ok());
}

#[test]
fn a_body_that_was_cut_has_no_digest() {
    let mut cut = found();
    cut.body_cut = true;
    let result = on(&Assertion::BodySha256(digest("hello")), "hello", &cut);
    assert!(!result.passed);
    assert_eq!(
        result.actual,
        "(the body goes on beyond the 5 bytes that were read)"
    );
}

#[test]
fn digests_are_read_as_tools_print_them() {
    let digest = Sha256Digest::parse(&"AB".repeat(32)).unwrap();
    assert_eq!(digest.to_string(), "ab".repeat(32));
    let colons = vec!["aB"; 32].join(":");
    assert_eq!(Sha256Digest::parse(&colons), Some(digest));
    for bad in [
        "",
        "ab",
        &"zz".repeat(32),
        &"ab".repeat(33),
        &"a:b".repeat(21),
    ] {
        assert_eq!(Sha256Digest::parse(bad), None, "{bad}");
    }
}

#[test]
fn what_did_not_happen_was_not_slow_but_has_no_certificate() {
    let plain = attempt(1, 10);
    assert!(on(&timing(Timing::Tls, 1), "", &plain).passed);
    assert!(on(&timing(Timing::Proxy, 1), "", &plain).passed);
    for assertion in [
        tls(TlsField::Version, contains("1")),
        Assertion::Certificate(CertificateTest::DaysLeft(number(Some(0.0), None))),
        Assertion::Certificate(CertificateTest::Issuer(contains("a"))),
    ] {
        let result = on(&assertion, "", &plain);
        assert_eq!((result.passed, result.actual.as_str()), (false, "(absent)"));
    }
}

#[test]
fn numbers_that_nothing_can_satisfy_make_no_test() {
    assert_eq!(NumberTest::try_new(None, None), None);
    assert_eq!(NumberTest::try_new(Some(2.0), Some(1.0)), None);
    assert_eq!(NumberTest::try_new(Some(f64::NAN), None), None);
    assert_eq!(NumberTest::try_new(None, Some(f64::INFINITY)), None);
    assert!(number(Some(1.0), Some(1.0)).holds(1.0));
    assert!(!number(None, Some(1.0)).holds(1.5));
}

#[test]
fn assertions_read_like_sentences() {
    let json = |test| Assertion::Json {
        path: JsonPath::parse("$.a").unwrap(),
        test,
    };
    let cases = [
        (codes(200, 204), "status `200-204`"),
        (header("via", contains("x")), "header via contains `x`"),
        (present("via", true), "header via (present)"),
        (
            timing(Timing::Wait, 300_000),
            "timing wait at most `300 ms`",
        ),
        (
            Assertion::BodyLength(number(None, Some(10.0))),
            "body_length at most `10 bytes`",
        ),
        (json(JsonTest::Exists(false)), "json $.a (absent)"),
        (
            json(JsonTest::Equals(json!("x"))),
            "json $.a equals `\"x\"`",
        ),
        (
            json(JsonTest::Count(number(Some(1.0), Some(3.0)))),
            "json $.a count between `1 and 3`",
        ),
        (within(&["10.0.0.0/8"]), "remote_addr in `10.0.0.0/8`"),
    ];
    for (assertion, text) in cases {
        assert_eq!(assertion.to_string(), text);
    }
}

#[test]
fn a_long_value_is_shortened_in_the_result() {
    let body = format!("\"{}\"", "x".repeat(10_000));
    let path = JsonPath::parse("$").unwrap();
    let test = JsonTest::Equals(json!(1));
    for assertion in [
        Assertion::Body(contains("y")),
        Assertion::Json { path, test },
    ] {
        let result = evaluated(&assertion, &body);
        assert_eq!(result.actual.chars().count(), 121, "{assertion}");
    }
}

#[test]
fn names_of_choices_are_unique() {
    let timings: BTreeSet<_> = Timing::ALL.iter().map(|timing| timing.name()).collect();
    assert_eq!(timings.len(), Timing::ALL.len());
    let fields: BTreeSet<_> = TlsField::ALL.iter().map(|field| field.name()).collect();
    assert_eq!(fields.len(), TlsField::ALL.len());
}
