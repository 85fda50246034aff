//! Opening a connection: resolve, check the address, connect, shake hands.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tidewatch_domain::monitor::AddressFamily;
use tidewatch_domain::probe::{PhaseReached, TlsFacts};
use tidewatch_domain::{Attempt, Cause, ErrorClass, Tenant};
use tokio::time::Instant;
use url::{Host, Url};

use super::connection::{Connection, Protocol};
use super::stream::Stream;
use crate::budget::Budget;
use crate::connect::connect;
use crate::failure::Failure;
use crate::kind::Tools;
use crate::timeline::Timeline;

const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Where a request goes: scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    secure: bool,
    host: Host<String>,
    port: u16,
}

impl Origin {
    /// The origin of an `http` or `https` URL.
    pub(super) fn of(url: &Url) -> Self {
        let secure = url.scheme() == "https";
        Origin {
            secure,
            host: url
                .host()
                .map_or_else(|| Host::Domain(String::new()), |host| host.to_owned()),
            port: url
                .port_or_known_default()
                .unwrap_or(if secure { 443 } else { 80 }),
        }
    }

    fn host(&self) -> Host<&str> {
        match &self.host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        }
    }
}

/// `shop.example:443`.
impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// Opens the connections of one probe.
pub(super) struct Opener<'a> {
    pub(super) tools: &'a Tools,
    pub(super) tenant: &'a Tenant,
    pub(super) family: AddressFamily,
    pub(super) connect_timeout: Duration,
}

impl Opener<'_> {
    /// Opens a connection to `origin` and writes the instants that it passes into `timeline`.
    pub(super) async fn open(
        &self,
        origin: &Origin,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Connection, Failure> {
        let address = self
            .resolve(origin, budget)
            .await
            .map_err(|cause| Failure::new(PhaseReached::Resolve, cause))?;
        timeline.resolved = Some(Instant::now());
        attempt.remote_addr = Some(address);
        let tcp = budget
            .of_connect(self.connect_timeout)
            .run(
                ErrorClass::ConnectTimeout,
                || format!("connect to {address}"),
                connect(address),
            )
            .await
            .and_then(|result| result)
            .map_err(|cause| Failure::new(PhaseReached::Connect, cause))?;
        timeline.connected = Some(Instant::now());
        if !origin.secure {
            let stream = Stream::Plain(tcp);
            return self.speak(stream, Protocol::Http1, address, None).await;
        }
        let handshake = self
            .tools
            .tls
            .handshake(tcp, &origin.host(), &[HTTP_2, HTTP_1], budget)
            .await;
        note(
            &mut attempt.tls,
            handshake.facts.as_ref(),
            handshake.result.is_err(),
        );
        let tls = handshake
            .result
            .map_err(|cause| Failure::new(PhaseReached::Tls, cause))?;
        timeline.secured = Some(handshake.ended);
        let protocol = match tls.get_ref().1.alpn_protocol() {
            Some(HTTP_2) => Protocol::Http2,
            _ => Protocol::Http1,
        };
        let stream = Stream::Tls(Box::new(tls));
        self.speak(stream, protocol, address, handshake.facts).await
    }

    async fn resolve(&self, origin: &Origin, budget: Budget) -> Result<SocketAddr, Cause> {
        let host = origin.host();
        let ip = budget
            .run(
                ErrorClass::DnsTimeout,
                || format!("resolving {host}"),
                self.tools.names.resolve(&host, self.family),
            )
            .await??;
        match self.tools.addresses.refusal(self.tenant, ip) {
            None => Ok(SocketAddr::new(ip, origin.port)),
            Some(range) => Err(Cause::new(
                ErrorClass::BlockedAddress,
                format!("{host} is at {ip}, a {range} address, which this prober must not talk to"),
            )),
        }
    }

    async fn speak(
        &self,
        stream: Stream,
        protocol: Protocol,
        remote: SocketAddr,
        tls: Option<TlsFacts>,
    ) -> Result<Connection, Failure> {
        Connection::new(stream, protocol, remote, tls)
            .await
            .map_err(|error| {
                let text = format!("the connection to {remote} could not be set up: {error}");
                Failure::new(PhaseReached::Send, Cause::new(ErrorClass::SendFailed, text))
            })
    }
}

/// Keeps, over the hops of a chain of redirects, the certificate that ends first: that is the one
/// to be warned of. A failed handshake outweighs all before it.
fn note(kept: &mut Option<TlsFacts>, new: Option<&TlsFacts>, failed: bool) {
    let ends = |facts: &TlsFacts| facts.certificate.as_ref().map(|found| found.not_after);
    let Some(new) = new else {
        return;
    };
    let keep = !failed
        && kept
            .as_ref()
            .is_some_and(|kept| match (ends(kept), ends(new)) {
                (Some(kept), Some(new)) => kept <= new,
                (kept, _) => kept.is_some(),
            });
    if !keep {
        *kept = Some(new.clone());
    }
}
