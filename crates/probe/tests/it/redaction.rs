//! No secret leaves the engine, whatever the target does with it.

use tidewatch_domain::monitor::{Assertion, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_testkit::{FakeSecrets, Reply, Seen, Target};

use crate::support::{engine_with, options, probe, quick};

/// Planted in a header by reference, in the body by reference, in a header as it is, and in the
/// query.
const SECRETS: [&str; 4] = [
    "h34d3r-s3cret",
    "b0dy-s3cret",
    "l1teral-s3cret",
    "qu3ry-s3cret",
];

/// A target that gives back everything that it was told, in the status line's neighbourhood.
fn parrot(seen: &Seen) -> Reply {
    let told = format!(
        "{} {:?} {}",
        seen.path,
        seen.headers,
        String::from_utf8_lossy(&seen.body)
    );
    match seen.path.split('?').next() {
        Some("/circle") => Reply::redirect(307, &seen.path),
        Some("/away") => Reply::redirect(307, &format!("gopher://{}/{told}", SECRETS[0])),
        Some("/in-path") => Reply::redirect(307, &format!("/{}/{}", SECRETS[0], SECRETS[1])),
        Some("/edge") => Reply::ok(format!("{}{}", "x".repeat(115), SECRETS[0])),
        _ => Reply::status(500)
            .header("x-told", seen.header("x-key").unwrap_or_default())
            .body(told),
    }
}

#[tokio::test]
async fn secrets_are_in_no_part_of_the_result() {
    let target = Target::http(parrot).await.unwrap();
    let secrets = FakeSecrets::of(&[
        ("env:TIDEWATCH_SECRET_HEADER", SECRETS[0]),
        ("env:TIDEWATCH_SECRET_BODY", SECRETS[1]),
    ]);
    let engine = engine_with(options(), secrets);
    let mut shown = String::new();
    for path in ["/echo", "/circle", "/away", "/in-path", "/edge"] {
        let monitor = quick(&target.url(&format!("{path}?token={}", SECRETS[3])))
            .method("POST")
            .header("x-key", "${env:TIDEWATCH_SECRET_HEADER}")
            .header("authorization", &format!("Bearer {}", SECRETS[2]))
            .body("key=${env:TIDEWATCH_SECRET_BODY}")
            .expect(Assertion::Body(TextTest::Equals("nothing".to_owned())))
            .expect(Assertion::Body(TextTest::Contains(SECRETS[1].to_owned())))
            .expect(Assertion::Header {
                name: "x-told".to_owned(),
                test: TextTest::Equals("something else".to_owned()),
            })
            .build();
        let result = probe(&engine, &monitor).await;
        assert!(!result.samples[0].succeeded(), "{path}");
        shown.push_str(&format!("{result:?}"));
        if path == "/echo" {
            // Redaction changes what is shown, not what is found.
            assert!(result.samples[0].assertions[2].passed, "{result:#?}");
        }
    }
    // Every request did carry them.
    let seen = target.seen();
    assert!(
        seen.iter()
            .all(|seen| seen.header("x-key") == Some(SECRETS[0]))
    );
    assert!(
        seen.iter()
            .all(|seen| seen.path.starts_with("/h34d3r") || seen.path.contains(SECRETS[3]))
    );
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
        // Nor is a part of one, where a text was cut.
        assert!(
            !shown.contains(&secret[..6]),
            "a part of {secret} is in {shown}"
        );
    }
    assert!(shown.contains("***"));
}

#[tokio::test]
async fn texts_for_people_stay_short() {
    let target = Target::http(|_| Reply::redirect(302, &format!("/{}", "x".repeat(3_000))))
        .await
        .unwrap();
    let result = probe(
        &engine_with(options(), FakeSecrets::default()),
        &quick(&target.url("/")).build(),
    )
    .await;
    let found = &result.samples[0];
    assert_eq!(found.reached, PhaseReached::Transfer);
    assert!(found.causes.iter().all(|cause| cause.text.len() <= 512));
}
