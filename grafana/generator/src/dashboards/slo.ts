// SLO: is the promise kept, and for how long will it be?
import { type Board, rowLink, uid } from "../board.ts";
import { dimension } from "../names.ts";
import { budgetLeft, burn, colour, coverage } from "../palette.ts";
import { lines, rows, stats } from "../panels.ts";
import { EVERY_COLUMN, hourly } from "../sql/hourly.ts";
import { availability, burnRate, ratio } from "../sql/probes.ts";
import { END, chosen, monitorLabel, sameMonitor, withTables } from "../sql/text.ts";
import { datasource, monitors, tenants } from "../variables.ts";

const { tenant, monitor_id } = dimension;
const counts = hourly(EVERY_COLUMN, chosen(tenant, "tenant"), chosen(monitor_id, "monitor"));
const rangeMinutes = "(($__timeTo - $__timeFrom) / 60000.0)";

/** The sum of `column` over the last hours. */
const lately = (column: string, hours: number) =>
  `sum(CASE WHEN hour > ${END} - ${hours + 1}h THEN ${column} ELSE 0 END)`;

/** One row per monitor: sums over the time range. */
const total = [
  `SELECT ${tenant}, ${monitor_id}, sum(good) AS good, sum(bad) AS bad, sum(bad_minutes) AS bad_minutes,`,
  "  sum(measured_s) AS measured_s, sum(planned_s) AS planned_s, sum(fast) AS fast, sum(timed) AS timed,",
  "  max_by(slo, hour) AS slo, max_by(latency_target, hour) AS latency_target,",
  ...[1, 6, 24].map((hours) => `  ${lately("good", hours)} AS good_${hours}h, ${lately("bad", hours)} AS bad_${hours}h,`),
  `  sum(CASE WHEN hour > ${END} - 25h THEN bad_minutes ELSE 0.0 END) AS bad_minutes_24h`,
  "FROM hourly",
  `GROUP BY ${tenant}, ${monitor_id}`,
].join("\n");

/** One row per monitor with its budget in minutes. */
const budget = [
  `SELECT ${tenant}, ${monitor_id}, good, bad, bad_minutes, slo, latency_target, fast, timed,`,
  "  100 * measured_s / nullif(planned_s, 0) AS coverage,",
  `  (1 - slo / 100) * ${rangeMinutes} AS budget_minutes,`,
  ...[1, 6, 24].map((hours) => `  ${burnRate(`good_${hours}h`, `bad_${hours}h`, "slo")} AS burn_${hours}h,`),
  "  bad_minutes_24h",
  "FROM total",
].join("\n");

const table = withTables(
  { hourly: counts, total, budget },
  [
    `SELECT ${tenant}, ${monitor_id} AS monitor, slo AS target, ${availability("good", "bad")} AS achieved,`,
    "  budget_minutes AS budget, bad_minutes AS spent, budget_minutes - bad_minutes AS \"left\",",
    "  100 * (1 - bad_minutes / nullif(budget_minutes, 0)) AS \"left in percent\",",
    '  burn_1h AS "burn 1 h", burn_6h AS "burn 6 h", burn_24h AS "burn 24 h",',
    "  CASE WHEN bad_minutes_24h > 0 AND budget_minutes > bad_minutes",
    '    THEN (budget_minutes - bad_minutes) / bad_minutes_24h END AS "exhausted in",',
    "  latency_target AS \"latency target\",",
    `  CASE WHEN latency_target IS NOT NULL THEN 100 * ${ratio("fast", "(timed + bad)")} END AS "fast enough",`,
    "  coverage",
    "FROM budget",
    `ORDER BY 8, ${tenant}, ${monitor_id}`,
    "LIMIT 1000",
  ].join("\n"),
);

const summary = withTables(
  { hourly: counts, total, budget },
  [
    "SELECT count(*) AS monitors,",
    '  count_if(bad_minutes > budget_minutes) AS "budget overspent",',
    '  count_if(bad_minutes <= budget_minutes AND bad_minutes > 0.75 * budget_minutes) AS "under a quarter left",',
    '  count_if(burn_1h > 14.4) AS "burning fast", count_if(burn_6h > 6) AS "burning slowly",',
    '  count_if(coverage < 90) AS "coverage under 90 %"',
    "FROM budget",
  ].join("\n"),
);

/** The ten monitors that have spent the largest share of their budgets. */
const worst = [
  `SELECT ${tenant}, ${monitor_id}, bad_minutes / nullif(budget_minutes, 0) AS share`,
  "FROM budget",
  `ORDER BY 3 DESC, ${tenant}, ${monitor_id}`,
  "LIMIT 10",
].join("\n");

const leftOverTime = withTables(
  {
    hourly: counts,
    total,
    budget,
    worst,
    spent: [
      `SELECT ${tenant}, ${monitor_id}, hour, slo,`,
      `  sum(bad_minutes) OVER (PARTITION BY ${tenant}, ${monitor_id} ORDER BY hour) AS spent`,
      "FROM hourly",
    ].join("\n"),
  },
  [
    `SELECT s.hour AS time, ${monitorLabel("s")} AS monitor,`,
    `  100 * (1 - s.spent / nullif((1 - s.slo / 100) * ${rangeMinutes}, 0)) AS "left"`,
    `FROM spent s JOIN worst w ON ${sameMonitor("s", "w")}`,
    "ORDER BY 1",
  ].join("\n"),
);

const burnOverTime = withTables(
  { hourly: counts, total, budget, worst },
  [
    `SELECT h.hour AS time, ${monitorLabel("h")} AS monitor, ${burnRate("h.good", "h.bad", "h.slo")} AS burn`,
    `FROM hourly h JOIN worst w ON ${sameMonitor("h", "w")}`,
    "ORDER BY 1",
  ].join("\n"),
);

const counted =
  "Counted hour by hour over all locations, from rollups and, for the current hour, from probes; maintenance is left out.";

export const slo: Board = {
  uid: uid.slo,
  title: "Tidewatch: service levels",
  description:
    "Target, achieved, error budget and how fast it is spent. The time range is the period of the budget: choose 7, 28 or 30 days.",
  from: "now-7d",
  refresh: "15m",
  variables: [datasource(), tenants(), monitors()],
  sections: [
    {
      id: 100,
      title: "Is the promise kept?",
      panels: [
        stats({
          id: 1,
          title: "Monitors by error budget",
          description: `How many monitors have overspent the budget of this time range, are close to it, or are spending it too fast: above 14.4 times the allowed speed in the last hour, above 6 times in the last six. ${counted}`,
          width: 24,
          height: 4,
          sql: summary,
          unit: "none",
          noValue: "no probe in this time range",
          columns: {
            "budget overspent": { limits: { base: colour.good, steps: [[1, colour.bad]] } },
            "under a quarter left": { limits: { base: colour.good, steps: [[1, colour.warning]] } },
            "burning fast": { limits: { base: colour.good, steps: [[1, colour.bad]] } },
            "burning slowly": { limits: { base: colour.good, steps: [[1, colour.warning]] } },
            "coverage under 90 %": { limits: { base: colour.good, steps: [[1, colour.warning]] } },
          },
        }),
        rows({
          id: 2,
          title: "Error budgets",
          description: `The least left first. Budget, spent and left are minutes of the time range. A burn rate of 1 spends the budget exactly within the period. Exhausted in: days until the budget is gone if the coming days are like the last 24 hours; empty when nothing failed. Burn rates are made of whole hours and the current one. Fast enough: of the good probes with a latency that can be trusted, and of the bad ones. ${counted}`,
          width: 24,
          height: 12,
          sql: table,
          unit: "none",
          noValue: "no probe in this time range",
          columns: {
            monitor: { link: rowLink },
            target: { unit: "percent", decimals: 3 },
            achieved: { unit: "percent", decimals: 3 },
            budget: { unit: "m", decimals: 1 },
            spent: { unit: "m", decimals: 1 },
            left: { unit: "m", decimals: 1 },
            "left in percent": { unit: "percent", decimals: 1, limits: budgetLeft },
            "burn 1 h": { decimals: 1, limits: burn },
            "burn 6 h": { decimals: 1, limits: burn },
            "burn 24 h": { decimals: 1, limits: burn },
            "exhausted in": { unit: "d", decimals: 1, limits: { base: colour.bad, steps: [[3, colour.warning], [14, colour.good]] } },
            "latency target": { unit: "ms", decimals: 0 },
            "fast enough": { unit: "percent", decimals: 2 },
            coverage: { unit: "percent", decimals: 1, limits: coverage },
          },
        }),
      ],
    },
    {
      id: 101,
      title: "For how long?",
      panels: [
        lines({
          id: 3,
          title: "Error budget left",
          description: `What is left of the period's budget as it is spent, for the ten monitors that have spent most. Zero is used up, less is overspent. ${counted}`,
          width: 12,
          height: 10,
          sql: leftOverTime,
          unit: "percent",
          signed: true,
          noValue: "no probe in this time range",
          label: "monitor",
          interval: "1h",
        }),
        lines({
          id: 4,
          title: "Burn rate by hour",
          description: `How many times faster than allowed the budget is spent. Dashed lines: 1 uses it up exactly within the period, 6 is the limit of the slow alert, 14.4 that of the fast one. ${counted}`,
          width: 12,
          height: 10,
          sql: burnOverTime,
          unit: "none",
          decimals: 1,
          noValue: "no probe in this time range",
          label: "monitor",
          limits: burn,
          drawLimits: true,
          interval: "1h",
        }),
      ],
    },
  ],
};
