// `make grafana`: what it starts, with which settings, and what it says where something is missing.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { PROJECT, yaml } from "./files.ts";

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Runs `grafana/run` on a machine that has `programs` (scripts by name) beside the usual tools. */
function start(programs: Record<string, string>, variables: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tidewatch-start-"));
  folders.push(folder);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const tool of ["bash", "dirname", "env", "mkdir", "od", "tr", "cat", "rm", "cp"]) {
    const place = ["/bin", "/usr/bin"].map((path) => join(path, tool)).find(existsSync);
    assert.ok(place, `no ${tool}`);
    symlinkSync(place, join(bin, tool));
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!${join(bin, "bash")}\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const state = join(folder, "state");
  const done = spawnSync(join(PROJECT, "grafana/run"), [], {
    env: { PATH: bin, TIDEWATCH_STATE: state, ...variables },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status: done.status, out: done.stdout, error: done.stderr, state };
}

test("with neither Grafana nor Docker it says what to install, and writes nothing", () => {
  const { status, error, state } = start({});
  assert.equal(status, 1);
  assert.match(error, /neither `grafana` nor `docker compose` is installed; install one of them \(https:/);
  assert.ok(!existsSync(state));
});

test("a Docker without compose is none", () => {
  const { status, error } = start({ docker: "exit 1" });
  assert.equal(status, 1);
  assert.match(error, /neither `grafana` nor `docker compose`/);
});

test("a Docker whose daemon does not answer is told so", () => {
  const { status, error, state } = start({ docker: '[ "$1" = compose ]' });
  assert.equal(status, 1);
  assert.match(error, /its daemon does not answer; start it/);
  assert.ok(!existsSync(state));
});

test("a Grafana without its home folder is told which variable names it", () => {
  const { status, error } = start({ grafana: "exit 0" });
  // Where a package has put it, it is found.
  if (!existsSync("/usr/share/grafana/public")) {
    assert.equal(status, 1);
    assert.match(error, /name it in GRAFANA_HOME/);
  }
});

test("a routing that does not exist is refused", () => {
  const { status, error } = start({ grafana: "exit 0" }, { TIDEWATCH_ROUTING: "smoke" });
  assert.equal(status, 1);
  assert.match(error, /`smoke` is neither direct nor policies/);
});

test("an installed Grafana gets every variable that the files name, with secrets of this machine", () => {
  const home = mkdtempSync(join(tmpdir(), "tidewatch-home-"));
  folders.push(home);
  mkdirSync(join(home, "public"));
  const grafana = 'if [ "$1" = server ]; then env; fi';
  const first = start({ grafana }, { GRAFANA_HOME: home, TIDEWATCH_ROUTING: "policies" });
  assert.equal(first.status, 0, first.error);
  const variables = Object.fromEntries(first.out.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));

  // Unset variables become empty texts in Grafana. These two may be empty: only roles in AWS need them.
  const named = ["datasources/tidewatch.yaml", "alerting/contact-points.yaml", "dashboards/tidewatch.yaml"].flatMap((file) =>
    [...readFileSync(join(PROJECT, "grafana/provisioning", file), "utf8").matchAll(/\$\{?([A-Z][A-Z_]+)\}?/g)].map(([, name]) => name));
  assert.ok(named.length > 5, `${named}`);
  for (const name of named) {
    assert.ok(name in variables, `${name} is not set`);
    if (!["TIDEWATCH_ASSUME_ROLE_ARN", "TIDEWATCH_EXTERNAL_ID"].includes(name)) assert.notEqual(variables[name], "", name);
  }
  for (const secret of readdirSync(join(first.state, "secrets"))) {
    const file = join(first.state, "secrets", secret);
    assert.equal(statSync(file).mode & 0o077, 0, `${secret} can be read by others`);
    assert.match(readFileSync(file, "utf8"), /^[0-9a-f]{64}$/);
  }
  assert.equal(variables.TIDEWATCH_WEBHOOK_SECRET, readFileSync(join(first.state, "secrets/webhook"), "utf8"));
  const rules = readFileSync(join(first.state, "provisioning/alerting/rules.yaml"), "utf8");
  assert.equal(rules, readFileSync(join(PROJECT, "grafana/routing-policies/rules.yaml"), "utf8"));
  assert.equal(variables.GF_PATHS_PROVISIONING, join(first.state, "provisioning"));

  // The second start keeps the secrets.
  const second = start({ grafana }, { GRAFANA_HOME: home, TIDEWATCH_STATE: first.state });
  assert.equal(second.status, 0, second.error);
  assert.match(second.out, new RegExp(`TIDEWATCH_WEBHOOK_SECRET=${variables.TIDEWATCH_WEBHOOK_SECRET}`));
});

test("compose gets every variable that its file has no default for", () => {
  const docker = 'if [ "$3" = tidewatch ]; then env; fi';
  const { status, out, error } = start({ docker });
  assert.equal(status, 0, error);
  const text = readFileSync(join(PROJECT, "grafana/compose.yaml"), "utf8");
  const named = [...text.matchAll(/\$\{?([A-Z_]+)(:?-)?/g)].filter(([, , fallback]) => fallback === undefined).map(([, name]) => name);
  assert.ok(named.length > 0);
  for (const name of named) assert.match(out, new RegExp(`^${name}=`, "m"), name);
  assert.ok(yaml("grafana/compose.yaml").services);
});
