//! The names of tables, dimensions and measures. They live here once: the writer, dashboards,
//! alert rules and reports take them from this module.

use crate::ports::Destination;

/// The default database.
pub const DATABASE: &str = "CPTMonitoring";
/// The default table of all rows but attempts.
pub const TABLE: &str = "WebsiteMonitoringData";
/// What the name of the attempts table adds to the main table's.
pub const ATTEMPTS_SUFFIX: &str = "_Attempts";

/// How a table is set up, wherever it is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableProperties {
    /// The dimension by which rows are partitioned; every record must have it.
    pub partition_key: &'static str,
    /// Hours in the memory store.
    pub memory_hours: u32,
    /// Days in the magnetic store.
    pub magnetic_days: u32,
    /// Whether late rows may be written to the magnetic store.
    pub magnetic_writes: bool,
}

impl TableProperties {
    /// The properties of the table behind `destination`.
    pub const fn of(destination: Destination) -> Self {
        TableProperties {
            partition_key: dimension::MONITOR_ID,
            memory_hours: 24,
            magnetic_days: match destination {
                Destination::Main => 400,
                Destination::Attempts => 7,
            },
            magnetic_writes: true,
        }
    }
}

/// Names of dimensions: nothing that an edit of the definition changes.
pub mod dimension {
    /// Who the monitor belongs to.
    pub const TENANT: &str = "tenant";
    /// The monitor, or the component of Tidewatch for its own rows.
    pub const MONITOR_ID: &str = "monitor_id";
    /// Where the probe ran; `_all` for verdicts over all locations.
    pub const LOCATION: &str = "location";
    /// The kind of check.
    pub const KIND: &str = "kind";
    /// The attempt's number, `1` to `n`, or `r1` for a confirmation retry; attempts table only.
    pub const ATTEMPT: &str = "attempt";

    /// Every dimension.
    pub const ALL: &[&str] = &[TENANT, MONITOR_ID, LOCATION, KIND, ATTEMPT];
}

/// The kinds of rows, told apart by their `measure_name`.
pub mod measure_name {
    /// One probe.
    pub const PROBE: &str = "probe";
    /// One attempt; attempts table only.
    pub const ATTEMPT: &str = "attempt";
    /// The judged state of a monitor.
    pub const STATE: &str = "state";
    /// The definition of a monitor.
    pub const MONITOR: &str = "monitor";
    /// How a component of Tidewatch is doing.
    pub const OPS: &str = "ops";
    /// What one hour of a monitor from one location came to.
    pub const ROLLUP: &str = "rollup";
    /// One message to people about an incident.
    pub const NOTIFICATION: &str = "notification";
    /// A row that only makes every column exist.
    pub const SCHEMA: &str = "schema";

    /// Every kind of row.
    pub const ALL: &[&str] = &[
        PROBE,
        ATTEMPT,
        STATE,
        MONITOR,
        OPS,
        ROLLUP,
        NOTIFICATION,
        SCHEMA,
    ];
}

/// The type of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureType {
    /// 64-bit float.
    Double,
    /// 64-bit integer.
    Bigint,
    /// Text.
    Varchar,
    /// Truth value.
    Boolean,
    /// Point in time.
    Timestamp,
}

macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $constant:ident $name:literal $type:ident;)*) => {
        $($(#[doc = $doc])+ pub const $constant: &str = $name;)*

        /// Every measure with its type and meaning. One name has one type in all kinds of rows.
        pub const ALL: &[super::Measure] = &[
            $(super::Measure {
                name: $name,
                measure_type: super::MeasureType::$type,
                meaning: concat!($($doc),+),
            },)*
        ];
    };
}

/// A measure with its type and meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub measure_type: MeasureType,
    /// What it says, with its unit.
    pub meaning: &'static str,
}

/// The prefix of measures that carry a monitor's free labels.
pub const LABEL_PREFIX: &str = "label_";

/// Names of measures.
pub mod measure {
    measures! {
        /// Outcome of the probe: ok, degraded, fail, unknown, missed.
        OUTCOME "outcome" Varchar;
        /// 1 where the outcome is ok or degraded, 0 where it is fail, absent otherwise.
        UP "up" Bigint;
        /// Mean of total_ms over the successful samples.
        LATENCY_MS "latency_ms" Double;
        /// Shortest total of the successful samples, in ms.
        LATENCY_MIN_MS "latency_min_ms" Double;
        /// Longest total of the successful samples, in ms.
        LATENCY_MAX_MS "latency_max_ms" Double;
        /// Median total of the successful samples, in ms.
        LATENCY_MEDIAN_MS "latency_median_ms" Double;
        /// Start to address chosen, in ms.
        RESOLVE_MS "resolve_ms" Double;
        /// Address chosen to TCP established, in ms.
        CONNECT_MS "connect_ms" Double;
        /// TCP established to the proxy's tunnel standing, in ms.
        PROXY_MS "proxy_ms" Double;
        /// TCP or the proxy's tunnel established to TLS finished, in ms.
        TLS_MS "tls_ms" Double;
        /// Connection ready to last request byte sent, in ms.
        SEND_MS "send_ms" Double;
        /// Last request byte to first response byte, in ms.
        WAIT_MS "wait_ms" Double;
        /// First response byte to last body byte, in ms.
        TRANSFER_MS "transfer_ms" Double;
        /// Start to first response byte, in ms.
        TTFB_MS "ttfb_ms" Double;
        /// Start to last body byte, in ms; for a failed attempt the time until it failed.
        TOTAL_MS "total_ms" Double;
        /// HTTP status code.
        STATUS_CODE "status_code" Bigint;
        /// Class of the error, from a closed list.
        ERROR_CLASS "error_class" Varchar;
        /// Who has to act: target, network, prober, config.
        ERROR_OWNER "error_owner" Varchar;
        /// The error for people, without secrets.
        ERROR_TEXT "error_text" Varchar;
        /// The phase in which the deciding attempt ended.
        PHASE_REACHED "phase_reached" Varchar;
        /// Samples made.
        ATTEMPTS "attempts" Bigint;
        /// Samples that failed.
        FAILED_ATTEMPTS "failed_attempts" Bigint;
        /// Planned samples left out after two equal transport failures or for lack of time.
        SKIPPED_ATTEMPTS "skipped_attempts" Bigint;
        /// fresh or reused; mixed where a probe has both.
        CONN "conn" Varchar;
        /// Whether the TLS session was resumed; absent without TLS.
        TLS_RESUMED "tls_resumed" Boolean;
        /// How late the probe began, in ms.
        START_LAG_MS "start_lag_ms" Double;
        /// Largest delay of the prober's own timers during the probe, in ms.
        PROBER_LAG_MS "prober_lag_ms" Double;
        /// Whether the prober's own delay spoils the latency.
        TAINTED "tainted" Boolean;
        /// Whether the probe began too late for its latency to be used.
        LATE "late" Boolean;
        /// Round-trip time of the connection, from the kernel, in ms.
        RTT_MS "rtt_ms" Double;
        /// wait_ms less one round trip: the server's own time, in ms.
        SERVER_MS "server_ms" Double;
        /// Body bytes read, mean of the successful samples.
        BYTES "bytes" Bigint;
        /// HTTP version spoken.
        HTTP_VERSION "http_version" Varchar;
        /// Address talked to.
        REMOTE_ADDR "remote_addr" Varchar;
        /// Response code of the name server, of the kind dns.
        DNS_RCODE "dns_rcode" Varchar;
        /// Records of the type asked for, of the kind dns.
        DNS_ANSWERS "dns_answers" Bigint;
        /// Smallest TTL of the name server's answer, in seconds.
        DNS_TTL_S "dns_ttl_s" Bigint;
        /// Whole days until the certificate expires, negative afterwards.
        CERT_DAYS "cert_days" Bigint;
        /// When the certificate expires.
        CERT_NOT_AFTER "cert_not_after" Timestamp;
        /// Whether a maintenance window was open.
        IN_MAINTENANCE "in_maintenance" Boolean;
        /// Time between slots, in seconds.
        INTERVAL_S "interval_s" Double;
        /// Limit above which the mean latency is degraded, in ms.
        DEGRADED_MS "degraded_ms" Double;
        /// Limit above which the mean latency is a failure, in ms.
        EXCEEDED_MS "exceeded_ms" Double;
        /// Promised share of good probes, in percent.
        SLO_AVAILABILITY "slo_availability" Double;
        /// Promised latency, in ms.
        SLO_LATENCY_MS "slo_latency_ms" Double;
        /// How bad an outage is: info, warning, critical.
        SEVERITY "severity" Varchar;
        /// State of the monitor: unknown, up, suspect, down, recovering.
        STATE "state" Varchar;
        /// Overlays of the state, separated by commas: degraded, flapping, suppressed, network_lost, maintenance, paused.
        OVERLAYS "overlays" Varchar;
        /// Since when the state holds; during an outage since its first failure.
        SINCE "since" Timestamp;
        /// Number of the monitor's latest outage.
        EPOCH "epoch" Bigint;
        /// Locations that see it failing, separated by commas.
        FAILING_LOCATIONS "failing_locations" Varchar;
        /// Weighted share of changes in the last 20 evaluations, 0 to 1.
        FLAP_SCORE "flap_score" Double;
        /// The last 20 evaluations as bits, the newest lowest: 1 where it came out otherwise than the one before.
        FLAP_HISTORY "flap_history" Bigint;
        /// The monitor above whose trouble keeps this outage from calling anybody.
        SUPPRESSED_BY "suppressed_by" Varchar;
        /// Name shown to people.
        NAME "name" Varchar;
        /// The target, without credentials.
        TARGET "target" Varchar;
        /// Whether the monitor is probed.
        ENABLED "enabled" Boolean;
        /// Whether this row says that the monitor is gone.
        DELETED "deleted" Boolean;
        /// Who is called.
        TEAM "team" Varchar;
        /// What to do when it is down.
        RUNBOOK_URL "runbook_url" Varchar;
        /// Monitor without which this one cannot work.
        PARENT "parent" Varchar;
        /// Monitors that are defined and enabled.
        MONITORS "monitors" Bigint;
        /// Probes finished in the minute.
        PROBES "probes" Bigint;
        /// Slots that passed without a probe: in the minute, or those that a probe row stands for.
        MISSED "missed" Bigint;
        /// Largest start lag in the minute, in ms.
        START_LAG_MAX_MS "start_lag_max_ms" Double;
        /// Rows stored in the minute.
        ROWS_WRITTEN "rows_written" Bigint;
        /// Rows refused in the minute.
        ROWS_REJECTED "rows_rejected" Bigint;
        /// Rows waiting to be written.
        ROWS_QUEUED "rows_queued" Bigint;
        /// Failed attempts to write a batch in the minute.
        WRITE_RETRIES "write_retries" Bigint;
        /// Bytes that the store holds on disk.
        STORE_BYTES "store_bytes" Bigint;
        /// Whether the location was without a network within the minute.
        NETWORK_LOST "network_lost" Boolean;
        /// Rows that were there already, in the minute.
        ROWS_DUPLICATE "rows_duplicate" Bigint;
        /// Age of the oldest result that was judged in the minute, in ms: how long it was under way.
        QUEUE_AGE_MS "queue_age_ms" Double;
        /// Schedule rules that exist.
        RULES "rules" Bigint;
        /// Schedule rules that were made, changed or removed in the minute.
        RULES_CHANGED "rules_changed" Bigint;
        /// Monitor entries that the validator refused.
        MONITORS_INVALID "monitors_invalid" Bigint;
        /// Messages to people that went out in the minute.
        NOTIFICATIONS_SENT "notifications_sent" Bigint;
        /// Messages to people that no channel took, in the minute.
        NOTIFICATIONS_FAILED "notifications_failed" Bigint;
        /// Probes of the hour that came out ok or degraded, outside of maintenance.
        GOOD "good" Bigint;
        /// Probes of the hour that failed, outside of maintenance.
        BAD "bad" Bigint;
        /// Slots that the hour had.
        EXPECTED "expected" Bigint;
        /// Probes of the hour whose outcome is unknown or missed, with the slots that they stand for.
        UNOBSERVED "unobserved" Bigint;
        /// Probes of the hour inside a maintenance window.
        MAINTAINED "maintained" Bigint;
        /// Good probes of the hour with a latency that counts: neither tainted nor late.
        LATENCY_COUNT "latency_count" Bigint;
        /// Sum of their latencies, in ms.
        LATENCY_SUM_MS "latency_sum_ms" Double;
        /// Those of them that kept the promised latency; absent without such a promise.
        LATENCY_KEPT "latency_kept" Bigint;
        /// Those of them within 25 ms.
        LATENCY_LE_25 "latency_le_25" Bigint;
        /// Those of them within 50 ms.
        LATENCY_LE_50 "latency_le_50" Bigint;
        /// Those of them within 100 ms.
        LATENCY_LE_100 "latency_le_100" Bigint;
        /// Those of them within 200 ms.
        LATENCY_LE_200 "latency_le_200" Bigint;
        /// Those of them within 400 ms.
        LATENCY_LE_400 "latency_le_400" Bigint;
        /// Those of them within 800 ms.
        LATENCY_LE_800 "latency_le_800" Bigint;
        /// Those of them within 1600 ms.
        LATENCY_LE_1600 "latency_le_1600" Bigint;
        /// Those of them within 3200 ms.
        LATENCY_LE_3200 "latency_le_3200" Bigint;
        /// Those of them within 6400 ms.
        LATENCY_LE_6400 "latency_le_6400" Bigint;
        /// Where a message went: the channel and what it is called.
        CHANNEL "channel" Varchar;
        /// What became of a message: sent, failed, dropped.
        RESULT "result" Varchar;
        /// Time from the alert's arrival until the channel took the message, in ms.
        DELIVERY_MS "delivery_ms" Double;
        /// The incident: tenant, monitor and number of the outage.
        INCIDENT "incident" Varchar;
        /// What the message said: opened, reminder, resolved, stopped_reporting, digest, test.
        MESSAGE_KIND "message_kind" Varchar;
        /// Alerts in the message.
        ALERTS "alerts" Bigint;
    }

    /// The definition of a measure.
    pub fn find(name: &str) -> Option<&'static super::Measure> {
        ALL.iter().find(|measure| measure.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_measure_has_one_name_that_timestream_accepts() {
        let names: BTreeSet<_> = measure::ALL.iter().map(|measure| measure.name).collect();
        assert_eq!(names.len(), measure::ALL.len());
        let reserved = [
            "time",
            "measure_value",
            "measure_name",
            "ts_non_existent_col",
        ];
        for name in names {
            assert!(
                !reserved.contains(&name) && !name.starts_with("ts_"),
                "{name}"
            );
            assert!(!dimension::ALL.contains(&name), "{name} is a dimension too");
            assert!(
                name.len() <= 256 && !name.starts_with(LABEL_PREFIX),
                "{name}"
            );
        }
    }
}
