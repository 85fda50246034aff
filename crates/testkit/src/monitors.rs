//! Monitors for tests, complete with defaults.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewatch_domain::monitor::{
    AddressFamily, Assertion, Check, Connection, HttpCheck, Network, Redirects, SecretText,
    Severity, Slo, Thresholds, Timeouts, limits,
};
use tidewatch_domain::{Monitor, MonitorId, MonitorKey, Tenant};
use url::Url;

/// Begins a monitor of tenant `test` on `target`: one attempt on a fresh connection, a minute
/// between slots, redirects followed, nothing asserted but success.
///
/// Panics when `target` is no URL.
pub fn a_monitor(target: &str) -> MonitorBuilder {
    let url = Url::parse(target).expect("the target of a test is a URL");
    let check = HttpCheck {
        url,
        method: "GET".to_owned(),
        headers: Vec::new(),
        body: None,
        redirects: Redirects::Follow { max: 10 },
        network: Network::default(),
        body_limit: limits::BODY,
    };
    MonitorBuilder {
        check,
        assertions: Vec::new(),
        monitor_id: "shop".to_owned(),
        attempts: 1,
        connection: Connection::Fresh,
        timeouts: Timeouts::default(),
        interval: Duration::from_secs(60),
        retries_at_once: false,
    }
}

/// A monitor in the making.
#[derive(Clone, Debug)]
pub struct MonitorBuilder {
    check: HttpCheck,
    assertions: Vec<Assertion>,
    monitor_id: String,
    attempts: u8,
    connection: Connection,
    timeouts: Timeouts,
    interval: Duration,
    retries_at_once: bool,
}

impl MonitorBuilder {
    /// Its name within the tenant.
    #[must_use]
    pub fn named(mut self, monitor_id: &str) -> Self {
        monitor_id.clone_into(&mut self.monitor_id);
        self
    }

    /// How many attempts a probe makes.
    #[must_use]
    pub fn attempts(mut self, attempts: u8) -> Self {
        self.attempts = attempts;
        self
    }

    /// Later attempts use the connection of the first.
    #[must_use]
    pub fn reuse(mut self) -> Self {
        self.connection = Connection::Reuse;
        self
    }

    /// How long the TCP handshake may take.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.connect = timeout;
        self
    }

    /// How long an attempt may take.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.attempt = timeout;
        self
    }

    /// How long all attempts together may take.
    #[must_use]
    pub fn probe_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.probe = timeout;
        self
    }

    /// The time between two slots.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Makes the interval just long enough for the attempt, whatever its timeout, so that a
    /// confirmation retry follows at once.
    #[must_use]
    pub fn retry_at_once(mut self) -> Self {
        self.retries_at_once = true;
        self
    }

    /// The request's method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        method.clone_into(&mut self.check.method);
        self
    }

    /// One more request header; `value` may name secrets.
    ///
    /// Panics when `value` has something that looks like a reference and is none.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let value = SecretText::try_new(value).expect("the reference to a secret is well-formed");
        self.check.headers.push((name.to_owned(), value));
        self
    }

    /// The request's body; it may name secrets.
    ///
    /// Panics when `body` has something that looks like a reference and is none.
    #[must_use]
    pub fn body(mut self, body: &str) -> Self {
        let body = SecretText::try_new(body).expect("the reference to a secret is well-formed");
        self.check.body = Some(body);
        self
    }

    /// What is done with redirects.
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.check.redirects = redirects;
        self
    }

    /// Which addresses of a name are used.
    #[must_use]
    pub fn family(mut self, family: AddressFamily) -> Self {
        self.check.network.family = family;
        self
    }

    /// How much of the response body is read.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.check.body_limit = bytes;
        self
    }

    /// One more demand on the answer.
    #[must_use]
    pub fn expect(mut self, assertion: Assertion) -> Self {
        self.assertions.push(assertion);
        self
    }

    /// The monitor.
    ///
    /// Panics when its name is not a usable one.
    pub fn build(self) -> Monitor {
        let tenant = Tenant::try_new("test").expect("the tenant is a usable name");
        let monitor_id =
            MonitorId::try_new(self.monitor_id.as_str()).expect("the test's name is a usable one");
        Monitor {
            key: MonitorKey { tenant, monitor_id },
            name: self.monitor_id,
            enabled: true,
            target: self.check.url.to_string(),
            check: Check::Http(self.check),
            assertions: self.assertions,
            interval: if self.retries_at_once {
                self.timeouts.attempt + Duration::from_millis(2)
            } else {
                self.interval
            },
            attempts: self.attempts,
            connection: self.connection,
            timeouts: self.timeouts,
            thresholds: Thresholds::default(),
            confirmations: 2,
            failures: None,
            recoveries: 2,
            locations: Vec::new(),
            quorum: None,
            slo: Slo::default(),
            maintenance: Vec::new(),
            severity: Severity::Critical,
            team: None,
            runbook_url: None,
            labels: BTreeMap::new(),
            parent: None,
            reference: false,
        }
    }
}
