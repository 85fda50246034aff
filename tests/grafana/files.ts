// The files under test, as anybody else would read them.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

// Dashboards and rules are checked against schemas in tests of their own; here they are trees.
export type Tree = any;

export interface Board {
  file: string;
  json: Tree;
}

/** Every dashboard. */
export const boards: Board[] = readdirSync(join(PROJECT, "dashboards")).map((file) => ({
  file: `dashboards/${file}`,
  json: JSON.parse(readFileSync(join(PROJECT, "dashboards", file), "utf8")),
}));

/** The panels of a dashboard, without the headings of rows. */
export function panelsOf(board: Board): Tree[] {
  return board.json.panels.filter((panel: Tree) => panel.type !== "row");
}

/** A YAML file of the project; a key that occurs twice is an error. */
export function yaml(path: string): Tree {
  return parse(readFileSync(join(PROJECT, path), "utf8"), { uniqueKeys: true, strict: true });
}

/** The provisioning files of one kind, by path. */
export function provisioning(kind: string): Map<string, Tree> {
  const folder = join("grafana/provisioning", kind);
  const files = readdirSync(join(PROJECT, folder));
  return new Map(files.map((file) => [join(folder, file), yaml(join(folder, file))]));
}

/** The rule files: what is provisioned, and the variant that routes by policies. */
export const ruleFiles: Map<string, Tree> = new Map(
  ["grafana/provisioning/alerting/rules.yaml", "grafana/routing-policies/rules.yaml"].map((path) => [path, yaml(path)]),
);

/** The rules of a file. */
export function rulesOf(file: Tree): Tree[] {
  return file.groups.flatMap((group: Tree) => group.rules);
}

/** The names of the record schema. */
export const schema: Tree = JSON.parse(
  readFileSync(join(PROJECT, "grafana/generator/schema.json"), "utf8"),
);

/** A JSON file beside the tests. */
export function local(path: string): Tree {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

/** Every SQL text with where it stands. */
export interface Statement {
  where: string;
  sql: string;
  kind: "panel" | "variable" | "annotation" | "rule";
  /** The panel, variable, annotation or rule that it belongs to. */
  owner: Tree;
  /** 0 for a table, 1 for series. */
  format: number;
}

/** The SQL texts of a dashboard. */
export function statementsOf(board: Board): Statement[] {
  const where = basename(board.file, ".json");
  const panels = panelsOf(board).flatMap((owner) =>
    owner.targets.map((target: Tree) => ({
      where: `${where}: panel ${owner.id} "${owner.title}"`,
      sql: target.rawQuery,
      kind: "panel",
      owner,
      format: target.format,
    })),
  );
  const variables = board.json.templating.list
    .filter((owner: Tree) => owner.type === "query")
    .map((owner: Tree) => ({ where: `${where}: variable ${owner.name}`, sql: owner.query, kind: "variable", owner, format: 0 }));
  const annotations = board.json.annotations.list
    .filter((owner: Tree) => owner.target !== undefined)
    .map((owner: Tree) => ({
      where: `${where}: annotation ${owner.name}`,
      sql: owner.target.rawQuery,
      kind: "annotation",
      owner,
      format: owner.target.format,
    }));
  return [...panels, ...variables, ...annotations];
}

/** The SQL texts of a rule file. */
export function statementsOfRules(file: Tree): Statement[] {
  return rulesOf(file).flatMap((owner) =>
    owner.data
      .filter((query: Tree) => query.datasourceUid !== "__expr__")
      .map((query: Tree) => ({
        where: `rule ${owner.uid}`,
        sql: query.model.rawQuery,
        kind: "rule",
        owner,
        format: query.model.format,
      })),
  );
}
