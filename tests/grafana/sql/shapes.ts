// Whether a result is what its panel, variable, annotation or rule can show.
import assert from "node:assert/strict";
import type { Statement, Tree } from "../files.ts";
import type { Result } from "./bridge.ts";

const NUMBERS = ["DOUBLE", "BIGINT", "INTEGER"];
const KNOWN = [...NUMBERS, "VARCHAR", "BOOLEAN", "TIMESTAMP"];

/** The columns of a result by kind. */
export function kinds(result: Result) {
  const of = (types: string[]) => result.columns.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  return { numbers: of(NUMBERS), texts: of(["VARCHAR"]), times: of(["TIMESTAMP"]), flags: of(["BOOLEAN"]) };
}

/** The values of a column. */
export function column(result: Result, name: string): (string | null)[] {
  const index = result.columns.findIndex((candidate) => candidate.name === name);
  assert.ok(index >= 0, `no column ${name}; there are ${result.columns.map((one) => one.name)}`);
  return result.rows.map((row) => row[index]);
}

/** Checks a result against what it is for. */
export function check(statement: Statement, result: Result): void {
  for (const { name, type } of result.columns) {
    assert.ok(KNOWN.includes(type), `column ${name} is of type ${type}, which the plugin drops or prints as JSON`);
    assert.doesNotMatch(name, /^_col\d+$/, "every column has a name");
  }
  const names = result.columns.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `a name occurs twice: ${names}`);
  ({ panel, variable, annotation, rule })[statement.kind](statement, result);
}

function variable(_statement: Statement, result: Result): void {
  assert.deepEqual(kinds(result).texts.length, 1);
  assert.equal(result.columns.length, 1);
  assert.ok(result.rows.length > 0);
}

function annotation(_statement: Statement, result: Result): void {
  assert.deepEqual(result.columns, [
    { name: "time", type: "TIMESTAMP" },
    { name: "timeEnd", type: "TIMESTAMP" },
    { name: "text", type: "VARCHAR" },
  ]);
  assert.ok(result.rows.length > 0);
}

/** A number per set of labels: what Grafana takes for instances without a reduce step. */
function rule(_statement: Statement, result: Result): void {
  const { numbers, texts } = kinds(result);
  assert.deepEqual(numbers.length, 1, `exactly one number, not ${numbers}`);
  assert.equal(texts.length, result.columns.length - 1, "every other column is a text");
  assert.ok(result.rows.length > 0, "a row for everything that is watched");
  const labels = result.rows.map((row) => JSON.stringify(row.filter((_, index) => result.columns[index].name !== numbers[0])));
  assert.equal(new Set(labels).size, labels.length, "two rows with the same labels");
  for (const value of column(result, numbers[0])) assert.notEqual(value, null, "no number");
}

function panel(statement: Statement, result: Result): void {
  const { type, fieldConfig } = statement.owner;
  ({ stat, bargauge, table, timeseries: time, "state-timeline": time, heatmap: time } as Record<string, (s: Statement, r: Result) => void>)[type](statement, result);
  if (type === "timeseries" && statement.format === 1) return;
  for (const override of fieldConfig.overrides as Tree[]) {
    const name = override.matcher.options;
    assert.ok(result.columns.some((one) => one.name === name), `the override for ${name} matches no column`);
  }
}

function stat(_statement: Statement, result: Result): void {
  assert.equal(result.rows.length, 1, "one row");
  assert.equal(kinds(result).numbers.length, result.columns.length, "numbers only");
}

function bargauge(_statement: Statement, result: Result): void {
  assert.ok(result.rows.length > 0);
  assert.deepEqual([kinds(result).texts.length, kinds(result).numbers.length], [1, 1]);
}

function table(_statement: Statement, result: Result): void {
  assert.ok(result.rows.length > 0, "the story has rows for every table");
}

/** Over time: ascending, and either a label with one number, or numbers only. */
function time(statement: Statement, result: Result): void {
  const { numbers, texts, times } = kinds(result);
  assert.deepEqual(times, ["time"]);
  assert.ok(result.rows.length > 1, "more than one point");
  const at = column(result, "time");
  assert.deepEqual(at, [...at].sort(), "ascending, or the plugin cannot make series of it");
  if (statement.format === 1) {
    assert.deepEqual([texts.length, numbers.length], [1, 1], "one label, one number");
    const label = /\$\{__field\.labels\.(\w+)\}/.exec(statement.owner.fieldConfig.defaults.displayName);
    assert.equal(label?.[1], texts[0], "series are named by the label");
    const points = result.rows.map((_, index) => `${at[index]} ${column(result, texts[0])[index]}`);
    assert.equal(new Set(points).size, points.length, "two values at one time of one series");
  } else {
    assert.deepEqual(texts, []);
    assert.ok(numbers.length > 0);
    assert.equal(new Set(at).size, at.length, "two rows at one time");
  }
}
