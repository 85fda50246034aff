// The variables of dashboards.
import * as dash from "@grafana/grafana-foundation-sdk/dashboard";
import { dimension, measure, row, SYSTEM_TENANT } from "./names.ts";
import { CHOSEN_DATASOURCE, DATASOURCE_TYPE } from "./query.ts";
import { DEFINITION_SPAN } from "./sql/monitors.ts";
import { chosen, rowsBefore, rowsInRange, text } from "./sql/text.ts";

/** The data source: one per tenant or one for all. */
export function datasource() {
  return new dash.DatasourceVariableBuilder("ds")
    .label("Data source")
    .description("The Timestream database or bridge that holds the rows")
    .type(DATASOURCE_TYPE);
}

/** Tenants, several or all. */
export function tenants() {
  return tenantQuery().multi(true).includeAll(true).allValue(dimension.tenant).current(all());
}

/** One tenant. */
export function tenant() {
  return tenantQuery();
}

function tenantQuery() {
  const sql = [
    `SELECT DISTINCT ${dimension.tenant}`,
    rowsBefore(row.monitor, DEFINITION_SPAN, `${dimension.tenant} <> ${text(SYSTEM_TENANT)}`),
    "ORDER BY 1",
  ].join("\n");
  return query("tenant", "Tenant", "Who the monitors belong to", sql);
}

/** One monitor of the chosen tenant. */
export function monitor() {
  return query("monitor", "Monitor", "One monitor of the tenant", monitorSql());
}

/** Monitors of the chosen tenants, several or all. */
export function monitors() {
  return query("monitor", "Monitor", "Monitors of the tenants", monitorSql())
    .multi(true)
    .includeAll(true)
    .allValue(dimension.monitor_id)
    .current(all());
}

function monitorSql(): string {
  return [
    `SELECT DISTINCT ${dimension.monitor_id}`,
    rowsBefore(row.monitor, DEFINITION_SPAN, chosen(dimension.tenant, "tenant"), `${measure.deleted} = false`),
    "ORDER BY 1",
  ].join("\n");
}

/** Locations that probed the chosen monitor, several or all. */
export function locations() {
  const sql = [
    `SELECT DISTINCT ${dimension.location}`,
    rowsInRange(row.probe, chosen(dimension.tenant, "tenant"), chosen(dimension.monitor_id, "monitor")),
    "ORDER BY 1",
  ].join("\n");
  return query("location", "Location", "Where the probes ran", sql)
    .multi(true)
    .includeAll(true)
    .allValue(dimension.location)
    .current(all());
}

function query(name: string, label: string, description: string, sql: string) {
  return new dash.QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(CHOSEN_DATASOURCE)
    .query(sql)
    .refresh(dash.VariableRefresh.OnTimeRangeChanged)
    .sort(dash.VariableSort.AlphabeticalAsc);
}

function all(): dash.VariableOption {
  return { selected: true, text: "All", value: "$__all" };
}
