// What the SQL of monitor rules has in common.
import { dimension, measure as m } from "../names.ts";
import { owners } from "../sql/monitors.ts";
import { sameMonitor, withTables } from "../sql/text.ts";

const { tenant, monitor_id } = dimension;

/** One row per monitor of `table`: tenant, monitor and team as labels, further `labels`, and the
 * number. Monitors that were deleted are left out. */
export function perMonitor(
  tables: Record<string, string>,
  table: string,
  labels: Record<string, string>,
  number: string,
): string {
  const named = Object.entries(labels).map(([name, sql]) => `  ${sql} AS ${name},`);
  return withTables(
    { ...tables, definition: owners() },
    [
      `SELECT t.${tenant}, t.${monitor_id}, coalesce(d.${m.team}, '') AS ${m.team},`,
      ...named,
      `  CAST(${number} AS double) AS value`,
      `FROM ${table} t LEFT JOIN definition d ON ${sameMonitor("t", "d")}`,
      `WHERE coalesce(d.${m.deleted}, false) = false`,
    ].join("\n"),
  );
}

/** Definitions are read this many seconds back. */
export const DEFINITION_RANGE = 3 * 3600;
