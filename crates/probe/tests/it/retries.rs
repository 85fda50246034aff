//! The confirmation retry.

use tidewatch_domain::Monitor;
use tidewatch_testkit::{Reply, Step, Target};

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
