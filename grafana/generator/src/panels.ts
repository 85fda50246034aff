// The panels that dashboards are put together from: one function per way of looking at rows, with
// the same demands on each: title, description, unit, a text for "nothing there", thresholds.
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dash from "@grafana/grafana-foundation-sdk/dashboard";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as statetimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import * as table from "@grafana/grafana-foundation-sdk/table";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { type Limits, colour, plain, thresholds } from "./palette.ts";
import { CHOSEN_DATASOURCE, Format, target } from "./query.ts";

/** A panel with its place: `width` of 24 columns, `height` in grid units. */
export interface Placed {
  panel: Builder<dash.Panel>;
  id: number;
  width: number;
  height: number;
}

/** What every panel says. */
export interface Spec {
  /** Stable within the dashboard: alert rules and links point at it. */
  id: number;
  title: string;
  description: string;
  width: number;
  height: number;
  sql: string;
  /** A unit id of Grafana. */
  unit: string;
  /** Shown where there is no value. */
  noValue: string;
  limits?: Limits;
  decimals?: number;
  /** Columns or series that differ from the panel's own settings, by name. */
  columns?: Record<string, Column>;
  /** Shortest width of a point in time. */
  interval?: string;
}

/** How one column or series is shown. */
export interface Column {
  unit?: string;
  decimals?: number;
  limits?: Limits;
  color?: string;
  mappings?: dash.ValueMapping[];
  link?: { title: string; url: string };
  width?: number;
  dashed?: boolean;
  /** Longer text: shown whole on a click. */
  long?: boolean;
}

/** What the builders of all panels have in common. */
interface AnyBuilder<Self> extends Builder<dash.Panel> {
  id(id: number): Self;
  title(title: string): Self;
  description(description: string): Self;
  datasource(datasource: common.DataSourceRef): Self;
  withTarget(target: Builder<Dataquery>): Self;
  unit(unit: string): Self;
  noValue(text: string): Self;
  decimals(decimals: number): Self;
  interval(interval: string): Self;
  thresholds(thresholds: Builder<dash.ThresholdsConfig>): Self;
  overrideByName(name: string, properties: dash.DynamicConfigValue[]): Self;
}

function place<Self extends AnyBuilder<Self>>(builder: Self, spec: Spec, format: Format): Placed {
  let panel = builder
    .id(spec.id)
    .title(spec.title)
    .description(spec.description)
    .datasource(CHOSEN_DATASOURCE)
    .withTarget(target(spec.sql, format))
    .unit(spec.unit)
    .noValue(spec.noValue)
    .thresholds(built(thresholds(spec.limits ?? plain)));
  if (spec.decimals !== undefined) panel = panel.decimals(spec.decimals);
  if (spec.interval !== undefined) panel = panel.interval(spec.interval);
  for (const [name, column] of Object.entries(spec.columns ?? {})) {
    panel = panel.overrideByName(name, properties(column, builder instanceof table.PanelBuilder));
  }
  return { panel, id: spec.id, width: spec.width, height: spec.height };
}

function properties(column: Column, inTable: boolean): dash.DynamicConfigValue[] {
  const properties: dash.DynamicConfigValue[] = [];
  const set = (id: string, value: unknown) => properties.push({ id, value: value as object });
  if (column.unit !== undefined) set("unit", column.unit);
  if (column.decimals !== undefined) set("decimals", column.decimals);
  if (column.width !== undefined) set("custom.width", column.width);
  if (column.color !== undefined) set("color", { mode: "fixed", fixedColor: column.color });
  if (column.dashed) set("custom.lineStyle", { fill: "dash", dash: [8, 6] });
  if (column.long) set("custom.inspect", true);
  if (column.mappings !== undefined) set("mappings", column.mappings);
  if (column.limits !== undefined) set("thresholds", thresholds(column.limits));
  if (inTable && (column.mappings !== undefined || column.limits !== undefined)) {
    set("custom.cellOptions", { type: "color-text" });
  }
  if (column.link !== undefined) set("links", [{ ...column.link, targetBlank: false }]);
  return properties;
}

/** Big values with their names; one row, one value per column. */
export function stats(spec: Spec): Placed {
  const panel = new stat.PanelBuilder()
    .textMode(common.BigValueTextMode.ValueAndName)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .colorScheme(built({ mode: dash.FieldColorModeId.Thresholds }))
    .reduceOptions(built({ calcs: ["lastNotNull"], fields: "/.*/", values: false }));
  return place(panel, spec, Format.table);
}

/** A table. A column that is coloured always prints its value or word. */
export function rows(spec: Spec & { sortBy?: { column: string; desc: boolean } }): Placed {
  let panel = new table.PanelBuilder()
    .showHeader(true)
    .cellHeight(common.TableCellHeight.Sm)
    .filterable(true)
    .colorScheme(built({ mode: dash.FieldColorModeId.Thresholds }))
    .cellOptions({ type: common.TableCellDisplayMode.Auto } as common.TableCellOptions);
  if (spec.sortBy !== undefined) {
    panel = panel.sortBy([built({ displayName: spec.sortBy.column, desc: spec.sortBy.desc })]);
  }
  const placed = place(panel, spec, Format.table);
  return { ...placed, panel: { build: () => withoutFooter(placed.panel.build()) } };
}

/** The SDK sets an option that newer versions have elsewhere. */
function withoutFooter(panel: dash.Panel): dash.Panel {
  const { footer: _, ...options } = panel.options as table.Options;
  return { ...panel, options };
}

/** One horizontal bar per row, named by its first column. */
export function barPerRow(spec: Spec & { max?: number }): Placed {
  let panel = new bargauge.PanelBuilder()
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .min(0)
    .colorScheme(built({ mode: dash.FieldColorModeId.Thresholds }))
    .reduceOptions(built({ calcs: [], values: true, limit: 10 }));
  if (spec.max !== undefined) panel = panel.max(spec.max);
  return place(panel, spec, Format.table);
}

/** Words over time, one lane per label. */
export function lanes(spec: Spec & { label: string; mappings: dash.ValueMapping[]; spanMs: number }): Placed {
  const panel = new statetimeline.PanelBuilder()
    .showValue(common.VisibilityMode.Auto)
    .mergeValues(true)
    .rowHeight(0.85)
    .fillOpacity(85)
    .lineWidth(0)
    .spanNulls(spec.spanMs)
    .displayName(`\${__field.labels.${spec.label}}`)
    .mappings(spec.mappings)
    .colorScheme(built({ mode: dash.FieldColorModeId.Thresholds }))
    .legend(built({ ...legend(common.LegendDisplayMode.List), calcs: [] }))
    .tooltip(tooltip());
  return place(panel, spec, Format.series);
}

interface Lines extends Spec {
  /** The text column that tells series apart; without it every numeric column is a series. */
  label?: string;
  /** Draws the limits as dashed lines. */
  drawLimits?: boolean;
  /** Bars instead of lines. */
  bars?: boolean;
  /** Series on top of one another. */
  stacked?: boolean;
  /** The highest value of the axis. */
  max?: number;
  /** Values may be below zero. */
  signed?: boolean;
}

/** Values over time. */
export function lines(spec: Lines): Placed {
  let panel = new timeseries.PanelBuilder()
    .drawStyle(spec.bars ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineWidth(spec.bars ? 0 : 2)
    .fillOpacity(spec.bars ? 85 : spec.stacked ? 60 : 0)
    .showPoints(common.VisibilityMode.Auto)
    .spanNulls(false)
    .stacking(built({ mode: spec.stacked ? common.StackingMode.Normal : common.StackingMode.None, group: "A" }))
    .thresholdsStyle(built({
      mode: spec.drawLimits ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off,
    }))
    .colorScheme(built(
      spec.label === undefined
        ? { mode: dash.FieldColorModeId.PaletteClassicByName }
        // Any number of series: coloured by height, told apart by the legend and the tooltip.
        : { mode: dash.FieldColorModeId.ContinuousBlYlRd, seriesBy: dash.FieldColorSeriesByMode.Max },
    ))
    .legend(built({ ...legend(common.LegendDisplayMode.Table), calcs: ["lastNotNull", "max"] }))
    .tooltip(tooltip());
  if (!spec.signed) panel = panel.min(0);
  if (spec.max !== undefined) panel = panel.max(spec.max);
  if (spec.label !== undefined) panel = panel.displayName(`\${__field.labels.${spec.label}}`);
  return place(panel, spec, spec.label === undefined ? Format.table : Format.series);
}

/** How often which range of values occurred over time; every numeric column is a range. */
export function ranges(spec: Spec): Placed {
  const panel = new heatmap.PanelBuilder()
    .calculate(false)
    .color(built({
      mode: heatmap.HeatmapColorMode.Scheme,
      scheme: "Viridis",
      fill: "dark-blue",
      scale: heatmap.HeatmapColorScale.Exponential,
      exponent: 0.5,
      steps: 64,
      reverse: false,
    }))
    .cellGap(1)
    .rowsFrame(built({ layout: common.HeatmapCellLayout.Auto }))
    .showLegend()
    .exemplarsColor(colour.aside)
    .tooltip(built({ mode: common.TooltipDisplayMode.Single, yHistogram: true, showColorScale: true }));
  return place(panel, spec, Format.table);
}

function legend(displayMode: common.LegendDisplayMode) {
  return { displayMode, placement: common.LegendPlacement.Bottom, showLegend: true };
}

function tooltip(): Builder<common.VizTooltipOptions> {
  return built({ mode: common.TooltipDisplayMode.Multi, sort: common.SortOrder.Descending });
}

/** A finished value where the SDK wants a builder. */
function built<T>(value: T): Builder<T> {
  return { build: () => value };
}
