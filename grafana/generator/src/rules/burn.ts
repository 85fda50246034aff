// The error budget is spent too fast. Two windows each, so that the alert ends soon after the
// trouble does, and floors, because at one probe a minute a single failure can exceed the rate.
import { dimension, measure as m, row } from "../names.ts";
import { BAD, COUNTS, GOOD, burnRate } from "../sql/probes.ts";
import { END, newest, rowsAtEnd } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE, perMonitor } from "./sql.ts";

const { tenant, monitor_id, location } = dimension;

/** Fewest bad probes in the long and in the short window. */
const LEAST_BAD = { long: 3, short: 2 };
/** Least share of the long window that probes with a verdict must stand for. */
const LEAST_COVERAGE = 0.5;

interface Windows {
  long: { span: string; seconds: number };
  short: { span: string };
  limit: number;
}

const inShort = (span: string, sql: string) =>
  sql.replace("sum(CASE WHEN ", `sum(CASE WHEN time > ${END} - ${span} AND `);

function burnSql({ long, short, limit }: Windows): string {
  const rate = (window: "long" | "short") => burnRate(`t.good_${window}`, `t.bad_${window}`, "t.slo");
  return perMonitor(
    {
      probes: [
        `SELECT ${tenant}, ${monitor_id}, ${newest(m.slo_availability)} AS slo,`,
        `  ${GOOD} AS good_long, ${BAD} AS bad_long,`,
        `  ${inShort(short.span, GOOD)} AS good_short,`,
        `  ${inShort(short.span, BAD)} AS bad_short,`,
        `  sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END)`,
        `    / (${long.seconds}.0 * count(DISTINCT ${location})) AS coverage`,
        rowsAtEnd(row.probe, long.span),
        `GROUP BY ${tenant}, ${monitor_id}`,
      ].join("\n"),
    },
    "probes",
    {},
    [
      `CASE WHEN ${rate("long")} > ${limit}`,
      `    AND ${rate("short")} > ${limit}`,
      `    AND t.bad_long >= ${LEAST_BAD.long} AND t.bad_short >= ${LEAST_BAD.short}`,
      `    AND t.coverage >= ${LEAST_COVERAGE}`,
      `    THEN round(${rate("long")}, 1) ELSE 0 END`,
    ].join("\n"),
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
  sql: burnSql({ long: { span: "1h", seconds: 3600 }, short: { span: "5m" }, limit: 14.4 }),
  severity: "critical",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} burns its error budget {{ $values.A }} times too fast",
  description:
    "Over the last hour {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) spent its error budget {{ $values.A }} times as fast as its availability target allows, and the last five minutes are no better. At 14.4 times a budget of 30 days is gone in two days.",
};

export const slowBurn: Rule = {
  ...common,
  slug: "slo-slow-burn",
  title: "Error budget burns slowly",
  sql: burnSql({ long: { span: "6h", seconds: 21_600 }, short: { span: "30m" }, limit: 6 }),
  range: 6 * 3600,
  severity: "warning",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} burns its error budget {{ $values.A }} times too fast",
  description:
    "Over the last six hours {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) spent its error budget {{ $values.A }} times as fast as its availability target allows, and the last half hour is no better. At 6 times a budget of 30 days is gone in five days.",
};
