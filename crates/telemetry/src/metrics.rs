//! The figures of an invocation.

mod emf;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tidewatch_domain::schema::measure;

pub(crate) use emf::{Origin, line};

macro_rules! metrics {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:expr, $unit:ident, $combine:ident;)*) => {
        /// A figure that functions tell about themselves.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Metric {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Metric] = &[$(Metric::$variant,)*];

            /// The name in CloudWatch, the same as that of the measure with this figure.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Metric::$variant => $name,)*
                }
            }

            fn unit(self) -> Unit {
                match self {
                    $(Metric::$variant => Unit::$unit,)*
                }
            }

            fn combine(self) -> Combine {
                match self {
                    $(Metric::$variant => Combine::$combine,)*
                }
            }
        }
    };
}

metrics! {
    /// Monitors that are defined and enabled.
    Monitors measure::MONITORS, Count, Last;
    /// Monitor entries that the validator refused.
    MonitorsInvalid measure::MONITORS_INVALID, Count, Last;
    /// Schedule rules that exist.
    Rules measure::RULES, Count, Last;
    /// Schedule rules that were made, changed or removed.
    RulesChanged measure::RULES_CHANGED, Count, Sum;
    /// Schedule rules that a reconciliation found otherwise than planned.
    Drift "drift", Count, Sum;
    /// Probes finished.
    Probes measure::PROBES, Count, Sum;
    /// Slots that passed without a probe.
    Missed measure::MISSED, Count, Sum;
    /// Largest start lag of a probe.
    StartLag measure::START_LAG_MAX_MS, Milliseconds, Largest;
    /// Rows stored.
    RowsWritten measure::ROWS_WRITTEN, Count, Sum;
    /// Rows that were there already.
    RowsDuplicate measure::ROWS_DUPLICATE, Count, Sum;
    /// Rows refused.
    RowsRejected measure::ROWS_REJECTED, Count, Sum;
    /// Failed attempts to write a batch.
    WriteRetries measure::WRITE_RETRIES, Count, Sum;
    /// Batches of a bucket that could not be judged because its state is too large to be kept.
    StatesTooLarge "states_too_large", Count, Sum;
    /// Age of the oldest result that was judged.
    QueueAge measure::QUEUE_AGE_MS, Milliseconds, Largest;
    /// Messages, records or requests that could not be read or were not allowed.
    Refused "refused", Count, Sum;
    /// Messages to people that went out.
    NotificationsSent measure::NOTIFICATIONS_SENT, Count, Sum;
    /// Messages to people that no channel took.
    NotificationsFailed measure::NOTIFICATIONS_FAILED, Count, Sum;
    /// Deliveries of the Watchdog alert, which always fires: their absence is the alarm.
    Heartbeats "heartbeats", Count, Sum;
}

/// CloudWatch's word for what a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Milliseconds,
}

/// What several figures of one invocation come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combine {
    Sum,
    Largest,
    Last,
}

/// Gathers the figures of one invocation; clones share them.
///
/// An execution environment runs one invocation at a time, so that one of these serves a process
/// for its whole life: [`run`](crate::run()) writes the figures and forgets them after each
/// invocation.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<Values>>);

type Values = Vec<(Metric, f64)>;

impl Metrics {
    /// Adds `count` to a metric that counts. A sum of zero is not told to CloudWatch, where every
    /// metric is paid for by the hour in which it is told.
    pub fn count(&self, metric: Metric, count: u64) {
        debug_assert_eq!(metric.combine(), Combine::Sum, "{metric:?}");
        self.record(metric, count as f64);
    }

    /// Says that a metric stands at `value` now.
    pub fn gauge(&self, metric: Metric, value: u64) {
        debug_assert_eq!(metric.combine(), Combine::Last, "{metric:?}");
        self.record(metric, value as f64);
    }

    /// Keeps `duration` where it is the longest of the invocation.
    pub fn longest(&self, metric: Metric, duration: Duration) {
        debug_assert_eq!(metric.combine(), Combine::Largest, "{metric:?}");
        self.record(metric, duration.as_secs_f64() * 1_000.0);
    }

    /// What a metric has come to in this invocation, in its unit (milliseconds for durations);
    /// `None` when nothing was recorded.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = values.iter().find(|(recorded, _)| *recorded == metric);
        found.map(|(_, value)| *value)
    }

    fn record(&self, metric: Metric, value: f64) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match values.iter_mut().find(|(recorded, _)| *recorded == metric) {
            None => values.push((metric, value)),
            Some((_, found)) => {
                *found = match metric.combine() {
                    Combine::Sum => *found + value,
                    Combine::Largest => found.max(value),
                    Combine::Last => value,
                }
            }
        }
    }

    /// The figures of the invocation that ends, without sums of zero; the next one begins with
    /// none.
    pub(crate) fn take(&self) -> Values {
        let mut values =
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        values.retain(|(metric, value)| metric.combine() != Combine::Sum || *value != 0.0);
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn figures_of_an_invocation_come_together() {
        let metrics = Metrics::default();
        let shared = metrics.clone();
        metrics.count(Metric::Probes, 2);
        shared.count(Metric::Probes, 3);
        metrics.longest(Metric::StartLag, Duration::from_micros(1_500));
        metrics.longest(Metric::StartLag, Duration::from_millis(1));
        metrics.gauge(Metric::Rules, 12);
        metrics.gauge(Metric::Rules, 11);
        assert_eq!(metrics.value(Metric::Probes), Some(5.0));
        assert_eq!(metrics.value(Metric::StartLag), Some(1.5));
        assert_eq!(metrics.value(Metric::Rules), Some(11.0));
        assert_eq!(metrics.value(Metric::Missed), None);
    }

    #[test]
    fn the_next_invocation_begins_with_none() {
        let metrics = Metrics::default();
        metrics.count(Metric::RowsRejected, 1);
        assert_eq!(metrics.take(), vec![(Metric::RowsRejected, 1.0)]);
        assert_eq!(metrics.take(), Vec::new());
    }

    #[test]
    fn a_count_of_nothing_is_known_but_costs_nothing() {
        let metrics = Metrics::default();
        metrics.count(Metric::Missed, 0);
        metrics.gauge(Metric::Rules, 0);
        assert_eq!(metrics.value(Metric::Missed), Some(0.0));
        assert_eq!(metrics.take(), vec![(Metric::Rules, 0.0)]);
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::ALL.len());
    }
}
