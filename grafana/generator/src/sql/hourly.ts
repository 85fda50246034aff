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

/** The seconds that a probe row stands for. A row of missed slots stands for at most its hour. */
const PLANNED = `least(${m.interval_s} * coalesce(${m.missed}, 1), ${HOUR_MS / 1000}.0)`;
const seconds = (which: string, each: string = m.interval_s) => `sum(CASE WHEN ${which} THEN ${each} ELSE 0.0 END)`;

/** What can be known of an hour: from a rollup, from probe rows, and of all locations. */
const COLUMNS = {
  /** Probes that found the target working. */
  good: { rolledUp: m.good, probed: GOOD, all: "sum(good)" },
  /** Probes that found it failing. */
  bad: { rolledUp: m.bad, probed: BAD, all: "sum(bad)" },
  /** The time that the bad ones stand for. */
  bad_minutes: {
    rolledUp: `${m.bad} * ${m.interval_s} / 60`,
    probed: `${seconds(`${m.up} = 0 AND ${m.in_maintenance} = false`)} / 60`,
    all: `sum(bad_minutes) / count(DISTINCT ${location})`,
  },
  /** The seconds that probes with a verdict stand for. */
  measured_s: {
    rolledUp: `(${m.good} + ${m.bad}) * ${m.interval_s}`,
    probed: seconds(COUNTS),
    all: "sum(measured_s)",
  },
  /** The seconds that all planned probes stand for. */
  planned_s: {
    rolledUp: `(${m.expected} - ${m.maintained}) * ${m.interval_s}`,
    probed: seconds(`${m.in_maintenance} = false`, PLANNED),
    all: "sum(planned_s)",
  },
  /** Good probes within the promised latency. */
  fast: { rolledUp: `coalesce(${m.latency_kept}, 0)`, probed: FAST, all: "sum(fast)" },
  /** Good probes with a latency that can be trusted. */
  timed: { rolledUp: m.latency_count, probed: TIMED, all: "sum(timed)" },
  /** The promised availability, in percent. */
  slo: { rolledUp: m.slo_availability, probed: newest(m.slo_availability), all: "max_by(slo, seen)" },
  /** The promised latency, in ms. */
  latency_target: {
    rolledUp: m.slo_latency_ms,
    probed: newest(m.slo_latency_ms),
    all: "max_by(latency_target, seen)",
  },
} as const;

export type HourlyColumn = keyof typeof COLUMNS;
export const EVERY_COLUMN = Object.keys(COLUMNS) as HourlyColumn[];

/** One row per monitor and hour with the columns that are named, and the number of `locations`. Who
 * asks for little pays for little: Timestream bills the bytes of the columns that are read. */
export function hourly(columns: readonly HourlyColumn[], ...conditions: string[]): string {
  const each = (from: keyof (typeof COLUMNS)[HourlyColumn]) =>
    columns.map((name) => `  ${COLUMNS[name][from]} AS ${name},`);
  /** Hours from rollups. */
  const rolledUp = (...times: string[]) =>
    [
      `SELECT ${tenant}, ${monitor_id}, ${location}, time AS hour,`,
      ...each("rolledUp"),
      "  time AS seen",
      rowsInRange(row.rollup, ...times, ...conditions),
    ].join("\n");
  /** Hours from probe rows. */
  const probed = (...times: string[]) =>
    [
      `SELECT ${tenant}, ${monitor_id}, ${location}, bin(time, 1h) AS hour,`,
      ...each("probed"),
      "  max(time) AS seen",
      rowsInRange(row.probe, ...times, ...conditions),
      `GROUP BY ${tenant}, ${monitor_id}, ${location}, bin(time, 1h)`,
    ].join("\n");
  return [
    `SELECT ${tenant}, ${monitor_id}, hour,`,
    ...each("all"),
    `  count(DISTINCT ${location}) AS locations`,
    "FROM (",
    [
      rolledUp(since(firstHour), before(lastHour)),
      probed(before(`least(${firstHour}, ${lastPiece})`)),
      probed(since(lastPiece)),
    ].join("\nUNION ALL\n"),
    ")",
    `GROUP BY ${tenant}, ${monitor_id}, hour`,
  ].join("\n");
}
