//! What one probe means: its outcome, the cause, and the statistics of its samples.
//!
//! A pure function of the definition and the facts, so that stored results can be judged again.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cause::{Cause, ErrorClass, ErrorOwner};
use crate::monitor::Monitor;
use crate::probe::{Attempt, ProbeResult};
use crate::time::Timestamp;

/// What a probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// All as wanted.
    Ok,
    /// It works, but something is not as wanted: slow, a minority of failures, a certificate that
    /// expires soon. Counts as good for availability.
    Degraded,
    /// It does not work.
    Fail,
    /// The prober could not tell; counts neither way.
    Unknown,
    /// The slot passed without a probe; counts neither way.
    Missed,
}

impl Outcome {
    /// The stable name, as written in rows.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Degraded => "degraded",
            Outcome::Fail => "fail",
            Outcome::Unknown => "unknown",
            Outcome::Missed => "missed",
        }
    }

    /// Whether the target answered well enough: `None` where the probe says nothing about it.
    pub const fn is_up(self) -> Option<bool> {
        match self {
            Outcome::Ok | Outcome::Degraded => Some(true),
            Outcome::Fail => Some(false),
            Outcome::Unknown | Outcome::Missed => None,
        }
    }
}

/// What one probe means.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What it came to.
    pub outcome: Outcome,
    /// Why it is not `Ok`.
    pub cause: Option<Cause>,
    /// Statistics over the successful samples, absent when there was none.
    pub latency: Option<Latency>,
    /// Failed samples.
    pub failed: usize,
    /// Whole days of certificate validity left, where a certificate was seen.
    pub cert_days: Option<i64>,
}

/// Statistics over the successful samples of one probe. A failed sample is never folded in: its
/// total is a timeout, not a latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Mean of the totals; what the original called the latency.
    pub mean: Duration,
    /// Shortest total.
    pub min: Duration,
    /// Longest total.
    pub max: Duration,
    /// Median total (of two middle ones the mean).
    pub median: Duration,
}

impl Summary {
    /// Judges the facts of a probe by the limits of its monitor.
    ///
    /// More than half of the samples failed: `Fail`, with the cause that came up most often (of
    /// equals, the one that takes precedence). A minority failed: `Degraded`. Failures that the
    /// prober or the definition owns never count against the target: with no success beside
    /// them the outcome is `Unknown`.
    pub fn of(monitor: &Monitor, result: &ProbeResult) -> Self {
        let successes: Vec<&Attempt> = result.successes().collect();
        let counted: Vec<&Cause> = causes(result)
            .filter(|cause| cause.owner.counts_against_availability())
            .collect();
        let latency = Latency::of(&successes);
        let cert_days = certificate_days(result);
        let (outcome, cause) = if successes.is_empty() && counted.is_empty() {
            (
                Outcome::Unknown,
                most_frequent(&causes(result).collect::<Vec<_>>()),
            )
        } else if counted.len() * 2 > counted.len() + successes.len() {
            (Outcome::Fail, most_frequent(&counted))
        } else {
            let soft = most_frequent(&counted)
                .or_else(|| latency.and_then(|latency| too_slow(monitor, latency)))
                .or_else(|| certificate_warning(monitor, result));
            // Only the hard threshold turns a probe whose requests succeeded into a failure.
            let hard = latency.is_some_and(|latency| exceeds(latency, monitor.thresholds.exceeded));
            match (hard, soft) {
                (true, cause) => (
                    Outcome::Fail,
                    latency
                        .and_then(|latency| too_slow(monitor, latency))
                        .or(cause),
                ),
                (false, Some(cause)) => (Outcome::Degraded, Some(cause)),
                (false, None) => (Outcome::Ok, None),
            }
        };
        Summary {
            outcome,
            cause,
            latency,
            failed: result.samples.len() - successes.len(),
            cert_days,
        }
    }
}

impl Summary {
    /// The same probe once it is known that its location had lost its network: it says nothing
    /// about the target. The class stays; who has to act is the prober's side.
    #[must_use]
    pub fn without_network(mut self) -> Self {
        self.outcome = Outcome::Unknown;
        self.cause = self.cause.map(|cause| Cause {
            owner: ErrorOwner::Prober,
            ..Cause::new(
                cause.class,
                format!("this location lost its network: {}", cause.text),
            )
        });
        self
    }
}

impl Latency {
    fn of(successes: &[&Attempt]) -> Option<Self> {
        let mut totals: Vec<Duration> = successes
            .iter()
            .map(|attempt| attempt.phases.total)
            .collect();
        totals.sort_unstable();
        let count = u32::try_from(totals.len())
            .ok()
            .filter(|count| *count > 0)?;
        let middle = totals.len() / 2;
        Some(Latency {
            mean: totals.iter().sum::<Duration>() / count,
            min: totals[0],
            max: totals[totals.len() - 1],
            median: if totals.len() % 2 == 1 {
                totals[middle]
            } else {
                (totals[middle - 1] + totals[middle]) / 2
            },
        })
    }
}

fn causes(result: &ProbeResult) -> impl Iterator<Item = &Cause> {
    result.samples.iter().filter_map(Attempt::cause)
}

/// The cause whose class came up most often, with the text of its first appearance.
fn most_frequent(causes: &[&Cause]) -> Option<Cause> {
    let mut counts: BTreeMap<ErrorClass, usize> = BTreeMap::new();
    for cause in causes {
        *counts.entry(cause.class).or_default() += 1;
    }
    let (class, _) = counts
        .into_iter()
        .max_by_key(|(class, count)| (*count, std::cmp::Reverse((class.stage(), *class))))?;
    causes
        .iter()
        .find(|cause| cause.class == class)
        .map(|cause| (*cause).clone())
}

fn exceeds(latency: Latency, limit: Option<Duration>) -> bool {
    limit.is_some_and(|limit| latency.mean > limit)
}

fn too_slow(monitor: &Monitor, latency: Latency) -> Option<Cause> {
    let slow = |class, limit: Duration| {
        Cause::new(
            class,
            format!(
                "mean total {:.1} ms is over the limit of {} ms",
                latency.mean.as_secs_f64() * 1e3,
                limit.as_millis()
            ),
        )
    };
    let over = |limit: &Duration| latency.mean > *limit;
    let exceeded = monitor.thresholds.exceeded.filter(over);
    let degraded = monitor.thresholds.degraded.filter(over);
    exceeded
        .map(|limit| slow(ErrorClass::LatencyExceeded, limit))
        .or_else(|| degraded.map(|limit| slow(ErrorClass::LatencyDegraded, limit)))
}

fn certificate_days(result: &ProbeResult) -> Option<i64> {
    certificates(result)
        .map(|(facts, now)| facts.days_left(now))
        .min()
}

fn certificates(
    result: &ProbeResult,
) -> impl Iterator<Item = (&crate::probe::CertificateFacts, Timestamp)> {
    result.samples.iter().filter_map(|attempt| {
        let facts = attempt.tls.as_ref()?.certificate.as_ref()?;
        Some((facts, attempt.started_at))
    })
}

/// Certificates of short life cannot be renewed weeks ahead: a third of the lifetime is enough.
fn certificate_warning(monitor: &Monitor, result: &ProbeResult) -> Option<Cause> {
    certificates(result).find_map(|(facts, now)| {
        let wanted = i64::from(monitor.thresholds.cert_days).min(facts.lifetime_days() / 3);
        let left = facts.days_left(now);
        (left < wanted).then(|| {
            Cause::new(
                ErrorClass::CertExpiring,
                format!(
                    "the certificate expires on {}, in {left} days",
                    facts.not_after
                ),
            )
        })
    })
}

#[cfg(test)]
pub(crate) mod tests;
