// What every dashboard owes its readers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Tree, boards, local, panelsOf, statementsOf } from "./files.ts";

const CORE = ["bargauge", "heatmap", "stat", "state-timeline", "table", "timeseries"];
/** The palette of Okabe and Ito. */
const COLOURS = ["#009E73", "#F0E442", "#E69F00", "#D55E00", "#56B4E9", "#0072B2", "#CC79A7", "#999999"];
/** Colour scales that people with colour deficiencies can read. */
const MODES = ["thresholds", "fixed", "palette-classic-by-name", "continuous-BlYlRd"];
const SCHEMES = ["Viridis"];
/** Types that print the value or word beside its colour. */
const PRINTS_VALUES = ["bargauge", "stat", "state-timeline", "table"];
const units: string[] = local("schemas/units.json");
const uids = boards.map(({ json }) => json.uid);

/** Every object within a tree. */
function* objects(tree: Tree): Generator<Tree> {
  if (tree === null || typeof tree !== "object") return;
  if (!Array.isArray(tree)) yield tree;
  for (const value of Object.values(tree)) yield* objects(value);
}

/** Every text within a tree. */
function* texts(tree: Tree): Generator<string> {
  if (typeof tree === "string") yield tree;
  else if (tree !== null && typeof tree === "object") for (const value of Object.values(tree)) yield* texts(value);
}

function seconds(duration: string): number {
  const match = /^(\d+)([smh])$/.exec(duration);
  assert.ok(match, `\`${duration}\` is no duration`);
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as "s" | "m" | "h"];
}

test("uids and titles of dashboards are unique", () => {
  assert.equal(new Set(uids).size, boards.length);
  assert.equal(new Set(boards.map(({ json }) => json.title)).size, boards.length);
  for (const { json, file } of boards) assert.equal(file, `dashboards/${json.uid}.json`);
});

for (const board of boards) {
  const { json, file } = board;
  const panels = panelsOf(board);

  test(`${file}: head`, () => {
    assert.match(json.uid, /^[A-Za-z0-9_-]{8,40}$/);
    assert.ok(json.description.length > 20);
    assert.equal(json.editable, false);
    assert.ok(!("id" in json) && !("__inputs" in json));
    assert.ok(seconds(json.refresh) >= 60, "no refresh below a minute");
    for (const choice of json.timepicker.refresh_intervals) assert.ok(seconds(choice) >= 60, choice);
    assert.ok(statementsOf(board).length <= 25, `${statementsOf(board).length} queries`);
  });

  test(`${file}: places`, () => {
    const ids = json.panels.map((panel: Tree) => panel.id);
    assert.equal(new Set(ids).size, ids.length, "ids are unique");
    const taken = new Map<string, number>();
    for (const { id, gridPos } of json.panels) {
      assert.ok(gridPos.x >= 0 && gridPos.x + gridPos.w <= 24, `panel ${id} leaves the grid`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          const other = taken.get(`${x},${y}`);
          assert.equal(other, undefined, `panels ${other} and ${id} overlap`);
          taken.set(`${x},${y}`, id);
        }
      }
    }
    const titles = panels.map((panel) => panel.title);
    assert.equal(new Set(titles).size, titles.length, "titles are unique");
  });

  test(`${file}: variables are defined and used`, () => {
    const names = json.templating.list.map((variable: Tree) => variable.name);
    const used = new Set<string>();
    for (const text of texts(json)) {
      for (const [, name] of text.matchAll(/\$\{([a-zA-Z_]+)[:}]/g)) used.add(name);
    }
    for (const name of used) {
      if (!name.startsWith("__")) assert.ok(names.includes(name), `\${${name}} is not defined`);
    }
    for (const name of names) assert.ok(used.has(name), `${name} is not used`);
    for (const variable of json.templating.list) {
      assert.ok(variable.label && variable.description, variable.name);
      if (variable.type === "query") assert.equal(variable.refresh, 2, `${variable.name} follows the time range`);
      if (variable.includeAll) assert.ok(variable.allValue, `${variable.name} would spell out every value`);
    }
  });

  test(`${file}: links resolve`, () => {
    for (const text of texts(json)) {
      const match = /^\/d\/([^/?]+)\?(.*)$/.exec(text);
      if (match === null) continue;
      const target = boards.find((other) => other.json.uid === match[1]);
      assert.ok(target, `${text} leads nowhere`);
      const names = target.json.templating.list.map((variable: Tree) => variable.name);
      for (const [, name] of match[2].matchAll(/var-([a-z]+)=/g)) {
        assert.ok(names.includes(name), `${text}: ${match[1]} has no variable ${name}`);
      }
      for (const [, column] of text.matchAll(/__data\.fields\.([a-z_]+)/g)) {
        const owners = panels.filter((panel) => [...texts(panel.fieldConfig)].includes(text));
        for (const owner of owners) {
          assert.match(owner.targets[0].rawQuery, new RegExp(`\\b${column}\\b`), `panel ${owner.id}`);
        }
      }
    }
    for (const link of json.links) assert.ok(link.tags.every((tag: string) => json.tags.includes(tag)));
  });

  test(`${file}: colours can be told apart`, () => {
    for (const object of objects(json)) {
      for (const colour of [object.color, object.fixedColor, object.iconColor]) {
        if (typeof colour === "string") assert.ok(COLOURS.includes(colour), colour);
      }
      if (object.scheme !== undefined) assert.ok(SCHEMES.includes(object.scheme), object.scheme);
    }
    for (const panel of panels) {
      const mode = panel.fieldConfig.defaults.color?.mode;
      if (mode !== undefined) assert.ok(MODES.includes(mode), `panel ${panel.id}: ${mode}`);
    }
  });

  for (const panel of panels) {
    test(`${file}: panel ${panel.id} "${panel.title}"`, () => {
      assert.ok(CORE.includes(panel.type), `${panel.type} is not a core panel that we know`);
      assert.ok(panel.title.length > 3);
      assert.ok(panel.description.length > 20, "a description says what is seen");
      const { defaults, overrides } = panel.fieldConfig;
      assert.ok(defaults.noValue, "a text for no value");
      assert.ok(units.includes(defaults.unit), `unit ${defaults.unit}`);
      assert.equal(defaults.thresholds.steps[0].value, null, "the first step has no value");
      const limits = defaults.thresholds.steps.map((step: Tree) => step.value).slice(1);
      assert.deepEqual(limits, [...limits].sort((a, b) => a - b), "steps ascend");
      if (limits.length > 0 && !PRINTS_VALUES.includes(panel.type)) {
        assert.match(panel.description, /dashed|should be/i, "limits that are drawn are described");
      }
      for (const override of overrides) {
        for (const { id, value } of override.properties) {
          if (id === "unit") assert.ok(units.includes(value), `unit ${value}`);
        }
      }
      assert.ok(panel.targets.length > 0);
      for (const target of panel.targets) {
        assert.equal(target.datasource.uid, "${ds}");
        assert.equal(target.waitForResult, true);
        assert.ok([0, 1].includes(target.format));
      }
    });
  }
}
