//! `rollup` rows: what an hour of a monitor from one location came to.

use super::dimensions;
use crate::record::Record;
use crate::rollup::{Counted, Hour, LATENCY_LIMITS};
use crate::schema::{measure, measure_name};

/// The row of what was counted in `hour`, of `expected` slots.
pub fn rollup_row(hour: Hour, counted: &Counted, expected: i64) -> Record {
    let series = &counted.series;
    let mut record = Record::new(
        measure_name::ROLLUP,
        hour.start(),
        dimensions(&series.key, &series.location, counted.kind),
    );
    record.set(measure::GOOD, counted.good);
    record.set(measure::BAD, counted.bad);
    record.set(measure::EXPECTED, expected);
    record.set(measure::UNOBSERVED, counted.unobserved);
    record.set(measure::MAINTAINED, counted.maintained);
    let latencies = counted.latencies;
    record.set(measure::LATENCY_COUNT, latencies.count);
    if latencies.count > 0 {
        record.set(measure::LATENCY_SUM_MS, latencies.sum_ms);
    }
    if counted.slo_latency_ms.is_some() {
        record.set(measure::LATENCY_KEPT, latencies.kept);
    }
    for ((_, name), within) in LATENCY_LIMITS.into_iter().zip(latencies.within) {
        record.set(name, within);
    }
    record.set_some(measure::INTERVAL_S, counted.interval_s);
    record.set_some(measure::SLO_AVAILABILITY, counted.slo_availability);
    record.set_some(measure::SLO_LATENCY_MS, counted.slo_latency_ms);
    record.set_some(measure::SEVERITY, counted.severity.clone());
    record
}
