// Provisioning files: every key is one that Grafana knows, and they fit together.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROJECT, boards, provisioning, ruleFiles, rulesOf, yaml } from "./files.ts";
import { type Reader, contactPointFile, datasourceFile, providerFile, ruleFile, templateFile } from "./strict.ts";

const READERS: Record<string, Reader> = {
  "datasources/tidewatch.yaml": datasourceFile,
  "dashboards/tidewatch.yaml": providerFile,
  "alerting/rules.yaml": ruleFile,
  "alerting/contact-points.yaml": contactPointFile,
  "alerting/templates.yaml": templateFile,
};
const sources = yaml("grafana/provisioning/datasources/tidewatch.yaml").datasources;
const providers = yaml("grafana/provisioning/dashboards/tidewatch.yaml").providers;
const contacts = yaml("grafana/provisioning/alerting/contact-points.yaml").contactPoints;
const templates = yaml("grafana/provisioning/alerting/templates.yaml").templates;
const compose = yaml("grafana/compose.yaml");

for (const kind of ["datasources", "dashboards", "alerting"]) {
  for (const [path, content] of provisioning(kind)) {
    test(`${path} has only keys that Grafana knows`, () => {
      const reader = READERS[path.replace("grafana/provisioning/", "")];
      assert.ok(reader, `no reader for ${path}`);
      reader(content, path);
    });
  }
}

test("the variant that routes by policies differs from the other in the routing only", () => {
  const [direct, policies] = [...ruleFiles.values()].map((file) => structuredClone(file));
  ruleFile(policies, "grafana/routing-policies/rules.yaml");
  for (const rule of rulesOf(direct)) {
    assert.ok(rule.notification_settings, rule.uid);
    delete rule.notification_settings;
  }
  for (const rule of rulesOf(policies)) assert.equal(rule.notification_settings, undefined, rule.uid);
  assert.deepEqual(policies, direct);
});

test("the files fit together", () => {
  const folders = new Set([...ruleFiles.values()].flatMap((file) => file.groups.map((group: { folder: string }) => group.folder)));
  assert.deepEqual([...folders], [providers[0].folder], "rules and dashboards are in one folder");
  for (const file of ruleFiles.values()) {
    for (const rule of rulesOf(file)) {
      for (const query of rule.data) {
        assert.ok(["__expr__", sources[0].uid].includes(query.datasourceUid), query.datasourceUid);
      }
      if (rule.notification_settings) assert.equal(rule.notification_settings.receiver, contacts[0].name);
    }
  }
  const settings = contacts[0].receivers[0].settings;
  for (const part of [settings.title, settings.message]) {
    const name = /template "([^"]+)"/.exec(part)?.[1];
    assert.ok(templates[0].template.includes(`define "${name}"`), part);
  }
  assert.equal(
    boards[0].json.templating.list[0].query,
    sources[0].type,
    "the variable of dashboards lists sources of the type that is provisioned",
  );
});

test("the database's name keeps its double quotes, as the data source wants", () => {
  const { defaultDatabase, defaultTable } = sources[0].jsonData;
  for (const name of [defaultDatabase, defaultTable]) assert.match(name, /^"\$TIDEWATCH_[A-Z]+"$/);
});

test("no template has a dollar sign, which provisioning would replace", () => {
  for (const { template } of templates) assert.ok(!template.includes("$"));
});

test("every variable of the files is set by the start script and handed to the container", () => {
  const script = readFileSync(join(PROJECT, "grafana/run"), "utf8");
  const container = Object.keys(compose.services.grafana.environment);
  const used = new Set<string>();
  for (const path of Object.keys(READERS).filter((name) => name !== "alerting/rules.yaml")) {
    const content = readFileSync(join(PROJECT, "grafana/provisioning", path), "utf8");
    for (const [, name] of content.matchAll(/\$(TIDEWATCH_[A-Z_]+)/g)) used.add(name);
  }
  assert.ok(used.size > 8);
  for (const name of used) {
    assert.ok(script.includes(name), `grafana/run does not set ${name}`);
    assert.ok(container.includes(name), `compose.yaml does not hand over ${name}`);
  }
});
