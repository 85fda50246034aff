//! The confirmation retry.

use std::time::Duration;

use tidewatch_domain::Monitor;
use tidewatch_domain::ports::Clock;
use tidewatch_testkit::{ManualClock, Reply, Step, Target, refused_port};
use tokio::time::Instant;

use crate::support::{engine, options, probe, quick};

#[tokio::test]
async fn a_confirmation_follows_transport_failures_only() {
    let engine = engine(options());
    let retried = |monitor: Monitor| {
        let engine = &engine;
        async move { probe(engine, &monitor).await.retry }
    };
    let flaky = Target::http(|seen| match seen.connection {
        1 => Reply::steps([Step::Close]),
        _ => Reply::ok("well again"),
    })
    .await
    .unwrap();
    let retry = retried(quick(&flaky.url("/")).build()).await.unwrap();
    assert!(retry.succeeded(), "{retry:#?}");
    assert!(retry.phases.connect.is_some());
    assert_eq!(flaky.connections(), 2);

    let wrong = Target::http(|_| Reply::status(500)).await.unwrap();
    assert_eq!(retried(quick(&wrong.url("/")).build()).await, None);
    let good = Target::http(|_| Reply::ok("")).await.unwrap();
    assert_eq!(retried(quick(&good.url("/")).build()).await, None);
}

#[tokio::test]
async fn there_is_none_that_would_outlast_the_prober() {
    let engine = engine(options());
    let nobody = format!("http://{}/", refused_port().unwrap());
    let monitor = quick(&nobody).build();
    let slot = ManualClock::default().now();
    // A retry needs a tenth of a second to be worth it.
    let until = Instant::now() + Duration::from_millis(90);
    let result = engine.probe_until(&monitor, slot, until).await;
    assert_eq!((result.samples.len(), result.retry), (1, None));
    let until = Instant::now() + Duration::from_secs(60);
    let result = engine.probe_until(&monitor, slot, until).await;
    assert!(result.retry.is_some());
}
