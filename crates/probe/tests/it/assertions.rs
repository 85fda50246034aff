//! What is made of a complete answer.

use tidewatch_domain::ErrorClass;
use tidewatch_domain::monitor::{Assertion, StatusRange, StatusSet, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_testkit::{Reply, Target};

use crate::support::{attempt, engine, options, quick};

fn status(code: u16) -> Assertion {
    Assertion::Status(StatusSet::new(vec![StatusRange {
        first: code,
        last: code,
    }]))
}

fn header(name: &str, value: &str) -> Assertion {
    Assertion::Header {
        name: name.to_owned(),
        test: TextTest::Equals(value.to_owned()),
    }
}

fn body(text: &str) -> Assertion {
    Assertion::Body(TextTest::Contains(text.to_owned()))
}

#[tokio::test]
async fn success_is_wanted_unless_the_definition_says_otherwise() {
    let target = Target::http(|_| Reply::status(418)).await.unwrap();
    let engine = engine(options());
    let found = attempt(&engine, &quick(&target.url("/")).build()).await;
    assert_eq!(found.assertions.len(), 1);
    assert_eq!(
        found.cause().unwrap().text,
        "status: expected `200-299`, got `418`"
    );
    let found = attempt(
        &engine,
        &quick(&target.url("/")).expect(status(418)).build(),
    )
    .await;
    assert!(found.succeeded());
    assert_eq!(found.assertions.len(), 1);
}

#[tokio::test]
async fn all_are_evaluated_and_causes_come_in_order_of_precedence() {
    let target = Target::http(|_| Reply::status(500).header("x-a", "1").body("hello"))
        .await
        .unwrap();
    let monitor = quick(&target.url("/"))
        .expect(body("bye"))
        .expect(header("x-a", "2"))
        .expect(header("x-a", "1"))
        .expect(status(200))
        .build();
    let found = attempt(&engine(options()), &monitor).await;
    let classes: Vec<ErrorClass> = found.causes.iter().map(|cause| cause.class).collect();
    assert_eq!(
        classes,
        [
            ErrorClass::StatusMismatch,
            ErrorClass::HeaderMismatch,
            ErrorClass::BodyMismatch
        ]
    );
    let passed: Vec<bool> = found
        .assertions
        .iter()
        .map(|result| result.passed)
        .collect();
    assert_eq!(passed, [false, false, true, false]);
    assert_eq!(found.reached, PhaseReached::Assert);
    assert!(found.phases.transfer.is_some());
}

#[tokio::test]
async fn bodies_are_read_to_the_limit_and_judged_by_what_was_read() {
    let target = Target::http(|_| Reply::ok(format!("{}end", "x".repeat(97))))
        .await
        .unwrap();
    let engine = engine(options());
    for (limit, bytes, cut, seen_end) in [
        (99, 99, true, false),
        (100, 100, false, true),
        (5, 5, true, false),
    ] {
        let monitor = quick(&target.url("/"))
            .body_limit(limit)
            .expect(body("end"))
            .build();
        let found = attempt(&engine, &monitor).await;
        assert_eq!((found.body_bytes, found.body_cut), (bytes, cut), "{limit}");
        assert_eq!(found.succeeded(), seen_end, "{limit}");
    }
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    let target = Target::http(|_| Reply::ok("x".repeat(3_000_000)))
        .await
        .unwrap();
    let found = attempt(&engine(options()), &quick(&target.url("/")).build()).await;
    assert!(found.succeeded());
    assert_eq!((found.body_bytes, found.body_cut), (1024 * 1024, true));
}
