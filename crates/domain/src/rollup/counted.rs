//! What the probes of an hour came to, as the store counts it.

use super::{Series, decimal, text, whole};
use crate::monitor::Kind;
use crate::record::Value;
use crate::schema::{dimension, measure};

/// The limits of the latency buckets, in ms, and the measure of each. A latency is in every bucket
/// whose limit it does not exceed.
pub const LATENCY_LIMITS: [(u32, &str); 9] = [
    (25, measure::LATENCY_LE_25),
    (50, measure::LATENCY_LE_50),
    (100, measure::LATENCY_LE_100),
    (200, measure::LATENCY_LE_200),
    (400, measure::LATENCY_LE_400),
    (800, measure::LATENCY_LE_800),
    (1_600, measure::LATENCY_LE_1600),
    (3_200, measure::LATENCY_LE_3200),
    (6_400, measure::LATENCY_LE_6400),
];

/// What the probes of one monitor from one location came to within an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Whose probes.
    pub series: Series,
    /// The kind of check, the newest where it changed.
    pub kind: Kind,
    /// Slots that came out ok or degraded, outside of maintenance.
    pub good: i64,
    /// Slots that failed, outside of maintenance.
    pub bad: i64,
    /// Slots whose outcome is unknown or missed, outside of maintenance.
    pub unobserved: i64,
    /// Slots inside a maintenance window.
    pub maintained: i64,
    /// The latencies that count.
    pub latencies: Latencies,
    /// The newest time between slots, in seconds.
    pub interval_s: Option<f64>,
    /// The newest promise, in percent.
    pub slo_availability: Option<f64>,
    /// The newest promised latency, in ms.
    pub slo_latency_ms: Option<f64>,
    /// How bad an outage is.
    pub severity: Option<String>,
}

/// The latencies that count, those of good probes that are neither tainted nor late.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Latencies {
    /// How many there are.
    pub count: i64,
    /// Their sum, in ms.
    pub sum_ms: f64,
    /// How many kept the latency that was promised at the time.
    pub kept: i64,
    /// How many did not exceed each of [`LATENCY_LIMITS`].
    pub within: [i64; LATENCY_LIMITS.len()],
}

impl Counted {
    /// Reads a row of [`counts_statement`](super::counts_statement), whose cells `column` gives by
    /// name; `None` for a row of a kind or name that this version does not know.
    pub fn of_row(column: impl Fn(&str) -> Option<Value>) -> Option<Self> {
        let count = |name: &str| whole(column(name)).unwrap_or_default();
        let kind = text(column(dimension::KIND))?;
        Some(Counted {
            series: Series::of_row(&column)?,
            kind: *Kind::ALL.iter().find(|known| known.name() == kind)?,
            good: count(measure::GOOD),
            bad: count(measure::BAD),
            unobserved: count(measure::UNOBSERVED),
            maintained: count(measure::MAINTAINED),
            latencies: Latencies {
                count: count(measure::LATENCY_COUNT),
                sum_ms: decimal(column(measure::LATENCY_SUM_MS)).unwrap_or_default(),
                kept: count(measure::LATENCY_KEPT),
                within: LATENCY_LIMITS.map(|(_, name)| count(name)),
            },
            interval_s: decimal(column(measure::INTERVAL_S)),
            slo_availability: decimal(column(measure::SLO_AVAILABILITY)),
            slo_latency_ms: decimal(column(measure::SLO_LATENCY_MS)),
            severity: text(column(measure::SEVERITY)),
        })
    }

    /// All slots of which there is a row.
    pub fn slots(&self) -> i64 {
        self.good + self.bad + self.unobserved + self.maintained
    }
}
