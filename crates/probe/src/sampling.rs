//! The attempts of a probe: how many, when, and when no more.

use std::time::Duration;

use tidewatch_domain::cause::Stage;
use tidewatch_domain::monitor::Timeouts;
use tidewatch_domain::ports::Clock;
use tidewatch_domain::{Attempt, Cause, Monitor};
use tokio::time::Instant;

use crate::budget::{Budget, ProbeEnd};
use crate::jitter::Jitter;
use crate::kind::Session;
use crate::lag::LagSampler;

/// What the attempts of all probes share.
#[derive(Debug)]
pub(crate) struct Sampler {
    /// The pause between two samples.
    pub(crate) gap: Duration,
    /// Spreads the pauses.
    pub(crate) jitter: Jitter,
    /// Watches the prober's own delay.
    pub(crate) lag: LagSampler,
}

/// The samples of a probe.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// The attempts that were made.
    pub(crate) made: Vec<Attempt>,
    /// How many planned ones were not.
    pub(crate) skipped: u8,
}

impl Samples {
    /// A probe that could not begin: one failed attempt stands for all.
    pub(crate) fn failed(cause: Cause, clock: &dyn Clock, planned: u8) -> Self {
        let mut attempt = Attempt::begun(1, clock.now());
        attempt.causes.push(cause);
        Samples {
            made: vec![attempt],
            skipped: planned.saturating_sub(1),
        }
    }

    /// Whether one more look on a fresh connection makes sense: the last sample failed in a way
    /// that may have been chance, or most of them did.
    pub(crate) fn call_for_a_retry(&self) -> bool {
        let doubtful = |attempt: &Attempt| attempt.cause().is_some_and(Cause::is_worth_a_retry);
        self.made.last().is_some_and(doubtful)
            || self.made.iter().filter(|attempt| doubtful(attempt)).count() * 2 > self.made.len()
    }

    /// After two equal transport failures in a row the next would be the same.
    fn are_hopeless(&self) -> bool {
        let transport = |attempt: &Attempt| {
            attempt
                .cause()
                .map(|cause| cause.class)
                .filter(|class| class.stage() == Stage::Transport)
        };
        match self.made.as_slice() {
            [.., before, last] => {
                transport(last).is_some_and(|class| transport(before) == Some(class))
            }
            _ => false,
        }
    }

    /// How long the slowest of them took.
    fn slowest(&self) -> Duration {
        self.made
            .iter()
            .map(|attempt| attempt.phases.total)
            .max()
            .unwrap_or_default()
    }
}

impl Sampler {
    /// Makes the planned attempts of `monitor`, one after another.
    ///
    /// An attempt is only begun when the probe's remaining time is enough for one like the
    /// slowest so far: cutting it off in the middle would turn a slow target into a failing one.
    /// The pause before it is left out when the time is too short for both. `until` is the end of
    /// the prober's own time, where it has one.
    pub(crate) async fn samples(
        &self,
        session: &mut dyn Session,
        monitor: &Monitor,
        clock: &dyn Clock,
        until: Option<Instant>,
    ) -> Samples {
        let end = ProbeEnd::after(monitor.timeouts.probe);
        let mut samples = Samples::default();
        for number in 1..=monitor.attempts {
            if number > 1 {
                let needed = samples.slowest();
                let own = until.map(|until| until.saturating_duration_since(Instant::now()));
                let remaining = own.map_or(end.remaining(), |own| own.min(end.remaining()));
                if samples.are_hopeless() || remaining <= needed {
                    samples.skipped = monitor.attempts - (number - 1);
                    break;
                }
                let pause = self.jitter.around(self.gap);
                session
                    .pause(if remaining > needed + pause {
                        pause
                    } else {
                        Duration::ZERO
                    })
                    .await;
            }
            let budget = Budget::of_attempt(&monitor.timeouts, Some(end));
            samples
                .made
                .push(self.attempt(session, number, budget, clock).await);
        }
        samples
    }

    /// The pause before the confirmation retry.
    pub(crate) fn retry_delay(&self, monitor: &Monitor) -> Duration {
        self.jitter.around(monitor.retry_delay())
    }

    /// Makes the confirmation retry, on a fresh connection with a fresh name lookup.
    pub(crate) async fn retry(
        &self,
        session: &mut dyn Session,
        timeouts: &Timeouts,
        clock: &dyn Clock,
    ) -> Attempt {
        session.forget();
        self.attempt(session, 1, Budget::of_attempt(timeouts, None), clock)
            .await
    }

    async fn attempt(
        &self,
        session: &mut dyn Session,
        number: u8,
        budget: Budget,
        clock: &dyn Clock,
    ) -> Attempt {
        let mut attempt = Attempt::begun(number, clock.now());
        let lag = self.lag.watch();
        session.attempt(budget, &mut attempt).await;
        attempt.prober_lag = Some(lag.largest());
        attempt
    }
}

#[cfg(test)]
mod tests;
