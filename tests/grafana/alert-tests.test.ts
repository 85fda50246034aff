// The shipped tests of alert rules against the schema that editors use.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { PROJECT } from "./files.ts";

const schema = JSON.parse(readFileSync(join(PROJECT, "docs/schemas/alert-tests.schema.json"), "utf8"));
const follows = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);
const FOLDER = join(PROJECT, "tests/alerts");
const files = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml"));

/** A test file with one thing changed. */
function changed(change: (file: any) => void) {
  const file = parse(readFileSync(join(FOLDER, files[0]), "utf8"), { merge: true });
  change(file);
  return file;
}

for (const file of files) {
  test(`tests/alerts/${file} follows the schema of tests`, () => {
    const tree = parse(readFileSync(join(FOLDER, file), "utf8"), { merge: true });
    assert.ok(follows(tree), JSON.stringify(follows.errors, null, 1));
  });
}

test("the schema refuses what the program refuses", () => {
  assert.ok(!follows(changed((file) => delete file.rule_files)));
  assert.ok(!follows(changed((file) => (file.tests[0].alert_rule_tests = []))));
  assert.ok(!follows(changed((file) => (file.tests[0].rows = [{ series: "cpu" }]))));
  assert.ok(!follows(changed((file) => (file.tests[0].monitors = [{ tenant: "acme" }]))));
});
