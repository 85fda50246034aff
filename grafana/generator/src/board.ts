// A dashboard: variables, links and panels in rows of 24 columns.
import * as dash from "@grafana/grafana-foundation-sdk/dashboard";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import type { Placed } from "./panels.ts";

/** The uids of all dashboards: links and rules point at them. */
export const uid = {
  overview: "tidewatch-overview",
  monitor: "tidewatch-monitor",
  slo: "tidewatch-slo",
  operations: "tidewatch-operations",
} as const;

/** The tag by which dashboards find each other. */
export const TAG = "tidewatch";

/** A part of a dashboard with a heading. */
export interface Section {
  id: number;
  title: string;
  panels: Placed[];
}

export interface Board {
  uid: string;
  title: string;
  description: string;
  /** Start of the time range, such as `now-6h`. */
  from: string;
  refresh: string;
  variables: Builder<dash.VariableModel>[];
  annotations?: Builder<dash.AnnotationQuery>[];
  sections: Section[];
}

/** The dashboard as Grafana stores it. */
export function build(board: Board): dash.Dashboard {
  const links = new dash.DashboardLinkBuilder("Tidewatch")
    .type(dash.DashboardLinkType.Dashboards)
    .tags([TAG])
    .tooltip("The other dashboards, with the same tenant and time range")
    .includeVars(true)
    .keepTime(true);
  let builder = new dash.DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .tooltip(dash.DashboardCursorSync.Crosshair)
    .time({ from: board.from, to: "now" })
    .refresh(board.refresh)
    .timepicker(
      new dash.TimePickerBuilder().refreshIntervals(["1m", "5m", "15m", "30m", "1h"]),
    )
    .variables(board.variables.map((variable) => ({ build: () => withoutSteps(variable.build()) })))
    .annotations(board.annotations ?? [])
    .link({ build: () => withoutPlacement(links.build()) });
  let top = 0;
  for (const section of board.sections) {
    const heading = new dash.RowBuilder(section.title).id(section.id).gridPos({ x: 0, y: top, w: 24, h: 1 });
    builder = builder.withRow(heading);
    top += 1;
    let [left, lowest] = [0, 0];
    for (const { panel, width, height } of section.panels) {
      if (left + width > 24) {
        [left, top, lowest] = [0, top + lowest, 0];
      }
      const gridPos = { x: left, y: top, w: width, h: height };
      builder = builder.withPanel({ build: () => ({ ...panel.build(), gridPos }) });
      left += width;
      lowest = Math.max(lowest, height);
    }
    top += lowest;
  }
  return builder.build();
}

/** The SDK gives every variable the fields that belong to variables of type interval. */
function withoutSteps({ auto: _, auto_min: _min, auto_count: _count, ...variable }: dash.VariableModel): dash.VariableModel {
  return variable;
}

/** The SDK hides links in a menu of newer versions; they belong beside the title. */
function withoutPlacement({ placement: _, ...link }: dash.DashboardLink): dash.DashboardLink {
  return link;
}

/** The address of a monitor's dashboard; `tenant` and `monitor` are texts that Grafana fills. */
export function monitorUrl(tenant: string, monitor: string): string {
  return `/d/${uid.monitor}?var-ds=\${ds}&var-tenant=${tenant}&var-monitor=${monitor}&\${__url_time_range}`;
}

/** The link of a table's row to the monitor that it is about. */
export const rowLink = {
  title: "Open this monitor",
  url: monitorUrl("${__data.fields.tenant}", "${__data.fields.monitor}"),
};
