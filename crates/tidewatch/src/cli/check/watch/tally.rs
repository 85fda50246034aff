//! What all probes of a repetition come to together.

use std::collections::VecDeque;
use std::time::Duration;

use tidewatch_domain::{Attempt, Cause, ErrorClass, Outcome, Timestamp};

use super::super::Findings;
use super::percentile::{Lasted, Series};

/// So many of the latest probes are remembered one by one.
const REMEMBERED: usize = 200;

/// Counts and durations over all probes so far.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// The time between two slots.
    pub(super) interval: Duration,
    /// Probes that have ended.
    pub(super) probes: u64,
    /// Slots that passed without a probe.
    pub(super) missed: u64,
    /// Attempts that say something about the target.
    pub(super) attempts: u64,
    /// Those of them that failed.
    pub(super) lost: u64,
    /// Attempts measured while this machine was busy.
    pub(super) tainted: u64,
    /// The latest probes, oldest first.
    pub(super) latest: VecDeque<Mark>,
    /// Why the last probe was not ok.
    pub(super) cause: Option<Cause>,
    /// The last change of outcome or cause: when, and at which probe.
    pub(super) changed: Option<(Timestamp, u64)>,
    phases: Vec<(&'static str, Series)>,
}

/// One probe, or slots that passed without one, in the row of the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) outcome: Outcome,
    /// The mean total of the attempts that got through.
    pub(super) mean: Option<Duration>,
}

impl Tally {
    /// Of nothing, for probes that are `interval` apart.
    pub(super) fn new(interval: Duration) -> Self {
        let names = tidewatch_domain::Phases::default()
            .named()
            .map(|(name, _)| name);
        let names = names.into_iter().chain(["total"]);
        Tally {
            interval,
            probes: 0,
            missed: 0,
            attempts: 0,
            lost: 0,
            tainted: 0,
            latest: VecDeque::new(),
            cause: None,
            changed: None,
            phases: names.map(|name| (name, Series::default())).collect(),
        }
    }

    /// Adds a probe. Its confirmation retry counts in nothing: it was made because something
    /// failed.
    pub(super) fn add(&mut self, findings: &Findings<'_>) {
        let summary = &findings.summary;
        self.probes += 1;
        for attempt in &findings.result.samples {
            self.add_attempt(attempt);
        }
        let class = |cause: &Option<Cause>| cause.as_ref().map(|cause| cause.class);
        let before = self.outcome();
        if before.is_some_and(|before| before != summary.outcome)
            || class(&self.cause) != class(&summary.cause)
        {
            self.changed = Some((findings.result.slot, self.probes));
        }
        self.cause.clone_from(&summary.cause);
        self.remember(Mark {
            outcome: summary.outcome,
            mean: summary.latency.map(|latency| latency.mean),
        });
    }

    /// Adds slots that passed without a probe.
    pub(super) fn miss(&mut self, slots: u64) {
        self.missed += slots;
        let marks = usize::try_from(slots).unwrap_or(REMEMBERED).min(REMEMBERED);
        for _ in 0..marks {
            self.remember(Mark {
                outcome: Outcome::Missed,
                mean: None,
            });
        }
    }

    /// The outcome of the last probe.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        let outcomes = self.latest.iter().rev().map(|mark| mark.outcome);
        outcomes
            .into_iter()
            .find(|outcome| *outcome != Outcome::Missed)
    }

    /// The share of attempts that were lost, in percent.
    pub(super) fn loss(&self) -> Option<f64> {
        // Counts of probes stay far below the 2^53 up to which a double is exact.
        #[expect(clippy::cast_precision_loss, reason = "see above")]
        let percent = |lost: u64, attempts: u64| lost as f64 * 100.0 / attempts as f64;
        (self.attempts > 0).then(|| percent(self.lost, self.attempts))
    }

    /// The phases that have happened, in order, and `total`.
    pub(super) fn phases(&self) -> impl Iterator<Item = (&'static str, &Series)> {
        self.phases
            .iter()
            .filter(|(_, series)| !series.is_empty())
            .map(|(name, series)| (*name, series))
    }

    fn add_attempt(&mut self, attempt: &Attempt) {
        let counts = |cause: &Cause| cause.owner.counts_against_availability();
        if !attempt.cause().is_none_or(counts) {
            return;
        }
        self.attempts += 1;
        self.lost += u64::from(!attempt.succeeded());
        self.tainted += u64::from(attempt.is_tainted());
        let total = match attempt.cause() {
            None => Some(Lasted::Exactly(attempt.phases.total)),
            Some(cause) if is_timeout(cause.class) => Some(Lasted::AtLeast(attempt.phases.total)),
            Some(_) => None,
        };
        let named = attempt.phases.named().map(|(_, phase)| phase);
        let phases = named.map(|phase| phase.filter(|_| attempt.succeeded()).map(Lasted::Exactly));
        for ((_, series), value) in self
            .phases
            .iter_mut()
            .zip(phases.into_iter().chain([total]))
        {
            if let Some(value) = value {
                series.add(value);
            }
        }
    }

    fn remember(&mut self, mark: Mark) {
        if self.latest.len() == REMEMBERED {
            self.latest.pop_front();
        }
        self.latest.push_back(mark);
    }
}

/// Whether the attempt might have got through, had there been more time.
fn is_timeout(class: ErrorClass) -> bool {
    matches!(
        class,
        ErrorClass::DnsTimeout
            | ErrorClass::ConnectTimeout
            | ErrorClass::TlsTimeout
            | ErrorClass::ReadTimeoutHeader
            | ErrorClass::ReadTimeoutBody
            | ErrorClass::Deadline
    )
}
