// What happens to a statement before it reaches the database: Grafana replaces dashboard
// variables, then the plugin's backend replaces its macros, both as plain text.
import { schema } from "../files.ts";

/** A time range in ms, and the width of a point. */
export interface Range {
  from: number;
  to: number;
  intervalMs: number;
}

/** Replaces the macros of the data source, the longest name first. */
export function expandMacros(sql: string, { from, to, intervalMs }: Range): string {
  const macros: Record<string, string> = {
    $__timeFilter: `time BETWEEN from_milliseconds(${from}) AND from_milliseconds(${to})`,
    $__timeFrom: String(from),
    $__timeTo: String(to),
    $__interval_raw_ms: String(intervalMs),
    $__interval_ms: `${intervalMs}ms`,
    $__interval: `${intervalMs}ms`,
    $__now_ms: String(to),
    $__database: `"${schema.database}"`,
    $__table: `"${schema.table}"`,
    $__measure: "probe",
  };
  const names = Object.keys(macros).sort((a, b) => b.length - a.length);
  return names.reduce((text, name) => text.replaceAll(name, macros[name]), sql);
}

/** Chosen values of a variable; `all` is inserted as it is. */
export type Choice = string[] | { all: string };

/** Replaces dashboard variables in the one format that statements use. */
export function expandVariables(sql: string, choices: Record<string, Choice>): string {
  return sql.replaceAll(/\$\{(\w+):singlequote\}/g, (_match, name: string) => {
    const choice = choices[name];
    if (choice === undefined) throw new Error(`no value for \${${name}}`);
    return Array.isArray(choice) ? choice.map((value) => `'${value}'`).join(",") : choice.all;
  });
}
