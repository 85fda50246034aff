// What is known of each monitor at the end of the time range: its definition and the judge's
// verdict. Both kinds of rows are written anew at fixed times, so a short look back finds them.
import { ALL_LOCATIONS, dimension, measure, overlay, row, state } from "../names.ts";
import { newest, rowsAtEnd, sameMonitor, text } from "./text.ts";

const { tenant, monitor_id } = dimension;
const m = measure;

/** Definitions are written hourly: two may be lost before a monitor is forgotten. */
export const DEFINITION_SPAN = "3h";
/** States are written every five minutes: two may be lost before a verdict is forgotten. */
export const VERDICT_SPAN = "15m";

/** The newest definition of each monitor. */
export function definitions(...conditions: string[]): string {
  const columns = [
    m.name, m.target, m.enabled, m.deleted, m.interval_s, m.severity, m.team, m.runbook_url,
    m.slo_availability, m.slo_latency_ms,
  ];
  return perMonitor(
    [dimension.kind, ...columns],
    rowsAtEnd(row.monitor, DEFINITION_SPAN, ...conditions),
  );
}

/** The columns of definitions that alert rules need. */
export function owners(): string {
  return perMonitor([m.team, m.deleted], rowsAtEnd(row.monitor, DEFINITION_SPAN));
}

/** The newest verdict on each monitor. */
export function verdicts(columns: string[], ...conditions: string[]): string {
  const all = `${dimension.location} = ${text(ALL_LOCATIONS)}`;
  return perMonitor(columns, rowsAtEnd(row.state, VERDICT_SPAN, all, ...conditions));
}

/** Every column of verdicts. */
export const VERDICT_COLUMNS = [
  m.state, m.overlays, m.since, m.epoch, m.severity, m.error_class, m.error_owner, m.error_text,
  m.failing_locations,
];

/** The statement part that puts verdicts (`v`) and definitions (`d`) together, without monitors
 * that are gone. */
export const VERDICTS_WITH_DEFINITIONS = [
  `FROM verdict v LEFT JOIN definition d ON ${sameMonitor("v", "d")}`,
  `WHERE coalesce(d.${m.deleted}, false) = false`,
].join("\n");

/** Whether the overlays in `column` hold `name`. */
export function hasOverlay(column: string, name: string): string {
  return `${column} LIKE ${text(`%${name}%`)}`;
}

/** Whether somebody wants to hear of the monitor now: nobody maintains or pauses it, and no
 * monitor above it is in trouble itself. */
export function isWatched(overlays: string): string {
  return [overlay.maintenance, overlay.paused, overlay.suppressed]
    .map((name) => `${overlays} NOT LIKE ${text(`%${name}%`)}`)
    .join(" AND ");
}

/** Whether an outage is going on. */
export function isOutage(column: string): string {
  return `${column} IN (${text(state.down)}, ${text(state.recovering)})`;
}

/** The state for people, overlays included: one word. */
export function statusWord(stateColumn: string, overlays: string): string {
  return [
    "CASE",
    `  WHEN ${hasOverlay(overlays, overlay.paused)} THEN 'paused'`,
    `  WHEN ${hasOverlay(overlays, overlay.maintenance)} THEN 'maintenance'`,
    `  WHEN ${stateColumn} = ${text(state.up)} AND ${hasOverlay(overlays, overlay.degraded)} THEN 'degraded'`,
    `  ELSE ${stateColumn}`,
    "END",
  ].join("\n");
}

/** The state for people as a number; a higher one is worse. `palette.ts` has the words. */
export function statusNumber(stateColumn: string, overlays: string): string {
  return [
    "CASE",
    `  WHEN ${hasOverlay(overlays, overlay.paused)} THEN -2`,
    `  WHEN ${hasOverlay(overlays, overlay.maintenance)} THEN -1`,
    `  WHEN ${stateColumn} = ${text(state.down)} THEN 5`,
    `  WHEN ${stateColumn} = ${text(state.recovering)} THEN 4`,
    `  WHEN ${stateColumn} = ${text(state.suspect)} THEN 3`,
    `  WHEN ${stateColumn} = ${text(state.unknown)} THEN 1`,
    `  WHEN ${hasOverlay(overlays, overlay.degraded)} THEN 2`,
    "  ELSE 0",
    "END",
  ].join("\n");
}

/** Lists that are not written while they are empty, because the database refuses empty texts. */
const LISTS: string[] = [m.overlays, m.failing_locations];

function perMonitor(columns: string[], rows: string): string {
  const values = columns.map((column) => {
    const value = LISTS.includes(column) ? `coalesce(${newest(column)}, '')` : newest(column);
    return `${value} AS ${column}`;
  });
  return [
    `SELECT ${tenant}, ${monitor_id},`,
    `  ${values.join(",\n  ")}`,
    rows,
    `GROUP BY ${tenant}, ${monitor_id}`,
  ].join("\n");
}
