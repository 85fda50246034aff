// What can be chosen when files are generated. The committed files have the defaults.

export interface Settings {
  /** `direct` sends every alert to the contact point and leaves the policy tree alone;
   * `policies` sets labels only, for teams that route by their own policies. */
  routing: "direct" | "policies";
  /** How often rules that page are evaluated: states, the fast burn, Tidewatch itself. On Timestream every
   * evaluation of every rule is a query that is paid for; see docs/dashboards.md. */
  stateInterval: string;
  /** How often rules that can wait are evaluated. */
  objectiveInterval: string;
  /** `grafana`, or `writer` where the writer alerts on states itself: state rules ship paused. */
  alertSource: "grafana" | "writer";
  /** Where runbooks are read. */
  runbooks: string;
}

export const defaults: Settings = {
  routing: "direct",
  stateInterval: "1m",
  objectiveInterval: "5m",
  alertSource: "grafana",
  runbooks: "https://github.com/tidewatch/tidewatch/blob/main/docs/runbooks",
};

/** Durations that Grafana's scheduler takes: multiples of ten seconds. */
export function checkInterval(name: string, value: string): void {
  const match = /^(\d+)([smh])$/.exec(value);
  const seconds = match === null ? 0 : Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] as "s" | "m" | "h"];
  if (seconds === 0 || seconds % 10 !== 0) {
    throw new Error(`--${name} \`${value}\` is not a multiple of 10 s; write it like 60s or 5m`);
  }
}
