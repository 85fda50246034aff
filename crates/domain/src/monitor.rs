//! A monitor: the configured entry, complete with defaults and known to be valid.

mod assertion;
mod auth;
mod dns;
mod endpoint;
mod expectation;
mod http;
mod maintenance;
mod network;
mod secret;
mod tcp;
mod tls;

pub use assertion::{
    AddressTest, Assertion, AssertionResult, CertificateTest, DnsAssertion, Facts, HttpVersion,
    JsonPath, JsonPathError, JsonTest, NumberTest, ResponseBody, ResponseFacts, Sha256Digest,
    StatusRange, StatusSet, TextTest, Timing, TlsField, Which,
};
pub use auth::{Auth, ClientCredentials};
pub use dns::{DnsCheck, DnsServer, DnsTransport, RecordType};
pub use endpoint::Endpoint;
pub use expectation::Expectation;
pub(crate) use expectation::shows_absence;
pub use http::{
    BodyFormat, HttpCheck, OverLimit, Protocol, Proxy, Redirects, RequestBody, public_url,
};
pub use maintenance::{MaintenanceWindow, Occurs};
pub use network::{AddressFamily, Network};
pub use secret::{SecretRef, SecretSource, SecretText, SecretTextError};
pub use tcp::{Message, Part, Pattern, Step, TcpCheck};
pub use tls::{ClientCertificate, Encryption, StartTls, TlsCheck, TlsOptions, TlsVersion};

use std::collections::BTreeMap;
use std::time::Duration;

use url::Host;

use crate::judge::FailureShare;
use crate::name::{Location, MonitorId, MonitorKey};
use crate::time::Timestamp;

/// A configured entry: what is watched, how often, and what counts as good.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// Tenant and monitor id.
    pub key: MonitorKey,
    /// The name shown to people; the monitor id by default.
    pub name: String,
    /// A monitor that is not enabled is not probed and shows as paused.
    pub enabled: bool,
    /// The target as written, for display.
    pub target: String,
    /// What is done, with everything that belongs to the kind.
    pub check: Check,
    /// Whether the target is to be there, or to be away.
    pub expect: Expectation,
    /// What must hold of the answer. Of HTTP answers without one on the status, 200 to 299 is
    /// wanted; of DNS answers without one on the response code or the number of records, NOERROR
    /// and at least one record of the type asked for.
    pub assertions: Vec<Assertion>,
    /// The time between two slots.
    pub interval: Duration,
    /// Requests within one probe, at least 1.
    pub attempts: u8,
    /// Whether each attempt opens its own connection.
    pub connection: Connection,
    /// How long the parts of a probe may take.
    pub timeouts: Timeouts,
    /// Limits on latency and on the certificate's remaining days.
    pub thresholds: Thresholds,
    /// Failures in a row that make a location count as failing.
    pub confirmations: u32,
    /// Instead of failures in a row, a share of the last probes that makes a location count as
    /// failing.
    pub failures: Option<FailureShare>,
    /// Successes in a row that end an outage.
    pub recoveries: u32,
    /// Where it is probed; empty means everywhere a prober runs.
    pub locations: Vec<Location>,
    /// Locations that must fail before the monitor is down; `None` is the majority of those that
    /// reported, at least two where three or more did.
    pub quorum: Option<u32>,
    /// What is promised.
    pub slo: Slo,
    /// When nobody is to be called.
    pub maintenance: Vec<MaintenanceWindow>,
    /// How bad an outage is.
    pub severity: Severity,
    /// Who is called.
    pub team: Option<String>,
    /// What to do when it is down.
    pub runbook_url: Option<String>,
    /// Free labels, at most [`limits::LABELS`].
    pub labels: BTreeMap<String, String>,
    /// Another monitor of the same tenant without which this one cannot work.
    pub parent: Option<MonitorId>,
    /// Whether its target is one by which a location tells that its own network is lost.
    pub reference: bool,
}

impl Monitor {
    /// The kind of check.
    pub fn kind(&self) -> Kind {
        match self.check {
            Check::Http(_) => Kind::Http,
            Check::Dns(_) => Kind::Dns,
            Check::Tcp(_) => Kind::Tcp,
            Check::Tls(_) => Kind::Tls,
        }
    }

    /// Whether `location` is one of the places where this monitor is probed.
    pub fn runs_at(&self, location: &Location) -> bool {
        self.locations.is_empty() || self.locations.contains(location)
    }

    /// Whether a maintenance window is open at `at`.
    pub fn in_maintenance(&self, at: Timestamp) -> bool {
        self.maintenance.iter().any(|window| window.contains(at))
    }

    /// The target without anything that may be confidential: no credentials, query or fragment.
    pub fn public_target(&self) -> String {
        match &self.check {
            Check::Http(check) => http::public_url(&check.url),
            Check::Dns(_) => self.target.clone(),
            Check::Tcp(check) => format!("tcp://{}", check.endpoint),
            Check::Tls(check) => format!("tls://{}", check.endpoint),
        }
    }

    /// The pause before the confirmation retry: 5 s, less for short intervals, so that the retry
    /// ends before the next slot.
    pub fn retry_delay(&self) -> Duration {
        Duration::from_secs(5).min(self.interval / 2)
    }
}

/// The kinds of checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// HTTP and HTTPS requests.
    Http,
    /// TCP connections, and dialogues over them.
    Tcp,
    /// TLS handshakes.
    Tls,
    /// Questions to name servers.
    Dns,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[Kind::Http, Kind::Tcp, Kind::Tls, Kind::Dns];

    /// The stable name, as written in definitions and rows.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Http => "http",
            Kind::Dns => "dns",
            Kind::Tcp => "tcp",
            Kind::Tls => "tls",
        }
    }
}

/// What is done, with everything that belongs to the kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// HTTP and HTTPS requests.
    Http(HttpCheck),
    /// A TCP connection, and a dialogue over it.
    Tcp(TcpCheck),
    /// A TLS handshake.
    Tls(TlsCheck),
    /// Questions to name servers.
    Dns(DnsCheck),
}

impl Check {
    /// The host that is talked to, as the definition names it; `None` where it names none.
    pub fn host(&self) -> Option<Host<&str>> {
        match self {
            Check::Http(check) => check.url.host(),
            Check::Tcp(TcpCheck { endpoint, .. }) | Check::Tls(TlsCheck { endpoint, .. }) => {
                Some(borrowed(&endpoint.host))
            }
            Check::Dns(check) => check.server.as_ref().map(|server| borrowed(&server.host)),
        }
    }
}

fn borrowed(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

/// Whether each attempt opens its own connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Connection {
    /// Every attempt resolves, connects and shakes hands anew.
    Fresh,
    /// The first attempt opens a connection that the others use while it stands.
    Reuse,
}

/// How long the parts of a probe may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// TCP handshake.
    pub connect: Duration,
    /// TLS handshake; `None` is whatever the attempt leaves.
    pub tls: Option<Duration>,
    /// From the beginning of an HTTP request to the end of the answer's header, on every hop;
    /// `None` is whatever the attempt leaves.
    pub header: Option<Duration>,
    /// One attempt, from name resolution to the last byte.
    pub attempt: Duration,
    /// All attempts of a probe together.
    pub probe: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Duration::from_secs(3),
            tls: None,
            header: None,
            attempt: Duration::from_secs(5),
            probe: Duration::from_secs(8),
        }
    }
}

/// Limits on latency and on the certificate's remaining days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Mean total above which the probe is degraded.
    pub degraded: Option<Duration>,
    /// Mean total above which the probe fails.
    pub exceeded: Option<Duration>,
    /// Days of validity below which the probe is degraded; never more than a third of the
    /// certificate's whole lifetime is demanded.
    pub cert_days: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            degraded: Some(Duration::from_secs(2)),
            exceeded: None,
            cert_days: 21,
        }
    }
}

/// A service level objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slo {
    /// Percent of good probes, for instance 99.9.
    pub availability: f64,
    /// Total latency that a good request does not exceed.
    pub latency: Option<Duration>,
}

impl Default for Slo {
    fn default() -> Self {
        Slo {
            availability: 99.9,
            latency: None,
        }
    }
}

/// How bad an outage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Helps diagnosis; nobody is called.
    Info,
    /// Waits for office hours.
    Warning,
    /// Pages.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: &'static [Severity] = &[Severity::Info, Severity::Warning, Severity::Critical];

    /// The stable name, as written in definitions and rows.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

/// The bounds that the validator enforces.
pub mod limits {
    use std::time::Duration;

    /// The shortest interval of the local mode.
    pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
    /// The shortest interval in AWS.
    pub const SHORTEST_INTERVAL_AWS: Duration = Duration::from_secs(10);
    /// The longest interval.
    pub const LONGEST_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
    /// The most attempts within one probe.
    pub const ATTEMPTS: u8 = 20;
    /// The most labels of a monitor.
    pub const LABELS: usize = 16;
    /// The longest name, label value or team, in bytes.
    pub const TEXT: usize = 256;
    /// The longest label name, in bytes.
    pub const LABEL_NAME: usize = 48;
    /// The longest target or URL, in bytes.
    pub const URL: usize = 2_048;
    /// The longest request body, in bytes.
    pub const REQUEST_BODY: usize = 64 * 1024;
    /// How much of a response body is read unless the definition says otherwise.
    pub const BODY: usize = 1024 * 1024;
    /// How much of a response body can be read at most.
    pub const BODY_MAX: usize = 16 * 1024 * 1024;
    /// The most steps of a dialogue.
    pub const DIALOGUE: usize = 32;
    /// How much of the replies of a dialogue is read unless the definition says otherwise.
    pub const REPLY: usize = 16 * 1024;
    /// How much of the replies of a dialogue can be read at most: they are searched anew whenever
    /// something comes in.
    pub const REPLY_MAX: usize = 64 * 1024;
    /// The most application protocols offered.
    pub const ALPN: usize = 16;
    /// The longest certificate text, in bytes.
    pub const CERTIFICATES: usize = 256 * 1024;
    /// The most redirects that can be followed.
    pub const REDIRECTS: u8 = 20;
    /// The most assertions of a monitor.
    pub const ASSERTIONS: usize = 32;
    /// The longest maintenance window.
    pub const MAINTENANCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
}
