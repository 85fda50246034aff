// Slower than promised, for long enough to be no accident.
import { dimension, measure as m, row } from "../names.ts";
import { COUNTS, LATENCY } from "../sql/probes.ts";
import { END, newest, rowsAtEnd } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE, perMonitor } from "./sql.ts";

const { tenant, monitor_id } = dimension;
/** A window holds at least ten minutes and at least four intervals. */
const inWindow = `to_milliseconds(${END}) - to_milliseconds(time) <= greatest(600000.0, 4000 * ${m.interval_s})`;

export const latency: Rule = {
  slug: "latency",
  title: "Latency over target",
  sql: perMonitor(
    {
      probes: [
        `SELECT ${tenant}, ${monitor_id}, approx_percentile(${LATENCY}, 0.5) AS median,`,
        `  count(${LATENCY}) AS probes, ${newest(m.slo_latency_ms)} AS target`,
        rowsAtEnd(row.probe, "1h", COUNTS, `${m.latency_ms} IS NOT NULL`, inWindow),
        `GROUP BY ${tenant}, ${monitor_id}`,
      ].join("\n"),
    },
    "probes",
    { target_ms: "coalesce(CAST(CAST(t.target AS bigint) AS varchar), 'none')" },
    "CASE WHEN t.probes >= 3 AND t.median > t.target THEN round(t.median) ELSE 0 END",
  ),
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "5m",
  keepFiringFor: "5m",
  noData: { state: "OK", why: "no latency at all is an outage or silence, which have rules of their own" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "warning",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} is slow: median {{ $values.A }} ms, promised {{ $labels.target_ms }} ms",
  description:
    "For at least five minutes more than half of the good probes of {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) took longer than the promised {{ $labels.target_ms }} ms; the median is {{ $values.A }} ms. Monitors without a latency target never fire.",
  panel: { dashboard: "monitor", id: 5, monitor: true },
};
