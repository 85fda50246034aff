//! The questions to the store, in Timestream's SQL. Each is bounded in time and names its
//! `measure_name`.

use std::time::Duration;

use super::Hour;
use super::counted::LATENCY_LIMITS;
use crate::schema::{dimension, measure, measure_name};
use crate::time::Timestamp;

/// Definitions are written hourly: two may be lost before one is forgotten.
const DEFINITIONS_BEFORE: Duration = Duration::from_secs(3 * 60 * 60);

/// Asks what the probes of `hour` came to: a row for each monitor and location, as
/// [`Counted`](super::Counted) reads it.
///
/// A row of missed slots stands for those of them that lie in the hour. A latency counts where the
/// probe was good, outside of maintenance, and neither late nor tainted.
pub fn counts_statement(database: &str, table: &str, hour: Hour) -> String {
    let (tenant, monitor_id, location) = (
        dimension::TENANT,
        dimension::MONITOR_ID,
        dimension::LOCATION,
    );
    let count = |condition: &str, name: &str| {
        format!("sum(CASE WHEN {condition} THEN slots ELSE 0 END) AS {name}")
    };
    let newest = |name: &str| format!("max_by({name}, time) AS {name}");
    let mut columns = vec![
        newest(dimension::KIND),
        count("maintained = false AND up = 1", measure::GOOD),
        count("maintained = false AND up = 0", measure::BAD),
        count("maintained = false AND up IS NULL", measure::UNOBSERVED),
        count("maintained = true", measure::MAINTAINED),
        format!("count(latency) AS {}", measure::LATENCY_COUNT),
        format!("sum(latency) AS {}", measure::LATENCY_SUM_MS),
        format!(
            "sum(CASE WHEN latency <= {} THEN 1 ELSE 0 END) AS {}",
            measure::SLO_LATENCY_MS,
            measure::LATENCY_KEPT
        ),
    ];
    columns.extend(LATENCY_LIMITS.iter().map(|(limit, name)| {
        format!("sum(CASE WHEN latency <= {limit}.0 THEN 1 ELSE 0 END) AS {name}")
    }));
    columns.extend(
        [
            measure::INTERVAL_S,
            measure::SLO_AVAILABILITY,
            measure::SLO_LATENCY_MS,
            measure::SEVERITY,
        ]
        .map(newest),
    );
    format!(
        "SELECT {tenant}, {monitor_id}, {location}, {columns} FROM (\
         SELECT time, {tenant}, {monitor_id}, {location}, {kind}, {up}, {interval}, \
         {slo_availability}, {slo_latency}, {severity}, {maintenance} AS maintained, \
         least(coalesce({missed}, 1), CAST(ceil(({end} - to_milliseconds(time)) / \
         (1000 * {interval})) AS bigint)) AS slots, \
         CASE WHEN {up} = 1 AND {maintenance} = false AND {tainted} = false AND {late} = false \
         THEN {latency} END AS latency \
         FROM {from}) GROUP BY {tenant}, {monitor_id}, {location}",
        columns = columns.join(", "),
        kind = dimension::KIND,
        up = measure::UP,
        interval = measure::INTERVAL_S,
        slo_availability = measure::SLO_AVAILABILITY,
        slo_latency = measure::SLO_LATENCY_MS,
        severity = measure::SEVERITY,
        maintenance = measure::IN_MAINTENANCE,
        missed = measure::MISSED,
        tainted = measure::TAINTED,
        late = measure::LATE,
        latency = measure::LATENCY_MS,
        end = hour.end().as_millis(),
        from = rows(
            database,
            table,
            measure_name::PROBE,
            hour.start(),
            hour.end()
        ),
    )
}

/// Asks what the definitions said in `hour`, and shortly before it: a row for each row, as
/// [`Definition`](super::Definition) reads it.
pub fn definitions_statement(database: &str, table: &str, hour: Hour) -> String {
    format!(
        "SELECT {tenant}, {monitor_id}, time, {enabled}, {interval} FROM {from}",
        tenant = dimension::TENANT,
        monitor_id = dimension::MONITOR_ID,
        enabled = measure::ENABLED,
        interval = measure::INTERVAL_S,
        from = rows(
            database,
            table,
            measure_name::MONITOR,
            hour.start().minus(DEFINITIONS_BEFORE),
            hour.end()
        ),
    )
}

/// Asks for the rollups of `hour` that are there: a row for each, as [`Written`](super::Written)
/// reads it.
pub fn written_statement(database: &str, table: &str, hour: Hour) -> String {
    format!(
        "SELECT {tenant}, {monitor_id}, {location}, {columns} FROM {from}",
        tenant = dimension::TENANT,
        monitor_id = dimension::MONITOR_ID,
        location = dimension::LOCATION,
        columns = super::written::COMPARED.join(", "),
        from = rows(
            database,
            table,
            measure_name::ROLLUP,
            hour.start(),
            hour.end()
        ),
    )
}

/// Asks for the time, as the column `time`, of the newest rollup since `since`; null where there is
/// none. Whoever was away goes on from there.
pub fn newest_statement(database: &str, table: &str, since: Timestamp, now: Timestamp) -> String {
    let rollups = rows(database, table, measure_name::ROLLUP, since, now);
    format!("SELECT max(time) AS time FROM {rollups}")
}

/// Asks for the time, as the column `time`, of the oldest probe since `since`; null where there is
/// none. Whoever finds no rollup begins there.
pub fn oldest_statement(database: &str, table: &str, since: Timestamp, now: Timestamp) -> String {
    let probes = rows(database, table, measure_name::PROBE, since, now);
    format!("SELECT min(time) AS time FROM {probes}")
}

/// The rows of one kind from `start` until before `end`.
fn rows(database: &str, table: &str, name: &str, start: Timestamp, end: Timestamp) -> String {
    format!(
        "\"{database}\".\"{table}\" WHERE measure_name = '{name}' \
         AND time >= from_milliseconds({}) AND time < from_milliseconds({})",
        start.as_millis(),
        end.as_millis(),
    )
}
