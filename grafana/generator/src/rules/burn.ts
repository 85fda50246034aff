// The error budget is spent too fast. Two windows each, so that the alert ends soon after the
// trouble does, and floors, because at one probe a minute a single failure can exceed the rate.
import { dimension, measure as m, row } from "../names.ts";
import { hourly } from "../sql/hourly.ts";
import { BAD, COUNTS, GOOD, burnRate } from "../sql/probes.ts";
import { END, newest, rowsAtEnd, sameMonitor } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE, perMonitor } from "./sql.ts";

const { tenant, monitor_id, location } = dimension;

/** Fewest bad probes in the long and in the short window. */
const LEAST_BAD = { long: 3, short: 2 };
/** Least share of the long window that probes with a verdict must stand for. */
const LEAST_COVERAGE = 0.5;

/** The long window of the slow rule. */
const SLOW_HOURS = 6;

/** A number above 0 where `limit` is exceeded in both windows of the table `t`. */
function exceeded(limit: number): string {
  const rate = (window: "long" | "short") => burnRate(`t.good_${window}`, `t.bad_${window}`, "t.slo");
  return [
    `CASE WHEN ${rate("long")} > ${limit}`,
    `    AND ${rate("short")} > ${limit}`,
    `    AND t.bad_long >= ${LEAST_BAD.long} AND t.bad_short >= ${LEAST_BAD.short}`,
    `    AND t.coverage >= ${LEAST_COVERAGE}`,
    `    THEN round(${rate("long")}, 1) ELSE 0 END`,
  ].join("\n");
}

const inShort = (span: string, sql: string) =>
  sql.replace("sum(CASE WHEN ", `sum(CASE WHEN time > ${END} - ${span} AND `);

/** The last hour and its last five minutes, from probes. */
function withinTheHour(limit: number): string {
  const windows = [
    `SELECT ${tenant}, ${monitor_id}, ${newest(m.slo_availability)} AS slo,`,
    `  ${GOOD} AS good_long, ${BAD} AS bad_long,`,
    `  ${inShort("5m", GOOD)} AS good_short,`,
    `  ${inShort("5m", BAD)} AS bad_short,`,
    `  sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END)`,
    `    / (3600.0 * count(DISTINCT ${location})) AS coverage`,
    rowsAtEnd(row.probe, "1h"),
    `GROUP BY ${tenant}, ${monitor_id}`,
  ].join("\n");
  return perMonitor({ windows }, "windows", {}, exceeded(limit));
}

/** The whole time range of `hours`, from rollups where there are some, and the last half hour. */
function overHours(hours: number, limit: number): string {
  return perMonitor(
    {
      hourly: hourly(["good", "bad", "measured_s", "slo"]),
      long: [
        `SELECT ${tenant}, ${monitor_id}, max_by(slo, hour) AS slo,`,
        "  sum(good) AS good_long, sum(bad) AS bad_long,",
        `  sum(measured_s) / (${hours * 3600}.0 * max(locations)) AS coverage`,
        "FROM hourly",
        `GROUP BY ${tenant}, ${monitor_id}`,
      ].join("\n"),
      short: [
        `SELECT ${tenant}, ${monitor_id}, ${GOOD} AS good_short, ${BAD} AS bad_short`,
        rowsAtEnd(row.probe, "30m"),
        `GROUP BY ${tenant}, ${monitor_id}`,
      ].join("\n"),
      windows: [
        `SELECT l.${tenant}, l.${monitor_id}, l.slo, l.good_long, l.bad_long, l.coverage,`,
        "  coalesce(s.good_short, 0) AS good_short, coalesce(s.bad_short, 0) AS bad_short",
        `FROM long l LEFT JOIN short s ON ${sameMonitor("l", "s")}`,
      ].join("\n"),
    },
    "windows",
    {},
    exceeded(limit),
  );
}

const common = {
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "2m",
  noData: { state: "OK", why: "nothing measured is silence, not a spent budget; silence has a rule of its own" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  panel: { dashboard: "slo", id: 4, monitor: true },
} as const;

export const fastBurn: Rule = {
  ...common,
  slug: "slo-fast-burn",
  title: "Error budget burns fast",
  sql: withinTheHour(14.4),
  severity: "critical",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} burns its error budget {{ $values.A }} times too fast",
  description:
    "Over the last hour {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) spent its error budget {{ $values.A }} times as fast as its availability target allows, and the last five minutes are no better. At 14.4 times a budget of 30 days is gone in two days.",
};

export const slowBurn: Rule = {
  ...common,
  slug: "slo-slow-burn",
  title: "Error budget burns slowly",
  sql: overHours(SLOW_HOURS, 6),
  range: SLOW_HOURS * 3600,
  severity: "warning",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} burns its error budget {{ $values.A }} times too fast",
  description:
    "Over the last six hours {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) spent its error budget {{ $values.A }} times as fast as its availability target allows, and the last half hour is no better. At 6 times a budget of 30 days is gone in five days.",
};
