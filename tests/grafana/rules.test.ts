// What every alert rule owes the person who is woken by it.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT, type Tree, boards, panelsOf, ruleFiles, rulesOf } from "./files.ts";

const RUNBOOKS = join(PROJECT, "docs/runbooks");
/** Rules that repeat the judge's verdict: waiting again would only be late. */
const VERDICTS = ["tidewatch-down", "tidewatch-degraded-location"];
/** Text columns that change while an alert fires: as labels they would end it. */
const VOLATILE = ["error_text", "error_class", "error_owner", "failing_locations", "since", "remote_addr", "target", "name"];

test("a uid that was ever shipped is a rule or has a tombstone", () => {
  const shipped = readFileSync(new URL("shipped-uids.txt", import.meta.url), "utf8").trim().split("\n");
  for (const [path, file] of ruleFiles) {
    const uids = rulesOf(file).map((rule) => rule.uid);
    const gone = (file.deleteRules ?? []).map((rule: Tree) => rule.uid);
    for (const uid of shipped) assert.ok(uids.includes(uid) || gone.includes(uid), `${path}: ${uid}`);
    for (const uid of uids) assert.ok(shipped.includes(uid), `add ${uid} to shipped-uids.txt`);
    for (const uid of gone) assert.ok(!uids.includes(uid), `${uid} is deleted and defined`);
  }
});

test("every runbook belongs to a rule", () => {
  const slugs = rulesOf([...ruleFiles.values()][0]).map((rule) => `${rule.labels.rule}.md`);
  assert.deepEqual(readdirSync(RUNBOOKS).sort(), [...slugs, "README.md"].sort());
});

/** What templates may use: what every Grafana from 10.4 on knows. */
const TEMPLATE = /^(externalURL|\$labels\.[a-z_]+|\$values\.A|with \$values\.A\.Value|humanizeTimestamp \.|end)$/;

for (const [path, file] of ruleFiles) {
  test(`${path}: uids and titles are unique`, () => {
    const rules = rulesOf(file);
    assert.equal(new Set(rules.map((rule) => rule.uid)).size, rules.length);
    assert.equal(new Set(rules.map((rule) => rule.title)).size, rules.length);
    const groups = file.groups.map((group: Tree) => group.name);
    assert.equal(new Set(groups).size, groups.length);
  });

  for (const rule of rulesOf(file)) {
    test(`${path}: ${rule.uid}`, () => {
      const board = boards.find(({ json }) => json.uid === rule.dashboardUid);
      assert.ok(board, `no dashboard ${rule.dashboardUid}`);
      assert.ok(panelsOf(board).some(({ id }) => id === rule.panelId), `no panel ${rule.panelId}`);

      const { summary, description, runbook_url, dashboard_url } = rule.annotations;
      assert.ok(summary.length > 20 && description.length > 60);
      const runbook = runbook_url.split("/").at(-1);
      assert.equal(runbook, `${rule.labels.rule}.md`);
      assert.ok(existsSync(join(RUNBOOKS, runbook)), `no runbook ${runbook}`);
      assert.ok(dashboard_url.startsWith(`{{ externalURL }}d/${rule.dashboardUid}?`), dashboard_url);
      for (const [, name] of dashboard_url.matchAll(/var-([a-z]+)=/g)) {
        const names = board.json.templating.list.map((variable: Tree) => variable.name);
        assert.ok(names.includes(name), `${rule.dashboardUid} has no variable ${name}`);
      }
      for (const text of Object.values<string>(rule.annotations)) {
        assert.doesNotMatch(text, /\$\{/, "newer versions of Grafana would replace it");
        for (const [, inner] of text.matchAll(/\{\{(.*?)\}\}/g)) {
          assert.match(inner.trim(), TEMPLATE);
        }
      }
      for (const text of Object.values<string>(rule.labels)) assert.ok(!text.includes("$"), text);

      const [query, condition] = rule.data;
      assert.equal(query.model.waitForResult, true, "nobody else reads the other pages");
      assert.equal(query.model.format, 0);
      assert.equal(query.model.refId, query.refId);
      assert.equal(condition.refId, rule.condition);
      assert.equal(condition.model.expression, query.refId);
      assert.equal(rule.for === "0s" || !VERDICTS.includes(rule.uid), true, "verdicts do not wait again");

      const selected = query.model.rawQuery.slice(query.model.rawQuery.lastIndexOf("SELECT"));
      const columns = selected.slice(0, selected.indexOf("CAST(C")).split("FROM")[0];
      for (const name of VOLATILE) {
        assert.doesNotMatch(columns, new RegExp(`\\b${name}\\b`), `${name} as a label`);
      }
    });
  }
}
