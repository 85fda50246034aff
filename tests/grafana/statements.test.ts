// What every SQL text owes its database: a bound in time, the kind of rows, known names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { boards, ruleFiles, schema, statementsOf, statementsOfRules } from "./files.ts";

const statements = [
  ...boards.flatMap(statementsOf),
  ...[...ruleFiles.values()].flatMap(statementsOfRules),
];
const BOUND = /\$__timeFilter|\btime BETWEEN from_milliseconds\(\$__time(From|To)\)( - \d+[mh])? AND from_milliseconds\(\$__timeTo\)/;
const MACROS = ["timeFilter", "timeFrom", "timeTo", "interval", "database", "table"];
/** Words of the dialect that statements use. */
const WORDS = new Set(
  (
    "select from where and or not in is null as with union all by group order desc limit case when then else end between like on join left cast " +
    "distinct over partition bigint double varchar true false " +
    "sum count count_if min max max_by avg approx_percentile approx_distinct bin coalesce nullif round greatest least length replace " +
    "date_diff from_milliseconds to_milliseconds"
  ).split(" "),
);
const NAMES = new Set([
  "time",
  "measure_name",
  ...Object.keys(schema.dimensions),
  ...Object.keys(schema.measures),
]);

for (const { where, sql } of statements) {
  test(where, () => {
    // Every read of the table has its own bound and kind of rows.
    const reads = sql.split("FROM $__database.$__table").slice(1);
    assert.ok(reads.length > 0, "reads the table of the data source");
    for (const read of reads) {
      const condition = read.split(/\n\s*(?:GROUP BY|ORDER BY|\))/)[0];
      assert.match(condition, BOUND, `not bounded in time: ${condition}`);
      const kind = /measure_name = '(\w+)'/.exec(condition);
      assert.ok(kind && kind[1] in schema.measure_names, `no kind of rows: ${condition}`);
    }
    assert.doesNotMatch(sql, /\bnow\(\)|\bago\(/, "a past range must show the past");
    for (const [, macro] of sql.matchAll(/\$__(\w+)/g)) assert.ok(MACROS.includes(macro), macro);
    for (const [, rest] of sql.matchAll(/\$\{(\w+[^}]*)\}/g)) assert.match(rest, /:singlequote$/);
    assert.doesNotMatch(sql, /(SELECT |\.)\*/, "columns are named");

    const bare = sql
      .replaceAll(/'[^']*'/g, "")
      .replaceAll(/\$\{[^}]*\}|\$__\w+/g, "")
      .replaceAll(/"[^"]*"/g, "");
    const aliases = new Set([...sql.matchAll(/(?:AS|WITH|,\n)\s*(\w+)/g)].map((match) => match[1]));
    const tables = new Set([...bare.matchAll(/(?:FROM|JOIN)\s+(\w+)\s+(\w)\b/g)].map((match) => match[2]));
    for (const [, word] of bare.matchAll(/(?<![\w.])([A-Za-z_]\w*)/g)) {
      const known =
        WORDS.has(word.toLowerCase()) || NAMES.has(word) || aliases.has(word) || tables.has(word);
      assert.ok(known, `\`${word}\` is neither a column of the schema nor an alias`);
    }
  });
}
