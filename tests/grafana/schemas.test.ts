// Dashboards against the types of Grafana's own packages: a misspelt key or value is dropped
// silently by Grafana, so it has to be found here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv } from "ajv";
import { boards, local, panelsOf } from "./files.ts";

const ajv = new Ajv({ allErrors: true, strict: false });
const dashboard = ajv.compile(local("schemas/dashboard.json"));
const panels = local("schemas/panels.json");
ajv.addSchema(panels, "panels");

/** The schema of one part of one type of panel. */
function part(type: string, name: "options" | "custom") {
  const known = panels.definitions.Panels.properties;
  assert.ok(type in known, `panels of type ${type} have no schema; known are ${Object.keys(known)}`);
  return ajv.compile({ $ref: `panels#/definitions/Panels/properties/${type}/properties/${name}` });
}

for (const board of boards) {
  test(`${board.file} follows the schema of dashboards`, () => {
    assert.ok(dashboard(board.json), JSON.stringify(dashboard.errors, null, 1));
  });

  for (const panel of panelsOf(board)) {
    test(`${board.file}: panel ${panel.id} follows the schema of ${panel.type}`, () => {
      const options = part(panel.type, "options");
      assert.ok(options(panel.options ?? {}), JSON.stringify(options.errors, null, 1));
      const custom = part(panel.type, "custom");
      assert.ok(custom(panel.fieldConfig.defaults.custom ?? {}), JSON.stringify(custom.errors, null, 1));
      for (const override of panel.fieldConfig.overrides) {
        const values = override.properties
          .filter(({ id }: { id: string }) => id.startsWith("custom."))
          .map(({ id, value }: { id: string; value: unknown }) => [id.slice("custom.".length), value]);
        const partial = { ...panel.fieldConfig.defaults.custom, ...Object.fromEntries(values) };
        assert.ok(custom(partial), `${override.matcher.options}: ${JSON.stringify(custom.errors, null, 1)}`);
      }
    });
  }
}
