// Monitor: everything about one of them.
import * as dash from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, uid } from "../board.ts";
import { ALL_LOCATIONS, dimension, measure as m, outcome, row } from "../names.ts";
import {
  budgetLeft, certificateDays, colour, coverage, outcomeNumber, outcomeNumbers, outcomeWords, severityWords,
  statusNumbers,
} from "../palette.ts";
import { lanes, lines, ranges, rows, stats } from "../panels.ts";
import { CHOSEN_DATASOURCE, Format, target } from "../query.ts";
import { definitions, isOutage, statusNumber, verdicts } from "../sql/monitors.ts";
import { BAD, COUNTS, GOOD, LATENCY, availability, burnRate, latencyPercentile } from "../sql/probes.ts";
import { END, chosen, newest, newestKnown, rowsInRange, text, withTables } from "../sql/text.ts";
import { datasource, locations, monitor, tenant } from "../variables.ts";

const { location } = dimension;
const mine = [chosen(dimension.tenant, "tenant"), chosen(dimension.monitor_id, "monitor")];
const here = [...mine, chosen(location, "location")];

const now = withTables(
  { verdict: verdicts([m.state, m.overlays, m.since, m.epoch, m.flap_score], ...mine) },
  [
    `SELECT ${statusNumber(m.state, m.overlays)} AS state,`,
    `  date_diff('second', ${m.since}, ${END}) AS "for",`,
    `  ${m.epoch} AS "outages so far", 100 * ${m.flap_score} AS "flap score"`,
    "FROM verdict",
  ].join("\n"),
);

const quality = withTables(
  {
    probes: [
      `SELECT ${GOOD} AS good, ${BAD} AS bad, ${newest(m.slo_availability)} AS slo,`,
      `  ${latencyPercentile(0.5)} AS p50, ${latencyPercentile(0.95)} AS p95,`,
      `  sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END) AS measured_s,`,
      `  sum(CASE WHEN ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END) AS planned_s,`,
      `  ${newestKnown(m.cert_days)} AS certificate`,
      rowsInRange(row.probe, ...here),
    ].join("\n"),
  },
  [
    `SELECT ${availability("good", "bad")} AS availability, slo AS target,`,
    `  100 * (1 - ${burnRate("good", "bad", "slo")}) AS "budget left",`,
    "  p50, p95, 100 * measured_s / nullif(planned_s, 0) AS coverage, certificate",
    "FROM probes",
  ].join("\n"),
);

const definition = withTables(
  { definition: definitions(...mine) },
  [
    `SELECT ${m.name}, ${m.target}, ${dimension.kind}, ${m.enabled}, ${m.interval_s} AS "interval",`,
    `  ${m.severity}, ${m.team}, ${m.slo_availability} AS "availability target",`,
    `  ${m.slo_latency_ms} AS "latency target", ${m.runbook_url} AS runbook`,
    "FROM definition",
  ].join("\n"),
);

const outcomeCode = [
  `CASE ${m.outcome}`,
  ...Object.entries(outcomeNumber)
    .filter(([name]) => name !== "ok")
    .map(([name, number]) => `  WHEN ${text(outcome[name as keyof typeof outcomeNumber])} THEN ${number}`),
  "  ELSE 0",
  "END",
].join("\n");

const byLocation = [
  `SELECT bin(time, $__interval) AS time, ${location}, max(${outcomeCode}) AS outcome`,
  rowsInRange(row.probe, ...here),
  `GROUP BY bin(time, $__interval), ${location}`,
  "ORDER BY 1",
].join("\n");

const percentiles = [
  "SELECT bin(time, $__interval) AS time,",
  `  ${latencyPercentile(0.5)} AS p50, ${latencyPercentile(0.95)} AS p95, ${latencyPercentile(0.99)} AS p99,`,
  `  max(${m.slo_latency_ms}) AS "latency target", max(${m.degraded_ms}) AS "degraded above",`,
  `  max(${m.exceeded_ms}) AS "failed above"`,
  rowsInRange(row.probe, ...here),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const bounds = [25, 50, 100, 200, 400, 800, 1600, 3200, 6400];
const buckets = bounds.map((bound, index) => {
  const above = index === 0 ? "" : `${LATENCY} > ${bounds[index - 1]} AND `;
  return `  count_if(${above}${LATENCY} <= ${bound}) AS "up to ${bound} ms"`;
});
const distribution = [
  "SELECT bin(time, $__interval) AS time,",
  `${buckets.join(",\n")},`,
  `  count_if(${LATENCY} > ${bounds.at(-1)}) AS "above ${bounds.at(-1)} ms"`,
  rowsInRange(row.probe, ...here),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const phaseColours: Record<string, string> = {
  resolve: colour.aside,
  connect: colour.calm,
  tls: colour.accent,
  send: colour.neutral,
  wait: colour.warning,
  transfer: colour.good,
};
const phaseColumns = {
  resolve: m.resolve_ms, connect: m.connect_ms, tls: m.tls_ms, send: m.send_ms, wait: m.wait_ms,
  transfer: m.transfer_ms,
};
const phases = [
  "SELECT bin(time, $__interval) AS time,",
  `  ${Object.entries(phaseColumns).map(([name, column]) => `avg(${column}) AS ${name}`).join(", ")}`,
  rowsInRange(row.probe, `${m.up} = 1`, ...here),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const latencyByLocation = [
  `SELECT bin(time, $__interval) AS time, ${location}, ${latencyPercentile(0.95)} AS p95`,
  rowsInRange(row.probe, `${m.latency_ms} IS NOT NULL`, ...here),
  `GROUP BY bin(time, $__interval), ${location}`,
  "ORDER BY 1",
].join("\n");

const serverAndNetwork = [
  "SELECT bin(time, $__interval) AS time,",
  `  avg(${m.server_ms}) AS server, avg(${m.rtt_ms}) AS "network round trip"`,
  rowsInRange(row.probe, ...here),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const causesOverTime = [
  `SELECT bin(time, $__interval) AS time, ${m.error_class} AS cause, count(*) AS probes`,
  rowsInRange(row.probe, `${m.error_class} IS NOT NULL`, ...here),
  `GROUP BY bin(time, $__interval), ${m.error_class}`,
  "ORDER BY 1",
].join("\n");

const failures = [
  `SELECT time, ${location}, ${m.outcome}, ${m.error_class} AS cause, ${m.error_owner} AS "who acts",`,
  `  ${m.error_text} AS why, ${m.status_code} AS status, ${m.phase_reached} AS "phase reached",`,
  `  ${m.failed_attempts} AS failed, ${m.attempts}, ${m.total_ms} AS took, ${m.remote_addr} AS address`,
  rowsInRange(row.probe, `${m.error_class} IS NOT NULL`, ...here),
  "ORDER BY time DESC",
  "LIMIT 200",
].join("\n");

const certificateOverTime = [
  `SELECT bin(time, $__interval) AS time, min(${m.cert_days}) AS "days left"`,
  rowsInRange(row.probe, `${m.cert_days} IS NOT NULL`, ...here),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const outages = [
  `SELECT min(${m.since}) AS time, max(time) AS "timeEnd",`,
  `  'outage ' || CAST(${m.epoch} AS varchar) || ': ' || coalesce(max(${m.error_class}), 'no cause known') AS text`,
  rowsInRange(row.state, `${location} = ${text(ALL_LOCATIONS)}`, isOutage(m.state), ...mine),
  `GROUP BY ${m.epoch}`,
  "ORDER BY 1",
].join("\n");

export const monitorBoard: Board = {
  uid: uid.monitor,
  title: "Tidewatch: monitor",
  description: "Everything about one monitor: its state, its latency and phases, and every failure with its cause.",
  from: "now-6h",
  refresh: "1m",
  variables: [datasource(), tenant(), monitor(), locations()],
  annotations: [
    new dash.AnnotationQueryBuilder()
      .name("Outages")
      .datasource(CHOSEN_DATASOURCE)
      .enable(true)
      .hide(false)
      .iconColor(colour.bad)
      .target(target(outages, Format.table, "Outages") as never),
  ],
  sections: [
    {
      id: 100,
      title: "State",
      panels: [
        stats({
          id: 1,
          title: "State at the end of the time range",
          description:
            "The judge's verdict over all locations, for how long it holds, how many outages there were in all, and the flap score: from 50 % on the monitor changes too often to say anything.",
          width: 12,
          height: 4,
          sql: now,
          unit: "none",
          noValue: "no verdict in 15 minutes",
          columns: {
            state: { mappings: statusNumbers },
            for: { unit: "dtdurations" },
            "flap score": {
              unit: "percent",
              decimals: 0,
              limits: { base: colour.good, steps: [[25, colour.warning], [50, colour.bad]] },
            },
          },
        }),
        rows({
          id: 2,
          title: "Definition",
          description: "What the monitor's entry says at the end of the time range.",
          width: 12,
          height: 4,
          sql: definition,
          unit: "none",
          noValue: "no definition was written in three hours",
          columns: {
            interval: { unit: "s" },
            severity: { mappings: severityWords },
            "availability target": { unit: "percent" },
            "latency target": { unit: "ms" },
            target: { long: true },
          },
        }),
        stats({
          id: 3,
          title: "Quality in the time range",
          description:
            "Availability of the chosen locations against its target, what is left of the error budget of this time range, latency, the share of planned probes that gave a verdict, and the days that the certificate is still valid.",
          width: 24,
          height: 4,
          sql: quality,
          unit: "percent",
          decimals: 3,
          noValue: "not known",
          columns: {
            "budget left": { limits: budgetLeft, decimals: 1 },
            p50: { unit: "ms", decimals: 0 },
            p95: { unit: "ms", decimals: 0 },
            coverage: { limits: coverage, decimals: 1 },
            certificate: { unit: "d", decimals: 0, limits: certificateDays },
          },
        }),
        lanes({
          id: 4,
          title: "Outcomes by location",
          description:
            "The outcome of the probes from each location; each point is the worst within it. Missed means that the slot passed without a probe, unknown that the prober could not tell.",
          width: 24,
          height: 6,
          sql: byLocation,
          unit: "none",
          noValue: "no probe in this time range",
          label: location,
          mappings: outcomeNumbers,
          interval: "1m",
          spanMs: 900_000,
        }),
      ],
    },
    {
      id: 101,
      title: "Latency",
      panels: [
        lines({
          id: 5,
          title: "Latency percentiles and limits",
          description:
            "Percentiles of the probes' latency, each the mean of a probe's successful attempts, beside the promised latency and the limits above which a probe is degraded or failed (dashed). Latencies that the prober itself spoilt are left out.",
          width: 12,
          height: 9,
          sql: percentiles,
          unit: "ms",
          noValue: "no successful probe in this time range",
          interval: "1m",
          columns: {
            p50: { color: colour.good },
            p95: { color: colour.accent },
            p99: { color: colour.aside },
            "latency target": { color: colour.calm, dashed: true },
            "degraded above": { color: colour.warning, dashed: true },
            "failed above": { color: colour.bad, dashed: true },
          },
        }),
        ranges({
          id: 6,
          title: "Latency distribution",
          description:
            "How many probes fell into which range of latency. Two bands instead of one mean that requests take two ways, such as a cache that is hit or missed.",
          width: 12,
          height: 9,
          sql: distribution,
          unit: "none",
          noValue: "no successful probe in this time range",
          interval: "1m",
        }),
        lines({
          id: 7,
          title: "Phases of a request",
          description:
            "Where the time goes in good probes: name resolution, TCP connect, TLS handshake, sending, waiting for the first byte, transfer of the body. The phases add up to the total; one that did not happen is absent.",
          width: 12,
          height: 9,
          sql: phases,
          unit: "ms",
          noValue: "no good probe in this time range",
          stacked: true,
          interval: "1m",
          columns: Object.fromEntries(Object.entries(phaseColours).map(([name, color]) => [name, { color }])),
        }),
        lines({
          id: 8,
          title: "Latency by location, p95",
          description: "The 95th percentile of the latency from each location: is it slow from everywhere or from one place?",
          width: 12,
          height: 9,
          sql: latencyByLocation,
          unit: "ms",
          noValue: "no successful probe in this time range",
          label: location,
          interval: "1m",
        }),
        lines({
          id: 9,
          title: "Server or network",
          description:
            "The server's own time (waiting less one round trip) beside the round trip of the connection as the kernel measured it.",
          width: 24,
          height: 7,
          sql: serverAndNetwork,
          unit: "ms",
          noValue: "no round trip was measured in this time range",
          interval: "1m",
          columns: { server: { color: colour.warning }, "network round trip": { color: colour.accent } },
        }),
      ],
    },
    {
      id: 102,
      title: "Failures",
      panels: [
        lines({
          id: 10,
          title: "Causes over time",
          description: "Probes with a cause, by its class. Slow probes and certificates that expire soon are degraded, not failed.",
          width: 12,
          height: 8,
          sql: causesOverTime,
          unit: "none",
          decimals: 0,
          noValue: "no probe failed in this time range",
          label: "cause",
          bars: true,
          stacked: true,
          interval: "1m",
        }),
        lines({
          id: 11,
          title: "Certificate",
          description:
            "Days until the certificate expires, the smallest over the locations. A jump upwards is a renewal. The dashed lines are the limits of the alerts, 7 and 21 days.",
          width: 12,
          height: 8,
          sql: certificateOverTime,
          unit: "d",
          signed: true,
          noValue: "no certificate was seen in this time range",
          limits: certificateDays,
          drawLimits: true,
          interval: "5m",
          columns: { "days left": { color: colour.accent } },
        }),
        rows({
          id: 12,
          title: "Failed and degraded probes",
          description: "The newest 200 probes with a cause: what went wrong, how far the deciding attempt came, and who has to act.",
          width: 24,
          height: 10,
          sql: failures,
          unit: "none",
          noValue: "no probe failed in this time range",
          columns: {
            outcome: { mappings: outcomeWords, width: 100 },
            took: { unit: "ms", decimals: 0, width: 90 },
            why: { long: true },
          },
        }),
      ],
    },
  ],
};
