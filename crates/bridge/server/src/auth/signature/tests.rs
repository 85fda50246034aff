//! Against a request that botocore 1.43 signed, and variations of it.

use std::collections::BTreeSet;

use http::Request;
use http::request::Builder;

use super::*;
use crate::auth::scope::Scope;

/// 2026-03-01T12:00:00Z in nanoseconds, when the request was signed.
const NOON: i64 = 1_772_366_400_000_000_000;
const MINUTE: i64 = 60 * 1_000_000_000;
const BODY: &[u8] = br#"{"QueryString":"SELECT 1"}"#;
const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 \
    Credential=AKIDEXAMPLE/20260301/eu-west-1/timestream/aws4_request, \
    SignedHeaders=content-type;host;x-amz-date;x-amz-target, \
    Signature=163209814190b904e3455db7b3fb90a161a32473d24eb9108f0eaeee51dc5741";

fn key(secret: &str) -> Key {
    Key {
        name: "test".into(),
        credentials: Credentials::new("AKIDEXAMPLE", secret, None, None, "test"),
        actions: BTreeSet::new(),
        scope: Scope::Everything,
    }
}

fn right_key() -> Key {
    key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

/// The recorded request without some of its headers.
fn without(left_out: &[&str]) -> Builder {
    let headers = [
        ("host", "localhost:8086"),
        ("x-amz-target", "Timestream_20181101.Query"),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-date", "20260301T120000Z"),
        ("authorization", AUTHORIZATION),
    ];
    let mut request = Request::post("/");
    for (name, value) in headers {
        if !left_out.contains(&name) {
            request = request.header(name, value);
        }
    }
    request
}

fn parts(request: Builder) -> Parts {
    request.body(()).unwrap().into_parts().0
}

fn check(request: Builder, body: &[u8]) -> Result<(), ApiError> {
    let parts = parts(request);
    let claim = Claim::read(&parts, NOON)?;
    assert_eq!(claim.access_key_id(), "AKIDEXAMPLE");
    claim.verify(&right_key(), &parts, body)
}

#[track_caller]
fn refuses(request: Builder, code: ErrorCode, begin: &str) {
    let error = check(request, BODY).unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.starts_with(begin), "{error}");
}

#[test]
fn a_request_signed_by_botocore_is_right() {
    assert_eq!(check(without(&[]), BODY), Ok(()));
    let elsewhere = without(&["host"]).uri("http://localhost:8086/");
    assert_eq!(check(elsewhere, BODY), Ok(()), "as HTTP/2 has the host");
    let hashed = HEXLOWER.encode(digest::digest(&digest::SHA256, BODY).as_ref());
    let with_hash = without(&[]).header("x-amz-content-sha256", hashed);
    assert_eq!(check(with_hash, BODY), Ok(()));
}

#[test]
fn everything_that_was_signed_counts() {
    let changes = [
        ("host", "localhost:8087"),
        ("x-amz-target", "Timestream_20181101.DeleteTable"),
        ("content-type", "text/plain"),
        ("x-amz-date", "20260301T120001Z"),
    ];
    for (name, value) in changes {
        refuses(
            without(&[name]).header(name, value),
            ErrorCode::InvalidSignature,
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    for request in [
        without(&[]).method("PUT"),
        without(&[]).uri("/other"),
        without(&[]).uri("/?a=b"),
        without(&[]).header("content-type", "text/plain"),
        without(&[]).header("host", "localhost:8086"),
    ] {
        refuses(
            request,
            ErrorCode::InvalidSignature,
            "The request signature",
        );
    }
    // The signature has room for one instant only: the fuzzer sent two.
    for second in ["20260301T120000Z", "20260302T120000Z"] {
        refuses(
            without(&[]).header("x-amz-date", second),
            ErrorCode::IncompleteSignature,
            "The request has more than one 'X-Amz-Date' header.",
        );
    }
    let body = check(without(&[]), br#"{"QueryString":"SELECT 2"}"#).unwrap_err();
    assert_eq!(body.code, ErrorCode::InvalidSignature);
    refuses(
        without(&[]).header("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ErrorCode::InvalidSignature,
        "The provided 'x-amz-content-sha256' header does not match",
    );
}

#[test]
fn another_secret_gives_another_signature() {
    let parts = parts(without(&[]));
    let claim = Claim::read(&parts, NOON).unwrap();
    let wrong = claim.verify(&key("wrong-wrong-wrong"), &parts, BODY);
    assert_eq!(wrong.unwrap_err().code, ErrorCode::InvalidSignature);
}

#[test]
fn clocks_may_be_a_quarter_of_an_hour_apart() {
    let parts = parts(without(&[]));
    for minutes in [-15, 0, 15] {
        assert!(
            Claim::read(&parts, NOON + minutes * MINUTE).is_ok(),
            "{minutes}"
        );
    }
    let late = Claim::read(&parts, NOON + 16 * MINUTE).unwrap_err();
    assert_eq!(
        late.to_string(),
        "InvalidSignatureException: Signature expired: 20260301T120000Z is now earlier than \
         20260301T120100Z (20260301T121600Z - 15 min.)"
    );
    let early = Claim::read(&parts, NOON - 16 * MINUTE).unwrap_err();
    assert_eq!(
        early.to_string(),
        "InvalidSignatureException: Signature not yet current: 20260301T120000Z is still later than \
         20260301T115900Z (20260301T114400Z + 15 min.)"
    );
}

#[test]
fn what_is_missing_is_named() {
    let cases = [
        (
            &["authorization"][..],
            ErrorCode::MissingAuthenticationToken,
            "Request is missing",
        ),
        (
            &["x-amz-date"],
            ErrorCode::InvalidSignature,
            "The signed header 'x-amz-date' is not in the request.",
        ),
        (
            &["content-type"],
            ErrorCode::InvalidSignature,
            "The signed header 'content-type' is not in the request.",
        ),
    ];
    for (left_out, code, begin) in cases {
        refuses(without(left_out), code, begin);
    }
    let authorization = |from: &str, to: &str| {
        without(&["authorization"]).header("authorization", AUTHORIZATION.replace(from, to))
    };
    let cases = [
        (
            "Credential",
            "Credentials",
            ErrorCode::IncompleteSignature,
            "Authorization header requires 'Credential'",
        ),
        (
            "SignedHeaders",
            "Headers",
            ErrorCode::IncompleteSignature,
            "Authorization header requires 'SignedHeaders'",
        ),
        (
            "Signature=",
            "Sig=",
            ErrorCode::IncompleteSignature,
            "Authorization header requires 'Signature'",
        ),
        (
            "AWS4-HMAC-SHA256",
            "AWS4-X",
            ErrorCode::IncompleteSignature,
            "Unsupported AWS 'algorithm': 'AWS4-X'",
        ),
        (
            "/aws4_request",
            "",
            ErrorCode::IncompleteSignature,
            "Credential must have exactly 5",
        ),
        (
            "/timestream/",
            "/s3/",
            ErrorCode::InvalidSignature,
            "Credential should be scoped to correct service: 'timestream'.",
        ),
        (
            "aws4_request",
            "aws5",
            ErrorCode::InvalidSignature,
            "Credential should be scoped with a valid terminator",
        ),
        (
            "/20260301/",
            "/20260302/",
            ErrorCode::InvalidSignature,
            "Date in Credential scope does not match",
        ),
        (
            "/20260301/",
            "//",
            ErrorCode::InvalidSignature,
            "Date in Credential scope does not match",
        ),
        (
            ";host",
            "",
            ErrorCode::InvalidSignature,
            "'host' must be a 'SignedHeader'",
        ),
        (
            ";x-amz-date",
            "",
            ErrorCode::InvalidSignature,
            "'x-amz-date' must be a 'SignedHeader'",
        ),
        (
            ";x-amz-target",
            "",
            ErrorCode::InvalidSignature,
            "'x-amz-target' must be a 'SignedHeader'",
        ),
        (
            ";host",
            ";host;host",
            ErrorCode::InvalidSignature,
            "The header 'host' is signed twice.",
        ),
        (
            ";host",
            ";host;;",
            ErrorCode::InvalidSignature,
            "The signed header '' is not in the request.",
        ),
        (
            "eu-west-1",
            "us-east-1",
            ErrorCode::InvalidSignature,
            "The request signature",
        ),
    ];
    for (from, to, code, begin) in cases {
        refuses(authorization(from, to), code, begin);
    }
    refuses(
        without(&["x-amz-date"]).header("x-amz-date", "20260301"),
        ErrorCode::IncompleteSignature,
        "Date must be in ISO-8601 'basic format'. Got '20260301'.",
    );
    // The same instant in other letters than those that were signed.
    for spelling in ["20260301T120 00Z", "20260301T12 0 0Z", "20260301T1200 0Z"] {
        refuses(
            without(&["x-amz-date"]).header("x-amz-date", spelling),
            ErrorCode::IncompleteSignature,
            "Date must be in ISO-8601 'basic format'.",
        );
    }
}

#[test]
fn a_session_token_is_refused_with_the_remedy() {
    refuses(
        without(&[]).header("x-amz-security-token", "t"),
        ErrorCode::UnrecognizedClient,
        "The security token included in the request is invalid. Keys of this server have no session",
    );
}
