//! Fresh and kept connections, and how many there are at once.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::ErrorClass;
use tidewatch_domain::monitor::Connection;
use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_testkit::{
    Authority, Gate, ManualClock, Reply, Step, Target, Validity, a_monitor, faults,
};
use tokio::sync::Notify;

use crate::support::{engine, failure, options, probe, trusting};

fn modes(result: &tidewatch_domain::ProbeResult) -> Vec<Connection> {
    result
        .samples
        .iter()
        .map(|attempt| attempt.connection)
        .collect()
}

#[tokio::test]
async fn fresh_attempts_share_nothing() {
    let target = Target::http(|_| Reply::ok("x")).await.unwrap();
    let result = probe(
        &engine(options()),
        &a_monitor(&target.url("/")).attempts(5).build(),
    )
    .await;
    assert_eq!(modes(&result), [Connection::Fresh; 5]);
    assert_eq!(target.connections(), 5);
    assert!(
        target
            .seen()
            .iter()
            .all(|seen| seen.header("connection") == Some("close"))
    );
    assert!(
        result
            .samples
            .iter()
            .all(|attempt| attempt.phases.connect.is_some())
    );
}

/// What comes beyond the announced length belongs to no answer: it is not in this one, and the
/// connection that it came over has no next one.
#[tokio::test]
async fn an_answer_longer_than_announced_spoils_its_connection() {
    let target = Target::http(|_| Reply::steps(faults::http1::body_too_long()))
        .await
        .unwrap();
    let monitor = a_monitor(&target.url("/")).attempts(3).reuse().build();
    let result = probe(&engine(options()), &monitor).await;
    for attempt in &result.samples {
        assert!(attempt.succeeded(), "{attempt:#?}");
        assert_eq!(attempt.body_bytes, 10);
    }
    assert_eq!(modes(&result), [Connection::Fresh; 3]);
}

#[tokio::test]
async fn a_kept_connection_that_ends_is_replaced() {
    let target = Target::http(|seen| {
        let reply = Reply::ok("x");
        if seen.connection == 1 {
            reply.then(Step::Close)
        } else {
            reply
        }
    })
    .await
    .unwrap();
    let mut options = options();
    options.sample_gap = Duration::from_millis(40);
    let monitor = a_monitor(&target.url("/")).attempts(3).reuse().build();
    let result = probe(&engine(options), &monitor).await;
    assert!(
        result
            .samples
            .iter()
            .all(tidewatch_domain::Attempt::succeeded),
        "{result:#?}"
    );
    assert_eq!(
        modes(&result),
        [Connection::Fresh, Connection::Fresh, Connection::Reuse]
    );
    assert_eq!(target.connections(), 2);
}

#[tokio::test]
async fn http2_connections_are_kept_too() {
    let root = Authority::root();
    let tls = root
        .server(&["localhost"], Validity::default())
        .serve()
        .alpn("h2");
    let target = Target::https(tls, |_| Reply::ok("x")).await.unwrap();
    let monitor = a_monitor(&target.url("/")).attempts(3).reuse().build();
    let result = probe(&trusting(&root), &monitor).await;
    assert_eq!(
        modes(&result),
        [Connection::Fresh, Connection::Reuse, Connection::Reuse]
    );
    assert_eq!(target.connections(), 1);
    // The handshake was another attempt's, its certificate is this one's as well.
    assert!(
        result.samples[2]
            .tls
            .as_ref()
            .unwrap()
            .certificate
            .is_some()
    );
}

#[tokio::test]
async fn a_connection_with_an_unread_rest_is_not_kept() {
    let target = Target::http(|_| Reply::ok("x".repeat(100_000)))
        .await
        .unwrap();
    let monitor = a_monitor(&target.url("/"))
        .attempts(2)
        .reuse()
        .body_limit(10)
        .build();
    let result = probe(&engine(options()), &monitor).await;
    assert!(
        result
            .samples
            .iter()
            .all(|attempt| attempt.body_cut && attempt.body_bytes == 10)
    );
    assert_eq!(modes(&result), [Connection::Fresh, Connection::Fresh]);
}

#[tokio::test]
async fn a_probe_beyond_the_limit_waits_and_then_says_so() {
    let arrived = Arc::new(Notify::new());
    let gate = Gate::closed();
    let target = {
        let (arrived, gate) = (arrived.clone(), gate.clone());
        Target::http(move |_| {
            arrived.notify_one();
            Reply::ok("x").after(Step::Wait(gate.clone()))
        })
        .await
        .unwrap()
    };
    let mut options = options();
    options.max_in_flight = 1;
    let engine = Arc::new(engine(options));
    let now = ManualClock::default().now();
    let first = tokio::spawn({
        let (engine, monitor) = (engine.clone(), a_monitor(&target.url("/")).build());
        async move { engine.probe(&monitor, now).await }
    });
    arrived.notified().await;
    let impatient = a_monitor(&target.url("/"))
        .probe_timeout(Duration::from_millis(30))
        .attempts(3);
    let result = engine.probe(&impatient.build(), now).await;
    let overloaded = tidewatch_domain::ErrorOwner::Prober;
    assert_eq!(
        failure(&result.samples[0]),
        Some((ErrorClass::Overloaded, overloaded))
    );
    assert_eq!((result.samples.len(), result.skipped), (1, 2));
    gate.open();
    assert!(first.await.unwrap().samples[0].succeeded());
    let later = probe(&engine, &a_monitor(&target.url("/")).build()).await;
    assert!(later.samples[0].succeeded());
}

/// Nothing runs on behind the back of whoever gave up.
#[tokio::test]
async fn a_dropped_probe_closes_its_connection() {
    let arrived = Arc::new(Notify::new());
    let root = Authority::root();
    let tls = root
        .server(&["localhost"], Validity::default())
        .serve()
        .alpn("h2");
    let target = {
        let arrived = arrived.clone();
        Target::https(tls, move |_| {
            arrived.notify_one();
            Reply::steps([Step::Hang])
        })
        .await
        .unwrap()
    };
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    options.max_in_flight = 1;
    let engine = Arc::new(engine(options));
    let monitor = a_monitor(&target.url("/")).build();
    let now = ManualClock::default().now();
    let hanging = tokio::spawn({
        let (engine, monitor) = (engine.clone(), monitor.clone());
        async move { engine.probe(&monitor, now).await }
    });
    arrived.notified().await;
    hanging.abort();
    assert!(hanging.await.unwrap_err().is_cancelled());
    target.deserted().await;
    // The place among the probes in flight is free again as well.
    let free = Target::http(|_| Reply::ok("x")).await.unwrap();
    assert!(
        probe(&engine, &a_monitor(&free.url("/")).build())
            .await
            .samples[0]
            .succeeded()
    );
}
