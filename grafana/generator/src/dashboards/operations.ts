// Operations: can the monitor be trusted?
import { type Board, rowLink, uid } from "../board.ts";
import { SYSTEM_TENANT, dimension, measure as m, owner, row } from "../names.ts";
import { colour, coverage, noneIsCalm, outcomeWords, severityWords } from "../palette.ts";
import { lines, rows, stats } from "../panels.ts";
import { definitions } from "../sql/monitors.ts";
import { COUNTS } from "../sql/probes.ts";
import { END, chosen, list, newest, newestKnown, rowsAtEnd, rowsInRange, sameMonitor, text, withTables } from "../sql/text.ts";
import { datasource, tenants } from "../variables.ts";

const { tenant, monitor_id, location } = dimension;
const mine = chosen(tenant, "tenant");
const ours = `${tenant} = ${text(SYSTEM_TENANT)}`;

const summary = withTables(
  {
    components: [
      `SELECT ${monitor_id}, ${location}, max(time) AS seen, ${newest(m.monitors)} AS monitors,`,
      `  ${newest(m.rows_queued)} AS queued, ${newest(m.store_bytes)} AS stored,`,
      `  sum(${m.missed}) AS missed, sum(${m.rows_rejected}) AS rejected, sum(${m.write_retries}) AS retries`,
      rowsInRange(row.ops, ours),
      `GROUP BY ${monitor_id}, ${location}`,
    ].join("\n"),
  },
  [
    `SELECT date_diff('second', max(seen), ${END}) AS "last sign of life", sum(monitors) AS monitors,`,
    '  sum(missed) AS "missed slots", sum(rejected) AS "rows rejected", sum(retries) AS "write retries",',
    '  sum(queued) AS "rows waiting", sum(stored) AS stored',
    "FROM components",
  ].join("\n"),
);

const lag = [
  `SELECT bin(time, $__interval) AS time, ${monitor_id} || ' / ' || ${location} AS component,`,
  `  max(${m.start_lag_max_ms}) AS lag`,
  rowsInRange(row.ops, ours),
  `GROUP BY bin(time, $__interval), ${monitor_id}, ${location}`,
  "ORDER BY 1",
].join("\n");

const overTime = (columns: string) =>
  [
    "SELECT bin(time, $__interval) AS time,",
    `  ${columns}`,
    rowsInRange(row.ops, ours),
    "GROUP BY bin(time, $__interval)",
    "ORDER BY 1",
  ].join("\n");

const work = overTime(`sum(${m.probes}) AS probes, sum(${m.missed}) AS missed`);
const writing = overTime(
  `sum(${m.rows_written}) AS written, sum(${m.rows_rejected}) AS rejected, sum(${m.write_retries}) AS retries`,
);
const waiting = overTime(`max(${m.rows_queued}) AS waiting`);
const stored = overTime(`max(${m.store_bytes}) AS bytes`);

const trust = [
  "SELECT bin(time, $__interval) AS time,",
  `  100 * sum(CASE WHEN ${COUNTS} THEN ${m.interval_s} ELSE 0.0 END)`,
  `    / nullif(sum(CASE WHEN ${m.in_maintenance} = false THEN ${m.interval_s} ELSE 0.0 END), 0) AS "gave a verdict",`,
  `  100.0 * count_if(${m.tainted} = true OR ${m.late} = true) / count(*) AS "latency spoilt by the prober"`,
  rowsInRange(row.probe, mine),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const proberLag = [
  "SELECT bin(time, $__interval) AS time,",
  `  approx_percentile(${m.start_lag_ms}, 0.99) AS "start lag", approx_percentile(${m.prober_lag_ms}, 0.99) AS "timer lag"`,
  rowsInRange(row.probe, mine),
  "GROUP BY bin(time, $__interval)",
  "ORDER BY 1",
].join("\n");

const places = [
  `SELECT ${location}, count(*) AS probes, approx_distinct(${tenant} || '/' || ${monitor_id}) AS monitors,`,
  `  max(time) AS "newest result", date_diff('second', max(time), ${END}) AS age,`,
  `  100.0 * count_if(${m.up} IS NULL) / count(*) AS "without a verdict"`,
  rowsInRange(row.probe, mine),
  `GROUP BY ${location}`,
  "ORDER BY 5 DESC",
].join("\n");

const silent = withTables(
  {
    definition: definitions(mine),
    heard: [
      `SELECT ${tenant}, ${monitor_id}, max(time) AS last`,
      rowsAtEnd(row.probe, "3h", mine, `${m.up} IS NOT NULL`),
      `GROUP BY ${tenant}, ${monitor_id}`,
    ].join("\n"),
  },
  [
    `SELECT d.${tenant}, d.${monitor_id} AS monitor, d.${m.name}, d.${m.interval_s} AS "interval",`,
    `  h.last AS "last verdict", date_diff('second', h.last, ${END}) AS silent`,
    `FROM definition d LEFT JOIN heard h ON ${sameMonitor("d", "h")}`,
    `WHERE d.${m.enabled} = true AND d.${m.deleted} = false`,
    `  AND (h.last IS NULL OR date_diff('second', h.last, ${END}) > greatest(3 * d.${m.interval_s}, 180.0))`,
    `ORDER BY 5, d.${tenant}, d.${monitor_id}`,
    "LIMIT 200",
  ].join("\n"),
);

const ownFaults = [
  `SELECT ${tenant}, ${monitor_id} AS monitor, ${m.error_class} AS cause, ${m.error_owner} AS "who acts",`,
  `  ${newest(m.outcome)} AS outcome, count(*) AS probes, max(time) AS "last seen", ${newest(m.error_text)} AS why`,
  rowsInRange(row.probe, mine, `${m.error_owner} IN ${list([owner.prober, owner.config])}`),
  `GROUP BY ${tenant}, ${monitor_id}, ${m.error_class}, ${m.error_owner}`,
  "ORDER BY 6 DESC",
  "LIMIT 100",
].join("\n");

const components = [
  `SELECT ${monitor_id} AS component, ${location}, max(time) AS "last seen",`,
  `  sum(${m.rows_written}) AS written, sum(${m.rows_duplicate}) AS duplicates, sum(${m.rows_rejected}) AS rejected,`,
  `  ${newestKnown(m.monitors_invalid)} AS "invalid entries", ${newestKnown(m.rules)} AS "schedule rules",`,
  `  sum(${m.rules_changed}) AS "rules changed",`,
  `  sum(${m.notifications_sent}) AS "messages sent", sum(${m.notifications_failed}) AS "messages failed"`,
  rowsInRange(row.ops, ours),
  `GROUP BY ${monitor_id}, ${location}`,
  "ORDER BY 1, 2",
].join("\n");

const underWay = [
  `SELECT bin(time, $__interval) AS time, ${monitor_id} || ' / ' || ${location} AS component,`,
  `  max(${m.queue_age_ms}) AS age`,
  rowsInRange(row.ops, ours, `${m.queue_age_ms} IS NOT NULL`),
  `GROUP BY bin(time, $__interval), ${monitor_id}, ${location}`,
  "ORDER BY 1",
].join("\n");

const messages = [
  `SELECT bin(time, $__interval) AS time, ${m.channel} || ' ' || ${m.result} AS channel, count(*) AS messages`,
  rowsInRange(row.notification, mine),
  `GROUP BY bin(time, $__interval), ${m.channel}, ${m.result}`,
  "ORDER BY 1",
].join("\n");

const lastMessages = [
  `SELECT time AS sent, ${tenant}, ${monitor_id} AS monitor, ${m.message_kind} AS message, ${m.incident}, ${m.severity},`,
  `  ${m.channel}, ${m.result}, ${m.delivery_ms} AS delivery, ${m.alerts}`,
  rowsInRange(row.notification, mine),
  "ORDER BY 1 DESC",
  "LIMIT 100",
].join("\n");

export const operations: Board = {
  uid: uid.operations,
  title: "Tidewatch: operations",
  description: "Whether the monitor itself can be trusted: is it on time, does it write everything, is anybody silent?",
  from: "now-6h",
  refresh: "1m",
  variables: [datasource(), tenants()],
  sections: [
    {
      id: 100,
      title: "Is it well?",
      panels: [
        stats({
          id: 1,
          title: "Tidewatch itself",
          description:
            "Sums over all components in the time range. The last sign of life is the age of the newest minute row: above three minutes something has stopped. Rows are rejected only by a fault; missed slots say that the prober had more to do than it can.",
          width: 24,
          height: 4,
          sql: summary,
          unit: "none",
          noValue: "no sign of life in this time range",
          columns: {
            "last sign of life": {
              unit: "s",
              limits: { base: colour.good, steps: [[180, colour.warning], [300, colour.bad]] },
            },
            "missed slots": { limits: noneIsCalm },
            "rows rejected": { limits: { base: colour.good, steps: [[1, colour.bad]] } },
            "write retries": { limits: noneIsCalm },
            stored: { unit: "bytes" },
          },
        }),
        rows({
          id: 2,
          title: "Silent monitors",
          description:
            "Enabled monitors without a verdict for three intervals and at least three minutes. An empty last verdict means none in three hours. Silence is neither up nor down: nobody knows.",
          width: 12,
          height: 8,
          sql: silent,
          unit: "none",
          noValue: "nobody is silent",
          columns: {
            monitor: { link: rowLink },
            interval: { unit: "s" },
            "last verdict": { unit: "dateTimeAsIso" },
            silent: { unit: "dtdurations", limits: { base: colour.warning, steps: [[900, colour.bad]] } },
          },
        }),
        rows({
          id: 3,
          title: "Locations",
          description:
            "What came from each location: how many probes and monitors, how old the newest result is, and the share of probes that gave no verdict.",
          width: 12,
          height: 8,
          sql: places,
          unit: "none",
          noValue: "no probe in this time range",
          columns: {
            "newest result": { unit: "dateTimeAsIso" },
            age: { unit: "s", limits: { base: colour.good, steps: [[300, colour.warning], [900, colour.bad]] } },
            "without a verdict": {
              unit: "percent",
              decimals: 1,
              limits: { base: colour.good, steps: [[10, colour.warning], [50, colour.bad]] },
            },
          },
        }),
      ],
    },
    {
      id: 101,
      title: "Is it on time?",
      panels: [
        lines({
          id: 4,
          title: "Largest start lag",
          description:
            "How late the latest probe of each minute began, per component and location. The dashed line is the limit of the alert, 10 s.",
          width: 12,
          height: 8,
          sql: lag,
          unit: "ms",
          noValue: "no sign of life in this time range",
          label: "component",
          limits: { base: colour.good, steps: [[10_000, colour.bad]] },
          drawLimits: true,
          interval: "1m",
        }),
        lines({
          id: 5,
          title: "Lag of probes, p99",
          description:
            "Start lag: from the slot to the begin of the probe. Timer lag: how late the prober's own timers fired during it; above a few milliseconds the latencies are marked as tainted.",
          width: 12,
          height: 8,
          sql: proberLag,
          unit: "ms",
          noValue: "no probe in this time range",
          interval: "1m",
          columns: { "start lag": { color: colour.accent }, "timer lag": { color: colour.warning } },
        }),
        lines({
          id: 6,
          title: "Can the numbers be trusted?",
          description:
            "The share of planned probes that gave a verdict (should be near 100 %), and the share whose latency the prober itself spoilt by being late or busy (should be near 0 %).",
          width: 12,
          height: 8,
          sql: trust,
          unit: "percent",
          noValue: "no probe in this time range",
          limits: coverage,
          max: 100,
          interval: "5m",
          columns: {
            "gave a verdict": { color: colour.good },
            "latency spoilt by the prober": { color: colour.bad },
          },
        }),
        lines({
          id: 7,
          title: "Probes and missed slots",
          description: "Probes finished, and slots that passed without one.",
          width: 12,
          height: 8,
          sql: work,
          unit: "none",
          noValue: "no sign of life in this time range",
          bars: true,
          stacked: true,
          interval: "1m",
          columns: { probes: { color: colour.calm }, missed: { color: colour.bad } },
        }),
      ],
    },
    {
      id: 102,
      title: "Does it write everything?",
      panels: [
        lines({
          id: 8,
          title: "Rows written and rejected",
          description: "Rows stored, rows refused by the database, and failed attempts to write a batch.",
          width: 12,
          height: 8,
          sql: writing,
          unit: "none",
          noValue: "no sign of life in this time range",
          interval: "1m",
          columns: {
            written: { color: colour.good },
            rejected: { color: colour.bad },
            retries: { color: colour.warning },
          },
        }),
        lines({
          id: 9,
          title: "Rows waiting to be written",
          description: "The longest queue of any component. A queue that grows for minutes means that the database does not keep up.",
          width: 6,
          height: 8,
          sql: waiting,
          unit: "none",
          noValue: "no sign of life in this time range",
          interval: "1m",
          columns: { waiting: { color: colour.accent } },
        }),
        lines({
          id: 10,
          title: "Size of the store",
          description: "Bytes on disk, of the bridge's own store; Timestream does not tell its size.",
          width: 6,
          height: 8,
          sql: stored,
          unit: "bytes",
          noValue: "no store of its own",
          interval: "5m",
          columns: { bytes: { color: colour.accent } },
        }),
        rows({
          id: 11,
          title: "Faults of our own",
          description:
            "Probes that could not tell, because of the prober or because of the monitor's definition. They count neither for nor against availability.",
          width: 24,
          height: 8,
          sql: ownFaults,
          unit: "none",
          noValue: "none in this time range",
          columns: {
            monitor: { link: rowLink },
            outcome: { mappings: outcomeWords },
            "last seen": { unit: "dateTimeAsIso" },
            why: { long: true },
          },
        }),
        lines({
          id: 14,
          title: "Results under way",
          description:
            "Age of the oldest result when it was judged, of components that take results from a queue. Minutes mean that the queue is not emptied as fast as it fills.",
          width: 8,
          height: 8,
          sql: underWay,
          unit: "ms",
          noValue: "no component takes results from a queue",
          label: "component",
          interval: "1m",
        }),
        rows({
          id: 15,
          title: "Components",
          description:
            "What each part of Tidewatch did in the time range. Duplicates are repeats that were there already, as they come after every retry; rejected rows are lost.",
          width: 16,
          height: 8,
          sql: components,
          unit: "none",
          noValue: "no sign of life in this time range",
          columns: {
            "last seen": { unit: "dateTimeAsIso" },
            rejected: { limits: { base: colour.good, steps: [[1, colour.bad]] } },
            "invalid entries": { limits: noneIsCalm },
            "messages failed": { limits: noneIsCalm },
          },
        }),
      ],
    },
    {
      id: 103,
      title: "Is anybody told?",
      panels: [
        lines({
          id: 12,
          title: "Messages to people",
          description:
            "Messages by channel and what became of them. A failed one is tried again; a dropped one was given up.",
          width: 8,
          height: 8,
          sql: messages,
          unit: "none",
          noValue: "nobody was told anything in this time range",
          label: "channel",
          bars: true,
          stacked: true,
          interval: "5m",
        }),
        rows({
          id: 13,
          title: "Latest messages",
          description:
            "What people were told, newest first. Delivery is the time from the alert's arrival until the channel took the message, the gathering of alerts included.",
          width: 16,
          height: 8,
          sql: lastMessages,
          unit: "none",
          noValue: "nobody was told anything in this time range",
          columns: {
            sent: { unit: "dateTimeAsIso" },
            monitor: { link: rowLink },
            severity: { mappings: severityWords },
            delivery: { unit: "ms", decimals: 0 },
          },
        }),
      ],
    },
  ],
};
