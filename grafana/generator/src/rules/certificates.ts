// Certificates: soon, very soon, and refused.
import { certificateErrors, dimension, measure as m, row } from "../names.ts";
import { list, newest, rowsAtEnd } from "../sql/text.ts";
import type { Rule } from "./rule.ts";
import { DEFINITION_RANGE, perMonitor } from "./sql.ts";

const { tenant, monitor_id, location } = dimension;
const LOOK_BACK = "3h";

/** The newest certificate of each location; the one that expires first counts. */
const days = perMonitor(
  {
    seen: [
      `SELECT ${tenant}, ${monitor_id}, ${location}, ${newest(m.cert_days)} AS days`,
      rowsAtEnd(row.probe, LOOK_BACK, `${m.cert_days} IS NOT NULL`),
      `GROUP BY ${tenant}, ${monitor_id}, ${location}`,
    ].join("\n"),
    certificate: [
      `SELECT ${tenant}, ${monitor_id}, min(days) AS days`,
      "FROM seen",
      `GROUP BY ${tenant}, ${monitor_id}`,
    ].join("\n"),
  },
  "certificate",
  {},
  "t.days",
);

const common = {
  sql: days,
  range: DEFINITION_RANGE,
  for: "0s",
  noData: { state: "OK", why: "an installation without TLS monitors has no certificates" },
  error: { state: "KeepLast", why: "days do not change within minutes, and the rule for outages reports the data source" },
  panel: { dashboard: "monitor", id: 11, monitor: true },
} as const;

export const expiresSoon: Rule = {
  ...common,
  slug: "certificate-21d",
  title: "Certificate expires within 21 days",
  fires: { below: 21 },
  severity: "warning",
  summary: "Certificate of {{ $labels.tenant }}/{{ $labels.monitor_id }} expires in {{ $values.A }} days",
  description:
    "The certificate of {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) is valid for {{ $values.A }} more days. Renewal should have happened by now; find out why it did not.",
};

export const expiresVerySoon: Rule = {
  ...common,
  slug: "certificate-7d",
  title: "Certificate expires within 7 days",
  fires: { below: 7 },
  severity: "critical",
  summary: "Certificate of {{ $labels.tenant }}/{{ $labels.monitor_id }} expires in {{ $values.A }} days",
  description:
    "The certificate of {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) is valid for only {{ $values.A }} more days (below zero: it has expired). After that every client refuses it.",
};

export const refused: Rule = {
  slug: "certificate-invalid",
  title: "Certificate fails verification",
  sql: perMonitor(
    {
      newest_probe: [
        `SELECT ${tenant}, ${monitor_id}, ${location}, max(time) AS seen,`,
        `  max(CASE WHEN ${m.error_class} IN ${list(certificateErrors)} THEN time END) AS refused`,
        rowsAtEnd(row.probe, LOOK_BACK, `${m.up} IS NOT NULL`, `${m.in_maintenance} = false`),
        `GROUP BY ${tenant}, ${monitor_id}, ${location}`,
      ].join("\n"),
      verification: [
        `SELECT ${tenant}, ${monitor_id}, count_if(refused = seen) AS refusing`,
        "FROM newest_probe",
        `GROUP BY ${tenant}, ${monitor_id}`,
      ].join("\n"),
    },
    "verification",
    {},
    "t.refusing",
  ),
  range: DEFINITION_RANGE,
  fires: { above: 0 },
  for: "0s",
  noData: { state: "OK", why: "no probe at all is silence, which has a rule of its own" },
  error: { state: "KeepLast", why: "the rule for outages reports the data source once for all" },
  severity: "critical",
  summary: "Certificate of {{ $labels.tenant }}/{{ $labels.monitor_id }} is refused from {{ $values.A }} location(s)",
  description:
    "The newest probes of {{ $labels.monitor_id }} (tenant {{ $labels.tenant }}) from {{ $values.A }} location(s) refused its certificate: expired, not yet valid, for another name, from an unknown issuer, revoked, or not the pinned one. Clients refuse it too. The table of failed probes names the reason.",
  panel: { dashboard: "monitor", id: 12, monitor: true },
};
