// A database and a key for each tenant: the same dashboards and rules, by whoever's key, show that
// tenant and nobody else.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Statement, type Tree, boards, ruleFiles, schema, statementsOf, statementsOfRules } from "./files.ts";
import { Bridge, type Result } from "./sql/bridge.ts";
import { type Choice, type Range, expandMacros, expandVariables } from "./sql/plugin.ts";
import { Tidewatch } from "./sql/process.ts";
import { columns } from "./sql/records.ts";
import { records } from "./sql/seed.ts";
import { kinds } from "./sql/shapes.ts";

const HOUR = 3_600_000;
const binary = process.env.TIDEWATCH_BIN;
if (binary === undefined) throw new Error("set TIDEWATCH_BIN to the binary to start");
const rules = ruleFiles.get("grafana/provisioning/alerting/rules.yaml");
const end = Math.floor(Date.now() / 60_000) * 60_000;
const ALL: Record<string, Choice> = {
  tenant: { all: "tenant" }, monitor: { all: "monitor_id" }, location: { all: "location" },
};

/** Whose keys there are, and what each may reach. */
const TENANTS = ["acme", "globex"];
const key = (name: string) => ({ id: `TW${name.toUpperCase()}1`, secret: `${name}-`.padEnd(32, "x") });
const databaseOf = (tenant: string) => `Monitoring_${tenant}`;
const keysFile = [
  ...TENANTS.map((tenant) => ({ name: tenant, actions: ["read"], databases: [databaseOf(tenant)] })),
  { name: "operator", actions: ["read", "write", "admin"], databases: ["*"] },
].map(({ name, actions, databases }) => [
  "[[key]]", `name = "${name}"`, `access_key_id = "${key(name).id}"`, `secret_access_key = "${key(name).secret}"`,
  `actions = ${JSON.stringify(actions)}`, `databases = ${JSON.stringify(databases)}`, "",
].join("\n")).join("\n");

let tidewatch: Tidewatch;
const by = (name: string) => new Bridge(tidewatch.bridge, key(name));

before(async () => {
  tidewatch = await Tidewatch.start(binary, keysFile);
  const operator = by("operator");
  const story = records(end);
  for (const tenant of TENANTS) {
    const database = databaseOf(tenant);
    await operator.call("CreateDatabase", { DatabaseName: database });
    await operator.call("CreateTable", {
      DatabaseName: database,
      TableName: schema.table,
      RetentionProperties: { MemoryStoreRetentionPeriodInHours: 48, MagneticStoreRetentionPeriodInDays: 400 },
    });
    const own = (record: Tree) => {
      const found = record.Dimensions.find(({ Name }: Tree) => Name === "tenant").Value;
      return found === tenant || found === "_system";
    };
    await operator.write(database, schema.table, [...columns(end - HOUR), ...story.filter(own)]);
  }
});

after(async () => {
  await tidewatch?.stop();
});

function run(bridge: Bridge, database: string, sql: string, range: Range): Promise<Result> {
  const expanded = expandMacros(expandVariables(sql, ALL), range);
  return bridge.query(expanded.replaceAll(`"${schema.database}"`, `"${database}"`));
}

function rangeOf(statement: Statement): Range {
  if (statement.kind !== "rule") return { from: end - 6 * HOUR, to: end, intervalMs: 300_000 };
  const { from, to } = statement.owner.data[0].relativeTimeRange;
  return { from: end - from * 1000, to: end - to * 1000, intervalMs: 60_000 };
}

/** The names of the story by which a tenant's rows are known. */
const NAMES: Record<string, RegExp> = {
  acme: /\b(acme|shop|pay|search|docs|legacy|portal|edge|fixing|checkout|idle|token)\b/,
  globex: /\b(globex|site)\b/,
};

/** The values of the columns that name somebody. */
function names(result: Result): string[] {
  return result.columns.flatMap(({ name }, index) =>
    ["tenant", "monitor", "monitor_id"].includes(name) ? result.rows.map((row) => row[index] ?? "") : []);
}

/** Who was seen with their own key, and where. */
const seen = new Set<string>();

for (const statement of [...boards.flatMap(statementsOf), ...statementsOfRules(rules)]) {
  test(statement.where, async () => {
    for (const [tenant, other] of [TENANTS, [...TENANTS].reverse()]) {
      const result = await run(by(tenant), databaseOf(tenant), statement.sql, rangeOf(statement));
      for (const text of names(result)) {
        assert.doesNotMatch(text, NAMES[other], `${tenant} sees ${other}`);
        if (NAMES[tenant].test(text)) seen.add(`${tenant}: ${statement.kind}`);
      }
      await assert.rejects(run(by(tenant), databaseOf(other), statement.sql, rangeOf(statement)), /AccessDeniedException/);
    }
  });
}

test("everybody sees what is theirs", () => {
  const places = ["panel", "rule", "variable"];
  assert.deepEqual([...seen].sort(), TENANTS.flatMap((tenant) => places.map((place) => `${tenant}: ${place}`)));
});

test("a rule fires with the key of the tenant that it is about, and with no other", async () => {
  const down = statementsOfRules(rules).find(({ owner }) => owner.uid === "tidewatch-down")!;
  const firing = async (name: string, tenant: string) => {
    const result = await run(by(name), databaseOf(tenant), down.sql, rangeOf(down));
    const value = result.columns.findIndex(({ name }) => name === kinds(result).numbers[0]);
    return result.rows.filter((row) => Number(row[value]) > 0).length;
  };
  assert.equal(await firing("acme", "acme"), 2);
  assert.equal(await firing("globex", "globex"), 0);
  assert.equal(await firing("operator", "acme"), 2);
});

test("listings name what a key may reach and nothing else", async () => {
  for (const tenant of TENANTS) {
    const { rows } = await by(tenant).query("SHOW DATABASES");
    assert.deepEqual(rows.map(([name]) => name), [databaseOf(tenant)]);
  }
});

test("nobody gets in without a key", async () => {
  await assert.rejects(new Bridge(tidewatch.bridge).query("SHOW DATABASES"));
  await assert.rejects(new Bridge(tidewatch.bridge, { ...key("acme"), secret: "x".repeat(32) }).query("SHOW DATABASES"));
});
