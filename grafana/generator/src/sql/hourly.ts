// Counts per monitor and hour: everything about service levels is computed from this one table.
//
// Hours that are over come from rollups, a row for each monitor, location and hour. What no rollup
// stands for comes from probe rows: the hour that is still going on, and the part of the first hour
// that lies within the time range.
import { dimension, measure, row } from "../names.ts";
import { newest, rowsInRange } from "./text.ts";
import { BAD, COUNTS, FAST, GOOD, TIMED } from "./probes.ts";

const { tenant, monitor_id, location } = dimension;
const m = measure;

const HOUR_MS = 3_600_000;
/** An hour counts as over for so long after its end: by then its rollups are written everywhere. */
const SETTLED_AFTER_MS = 600_000;
/** The start of the first hour that begins within the time range, in ms. */
const firstHour = `($__timeFrom + ${HOUR_MS - 1}) / ${HOUR_MS} * ${HOUR_MS}`;
/** The start of the hour that is still going on at the end of the time range, in ms. */
const lastHour = `($__timeTo - ${SETTLED_AFTER_MS}) / ${HOUR_MS} * ${HOUR_MS}`;
/** Where the second piece of probe rows begins. */
const lastPiece = `greatest($__timeFrom, ${lastHour})`;

const before = (ms: string) => `time < from_milliseconds(${ms})`;
const since = (ms: string) => `time >= from_milliseconds(${ms})`;

/** One row per monitor and hour: `good` and `bad` probes over all locations; `bad_minutes`, the
 * time that the bad ones stand for; `measured_s` and `planned_s`, the seconds that probes with a
 * verdict and all planned probes stand for; `timed`, the good probes with a latency that can be
 * trusted, and `fast`, those of them within the promised one; the promise (`slo`, in percent, and
 * `latency_target`); and the number of `locations`. */
export function hourly(...conditions: string[]): string {
  return [
    `SELECT ${tenant}, ${monitor_id}, hour, sum(good) AS good, sum(bad) AS bad,`,
    `  sum(bad_s) / 60 / count(DISTINCT ${location}) AS bad_minutes,`,
    "  sum(measured_s) AS measured_s, sum(planned_s) AS planned_s,",
    "  sum(fast) AS fast, sum(timed) AS timed,",
    "  max_by(slo, seen) AS slo, max_by(latency_target, seen) AS latency_target,",
    `  count(DISTINCT ${location}) AS locations`,
    "FROM (",
    [
      rolledUp(since(firstHour), before(lastHour), ...conditions),
      probed(before(`least(${firstHour}, ${lastPiece})`), ...conditions),
      probed(since(lastPiece), ...conditions),
    ].join("\nUNION ALL\n"),
    ")",
    `GROUP BY ${tenant}, ${monitor_id}, hour`,
  ].join("\n");
}

/** Hours from rollups. */
function rolledUp(...conditions: string[]): string {
  return [
    `SELECT ${tenant}, ${monitor_id}, ${location}, time AS hour, time AS seen,`,
    `  ${m.good} AS good, ${m.bad} AS bad, ${m.bad} * ${m.interval_s} AS bad_s,`,
    `  (${m.good} + ${m.bad}) * ${m.interval_s} AS measured_s,`,
    `  (${m.expected} - ${m.maintained}) * ${m.interval_s} AS planned_s,`,
    `  coalesce(${m.latency_kept}, 0) AS fast, ${m.latency_count} AS timed,`,
    `  ${m.slo_availability} AS slo, ${m.slo_latency_ms} AS latency_target`,
    rowsInRange(row.rollup, ...conditions),
  ].join("\n");
}

/** Hours from probe rows. A row of missed slots stands for at most its hour. */
function probed(...conditions: string[]): string {
  const planned = `least(${m.interval_s} * coalesce(${m.missed}, 1), ${HOUR_MS / 1000}.0)`;
  return [
    `SELECT ${tenant}, ${monitor_id}, ${location}, bin(time, 1h) AS hour, max(time) AS seen,`,
    `  ${GOOD} AS good, ${BAD} AS bad,`,
    `  sum(CASE WHEN ${m.up} = 0 AND ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END) AS bad_s,`,
    `  sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END) AS measured_s,`,
    `  sum(CASE WHEN ${m.in_maintenance} = false THEN ${planned} ELSE 0.0 END) AS planned_s,`,
    `  ${FAST} AS fast, ${TIMED} AS timed,`,
    `  ${newest(m.slo_availability)} AS slo, ${newest(m.slo_latency_ms)} AS latency_target`,
    rowsInRange(row.probe, ...conditions),
    `GROUP BY ${tenant}, ${monitor_id}, ${location}, bin(time, 1h)`,
  ].join("\n");
}
