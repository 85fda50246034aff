// Pieces of SQL that every statement is made of. Timestream and the bridge both accept them.
import { dimension } from "../names.ts";

/** The end of the time range: of the dashboard, or of the rule's evaluation. Statements use it
 * instead of `now()`, so that a past range shows the past. */
export const END = "from_milliseconds($__timeTo)";

/** The rows of one kind within the time range. */
export function rowsInRange(kind: string, ...conditions: string[]): string {
  return from(kind, "$__timeFilter", conditions);
}

/** The rows of one kind in the last `span` (such as `15m`) of the time range. */
export function rowsAtEnd(kind: string, span: string, ...conditions: string[]): string {
  return from(kind, `time BETWEEN ${END} - ${span} AND ${END}`, conditions);
}

/** The rows of one kind within the time range and for `span` before it. */
export function rowsBefore(kind: string, span: string, ...conditions: string[]): string {
  const start = `from_milliseconds($__timeFrom) - ${span}`;
  return from(kind, `time BETWEEN ${start} AND ${END}`, conditions);
}

function from(kind: string, time: string, conditions: string[]): string {
  return [
    "FROM $__database.$__table",
    `WHERE measure_name = ${text(kind)}`,
    `  AND ${time}`,
    ...conditions.map((condition) => `  AND ${condition}`),
  ].join("\n");
}

/** A condition on a dimension by a dashboard variable, which may hold one value, several or all.
 * "All" is inserted as the column's own name, so that the text stays short. */
export function chosen(column: string, variable: string): string {
  return `${column} IN (\${${variable}:singlequote})`;
}

/** A text literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** A list of text literals for `IN`. */
export function list(values: string[]): string {
  return `(${values.map(text).join(", ")})`;
}

/** The value of `column` in the newest row that has one. */
export function newest(column: string): string {
  return `max_by(${column}, time)`;
}

/** The newest value of `column` that is not null. */
export function newestKnown(column: string): string {
  return `max_by(${column}, CASE WHEN ${column} IS NOT NULL THEN time END)`;
}

/** Common table expressions followed by the statement that uses them. */
export function withTables(tables: Record<string, string>, statement: string): string {
  const parts = Object.entries(tables).map(([name, sql]) => `${name} AS (\n${indent(sql)}\n)`);
  return `WITH ${parts.join(",\n")}\n${statement}`;
}

/** A condition that joins two tables of monitors. */
export function sameMonitor(left: string, right: string): string {
  return [dimension.tenant, dimension.monitor_id]
    .map((column) => `${left}.${column} = ${right}.${column}`)
    .join(" AND ");
}

/** A monitor as one text, unique over tenants. */
export function monitorLabel(table = ""): string {
  const prefix = table === "" ? "" : `${table}.`;
  return `${prefix}${dimension.tenant} || ' / ' || ${prefix}${dimension.monitor_id}`;
}

function indent(sql: string): string {
  return sql.replaceAll(/^(?=.)/gm, "  ");
}
