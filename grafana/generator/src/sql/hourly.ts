// Counts per monitor and hour. Everything about service levels is computed from this one table,
// so it is the only place to change when the counts come from hourly rows of their own.
import { dimension, measure, row } from "../names.ts";
import { newest, rowsInRange } from "./text.ts";
import { BAD, COUNTS, GOOD } from "./probes.ts";

const { tenant, monitor_id, location } = dimension;
const m = measure;

/** One row per monitor and hour: `good` and `bad` probes over all locations; `bad_minutes`, the
 * time that the bad ones stand for; `measured_s` and `planned_s`, the seconds that probes with a
 * verdict and all planned probes stand for; `fast`, the good probes within the promised latency;
 * and the promise (`slo`, in percent). */
export function hourly(...conditions: string[]): string {
  return [
    `SELECT ${tenant}, ${monitor_id}, bin(time, 1h) AS hour,`,
    `  ${GOOD} AS good,`,
    `  ${BAD} AS bad,`,
    `  sum(CASE WHEN ${m.up} = 0 AND ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END)`,
    `    / 60 / count(DISTINCT ${location}) AS bad_minutes,`,
    `  sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END) AS measured_s,`,
    `  sum(CASE WHEN ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END) AS planned_s,`,
    `  sum(CASE WHEN ${m.up} = 1 AND ${m.in_maintenance} = false`,
    `    AND ${m.latency_ms} <= ${m.slo_latency_ms} THEN 1 ELSE 0 END) AS fast,`,
    `  ${newest(m.slo_availability)} AS slo,`,
    `  ${newest(m.slo_latency_ms)} AS latency_target`,
    rowsInRange(row.probe, ...conditions),
    `GROUP BY ${tenant}, ${monitor_id}, bin(time, 1h)`,
  ].join("\n");
}
