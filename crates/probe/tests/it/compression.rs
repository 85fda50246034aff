//! Compressed answers.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tidewatch_domain::monitor::{Assertion, NumberTest, TextTest};
use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{ErrorClass, ErrorOwner};
use tidewatch_testkit::{MonitorBuilder, Reply, Seen, Target};

use crate::support::{attempt, engine, failure, options, quick};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn page() -> String {
    "the tide comes in, ".repeat(100)
}

/// Compresses for those who ask for it.
fn server(seen: &Seen) -> Reply {
    let asked = seen
        .header("accept-encoding")
        .is_some_and(|offer| offer.contains("gzip"));
    match seen.path.as_str() {
        "/broken" => Reply::ok("not gzip").header("content-encoding", "gzip"),
        "/bomb" => Reply::ok(gzip(&" ".repeat(2_000_000))).header("content-encoding", "gzip"),
        _ if asked => Reply::ok(gzip(&page())).header("content-encoding", "gzip"),
        _ => Reply::ok(page()),
    }
}

fn compressed(target: &Target, path: &str) -> MonitorBuilder {
    quick(&target.url(path)).request(|check| check.compression = true)
}

#[tokio::test]
async fn bodies_are_judged_decoded_and_counted_as_they_came() {
    let target = Target::http(server).await.unwrap();
    let engine = engine(options());
    let demands = |monitor: MonitorBuilder| {
        let length = page().len() as f64;
        monitor
            .expect(Assertion::Body(TextTest::Contains("tide".to_owned())))
            .expect(Assertion::BodyLength(
                NumberTest::try_new(Some(length), Some(length)).unwrap(),
            ))
            .build()
    };
    let found = attempt(&engine, &demands(compressed(&target, "/"))).await;
    assert!(found.succeeded(), "{found:#?}");
    assert_eq!(found.body_bytes, gzip(&page()).len() as u64);
    let plain = attempt(&engine, &demands(quick(&target.url("/")))).await;
    assert!(plain.succeeded(), "{plain:#?}");
    assert_eq!(plain.body_bytes, page().len() as u64);
    let offers: Vec<_> = target
        .seen()
        .iter()
        .map(|seen| seen.header("accept-encoding").unwrap().to_owned())
        .collect();
    assert_eq!(offers, ["gzip, deflate, br, zstd", "identity"]);
}

#[tokio::test]
async fn the_limit_is_one_of_the_decoded_body() {
    let target = Target::http(server).await.unwrap();
    let monitor = compressed(&target, "/")
        .body_limit(500)
        .expect(Assertion::BodyLength(
            NumberTest::try_new(Some(500.0), Some(500.0)).unwrap(),
        ))
        .build();
    let found = attempt(&engine(options()), &monitor).await;
    assert!(found.succeeded(), "{found:#?}");
    assert!(found.body_cut);
    assert!(found.body_bytes < 500);
}

#[tokio::test]
async fn what_does_not_decode_fails_even_if_nobody_looks_at_it() {
    let target = Target::http(server).await.unwrap();
    let engine = engine(options());
    for path in ["/broken", "/bomb"] {
        let monitor = compressed(&target, path).body_limit(16_000_000).build();
        let found = attempt(&engine, &monitor).await;
        assert_eq!(
            failure(&found),
            Some((ErrorClass::DecodeError, ErrorOwner::Target)),
            "{path}"
        );
        assert_eq!(found.reached, PhaseReached::Transfer);
        assert_eq!(found.phases.unfinished(), std::time::Duration::ZERO);
        // Without compression asked for, bodies are judged as they are.
        let monitor = quick(&target.url(path)).build();
        assert!(attempt(&engine, &monitor).await.succeeded(), "{path}");
    }
}
