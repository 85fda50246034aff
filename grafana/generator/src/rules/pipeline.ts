// Who watches the watcher: silence, lateness, loss, and a heartbeat.
import { SYSTEM_TENANT, dimension, measure as m, row } from "../names.ts";
import { DEFINITION_SPAN } from "../sql/monitors.ts";
import { END, newest, rowsAtEnd, rowsInRange, sameMonitor, text, withTables } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE } from "./sql.ts";

const { tenant, monitor_id, location } = dimension;
const ours = `${tenant} = ${text(SYSTEM_TENANT)}`;

/** Silence is measured from the last verdict, or from the first definition where there is none. */
const silenceSql = withTables(
  {
    definition: [
      `SELECT ${tenant}, ${monitor_id}, ${newest(m.enabled)} AS enabled, ${newest(m.deleted)} AS deleted,`,
      `  ${newest(m.interval_s)} AS interval_s, ${newest(m.severity)} AS severity, ${newest(m.team)} AS team,`,
      `  min(CASE WHEN ${m.enabled} = true THEN time END) AS known_since`,
      rowsAtEnd(row.monitor, DEFINITION_SPAN),
      `GROUP BY ${tenant}, ${monitor_id}`,
    ].join("\n"),
    heard: [
      `SELECT ${tenant}, ${monitor_id}, max(time) AS last`,
      rowsAtEnd(row.probe, DEFINITION_SPAN, `${m.up} IS NOT NULL`),
      `GROUP BY ${tenant}, ${monitor_id}`,
    ].join("\n"),
    silence: [
      `SELECT d.${tenant}, d.${monitor_id}, coalesce(d.team, '') AS ${m.team}, d.severity, d.interval_s,`,
      `  date_diff('second', coalesce(h.last, d.known_since), ${END}) AS seconds`,
      `FROM definition d LEFT JOIN heard h ON ${sameMonitor("d", "h")}`,
      "WHERE d.enabled = true AND d.deleted = false",
    ].join("\n"),
  },
  [
    `SELECT ${tenant}, ${monitor_id}, ${m.team}, ${m.severity},`,
    "  CAST(CASE WHEN interval_s <= 3600 AND seconds > greatest(3 * interval_s, 180.0)",
    "    THEN round(seconds / 60.0) ELSE 0 END AS double) AS value",
    "FROM silence",
  ].join("\n"),
);

export const silent: Rule = {
  slug: "monitor-silent",
  title: "Monitor silent",
  sql: silenceSql,
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "1m",
  noData: {
    state: "NoData",
    why: "no definition for three hours: either nothing is monitored or the rows do not arrive, and somebody should know which",
  },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: null,
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} gave no verdict for {{ $values.A }} min",
  description:
    "No probe of {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) said anything about its target for {{ $values.A }} minutes, which is more than three of its intervals. It may be up or down: nobody knows.",
  panel: { dashboard: "operations", id: 2, monitor: false },
};

export const late: Rule = {
  slug: "pipeline-late",
  title: "Pipeline late",
  sql: withTables(
    {
      component: [
        `SELECT ${monitor_id}, ${location}, date_diff('second', max(time), ${END}) AS age,`,
        `  max(CASE WHEN time > ${END} - 5m THEN ${m.start_lag_max_ms} END) / 1000 AS lag`,
        rowsInRange(row.ops, ours),
        `GROUP BY ${monitor_id}, ${location}`,
      ].join("\n"),
    },
    [
      `SELECT ${monitor_id} AS component, ${location},`,
      "  CAST(CASE WHEN age > 300 THEN age WHEN lag > 10 THEN round(lag) ELSE 0 END AS double) AS value",
      "FROM component",
    ].join("\n"),
  ),
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "3m",
  noData: { state: "Alerting", why: "no component gave a sign of life for three hours: the pipeline stands still" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "critical",
  summary: "{{ $labels.component }} in {{ $labels.location }} is {{ $values.A }} s late",
  description:
    "Component {{ $labels.component }} in {{ $labels.location }} either gave no sign of life for more than five minutes or began probes more than ten seconds late; the delay is {{ $values.A }} s. Outages are noticed that much later.",
  panel: { dashboard: "operations", id: 4, monitor: false },
};

export const rejected: Rule = {
  slug: "writes-rejected",
  title: "Writes rejected",
  sql: [
    `SELECT ${monitor_id} AS component, ${location}, CAST(sum(${m.rows_rejected}) AS double) AS value`,
    rowsAtEnd(row.ops, "15m", ours),
    `GROUP BY ${monitor_id}, ${location}`,
  ].join("\n"),
  range: 900,
  fires: { above: 0 },
  for: "0s",
  noData: { state: "OK", why: "no sign of life is what the rule for a late pipeline watches" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "critical",
  summary: "{{ $values.A }} rows of {{ $labels.component }} in {{ $labels.location }} were rejected",
  description:
    "The database refused {{ $values.A }} rows of component {{ $labels.component }} in {{ $labels.location }} within 15 minutes. Repeats of the same row do not count. Results are missing, and the cause is a fault of ours or of the set-up.",
  panel: { dashboard: "operations", id: 8, monitor: false },
};

export const networkLost: Rule = {
  slug: "network-lost",
  title: "Location without network",
  sql: [
    `SELECT ${monitor_id} AS component, ${location},`,
    `  CAST(sum(CASE WHEN ${m.network_lost} = true THEN 1 ELSE 0 END) AS double) AS value`,
    rowsAtEnd(row.ops, "5m", ours),
    `GROUP BY ${monitor_id}, ${location}`,
  ].join("\n"),
  range: 300,
  fires: { above: 0 },
  for: "0s",
  noData: { state: "OK", why: "no sign of life is what the rule for a late pipeline watches" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "critical",
  summary: "{{ $labels.location }} lost its network",
  description:
    "The prober in {{ $labels.location }} reached too few unrelated targets in {{ $values.A }} of the last five minutes to believe that they are all down: it has lost its own network. Its failures on the way to a target are recorded as unknown, call nobody and count for no availability. This one alert stands for all of them.",
  panel: { dashboard: "operations", id: 4, monitor: false },
};

export const watchdog: Rule = {
  slug: "watchdog",
  title: "Watchdog",
  sql: [
    "SELECT 'alerting' AS path, CAST(count(*) AS double) AS value",
    rowsInRange(row.ops, ours),
  ].join("\n"),
  range: 600,
  fires: { above: -1 },
  for: "0s",
  noData: { state: "OK", why: "a heartbeat that cannot be measured must stop, so that its absence is noticed" },
  error: { state: "OK", why: "a heartbeat that cannot be measured must stop, so that its absence is noticed" },
  severity: "info",
  summary: "Alerting works: {{ $values.A }} minute rows in ten minutes",
  description:
    "This alert always fires. It shows that Grafana evaluates rules, that the data source answers and that the contact point is reached. Whoever receives it raises the alarm when it stops.",
  panel: { dashboard: "operations", id: 1, monitor: false },
};
