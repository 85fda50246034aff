// The types that the schemas are made from: a dashboard, and what each core panel that we use may
// have in its options and in the custom part of its field configuration.
import type { AnnotationQuery, Dashboard, Panel, RowPanel } from "@grafana/schema/dist/types/raw/dashboard/x/types.gen";
import type * as common from "@grafana/schema/dist/types/common/common.gen";
import type * as bargauge from "@grafana/schema/dist/types/raw/composable/bargauge/panelcfg/x/types.gen";
import type * as heatmap from "@grafana/schema/dist/types/raw/composable/heatmap/panelcfg/x/types.gen";
import type * as stat from "@grafana/schema/dist/types/raw/composable/stat/panelcfg/x/types.gen";
import type * as statetimeline from "@grafana/schema/dist/types/raw/composable/statetimeline/panelcfg/x/types.gen";
import type * as table from "@grafana/schema/dist/types/raw/composable/table/panelcfg/x/types.gen";
import type * as timeseries from "@grafana/schema/dist/types/raw/composable/timeseries/panelcfg/x/types.gen";

export interface DashboardFile extends Omit<Dashboard, "panels" | "annotations"> {
  panels: (Panel | RowPanel)[];
  annotations?: { list?: Annotation[] };
}

/** The type in the package describes targets of Grafana's own annotations only; a data source has
 * its own query there. */
export interface Annotation extends Omit<AnnotationQuery, "target"> {
  target?: Record<string, unknown>;
}

export interface Panels {
  bargauge: { options: Partial<bargauge.Options>; custom: Record<string, never> };
  heatmap: { options: Partial<heatmap.Options>; custom: Partial<heatmap.FieldConfig> };
  stat: { options: Partial<stat.Options>; custom: Record<string, never> };
  "state-timeline": { options: Partial<statetimeline.Options>; custom: StateTimelineField };
  table: { options: Partial<table.Options>; custom: Partial<common.TableFieldOptions> };
  timeseries: { options: Partial<timeseries.Options>; custom: Partial<timeseries.FieldConfig> };
}

/** The panel's editor writes how far nulls are bridged, but the type in the package lacks it. */
export interface StateTimelineField extends Partial<statetimeline.FieldConfig> {
  spanNulls?: boolean | number;
}
