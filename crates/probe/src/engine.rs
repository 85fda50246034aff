//! The engine: takes monitors, gives results.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tidewatch_domain::monitor::{Expectation, Timeouts};
use tidewatch_domain::ports::{Clock, Prober, SecretStore};
use tidewatch_domain::{Attempt, Cause, ErrorClass, Location, Monitor, ProbeResult, Timestamp};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout};

use crate::http::Tokens;
use crate::jitter::Jitter;
use crate::kernel;
use crate::kind::{self, Session, Tools};
use crate::lag::LagSampler;
use crate::options::{EngineError, EngineOptions};
use crate::resolve::Names;
use crate::sampling::{Sampler, Samples};
use crate::tls::Tls;

/// With less time than this before the next slot, a retry would fail for lack of time alone.
const SHORTEST_RETRY: Duration = Duration::from_millis(100);

/// Runs probes; one for the whole process, shared by reference.
///
/// Resolver, trusted roots and TLS configuration are built once, here. Probes run on the tasks of
/// whoever calls [`probe`](Prober::probe); dropping that future closes whatever the probe has open.
#[derive(Debug)]
pub struct Engine {
    location: Location,
    tools: Tools,
    sampler: Sampler,
    clock: Arc<dyn Clock>,
    in_flight: Semaphore,
}

impl Engine {
    /// Builds an engine.
    ///
    /// Errors: a certificate to be trusted, or the configuration of name servers or TLS, cannot
    /// be used.
    pub fn new(
        options: EngineOptions,
        secrets: Arc<dyn SecretStore>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EngineError> {
        kernel::keep_stamping();
        Ok(Engine {
            location: options.location,
            tools: Tools {
                names: Names::new(options.name_server)?,
                tls: Tls::new(&options.extra_roots, clock.clone())?,
                secrets,
                addresses: options.addresses,
                tokens: Tokens::default(),
                user_agent: options.user_agent,
            },
            sampler: Sampler {
                gap: options.sample_gap,
                jitter: Jitter::new(options.seed),
                lag: LagSampler::default(),
            },
            clock,
            in_flight: Semaphore::new(options.max_in_flight.min(Semaphore::MAX_PERMITS)),
        })
    }

    /// A place among the probes in flight; `None` when none came free within the probe's time.
    async fn admitted(&self, monitor: &Monitor) -> Option<SemaphorePermit<'_>> {
        timeout(monitor.timeouts.probe, self.in_flight.acquire())
            .await
            .ok()?
            .ok()
    }

    async fn measure(
        &self,
        monitor: &Monitor,
        next_slot: Instant,
        until: Option<Instant>,
        admitted: SemaphorePermit<'_>,
    ) -> Measured {
        let clock = self.clock.as_ref();
        let mut session = match kind::open(&self.tools, monitor).await {
            Ok(session) => session,
            Err(cause) => return Samples::failed(cause, clock, monitor.attempts).into(),
        };
        let samples = self
            .sampler
            .samples(session.as_mut(), monitor, clock, until)
            .await;
        // Whoever waits for the retry should not keep others from being probed.
        drop(admitted);
        let wanted = monitor.expect == Expectation::Up;
        let end = until.map_or(next_slot, |until| until.min(next_slot));
        let retry = if wanted && samples.call_for_a_retry() {
            self.confirm(session.as_mut(), monitor, end).await
        } else {
            None
        };
        Measured { samples, retry }
    }

    /// The confirmation retry. It ends before `end`, at the latest when the next slot begins: of
    /// what a short interval leaves, the attempt has its share first and the pause before it what
    /// remains.
    async fn confirm(
        &self,
        session: &mut dyn Session,
        monitor: &Monitor,
        end: Instant,
    ) -> Option<Attempt> {
        let left = end.saturating_duration_since(Instant::now());
        let room = left.saturating_sub(monitor.timeouts.attempt);
        sleep(self.sampler.retry_delay(monitor).min(room)).await;
        let _admitted = self.admitted(monitor).await?;
        let left = end.saturating_duration_since(Instant::now());
        if left < SHORTEST_RETRY {
            return None;
        }
        let timeouts = Timeouts {
            attempt: monitor.timeouts.attempt.min(left),
            ..monitor.timeouts
        };
        let clock = self.clock.as_ref();
        Some(self.sampler.retry(session, &timeouts, clock).await)
    }

    /// As [`probe`](Prober::probe), by a prober whose own time ends at `until`: attempts that would
    /// not end before it, as far as the earlier ones tell, are not begun, nor is a confirmation
    /// retry. Whoever calls drops the probe when an attempt takes longer all the same.
    pub async fn probe_until(
        &self,
        monitor: &Monitor,
        slot: Timestamp,
        until: Instant,
    ) -> ProbeResult {
        self.run(monitor, slot, Some(until)).await
    }

    async fn run(&self, monitor: &Monitor, slot: Timestamp, until: Option<Instant>) -> ProbeResult {
        let admitted = self.admitted(monitor).await;
        let started_at = self.clock.now();
        let Measured { samples, retry } = match admitted {
            Some(admitted) => {
                let left = monitor.interval.saturating_sub(started_at.since(slot));
                let next_slot = Instant::now() + left;
                self.measure(monitor, next_slot, until, admitted).await
            }
            None => {
                let cause = Cause::new(
                    ErrorClass::Overloaded,
                    "the prober has more to do than it can: let it run more probes at once (which \
                     also takes descriptors, see ulimit -n), or give it fewer monitors",
                );
                Samples::failed(cause, self.clock.as_ref(), monitor.attempts).into()
            }
        };
        ProbeResult {
            key: monitor.key.clone(),
            kind: monitor.kind(),
            location: self.location.clone(),
            slot,
            started_at,
            samples: samples.made,
            skipped: samples.skipped,
            retry,
        }
    }
}

#[async_trait]
impl Prober for Engine {
    async fn probe(&self, monitor: &Monitor, slot: Timestamp) -> ProbeResult {
        self.run(monitor, slot, None).await
    }
}

/// What a probe found.
struct Measured {
    samples: Samples,
    retry: Option<Attempt>,
}

impl From<Samples> for Measured {
    fn from(samples: Samples) -> Self {
        Measured {
            samples,
            retry: None,
        }
    }
}
