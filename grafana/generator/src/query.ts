// Queries in the shape that the Timestream data source stores.
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";

/** The data source's plugin. */
export const DATASOURCE_TYPE = "grafana-timestream-datasource";
/** The uid of the provisioned data source; rules cannot use a variable. */
export const DATASOURCE_UID = "tidewatch";
/** The data source that the dashboard's variable names. */
export const CHOSEN_DATASOURCE = { type: DATASOURCE_TYPE, uid: "${ds}" };

/** How the plugin hands rows over: as they are, or with text columns turned into labels. */
export const Format = { table: 0, series: 1 } as const;
export type Format = (typeof Format)[keyof typeof Format];

/** The model of a query. `waitForResult` makes the backend join all pages. */
export function queryModel(sql: string, format: Format, refId: string) {
  return { refId, rawQuery: sql, waitForResult: true, format };
}

/** A query of a panel or annotation. */
export function target(sql: string, format: Format, refId = "A"): Builder<Dataquery> {
  const model = { ...queryModel(sql, format, refId), datasource: CHOSEN_DATASOURCE };
  return { build: () => model as unknown as Dataquery };
}
