// Overview: what is down, how fast is everything, and where to look next.
import { type Board, rowLink, uid } from "../board.ts";
import { ALL_LOCATIONS, dimension, measure as m, overlay, owner, row, state } from "../names.ts";
import {
  budgetLeft, certificateDays, colour, coverage, ownerColours, severityWords, statusNumbers, statusWords,
} from "../palette.ts";
import { barPerRow, lanes, lines, rows, stats } from "../panels.ts";
import {
  VERDICT_COLUMNS, VERDICTS_WITH_DEFINITIONS, definitions, statusNumber, statusWord, verdicts,
} from "../sql/monitors.ts";
import { BAD, COUNTS, GOOD, LATENCY, availability, burnRate, latencyPercentile } from "../sql/probes.ts";
import {
  END, chosen, monitorLabel, newest, newestKnown, rowsAtEnd, rowsInRange, sameMonitor, text, withTables,
} from "../sql/text.ts";
import { datasource, tenants } from "../variables.ts";

const { tenant, monitor_id, location } = dimension;
const mine = chosen(tenant, "tenant");
const monitorColumn = { monitor: { link: rowLink } };

/** Verdicts and definitions of the chosen tenants as `verdict` and `definition`, the two together
 * as `present`. */
function present(statement: string): string {
  return withTables(
    {
      verdict: verdicts(VERDICT_COLUMNS, mine),
      definition: definitions(mine),
      present: [
        `SELECT ${[tenant, monitor_id, ...VERDICT_COLUMNS].map((column) => `v.${column}`).join(", ")},`,
        `  d.${m.name}, d.${m.target},`,
        `  ${statusWord(`v.${m.state}`, `v.${m.overlays}`)} AS status`,
        VERDICTS_WITH_DEFINITIONS,
      ].join("\n"),
    },
    statement,
  );
}

const inStates = (...names: string[]) =>
  names.map((name) => `count_if(status = ${text(name)}) AS "${name}"`).join(",\n  ");

const counts = present(
  `SELECT\n  ${inStates(
    state.down, state.recovering, state.suspect, overlay.degraded, state.up, state.unknown, overlay.maintenance,
    overlay.paused,
  )}\nFROM present`,
);

const attention = present(
  [
    `SELECT ${tenant}, ${monitor_id} AS monitor, ${m.name}, status, ${m.severity},`,
    `  ${m.since}, date_diff('second', ${m.since}, ${END}) AS lasting,`,
    `  ${m.error_class} AS cause, ${m.error_owner} AS "who acts", ${m.error_text} AS why,`,
    `  ${m.failing_locations} AS "failing from", ${m.target}`,
    "FROM present",
    "WHERE status NOT IN ('up', 'paused', 'maintenance')",
    `ORDER BY CASE status WHEN ${text(state.down)} THEN 0 WHEN ${text(state.recovering)} THEN 1`,
    `  WHEN ${text(state.suspect)} THEN 2 WHEN 'degraded' THEN 3 ELSE 4 END, ${m.since}`,
    "LIMIT 100",
  ].join("\n"),
);

const everywhere = `${location} = ${text(ALL_LOCATIONS)}`;
const timeline = withTables(
  {
    coded: [
      `SELECT ${tenant}, ${monitor_id}, time,`,
      `  ${statusNumber(m.state, `coalesce(${m.overlays}, '')`)} AS status`,
      rowsInRange(row.state, everywhere, mine),
    ].join("\n"),
    worst: [
      `SELECT ${tenant}, ${monitor_id}, sum(CASE WHEN status > 1 THEN status ELSE 0 END) AS trouble`,
      "FROM coded",
      `GROUP BY ${tenant}, ${monitor_id}`,
      `ORDER BY 3 DESC, ${tenant}, ${monitor_id}`,
      "LIMIT 25",
    ].join("\n"),
  },
  [
    `SELECT bin(c.time, $__interval) AS time, ${monitorLabel("c")} AS monitor, max(c.status) AS status`,
    `FROM coded c JOIN worst w ON ${sameMonitor("c", "w")}`,
    `GROUP BY bin(c.time, $__interval), c.${tenant}, c.${monitor_id}`,
    "ORDER BY 1",
  ].join("\n"),
);

const monitors = withTables(
  {
    verdict: verdicts([m.state, m.overlays], mine),
    definition: definitions(mine),
    probes: [
      `SELECT ${tenant}, ${monitor_id}, ${GOOD} AS good, ${BAD} AS bad,`,
      `  ${latencyPercentile(0.5)} AS p50, ${latencyPercentile(0.95)} AS p95, ${latencyPercentile(0.99)} AS p99,`,
      `  ${newest(m.slo_availability)} AS slo, ${newestKnown(m.cert_days)} AS certificate,`,
      `  ${newestKnown(m.error_class)} AS cause`,
      rowsInRange(row.probe, mine),
      `GROUP BY ${tenant}, ${monitor_id}`,
    ].join("\n"),
  },
  [
    `SELECT p.${tenant}, p.${monitor_id} AS monitor, d.${m.name},`,
    `  coalesce(${statusWord(`v.${m.state}`, `v.${m.overlays}`)}, ${text(state.unknown)}) AS status,`,
    `  ${availability("p.good", "p.bad")} AS availability, p.slo AS target,`,
    `  100 * (1 - ${burnRate("p.good", "p.bad", "p.slo")}) AS "budget left",`,
    "  p.p50, p.p95, p.p99, p.certificate, p.cause AS \"last cause\"",
    `FROM probes p LEFT JOIN verdict v ON ${sameMonitor("p", "v")}`,
    `LEFT JOIN definition d ON ${sameMonitor("p", "d")}`,
    `WHERE coalesce(d.${m.deleted}, false) = false`,
    `ORDER BY 5, p.${tenant}, p.${monitor_id}`,
    "LIMIT 1000",
  ].join("\n"),
);

const totals = [
  `SELECT ${availability(GOOD, BAD)} AS availability,`,
  `  100 * sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END)`,
  `    / nullif(sum(CASE WHEN ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END), 0) AS coverage,`,
  `  ${latencyPercentile(0.5)} AS "p50 latency", ${latencyPercentile(0.95)} AS "p95 latency",`,
  `  date_diff('second', max(time), ${END}) AS "age of the newest result"`,
  rowsInRange(row.probe, mine),
].join("\n");

const slowest = withTables(
  {
    slow: [
      `SELECT ${tenant}, ${monitor_id}, ${latencyPercentile(0.95)} AS p95`,
      rowsInRange(row.probe, mine, `${m.latency_ms} IS NOT NULL`),
      `GROUP BY ${tenant}, ${monitor_id}`,
      `ORDER BY 3 DESC, ${tenant}, ${monitor_id}`,
      "LIMIT 10",
    ].join("\n"),
    timed: [
      `SELECT ${tenant}, ${monitor_id}, time, ${LATENCY} AS latency`,
      rowsInRange(row.probe, mine, `${m.latency_ms} IS NOT NULL`),
    ].join("\n"),
  },
  [
    `SELECT bin(t.time, $__interval) AS time, ${monitorLabel("t")} AS monitor,`,
    "  approx_percentile(t.latency, 0.95) AS p95",
    `FROM timed t JOIN slow s ON ${sameMonitor("t", "s")}`,
    `GROUP BY bin(t.time, $__interval), t.${tenant}, t.${monitor_id}`,
    "ORDER BY 1",
  ].join("\n"),
);

const ownersOverTime = [
  "SELECT bin(time, $__interval) AS time,",
  [owner.target, owner.network, owner.config, owner.prober]
    .map((name) => `  count_if(${m.error_owner} = ${text(name)}) AS "${name}"`)
    .join(",\n"),
  rowsInRange(row.probe, mine),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const causes = [
  `SELECT ${m.error_class} AS cause, ${m.error_owner} AS "who acts", count(*) AS probes,`,
  `  approx_distinct(${monitorLabel()}) AS monitors, max(time) AS "last seen"`,
  rowsInRange(row.probe, mine, `${m.error_class} IS NOT NULL`),
  `GROUP BY ${m.error_class}, ${m.error_owner}`,
  "ORDER BY 3 DESC",
  "LIMIT 50",
].join("\n");

const certificates = [
  `SELECT ${monitorLabel()} AS monitor, ${newest(m.cert_days)} AS days`,
  rowsAtEnd(row.probe, "3h", mine, `${m.cert_days} IS NOT NULL`),
  `GROUP BY ${tenant}, ${monitor_id}`,
  "ORDER BY 2, 1",
  "LIMIT 10",
].join("\n");

export const overview: Board = {
  uid: uid.overview,
  title: "Tidewatch: overview",
  description: "What is down, how fast everything is, and where to look next.",
  from: "now-6h",
  refresh: "1m",
  variables: [datasource(), tenants()],
  sections: [
    {
      id: 100,
      title: "Now",
      panels: [
        stats({
          id: 1,
          title: "Monitors by state",
          description:
            "How many monitors are in each state at the end of the time range. Down and recovering belong to an outage; suspect has failed but is not confirmed; degraded works, but slowly or not from everywhere.",
          width: 24,
          height: 4,
          sql: counts,
          unit: "none",
          noValue: "no verdict in 15 minutes",
          columns: {
            down: { limits: { base: colour.neutral, steps: [[1, colour.bad]] } },
            recovering: { limits: { base: colour.neutral, steps: [[1, colour.calm]] } },
            suspect: { limits: { base: colour.neutral, steps: [[1, colour.warning]] } },
            degraded: { limits: { base: colour.neutral, steps: [[1, colour.notice]] } },
            up: { limits: { base: colour.neutral, steps: [[1, colour.good]] } },
            unknown: { limits: { base: colour.neutral, steps: [] } },
            maintenance: { limits: { base: colour.neutral, steps: [[1, colour.aside]] } },
            paused: { limits: { base: colour.neutral, steps: [[1, colour.aside]] } },
          },
        }),
        rows({
          id: 2,
          title: "Needs attention",
          description:
            "Every monitor that is not simply up, the worst first: since when, why, and who has to act. Click the monitor for its own dashboard.",
          width: 24,
          height: 8,
          sql: attention,
          unit: "none",
          noValue: "nothing: every monitor is up",
          columns: {
            ...monitorColumn,
            status: { mappings: statusWords, width: 110 },
            severity: { mappings: severityWords, width: 90 },
            since: { unit: "dateTimeAsIso", width: 170 },
            lasting: { unit: "dtdurations", width: 130 },
            why: { long: true },
          },
        }),
        lanes({
          id: 3,
          title: "States over time",
          description:
            "The states of the 25 monitors with the most trouble in the time range. Each point is the worst state within it, so a short outage stays visible.",
          width: 24,
          height: 9,
          sql: timeline,
          unit: "none",
          noValue: "no state was recorded in this time range",
          label: "monitor",
          mappings: statusNumbers,
          interval: "5m",
          spanMs: 900_000,
        }),
      ],
    },
    {
      id: 101,
      title: "How well",
      panels: [
        stats({
          id: 4,
          title: "All monitors together",
          description:
            "Availability is the share of good probes among those that gave a verdict, maintenance left out. Coverage is the share of planned probes that gave one: below 90 % the other numbers are doubtful. The age of the newest result tells whether they are fresh.",
          width: 24,
          height: 4,
          sql: totals,
          unit: "percent",
          decimals: 2,
          noValue: "no probe in this time range",
          columns: {
            availability: { limits: { base: colour.bad, steps: [[99, colour.warning], [99.9, colour.good]] } },
            coverage: { limits: coverage, decimals: 1 },
            "p50 latency": { unit: "ms", decimals: 0 },
            "p95 latency": { unit: "ms", decimals: 0 },
            "age of the newest result": {
              unit: "s",
              decimals: 0,
              limits: { base: colour.good, steps: [[180, colour.warning], [600, colour.bad]] },
            },
          },
        }),
        rows({
          id: 5,
          title: "Monitors",
          description:
            "Every monitor that was probed in the time range, the least available first. The budget is what the availability target leaves for failures in this time range: 0 % is used up, below 0 % is overspent. Click a monitor for its own dashboard.",
          width: 24,
          height: 12,
          sql: monitors,
          unit: "none",
          noValue: "no probe in this time range",
          columns: {
            ...monitorColumn,
            status: { mappings: statusWords, width: 110 },
            availability: { unit: "percent", decimals: 3 },
            target: { unit: "percent", decimals: 3 },
            "budget left": { unit: "percent", decimals: 1, limits: budgetLeft },
            p50: { unit: "ms", decimals: 0 },
            p95: { unit: "ms", decimals: 0 },
            p99: { unit: "ms", decimals: 0 },
            certificate: { unit: "d", limits: certificateDays },
          },
        }),
        lines({
          id: 6,
          title: "Slowest monitors, p95",
          description:
            "The 95th percentile of the latency of the ten slowest monitors. Latencies that the prober itself spoilt are left out.",
          width: 12,
          height: 9,
          sql: slowest,
          unit: "ms",
          noValue: "no successful probe in this time range",
          label: "monitor",
          interval: "1m",
        }),
        barPerRow({
          id: 7,
          title: "Certificates that expire first",
          description:
            "Days of validity left, the ten shortest. Below 21 days a warning is raised, below 7 days a page. Only what was probed in the last three hours.",
          width: 12,
          height: 9,
          sql: certificates,
          unit: "d",
          noValue: "no certificate was seen in three hours",
          limits: certificateDays,
          max: 90,
        }),
      ],
    },
    {
      id: 102,
      title: "Why",
      panels: [
        lines({
          id: 8,
          title: "Failed and degraded probes by who has to act",
          description:
            "Probes with a cause, by owner: the target itself, the network, the monitor's configuration, or the prober. Only the first two count against availability.",
          width: 12,
          height: 9,
          sql: ownersOverTime,
          unit: "none",
          decimals: 0,
          noValue: "no probe in this time range",
          bars: true,
          stacked: true,
          interval: "1m",
          columns: Object.fromEntries(Object.entries(ownerColours).map(([name, color]) => [name, { color }])),
        }),
        rows({
          id: 9,
          title: "Causes",
          description: "Every cause in the time range with the number of probes and monitors that met it.",
          width: 12,
          height: 9,
          sql: causes,
          unit: "none",
          noValue: "no probe failed in this time range",
          columns: { "last seen": { unit: "dateTimeAsIso" } },
        }),
      ],
    },
  ],
};
