// A reader of provisioning files that refuses what Grafana would silently ignore.
import assert from "node:assert/strict";
import type { Tree } from "./files.ts";

/** Checks a value; `path` is for the message. */
export type Reader = (value: Tree, path: string) => void;

export const text: Reader = (value, path) => assert.equal(typeof value, "string", `${path} is not a text`);
export const number: Reader = (value, path) => assert.equal(typeof value, "number", `${path} is not a number`);
export const flag: Reader = (value, path) => assert.equal(typeof value, "boolean", `${path} is not a truth value`);

/** One of several texts. */
export function oneOf(...allowed: string[]): Reader {
  return (value, path) => assert.ok(allowed.includes(value), `${path} \`${value}\` is none of ${allowed.join(", ")}`);
}

/** A text of a given form. */
export function like(form: RegExp): Reader {
  return (value, path) => assert.match(String(value), form, path);
}

/** A list with at least one item. */
export function list(item: Reader): Reader {
  return (value, path) => {
    assert.ok(Array.isArray(value) && value.length > 0, `${path} is not a list with items`);
    value.forEach((inner: Tree, index: number) => item(inner, `${path}[${index}]`));
  };
}

/** A map from any name to texts. */
export const texts: Reader = (value, path) => {
  for (const [key, inner] of Object.entries(value)) text(inner, `${path}.${key}`);
};

/** A map of known keys; those of `optional` may be absent. */
export function keys(required: Record<string, Reader>, optional: Record<string, Reader> = {}): Reader {
  const readers: Record<string, Reader> = { ...required, ...optional };
  return (value, path) => {
    assert.ok(value !== null && typeof value === "object", `${path} has no keys`);
    for (const [key, inner] of Object.entries(value)) {
      const known = Object.keys(readers);
      assert.ok(known.includes(key), `${path}.${key} is unknown to Grafana; known are ${known.join(", ")}`);
      readers[key](inner, `${path}.${key}`);
    }
    for (const key of Object.keys(required)) assert.ok(key in value, `${path}.${key} is missing`);
  };
}

const one: Reader = (value, path) => assert.equal(value, 1, path);
const uid = like(/^[A-Za-z0-9_-]{1,40}$/);
const duration = like(/^(\d+[smhd])+$/);

/** Data sources, with the settings of the Timestream plugin. */
export const datasourceFile = keys(
  {
    apiVersion: one,
    datasources: list(
      keys({
        name: text,
        uid,
        type: oneOf("grafana-timestream-datasource"),
        access: oneOf("proxy"),
        orgId: number,
        isDefault: flag,
        editable: flag,
        version: number,
        jsonData: keys(
          { authType: text, defaultRegion: text, endpoint: text, defaultDatabase: text, defaultTable: text },
          { defaultMeasure: text, assumeRoleArn: text, externalId: text, profile: text },
        ),
        secureJsonData: keys({ accessKey: text, secretKey: text }, { sessionToken: text }),
      }),
    ),
  },
  { prune: flag, deleteDatasources: list(keys({ name: text, orgId: number })) },
);

/** Providers of dashboards. */
export const providerFile = keys({
  apiVersion: one,
  providers: list(
    keys({
      name: text,
      orgId: number,
      folder: text,
      folderUid: uid,
      type: oneOf("file"),
      disableDeletion: flag,
      allowUiUpdates: flag,
      updateIntervalSeconds: number,
      options: keys({ path: text, foldersFromFilesStructure: flag }),
    }),
  ),
});

const expression = keys({
  refId: text,
  type: oneOf("threshold"),
  expression: text,
  datasource: keys({ type: oneOf("__expr__"), uid: oneOf("__expr__") }),
  conditions: list(
    keys(
      { evaluator: keys({ type: oneOf("gt", "lt"), params: list(number) }) },
      { unloadEvaluator: keys({ type: oneOf("gt", "lt"), params: list(number) }) },
    ),
  ),
});
const query = keys({
  refId: text,
  rawQuery: text,
  waitForResult: flag,
  format: number,
  intervalMs: number,
  maxDataPoints: number,
});

const rule = keys(
  {
    uid,
    title: text,
    condition: text,
    for: duration,
    noDataState: oneOf("NoData", "Alerting", "OK", "KeepLast"),
    execErrState: oneOf("Error", "Alerting", "OK", "KeepLast"),
    isPaused: flag,
    dashboardUid: uid,
    panelId: number,
    labels: texts,
    annotations: keys({ summary: text, description: text, runbook_url: text, dashboard_url: text }, { since: text }),
    data: list(
      keys({
        refId: text,
        datasourceUid: text,
        relativeTimeRange: keys({ from: number, to: number }),
        model: (value, path) => (value.type === undefined ? query : expression)(value, path),
      }),
    ),
  },
  {
    keepFiringFor: duration,
    notification_settings: keys({
      receiver: text,
      group_by: list(text),
      group_wait: duration,
      group_interval: duration,
      repeat_interval: duration,
    }),
  },
);

/** Alert rules. */
export const ruleFile = keys(
  {
    apiVersion: one,
    groups: list(keys({ orgId: number, name: text, folder: text, interval: duration, rules: list(rule) })),
  },
  { deleteRules: list(keys({ orgId: number, uid })) },
);

/** Contact points: webhooks only. */
export const contactPointFile = keys({
  apiVersion: one,
  contactPoints: list(
    keys({
      orgId: number,
      name: text,
      receivers: list(
        keys({
          uid,
          type: oneOf("webhook"),
          disableResolveMessage: flag,
          settings: keys({
            url: text,
            httpMethod: oneOf("POST", "PUT"),
            maxAlerts: text,
            hmacConfig: keys({ secret: text, header: text, timestampHeader: text }),
            title: text,
            message: text,
          }),
        }),
      ),
    }),
  ),
});

/** Templates of notifications. */
export const templateFile = keys({
  apiVersion: one,
  templates: list(keys({ orgId: number, name: text, template: text })),
});
