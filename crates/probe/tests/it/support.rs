//! Engines and probes for the tests of this crate.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::ports::{Clock, Prober};
use tidewatch_domain::{Attempt, ErrorClass, ErrorOwner, Location, Monitor, ProbeResult};
use tidewatch_probe::{Engine, EngineOptions};
use tidewatch_testkit::{Authority, FakeSecrets, ManualClock, MonitorBuilder, a_monitor};

/// Longer than anything on loopback takes, shorter than anybody wants to wait.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

/// What a row of the table waits for that is to time out, with others running beside it.
pub(crate) const PATIENCE: Duration = Duration::from_millis(600);

/// The options of an engine that pauses as little as possible between attempts.
pub(crate) fn options() -> EngineOptions {
    let mut options = EngineOptions::new(Location::try_new("test").unwrap());
    options.sample_gap = Duration::from_millis(1);
    options.seed = Some(7);
    options
}

/// An engine at the time of the default clock.
pub(crate) fn engine(options: EngineOptions) -> Engine {
    engine_with(options, FakeSecrets::default())
}

/// An engine that has secrets.
pub(crate) fn engine_with(options: EngineOptions, secrets: FakeSecrets) -> Engine {
    Engine::new(options, Arc::new(secrets), Arc::new(ManualClock::default())).unwrap()
}

/// An engine that trusts `authority`.
pub(crate) fn trusting(authority: &Authority) -> Engine {
    let mut options = options();
    options.extra_roots = vec![authority.certificate()];
    engine(options)
}

/// A monitor of one attempt, whose confirmation retry follows at once.
pub(crate) fn quick(url: &str) -> MonitorBuilder {
    a_monitor(url).retry_at_once()
}

/// Probes `monitor` once, for the slot that is now.
pub(crate) async fn probe(engine: &Engine, monitor: &Monitor) -> ProbeResult {
    engine.probe(monitor, ManualClock::default().now()).await
}

/// The only sample of a probe of `monitor`.
pub(crate) async fn attempt(engine: &Engine, monitor: &Monitor) -> Attempt {
    let result = probe(engine, monitor).await;
    assert_eq!(result.samples.len(), 1, "{result:#?}");
    result.samples.into_iter().next().unwrap()
}

/// Class and owner of what an attempt failed by.
pub(crate) fn failure(attempt: &Attempt) -> Option<(ErrorClass, ErrorOwner)> {
    attempt.cause().map(|cause| (cause.class, cause.owner))
}
