// Rules that repeat the judge's verdict. It was confirmed by retries, hysteresis and quorum, so
// they do not wait again.
import { measure as m, overlay, state } from "../names.ts";
import { hasOverlay, isOutage, isWatched, verdicts } from "../sql/monitors.ts";
import { text } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE, perMonitor } from "./sql.ts";

const watched = isWatched(`t.${m.overlays}`);

export const down: Rule = {
  slug: "down",
  title: "Monitor down",
  // The epoch is the number of the outage: it makes every outage an alert of its own.
  sql: perMonitor(
    { verdict: verdicts([m.state, m.overlays, m.since, m.epoch, m.severity]) },
    "verdict",
    { [m.severity]: `t.${m.severity}`, [m.epoch]: `CAST(t.${m.epoch} AS varchar)` },
    // The number is the Unix second since which it is down: a label would be another alert with
    // every change, and texts of annotations can only be made of labels and numbers.
    [
      `CASE WHEN ${isOutage(`t.${m.state}`)} AND ${watched}`,
      `    THEN to_milliseconds(t.${m.since}) / 1000 ELSE 0 END`,
    ].join("\n"),
  ),
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "0s",
  noData: {
    state: "NoData",
    why: "no verdict on any monitor for 15 minutes: nobody would learn of an outage, so this is said aloud",
  },
  error: { state: "Error", why: "a data source that fails hides outages; this one rule says so for all" },
  severity: null,
  since: "{{ with $values.A.Value }}{{ humanizeTimestamp . }}{{ end }}",
  summary:
    "{{ $labels.tenant }}/{{ $labels.monitor_id }} is down{{ with $values.A.Value }} since {{ humanizeTimestamp . }}{{ end }}",
  description:
    "{{ $labels.monitor_id }} of tenant {{ $labels.tenant }} is down, confirmed by retries and over its locations (outage number {{ $labels.epoch }}). The dashboard has the cause, the failing locations and the last answers. The alert ends when the judge calls it up again, so it stays during the recovery. Outages below a parent that is in trouble itself are left out until the parent is back.",
  panel: { dashboard: "monitor", id: 1, monitor: true },
  repeatsVerdict: true,
};

export const degradedLocation: Rule = {
  slug: "degraded-location",
  title: "Failing from some locations",
  sql: perMonitor(
    { verdict: verdicts([m.state, m.overlays, m.failing_locations]) },
    "verdict",
    {},
    [
      `CASE WHEN t.${m.state} = ${text(state.up)} AND ${hasOverlay(`t.${m.overlays}`, overlay.degraded)}`,
      `    AND t.${m.failing_locations} <> '' AND ${watched}`,
      `    THEN length(t.${m.failing_locations}) - length(replace(t.${m.failing_locations}, ',', '')) + 1`,
      "    ELSE 0 END",
    ].join("\n"),
  ),
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "0s",
  noData: { state: "OK", why: "the rule for outages reads the same rows and already speaks up" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "warning",
  summary: "{{ $labels.tenant }}/{{ $labels.monitor_id }} fails from {{ $values.A }} location(s)",
  description:
    "{{ $labels.monitor_id }} of tenant {{ $labels.tenant }} fails, confirmed, from {{ $values.A }} of its locations, fewer than it takes to call it down. Some users cannot reach it.",
  panel: { dashboard: "monitor", id: 4, monitor: true },
  repeatsVerdict: true,
};
