// How probes count. Only probes that say something about the target do: `up` is 1 or 0 there and
// null otherwise. Maintenance is left out of every share; a latency that the prober itself spoilt
// is left out of every percentile.
import { measure } from "../names.ts";

const m = measure;
const counts = `${m.in_maintenance} = false`;

/** Probes that found the target working. */
export const GOOD = `sum(CASE WHEN ${m.up} = 1 AND ${counts} THEN 1 ELSE 0 END)`;
/** Probes that found the target failing. */
export const BAD = `sum(CASE WHEN ${m.up} = 0 AND ${counts} THEN 1 ELSE 0 END)`;
/** Whether a row counts for or against availability. */
export const COUNTS = `${m.up} IS NOT NULL AND ${counts}`;

/** A latency that can be trusted, in ms, null otherwise. */
export const LATENCY = `CASE WHEN ${m.tainted} = false AND ${m.late} = false THEN ${m.latency_ms} END`;

/** Good probes with a latency that can be trusted. */
export const TIMED = `count(CASE WHEN ${m.up} = 1 AND ${counts} THEN ${LATENCY} END)`;
/** Those of them within the promised latency. */
export const FAST = `sum(CASE WHEN ${m.up} = 1 AND ${counts} AND ${LATENCY} <= ${m.slo_latency_ms} THEN 1 ELSE 0 END)`;

/** A percentile of the latencies that can be trusted, in ms. */
export function latencyPercentile(share: number): string {
  return `approx_percentile(${LATENCY}, ${share})`;
}

/** A quotient of two whole numbers; null where there is nothing to divide by. */
export function ratio(part: string, whole: string): string {
  return `CAST(${part} AS double) / nullif(${whole}, 0)`;
}

/** `good` and `bad` as availability in percent. */
export function availability(good: string, bad: string): string {
  return `100 * ${ratio(good, `(${good} + ${bad})`)}`;
}

/** How many times faster than allowed the error budget is spent. `slo` is in percent. */
export function burnRate(good: string, bad: string, slo: string): string {
  return `${ratio(bad, `(${good} + ${bad})`)} / nullif(1 - ${slo} / 100, 0)`;
}
