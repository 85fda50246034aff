//! What the calculation takes for granted, each with where it comes from. docs/cost.md shows the
//! same table; a test keeps it the same.

macro_rules! assumptions {
    ($($(#[doc = $doc:literal])+ $name:ident: $value:expr, $unit:literal;)*) => {
        /// Figures about monitors and functions that no price list has.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Assumptions {
            $($(#[doc = $doc])+ pub $name: f64,)*
        }

        impl Default for Assumptions {
            fn default() -> Self {
                Assumptions { $($name: $value,)* }
            }
        }

        impl Assumptions {
            /// Name, value, unit and meaning of each, for people.
            pub fn rows(&self) -> Vec<(&'static str, f64, &'static str, &'static str)> {
                vec![$((stringify!($name), self.$name, $unit, concat!($($doc),+).trim()),)*]
            }
        }
    };
}

assumptions! {
    /// What one attempt takes from start to last byte, mean.
    attempt_s: 0.15, "s";
    /// What the slowest monitor of a bucket adds to an invocation.
    straggler_s: 1.5, "s";
    /// CPU of one fresh HTTPS attempt on a whole core (bench/probe: 0.4 ms or less).
    attempt_cpu_s: 0.0004, "s";
    /// Memory at which Lambda gives a whole core.
    core_memory_gb: 1.728, "GB";
    /// Most monitors in a bucket, where buckets are not given.
    bucket_monitors: 128.0, "";
    /// Bytes of a monitor's entry and result in a message.
    result_bytes: 1_600.0, "B";
    /// Bytes of a monitor's item in the table of entries.
    entry_bytes: 700.0, "B";
    /// Pollers that Lambda keeps on a queue; each asks every 20 s when there is nothing.
    pollers: 5.0, "";
    /// Seconds that one invocation of the writer takes for a batch.
    writer_s: 0.3, "s";
    /// Bytes of judging state for one monitor and location, compressed (measured: 8 where every probe begins as late as the last; eight times that differ add some 40).
    state_bytes: 50.0, "B";
    /// Bytes of a probe row as Timestream counts them: names and values (measured: 620 over HTTP, 690 over HTTPS).
    probe_row_bytes: 700.0, "B";
    /// Bytes of a state row (measured: 145).
    state_row_bytes: 160.0, "B";
    /// Bytes of a monitor, rollup or ops row (measured: 200 to 235).
    other_row_bytes: 250.0, "B";
    /// Bytes of a probe row on the bridge's disk (measured: 115, and its share of the index).
    bridge_row_bytes: 120.0, "B";
    /// How often a day's rows reach the disk until they rest: log, file of the hour, file of the day.
    rewrites: 3.0, "";
    /// Bytes that one fresh HTTPS attempt sends, with the headers of packets (measured: 505 in 9 packets; the rest acknowledges a body).
    attempt_sent_bytes: 1_100.0, "B";
    /// Bytes of log for one invocation: Lambda's report and the line of metrics.
    log_bytes: 900.0, "B";
    /// Metrics of our own that are told in every hour: two of the monitor function, three of the writer, three of the config function.
    metrics: 8.0, "";
    /// The same of each further region: two of the monitor function, three of the config function.
    region_metrics: 5.0, "";
    /// What Grafana's Watchdog adds to them.
    grafana_metrics: 1.0, "";
    /// Requests to a region's key: some ten users of it, each with a data key that it keeps for five minutes.
    key_requests: 90_000.0, "";
    /// Hours in a month that a viewer looks at dashboards.
    viewer_hours: 20.0, "h";
    /// Seconds between two refreshes of a dashboard.
    refresh_s: 60.0, "s";
    /// Compute units that a query of Timestream takes at least.
    query_units: 4.0, "TCU";
    /// Seconds that a query is charged for at least; queries within them share it.
    query_s: 30.0, "s";
    /// Seconds between two evaluations of alert rules.
    evaluation_s: 60.0, "s";
}
