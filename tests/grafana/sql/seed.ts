// A day in the life of two tenants: something of everything that dashboards show and rules watch.
import { type Tree, schema } from "../files.ts";
import { type Measures, record } from "./records.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A monitor and what happens to it. Times are minutes before the end of the story. */
interface Story {
  tenant: string;
  monitor: string;
  kind?: string;
  locations?: string[];
  /** How long there are probes. */
  hours: number;
  latency?: number;
  sloLatency?: number;
  team?: string;
  certDays?: number;
  enabled?: boolean;
  deleted?: boolean;
  inMaintenance?: boolean;
  /** Since how many minutes probes fail, from which locations, and why. */
  fails?: { since: number; from?: string[]; class: string; text: string };
  /** An outage that is over. */
  failed?: { since: number; until: number };
  /** The last probe was so many minutes ago. */
  silentFor?: number;
  state: string;
  overlays?: string;
  epoch?: number;
}

export const STORIES: Story[] = [
  { tenant: "acme", monitor: "shop", hours: 24, locations: ["eu-central-1", "us-east-1"], certDays: 60, sloLatency: 500, team: "web", failed: { since: 200, until: 190 }, state: "up", epoch: 1 },
  { tenant: "acme", monitor: "pay", hours: 7, certDays: 90, sloLatency: 500, team: "payments", fails: { since: 20, class: "connect_refused", text: "connection refused by 192.0.2.7:443" }, state: "down", epoch: 3 },
  { tenant: "acme", monitor: "search", hours: 7, latency: 900, sloLatency: 500, state: "up", overlays: "degraded" },
  { tenant: "acme", monitor: "docs", hours: 7, silentFor: 40, state: "up" },
  { tenant: "acme", monitor: "legacy", hours: 7, certDays: 5, state: "up", overlays: "degraded" },
  { tenant: "acme", monitor: "portal", hours: 7, certDays: -3, fails: { since: 420, class: "tls_cert_expired", text: "certificate expired 3 days ago" }, state: "down", epoch: 1 },
  { tenant: "acme", monitor: "edge", hours: 7, locations: ["ap-south-1", "eu-central-1", "us-east-1"], fails: { since: 60, from: ["ap-south-1"], class: "connect_timeout", text: "no answer within 3 s" }, state: "up", overlays: "degraded" },
  { tenant: "acme", monitor: "fixing", hours: 7, inMaintenance: true, fails: { since: 30, class: "status_mismatch", text: "status 503, wanted 200-299" }, state: "down", overlays: "maintenance", epoch: 2 },
  // Down because what it depends on is down: nobody is called for it.
  { tenant: "acme", monitor: "checkout", hours: 1, state: "down", overlays: "suppressed", epoch: 1 },
  { tenant: "acme", monitor: "idle", hours: 0, enabled: false, state: "up", overlays: "paused" },
  { tenant: "acme", monitor: "gone", hours: 0, deleted: true, enabled: false, state: "down", epoch: 1 },
  { tenant: "acme", monitor: "token", hours: 7, fails: { since: 420, class: "auth_failed", text: "the token endpoint answered 401" }, silentFor: 0, state: "unknown" },
  { tenant: "globex", monitor: "site", hours: 24, locations: ["eu-central-1"], certDays: 45, state: "up" },
];

const dimensions = (story: Story, location: string) => ({
  tenant: story.tenant, monitor_id: story.monitor, location, kind: story.kind ?? "http",
});

const limits = (story: Story): Measures => ({
  interval_s: 60, degraded_ms: 2000, slo_availability: 99.9, slo_latency_ms: story.sloLatency, severity: "critical",
});

/** Every record of the story that ends at `end`, a full minute in ms. */
export function records(end: number): Tree[] {
  return [...STORIES.flatMap((story) => [...probes(story, end), ...states(story, end), ...definitions(story, end)]), ...ops(end), ...notifications(end)];
}

function probes(story: Story, end: number): Tree[] {
  const out: Tree[] = [];
  const last = end - (story.silentFor ?? 0) * MINUTE;
  for (const [index, location] of (story.locations ?? ["eu-central-1"]).entries()) {
    for (let time = end - story.hours * HOUR + MINUTE; time <= last; time += MINUTE) {
      const age = (end - time) / MINUTE;
      const { fails, failed } = story;
      const failing = fails !== undefined && age < fails.since && (fails.from ?? [location]).includes(location);
      const was = failed !== undefined && age < failed.since && age >= failed.until;
      const cause = failing ? fails : was ? { class: "read_timeout_header", text: "no response header within 5 s" } : undefined;
      out.push(record("probe", time, dimensions(story, location), probe(story, time, index, cause)));
    }
  }
  return out;
}

function probe(story: Story, time: number, index: number, cause?: { class: string; text: string }): Measures {
  const owner = cause && schema.error_classes[cause.class];
  const counts = owner === "target" || owner === "network";
  const outcome = cause === undefined ? "ok" : counts ? "fail" : "unknown";
  // A little swing, so that percentiles differ.
  const total = (story.latency ?? 120) + 40 * index + ((time / MINUTE) % 7) * 5;
  const good = cause === undefined;
  return {
    outcome,
    up: good ? 1 : counts ? 0 : undefined,
    latency_ms: good ? total : undefined,
    latency_min_ms: good ? total - 3 : undefined,
    latency_max_ms: good ? total + 9 : undefined,
    latency_median_ms: good ? total : undefined,
    resolve_ms: 2, connect_ms: good ? 18 : undefined, tls_ms: good && story.certDays !== undefined ? 30 : undefined,
    send_ms: good ? 0.2 : undefined, wait_ms: good ? total - 60 : undefined, transfer_ms: good ? 9.8 : undefined,
    ttfb_ms: good ? total - 9.8 : undefined, total_ms: good ? total : 5000,
    status_code: good ? 200 : undefined,
    http_version: good ? "1.1" : undefined,
    remote_addr: "192.0.2.7:443",
    phase_reached: good ? "transfer" : "connect",
    error_class: cause?.class, error_owner: owner, error_text: cause?.text,
    attempts: 5, failed_attempts: good ? 0 : 5, skipped_attempts: 0, conn: "fresh",
    start_lag_ms: 1.5, prober_lag_ms: 0.3, tainted: false, late: false,
    rtt_ms: good ? 17.5 : undefined, server_ms: good ? total - 77.5 : undefined,
    bytes: good ? 5120 : undefined,
    cert_days: story.certDays,
    cert_not_after: story.certDays === undefined ? undefined : Math.floor(time / DAY + story.certDays) * DAY,
    in_maintenance: story.inMaintenance ?? false,
    ...limits(story),
  };
}

function states(story: Story, end: number): Tree[] {
  const out: Tree[] = [];
  const current = story.fails?.since ?? story.hours * 60;
  const ticks = Math.floor(end / (5 * MINUTE)) * 5 * MINUTE;
  for (let time = ticks; time > end - Math.max(story.hours, 1) * HOUR; time -= 5 * MINUTE) {
    const age = (end - time) / MINUTE;
    const past = story.failed !== undefined && age < story.failed.since && age >= story.failed.until;
    const before = age >= current && story.state === "down";
    const state = past ? "down" : before ? "up" : story.state;
    out.push(stateRow(story, time, state, past ? end - story.failed!.since * MINUTE : end - current * MINUTE));
  }
  return out;
}

function stateRow(story: Story, time: number, state: string, since: number): Tree {
  const bad = state === "down" || story.fails?.from !== undefined;
  const cause = story.fails ?? { class: "read_timeout_header", text: "no response header within 5 s" };
  return record("state", time, dimensions(story, schema.all_locations), {
    state,
    overlays: story.overlays ?? "",
    since,
    epoch: story.epoch ?? 0,
    error_class: bad ? cause.class : undefined,
    error_owner: bad ? schema.error_classes[cause.class] : undefined,
    error_text: bad ? cause.text : undefined,
    failing_locations: bad ? (story.fails?.from ?? story.locations ?? ["eu-central-1"]).join(",") : "",
    flap_score: 0.05,
    severity: "critical",
  });
}

function definitions(story: Story, end: number): Tree[] {
  const hour = Math.floor(end / HOUR) * HOUR;
  const times = [0, 1, 2, 3, 4, 5, 6].map((back) => hour - back * HOUR);
  const rows = times.map((time) =>
    record("monitor", time, dimensions(story, schema.all_locations), {
      name: `The ${story.monitor}`,
      target: `https://${story.monitor}.example/`,
      enabled: story.enabled ?? true,
      deleted: false,
      team: story.team,
      runbook_url: "https://wiki.example/",
      ...limits(story),
    }),
  );
  if (!story.deleted) return rows;
  const tombstone = record("monitor", end - 5 * MINUTE, dimensions(story, schema.all_locations), { enabled: false, deleted: true });
  return [...rows.filter((row) => Number(row.Time) < end - 5 * MINUTE), tombstone];
}

function ops(end: number): Tree[] {
  const components = [
    { name: "prober", location: "eu-central-1", silentFor: 1, rejected: 0 },
    { name: "prober", location: "us-east-1", silentFor: 20, rejected: 0 },
    { name: "writer", location: "eu-central-1", silentFor: 1, rejected: 4 },
  ];
  return components.flatMap(({ name, location, silentFor, rejected }) => {
    const out: Tree[] = [];
    for (let age = silentFor; age < 7 * 60; age += 1) {
      const measures = {
        monitors: STORIES.length, probes: 14, missed: 0, rows_written: 20, rows_rejected: age === 6 ? rejected : 0,
        rows_queued: 3, write_retries: 0, store_bytes: 1_000_000 - age, start_lag_max_ms: 12.5,
        queue_age_ms: name === "writer" ? 800 + age : undefined,
        rows_duplicate: name === "writer" ? 1 : undefined,
        network_lost: name === "prober" && location === "eu-central-1" && age < 3,
      };
      out.push(record("ops", end - age * MINUTE, { tenant: schema.system_tenant, monitor_id: name, location }, measures));
    }
    return out;
  });
}

/** What people were told about the outages. */
function notifications(end: number): Tree[] {
  const told = [
    { tenant: "acme", monitor: "shop", epoch: 1, age: 200, kind: "opened", channel: "console", result: "sent" },
    { tenant: "acme", monitor: "shop", epoch: 1, age: 190, kind: "resolved", channel: "console", result: "sent" },
    { tenant: "acme", monitor: "pay", epoch: 3, age: 20, kind: "opened", channel: "chat", result: "failed" },
    { tenant: "acme", monitor: "pay", epoch: 3, age: 19, kind: "opened", channel: "chat", result: "sent" },
  ];
  return told.map(({ tenant, monitor, epoch, age, kind, channel, result }) =>
    record("notification", end - age * MINUTE + 12_345, { tenant, monitor_id: monitor, location: "eu-central-1" }, {
      channel, result, delivery_ms: 12_345, incident: `${tenant}/${monitor}#${epoch}`, message_kind: kind, alerts: 1, severity: "critical",
    }),
  );
}
