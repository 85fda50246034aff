// An alert rule, and its form in a provisioning file. Every rule asks one question: a row per
// thing that is watched, text columns as labels, one number that is compared with a fixed limit.
import { DATASOURCE_UID, Format, queryModel } from "../query.ts";
import { uid as dashboards } from "../board.ts";
import type { Settings } from "../settings.ts";

/** The folder of dashboards and rules, by title. */
export const FOLDER = "Tidewatch";
/** The contact point that provisioning defines. */
export const CONTACT_POINT = "tidewatch";

export type Severity = "critical" | "warning" | "info";

export interface Rule {
  /** Without the prefix; also the name of the runbook. */
  slug: string;
  title: string;
  sql: string;
  /** Seconds that the query looks back. */
  range: number;
  /** Fires where the number is above or below the limit. */
  fires: { above: number } | { below: number };
  /** Grafana waits this long before it fires. Rules that repeat a verdict do not wait again. */
  for: string;
  /** Goes on firing for this long after the last breach. */
  keepFiringFor?: string;
  /** What no rows mean, and why. */
  noData: { state: "NoData" | "Alerting" | "OK" | "KeepLast"; why: string };
  /** What an error of the data source means, and why. */
  error: { state: "Error" | "Alerting" | "OK" | "KeepLast"; why: string };
  /** `null` takes the severity from the rows. */
  severity: Severity | null;
  summary: string;
  description: string;
  /** Since when the monitor is in trouble, which is before the alert began; empty when it is not. */
  since?: string;
  /** The panel that shows it. */
  panel: { dashboard: keyof typeof dashboards; id: number; monitor: boolean };
  /** Whether the rule repeats the judge's verdict, which the writer can alert on too. */
  repeatsVerdict?: boolean;
}

/** Rules that are evaluated together. */
export interface Group {
  name: string;
  interval: string;
  rules: Rule[];
}

/** A rule as Grafana's file provisioning reads it. Key styles are mixed there. */
export function provisioned(rule: Rule, settings: Settings) {
  const evaluator = "above" in rule.fires
    ? { type: "gt", params: [rule.fires.above] }
    : { type: "lt", params: [rule.fires.below] };
  return {
    uid: `tidewatch-${rule.slug}`,
    title: rule.title,
    condition: "C",
    for: rule.for,
    ...(rule.keepFiringFor === undefined ? {} : { keepFiringFor: rule.keepFiringFor }),
    noDataState: rule.noData.state,
    execErrState: rule.error.state,
    isPaused: rule.repeatsVerdict === true && settings.alertSource === "writer",
    dashboardUid: dashboards[rule.panel.dashboard],
    panelId: rule.panel.id,
    labels: {
      product: "tidewatch",
      rule: rule.slug,
      ...(rule.severity === null ? {} : { severity: rule.severity }),
    },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: `${settings.runbooks}/${rule.slug}.md`,
      dashboard_url: dashboardUrl(rule),
      ...(rule.since === undefined ? {} : { since: rule.since }),
    },
    ...(settings.routing === "direct" ? { notification_settings: DIRECT } : {}),
    data: [
      {
        refId: "A",
        datasourceUid: DATASOURCE_UID,
        relativeTimeRange: { from: rule.range, to: 0 },
        model: {
          ...queryModel(rule.sql, Format.table, "A"),
          intervalMs: 60_000,
          maxDataPoints: 43_200,
        },
      },
      {
        refId: "C",
        datasourceUid: "__expr__",
        relativeTimeRange: { from: rule.range, to: 0 },
        model: {
          refId: "C",
          type: "threshold",
          expression: "A",
          datasource: { type: "__expr__", uid: "__expr__" },
          conditions: [{ evaluator }],
        },
      },
    ],
  };
}

/** Straight to the contact point. Grafana wants the first two labels in every grouping. */
const DIRECT = {
  receiver: CONTACT_POINT,
  group_by: ["grafana_folder", "alertname", "tenant", "monitor_id"],
  group_wait: "10s",
  group_interval: "1m",
  repeat_interval: "4h",
};

/** The dashboard with its variables filled. Grafana's own address ends with a slash. */
function dashboardUrl(rule: Rule): string {
  const board = `{{ externalURL }}d/${dashboards[rule.panel.dashboard]}`;
  return rule.panel.monitor
    ? `${board}?var-tenant={{ $labels.tenant }}&var-monitor={{ $labels.monitor_id }}`
    : `${board}?viewPanel=${rule.panel.id}`;
}
