//! What a probe found: facts only, no judgement.

mod dns;

pub use dns::{DnsFacts, DnsFlag, DnsRecord, Rcode};
mod chain;

pub use chain::{ChainLink, PresentedCertificate};

use std::net::SocketAddr;
use std::time::Duration;

use crate::cause::Cause;
use crate::monitor::{AssertionResult, Connection, Kind, Monitor};
use crate::name::{Location, MonitorKey};
use crate::time::Timestamp;

/// One scheduled execution of a monitor from one location.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeResult {
    /// Whose probe it is.
    pub key: MonitorKey,
    /// The kind of check.
    pub kind: Kind,
    /// Where it ran.
    pub location: Location,
    /// The scheduled instant that it belongs to; the time of its rows.
    pub slot: Timestamp,
    /// When it really began. A late start is the prober's doing, never the target's.
    pub started_at: Timestamp,
    /// The planned requests that were made, in order.
    pub samples: Vec<Attempt>,
    /// How many planned requests were left out after two equal transport failures or because the
    /// probe's time was over.
    pub skipped: u8,
    /// The confirmation on a fresh connection after a transport failure. Taken because something
    /// failed, it is a biased sample and stays out of every statistic.
    pub retry: Option<Attempt>,
}

impl ProbeResult {
    /// A probe that could not be made, or not to its end: one failed attempt stands for all.
    pub fn failed(
        monitor: &Monitor,
        location: &Location,
        slot: Timestamp,
        started_at: Timestamp,
        cause: Cause,
    ) -> Self {
        let mut attempt = Attempt::begun(1, started_at);
        attempt.causes.push(cause);
        ProbeResult {
            key: monitor.key.clone(),
            kind: monitor.kind(),
            location: location.clone(),
            slot,
            started_at,
            samples: vec![attempt],
            skipped: monitor.attempts.saturating_sub(1),
            retry: None,
        }
    }

    /// How late the probe began.
    pub fn start_lag(&self) -> Duration {
        self.started_at.since(self.slot)
    }

    /// The successful samples.
    pub fn successes(&self) -> impl Iterator<Item = &Attempt> {
        self.samples.iter().filter(|attempt| attempt.succeeded())
    }
}

/// One request within a probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Position among the probe's samples or retries, from 1.
    pub number: u8,
    /// When it began, wall clock.
    pub started_at: Timestamp,
    /// Whether it opened its own connection.
    pub connection: Connection,
    /// How long the phases took.
    pub phases: Phases,
    /// The phase in which it ended; `Done` when nothing was left to do.
    pub reached: PhaseReached,
    /// Every reason why it did not succeed, the first in precedence first; empty on success.
    pub causes: Vec<Cause>,
    /// The final status code.
    pub status_code: Option<u16>,
    /// The protocol version spoken: `1.0`, `1.1` or `2`.
    pub http_version: Option<&'static str>,
    /// The address talked to last.
    pub remote_addr: Option<SocketAddr>,
    /// Body bytes read, as they came over the wire: a compressed body counts compressed.
    pub body_bytes: u64,
    /// Whether the body went on beyond the limit.
    pub body_cut: bool,
    /// What the TLS handshake showed, also when it failed.
    pub tls: Option<TlsFacts>,
    /// What the name server answered, of the kind `dns`.
    pub dns: Option<DnsFacts>,
    /// One entry per request when redirects were followed, in order; empty otherwise.
    pub hops: Vec<Hop>,
    /// One entry per step of a dialogue that ended, in order.
    pub steps: Vec<StepFacts>,
    /// What became of each assertion.
    pub assertions: Vec<AssertionResult>,
    /// The round-trip time of the TCP handshake, as the kernel measured it. Absent where redirects
    /// were followed: several connections have no one round trip.
    pub rtt: Option<Duration>,
    /// The largest delay of the prober's own timers while the attempt ran.
    pub prober_lag: Option<Duration>,
}

impl Attempt {
    /// An attempt of which nothing but its start is known.
    pub fn begun(number: u8, started_at: Timestamp) -> Self {
        Attempt {
            number,
            started_at,
            connection: Connection::Fresh,
            phases: Phases::default(),
            reached: PhaseReached::Resolve,
            causes: Vec::new(),
            status_code: None,
            http_version: None,
            remote_addr: None,
            body_bytes: 0,
            body_cut: false,
            tls: None,
            dns: None,
            hops: Vec::new(),
            steps: Vec::new(),
            assertions: Vec::new(),
            rtt: None,
            prober_lag: None,
        }
    }

    /// Whether nothing went wrong.
    pub fn succeeded(&self) -> bool {
        self.causes.is_empty()
    }

    /// The reason that takes precedence.
    pub fn cause(&self) -> Option<&Cause> {
        self.causes.first()
    }

    /// How long the server took to answer, as far as the kernel's round-trip time tells: the wait
    /// less a round trip.
    pub fn server_time(&self) -> Option<Duration> {
        Some(self.phases.wait?.saturating_sub(self.rtt?))
    }

    /// Whether the prober's own delay is more than a tenth of the total, so that the latency
    /// says more about the prober than about the target.
    pub fn is_tainted(&self) -> bool {
        self.prober_lag
            .is_some_and(|lag| lag > self.phases.total / 10)
    }
}

/// How long the parts of an attempt took, on a monotonic clock.
///
/// A phase that did not happen or did not end is `None`, never zero. With redirects each phase is
/// the sum over the hops. For an attempt that got through, the phases add up to the total exactly;
/// otherwise the difference is the time spent in the phase that did not end ([`Phases::unfinished`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Start to address chosen.
    pub resolve: Option<Duration>,
    /// Address chosen to TCP established.
    pub connect: Option<Duration>,
    /// TCP established to the proxy's tunnel standing.
    pub proxy: Option<Duration>,
    /// TCP or the proxy's tunnel established to TLS finished.
    pub tls: Option<Duration>,
    /// Connection ready to last request byte handed to the kernel.
    pub send: Option<Duration>,
    /// Last request byte to first response byte.
    pub wait: Option<Duration>,
    /// First response byte to last body byte.
    pub transfer: Option<Duration>,
    /// Start to last body byte, or to the failure.
    pub total: Duration,
}

impl Phases {
    /// The phases in order, with their names.
    pub fn named(&self) -> [(&'static str, Option<Duration>); 7] {
        [
            ("resolve", self.resolve),
            ("connect", self.connect),
            ("proxy", self.proxy),
            ("tls", self.tls),
            ("send", self.send),
            ("wait", self.wait),
            ("transfer", self.transfer),
        ]
    }

    /// Time in the phase that did not end: zero for an attempt that got through.
    pub fn unfinished(&self) -> Duration {
        let finished: Duration = self
            .named()
            .into_iter()
            .filter_map(|(_, phase)| phase)
            .sum();
        self.total.saturating_sub(finished)
    }

    /// Start to first response byte, absent when none came.
    pub fn ttfb(&self) -> Option<Duration> {
        self.wait?;
        self.total
            .checked_sub(self.transfer.unwrap_or_else(|| self.unfinished()))
    }
}

/// The phase in which an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseReached {
    /// Name resolution.
    Resolve,
    /// TCP handshake.
    Connect,
    /// Asking the proxy for a tunnel.
    Proxy,
    /// TLS handshake.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for the first response byte.
    Wait,
    /// Reading the response.
    Transfer,
    /// Everything was read, an assertion did not hold.
    Assert,
    /// Nothing was left to do.
    Done,
}

impl PhaseReached {
    /// Every phase, in order.
    pub const ALL: &'static [PhaseReached] = &[
        PhaseReached::Resolve,
        PhaseReached::Connect,
        PhaseReached::Proxy,
        PhaseReached::Tls,
        PhaseReached::Send,
        PhaseReached::Wait,
        PhaseReached::Transfer,
        PhaseReached::Assert,
        PhaseReached::Done,
    ];

    /// The stable name, as written in rows.
    pub const fn name(self) -> &'static str {
        match self {
            PhaseReached::Resolve => "resolve",
            PhaseReached::Connect => "connect",
            PhaseReached::Proxy => "proxy",
            PhaseReached::Tls => "tls",
            PhaseReached::Send => "send",
            PhaseReached::Wait => "wait",
            PhaseReached::Transfer => "transfer",
            PhaseReached::Assert => "assert",
            PhaseReached::Done => "done",
        }
    }
}

/// One request of a chain of redirects.
#[derive(Clone, Debug, PartialEq)]
pub struct Hop {
    /// The address requested, without user information and query.
    pub url: String,
    /// The answer's status code.
    pub status_code: u16,
    /// How long its phases took.
    pub phases: Phases,
}

/// A step of a dialogue that ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFacts {
    /// What was done: `send`, `expect ^220`, `starttls smtp`.
    pub step: String,
    /// How long it took.
    pub took: Duration,
}

/// What a TLS handshake showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TlsFacts {
    /// The version agreed on: `1.2` or `1.3`.
    pub version: Option<&'static str>,
    /// The cipher suite agreed on.
    pub cipher: Option<String>,
    /// The key exchange group agreed on.
    pub group: Option<String>,
    /// The application protocol that the server chose, if it chose one.
    pub alpn: Option<String>,
    /// Whether a session was resumed.
    pub resumed: bool,
    /// The certificates, kept also when verification failed.
    pub certificate: Option<CertificateFacts>,
    /// What the certificate's authority says about revocation, where the server brought it along
    /// and a path to a trusted root was found.
    pub staple: Option<Staple>,
}

/// What a stapled OCSP response says about the leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staple {
    /// The authority has not revoked it.
    Good,
    /// The authority has revoked it.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// Why, in the words of RFC 5280 (`keyCompromise`), where the authority says so.
        reason: Option<&'static str>,
    },
    /// The response proves nothing, for this reason. It says nothing against the certificate.
    Unusable(String),
}

/// What the presented certificates say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The earliest end of validity on the verified path; the leaf's where verification failed.
    pub not_after: Timestamp,
    /// When the leaf's validity began.
    pub not_before: Timestamp,
    /// The end of the leaf's validity.
    pub leaf_not_after: Timestamp,
    /// The leaf's subject.
    pub subject: String,
    /// The leaf's issuer.
    pub issuer: String,
    /// The names that the leaf is for.
    pub names: Vec<String>,
    /// SHA-256 over the leaf, lower-case hexadecimal.
    pub fingerprint: String,
    /// How many certificates were presented.
    pub presented: usize,
    /// Whether a path to a trusted root was found.
    pub verified: bool,
    /// The certificates as presented, the leaf first; those that cannot be read are left out.
    pub chain: Vec<ChainLink>,
}

impl CertificateFacts {
    /// Whole days from `now` to the end of validity, negative after it.
    pub fn days_left(&self, now: Timestamp) -> i64 {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000_000;
        self.not_after
            .as_nanos()
            .saturating_sub(now.as_nanos())
            .div_euclid(DAY)
    }

    /// The leaf's whole lifetime in days.
    pub fn lifetime_days(&self) -> i64 {
        i64::try_from(self.leaf_not_after.since(self.not_before).as_secs() / (24 * 60 * 60))
            .unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Option<Duration> {
        Some(Duration::from_millis(millis))
    }

    #[test]
    fn time_to_first_byte_ends_where_the_transfer_begins() {
        let through = Phases {
            resolve: ms(1),
            connect: ms(2),
            proxy: None,
            tls: ms(3),
            send: ms(1),
            wait: ms(10),
            transfer: ms(5),
            total: Duration::from_millis(22),
        };
        assert_eq!(through.unfinished(), Duration::ZERO);
        assert_eq!(through.ttfb(), ms(17));

        let cut_in_body = Phases {
            transfer: None,
            total: Duration::from_millis(5_000),
            ..through
        };
        assert_eq!(cut_in_body.unfinished(), Duration::from_millis(4_983));
        assert_eq!(cut_in_body.ttfb(), ms(17));

        let no_answer = Phases {
            wait: None,
            ..cut_in_body
        };
        assert_eq!(no_answer.ttfb(), None);
    }

    #[test]
    fn days_left_are_whole_and_go_below_zero_at_once() {
        let now = Timestamp::from_secs(1_000_000_000);
        let mut facts = CertificateFacts {
            not_after: now.plus(Duration::from_secs(2 * 86_400 - 1)),
            not_before: now.minus(Duration::from_secs(88 * 86_400)),
            leaf_not_after: now.plus(Duration::from_secs(2 * 86_400)),
            subject: String::new(),
            issuer: String::new(),
            names: vec![],
            fingerprint: String::new(),
            presented: 1,
            verified: true,
            chain: vec![],
        };
        assert_eq!(facts.days_left(now), 1);
        assert_eq!(facts.lifetime_days(), 90);
        facts.not_after = now.minus(Duration::from_secs(1));
        assert_eq!(facts.days_left(now), -1);
    }
}
