// Every SQL text on the bridge, over a story in which something of everything happens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Statement, type Tree, boards, ruleFiles, rulesOf, schema, statementsOf, statementsOfRules } from "./files.ts";
import { Bridge, type Result } from "./sql/bridge.ts";
import { type Choice, type Range, expandMacros, expandVariables } from "./sql/plugin.ts";
import { Tidewatch } from "./sql/process.ts";
import { records } from "./sql/seed.ts";
import { check, column, kinds } from "./sql/shapes.ts";

const HOUR = 3_600_000;
const binary = process.env.TIDEWATCH_BIN;
if (binary === undefined) throw new Error("set TIDEWATCH_BIN to the binary to start");
const rules = ruleFiles.get("grafana/provisioning/alerting/rules.yaml");

/** The end of the story: the last full minute. */
const end = Math.floor(Date.now() / 60_000) * 60_000;
const lastHours = (hours: number, intervalMs: number): Range => ({ from: end - hours * HOUR, to: end, intervalMs });
const ALL: Record<string, Choice> = {
  tenant: { all: "tenant" },
  monitor: { all: "monitor_id" },
  location: { all: "location" },
};
/** A dashboard about one monitor has one chosen. */
const ONE: Record<string, Choice> = { ...ALL, tenant: ["acme"], monitor: ["edge"] };
const SHOP: Record<string, Choice> = { ...ALL, tenant: ["acme"], monitor: ["shop"] };

let tidewatch: Tidewatch;
let bridge: Bridge;

before(async () => {
  const first = await Tidewatch.start(binary);
  await new Bridge(first.bridge).write(schema.database, schema.table, records(end));
  // A start makes the rollups of the hours that are over: the panels read the real ones.
  tidewatch = await first.restart();
  bridge = new Bridge(tidewatch.bridge);
  await rolledUp();
});

/** Waits for the rollup of the last hour that counts as over ten minutes before the end. */
async function rolledUp(): Promise<void> {
  const last = Math.floor((end - 600_000) / HOUR) * HOUR - HOUR;
  const sql =
    `SELECT count(*) AS rollups FROM "${schema.database}"."${schema.table}" ` +
    `WHERE measure_name = 'rollup' AND time = from_milliseconds(${last})`;
  const until = Date.now() + 60_000;
  while (Number((await bridge.query(sql)).rows[0][0]) === 0) {
    assert.ok(Date.now() < until, "no rollup within a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

after(async () => {
  await tidewatch?.stop();
});

function run(sql: string, range: Range, choices: Record<string, Choice> = ALL): Promise<Result> {
  return bridge.query(expandMacros(expandVariables(sql, choices), range));
}

function choicesOf(statement: Statement): Record<string, Choice> {
  return statement.where.startsWith("tidewatch-monitor") ? SHOP : ALL;
}

for (const statement of boards.flatMap(statementsOf)) {
  test(statement.where, async () => {
    check(statement, await run(statement.sql, lastHours(6, 300_000), choicesOf(statement)));
    // A day in wide points, several values of each variable.
    const several = { ...choicesOf(statement), tenant: ["acme", "globex"] };
    await run(statement.sql, lastHours(24, 900_000), several);
  });
}

for (const statement of statementsOfRules(rules)) {
  test(statement.where, async () => check(statement, await evaluate(statement)));
}

async function evaluate(statement: Statement): Promise<Result> {
  const { from, to } = statement.owner.data[0].relativeTimeRange;
  return run(statement.sql, { from: end - from * 1000, to: end - to * 1000, intervalMs: 60_000 });
}

/** Which instances of which rules fire at the end of the story. */
const FIRES: Record<string, string[]> = {
  "tidewatch-down": ["acme/pay", "acme/portal"],
  "tidewatch-degraded-location": ["acme/edge"],
  "tidewatch-latency": ["acme/search"],
  "tidewatch-certificate-21d": ["acme/legacy", "acme/portal"],
  "tidewatch-certificate-7d": ["acme/legacy", "acme/portal"],
  "tidewatch-certificate-invalid": ["acme/portal"],
  "tidewatch-slo-fast-burn": ["acme/edge", "acme/pay", "acme/portal"],
  "tidewatch-slo-slow-burn": ["acme/edge", "acme/pay", "acme/portal"],
  "tidewatch-monitor-silent": ["acme/docs", "acme/token"],
  "tidewatch-pipeline-late": ["prober/us-east-1"],
  "tidewatch-network-lost": ["prober/eu-central-1"],
  "tidewatch-writes-rejected": ["writer/eu-central-1"],
  "tidewatch-watchdog": ["alerting"],
};

for (const statement of statementsOfRules(rules)) {
  const { uid, data } = statement.owner;
  test(`${uid} fires for whom it should, and for nobody else`, async () => {
    const result = await evaluate(statement);
    const { type, params } = data[1].model.conditions[0].evaluator;
    const value = kinds(result).numbers[0];
    const firing = result.rows
      .map((row) => Object.fromEntries(result.columns.map(({ name }, index) => [name, row[index]])))
      .filter((row) => (type === "gt" ? Number(row[value]) > params[0] : Number(row[value]) < params[0]));
    assert.deepEqual(firing.map(instance).sort(), FIRES[uid], JSON.stringify(firing));
    for (const text of Object.values<string>(statement.owner.annotations)) {
      for (const [, label] of text.matchAll(/\$labels\.(\w+)/g)) {
        assert.ok(result.columns.some(({ name }) => name === label), `no label ${label}`);
      }
    }
  });
}

/** A firing row as a short text. */
function instance(row: Tree): string {
  if (row.monitor_id !== undefined) return `${row.tenant}/${row.monitor_id}`;
  return row.component === undefined ? row.path : `${row.component}/${row.location}`;
}

test("the number of an outage is the second in which it began", async () => {
  const down = statementsOfRules(rules).find(({ owner }) => owner.uid === "tidewatch-down")!;
  const result = await evaluate(down);
  const begun = column(result, kinds(result).numbers[0]).map(Number);
  const monitors = column(result, "monitor_id");
  const minutesAgo = (minutes: number) => (end - minutes * 60_000) / 1000;
  assert.equal(begun[monitors.indexOf("pay")], minutesAgo(20));
  assert.equal(begun[monitors.indexOf("portal")], minutesAgo(420));
  assert.equal(begun[monitors.indexOf("shop")], 0);
});

test("every rule has its expectation", () => {
  assert.deepEqual(rulesOf(rules).map((rule) => rule.uid).sort(), Object.keys(FIRES).sort());
});

function statement(board: string, panel: number): Statement {
  const found = boards
    .filter(({ json }) => json.uid === board)
    .flatMap(statementsOf)
    .find((candidate) => candidate.kind === "panel" && candidate.owner.id === panel);
  assert.ok(found, `${board} has no panel ${panel}`);
  return found;
}

test("the overview counts monitors by state", async () => {
  const result = await run(statement("tidewatch-overview", 1).sql, lastHours(6, 60_000));
  const counts = Object.fromEntries(result.columns.map(({ name }, index) => [name, Number(result.rows[0][index])]));
  assert.deepEqual(counts, {
    down: 3, recovering: 0, suspect: 0, degraded: 3, up: 3, unknown: 1, maintenance: 1, paused: 1,
  });
});

test("the overview lists outages first, with their cause", async () => {
  const result = await run(statement("tidewatch-overview", 2).sql, lastHours(6, 60_000));
  assert.deepEqual(column(result, "monitor").slice(0, 3), ["portal", "checkout", "pay"]);
  assert.deepEqual(column(result, "cause").slice(0, 3), ["tls_cert_expired", "read_timeout_header", "connect_refused"]);
  assert.equal(column(result, "lasting")[2], String(20 * 60));
});

test("a tenant that is chosen hides the others", async () => {
  const globex = { ...ALL, tenant: ["globex"] };
  const overview = boards.find(({ json }) => json.uid === "tidewatch-overview");
  for (const { sql, kind } of statementsOf(overview!)) {
    if (kind === "variable") continue;
    const result = await run(sql, lastHours(6, 300_000), globex);
    for (const name of ["tenant", "monitor"]) {
      if (!result.columns.some((one) => one.name === name)) continue;
      for (const value of column(result, name)) assert.match(value ?? "", /^(globex|site|globex \/ site)$/);
    }
  }
});

test("outages are annotated with begin, end and cause", async () => {
  const [outages] = statementsOf(boards.find(({ json }) => json.uid === "tidewatch-monitor")!).filter(({ kind }) => kind === "annotation");
  const result = await run(outages.sql, lastHours(6, 60_000), SHOP);
  assert.deepEqual(column(result, "text"), ["outage 1: read_timeout_header"]);
  const begin = new Date(end - 200 * 60_000).toISOString().replace("T", " ").slice(0, 19);
  assert.equal(column(result, "time")[0]?.slice(0, 19), begin);
});

test("the distribution counts every good probe once", async () => {
  const { sql } = statement("tidewatch-monitor", 6);
  const result = await run(sql, lastHours(6, 300_000), ONE);
  const counted = result.rows.flatMap((row) => row.slice(1).map(Number)).reduce((sum, one) => sum + one, 0);
  // Three locations, a minute apart, both ends of six hours; one location fails since an hour.
  assert.equal(counted, 3 * 361 - 60);
});

test("the error budget of an hour-long partial outage is right to the minute", async () => {
  const { sql } = statement("tidewatch-slo", 2);
  const result = await run(sql, lastHours(6, 300_000));
  const row = column(result, "monitor").indexOf("edge");
  const cell = (name: string) => Number(column(result, name)[row]);
  assert.ok(Math.abs(cell("budget") - 0.36) < 1e-9, "0.1 % of six hours");
  assert.ok(Math.abs(cell("spent") - 20) < 1e-9, "a third of 60 minutes");
  assert.ok(Math.abs(cell("achieved") - (100 * (3 * 361 - 60)) / (3 * 361)) < 1e-9);
  assert.ok(cell("left in percent") < 0 && cell("exhausted in") === 0, "overspent: nothing left to exhaust");
});

test("rollups say of every hour what its probes say", async () => {
  const from = `FROM "${schema.database}"."${schema.table}" WHERE time >= from_milliseconds(${end - 6 * HOUR})`;
  const sums = (columns: string, kind: string) =>
    bridge.query(`SELECT monitor_id, location, ${columns} ${from} AND measure_name = '${kind}' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`);
  const counted = await sums(
    "bin(time, 1h), count_if(up = 1 AND in_maintenance = false), count_if(up = 0 AND in_maintenance = false), count_if(in_maintenance)",
    "probe",
  );
  const rollups = await sums("time, max(good), max(bad), max(maintained)", "rollup");
  const probes = new Map(counted.rows.map((row) => [row.slice(0, 3).join(), row.slice(3)]));
  const full = rollups.rows.filter((row) => Date.parse(`${row[2]!.slice(0, 19).replace(" ", "T")}Z`) >= end - 6 * HOUR);
  assert.ok(full.length >= 4 * 13, `${full.length} rollups`);
  for (const row of full) assert.deepEqual(row.slice(3), probes.get(row.slice(0, 3).join()), row.join());
});

test("a fresh installation shows empty panels, not errors", async () => {
  const fresh = await Tidewatch.start(binary);
  try {
    const empty = new Bridge(fresh.bridge);
    for (const { sql } of [...boards.flatMap(statementsOf), ...statementsOfRules(rules)]) {
      await empty.query(expandMacros(expandVariables(sql, SHOP), lastHours(6, 300_000)));
    }
  } finally {
    await fresh.stop();
  }
});

test("a time range before the first row is empty, not an error", async () => {
  const past: Range = { from: end - 60 * 24 * HOUR, to: end - 59 * 24 * HOUR, intervalMs: 300_000 };
  for (const { sql, where } of [...boards.flatMap(statementsOf), ...statementsOfRules(rules)]) {
    const result = await run(sql, past, SHOP);
    assert.ok(result.rows.length <= 1, where);
  }
});
