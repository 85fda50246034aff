//! Opening a stream: resolve, check the address, connect, shake hands. What all kinds of checks
//! that go over TCP have in common.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tidewatch_domain::monitor::Network;
use tidewatch_domain::probe::{PhaseReached, TlsFacts};
use tidewatch_domain::{Attempt, Cause, ErrorClass, Monitor, Tenant};
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::budget::Budget;
use crate::connect::connect;
use crate::failure::Failure;
use crate::kind::Tools;
use crate::socket::Socket;
use crate::timeline::Timeline;
use crate::tls::Terms;

/// Opens the streams of one probe.
pub(crate) struct Dialer<'a> {
    tools: &'a Tools,
    tenant: &'a Tenant,
    network: &'a Network,
    /// The host of the monitor itself, which a fixed address stands for.
    own_host: Option<Host<&'a str>>,
    connect_timeout: Duration,
    tls_timeout: Option<Duration>,
    terms: Terms,
}

/// A stream that was secured, and what the handshake showed.
pub(crate) struct Secured {
    /// The stream.
    pub(crate) stream: Box<TlsStream<Socket>>,
    /// What the handshake showed.
    pub(crate) facts: Option<TlsFacts>,
    /// Whether the server may still refuse the client's certificate, or that there is none: in
    /// TLS 1.3 the client is done first.
    pub(crate) in_doubt: bool,
}

impl<'a> Dialer<'a> {
    /// The dialer of a probe of `monitor`, whose check wants its target reached as `network` says
    /// and TLS spoken by `terms`.
    pub(crate) fn new(
        tools: &'a Tools,
        monitor: &'a Monitor,
        network: &'a Network,
        terms: Terms,
    ) -> Self {
        Dialer {
            tools,
            tenant: &monitor.key.tenant,
            network,
            own_host: monitor.check.host(),
            connect_timeout: monitor.timeouts.connect,
            tls_timeout: monitor.timeouts.tls,
            terms,
        }
    }

    /// The address of `host` that is to be used, as far as this prober may talk to it.
    pub(crate) async fn resolve(
        &self,
        host: &Host<&str>,
        port: u16,
        timeline: &mut Timeline,
        budget: Budget,
    ) -> Result<SocketAddr, Failure> {
        let failed = |cause| Failure::new(PhaseReached::Resolve, cause);
        let given = self
            .network
            .address
            .filter(|_| self.own_host.as_ref() == Some(host));
        let ip = match given {
            Some(ip) => ip,
            None => self.look_up(host, budget).await.map_err(failed)?,
        };
        self.permit(host, ip).map_err(failed)?;
        if given.is_none() {
            timeline.resolved = Some(Instant::now());
        }
        Ok(SocketAddr::new(ip, port))
    }

    /// Resolves `host` and opens a TCP connection to it.
    pub(crate) async fn connect(
        &self,
        host: &Host<&str>,
        port: u16,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Socket, Failure> {
        let address = self.resolve(host, port, timeline, budget).await?;
        self.open(address, timeline, budget, attempt).await
    }

    /// Opens a TCP connection to an address that [`resolve`](Self::resolve) gave.
    pub(crate) async fn open(
        &self,
        address: SocketAddr,
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Socket, Failure> {
        attempt.remote_addr = Some(address);
        let stream = budget
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
        // A chain over several connections has no one round trip.
        attempt.rtt = stream.rtt().filter(|_| attempt.hops.is_empty());
        Ok(stream)
    }

    /// Shakes hands over `stream` with the server `host`, which may choose one of the protocols
    /// `alpn`. What the handshake shows is in `attempt` also when it fails.
    pub(crate) async fn secure(
        &self,
        stream: Socket,
        host: &Host<&str>,
        alpn: &[&[u8]],
        timeline: &mut Timeline,
        budget: Budget,
        attempt: &mut Attempt,
    ) -> Result<Secured, Failure> {
        let budget = budget.of_tls(self.tls_timeout);
        let handshake = self
            .tools
            .tls
            .handshake(stream, host, &self.terms, alpn, budget)
            .await;
        note(
            &mut attempt.tls,
            handshake.facts.as_ref(),
            handshake.result.is_err(),
        );
        let stream = handshake
            .result
            .map_err(|cause| Failure::new(PhaseReached::Tls, cause))?;
        timeline.secured = Some(handshake.ended);
        Ok(Secured {
            stream: Box::new(stream),
            facts: handshake.facts,
            in_doubt: handshake.in_doubt,
        })
    }

    async fn look_up(&self, host: &Host<&str>, budget: Budget) -> Result<IpAddr, Cause> {
        if let Some(resolver) = self.network.resolver {
            self.permit("the resolver of the monitor", resolver.ip())?;
        }
        budget
            .run(
                ErrorClass::DnsTimeout,
                || format!("resolving {host}"),
                self.tools.names.resolve(host, self.network),
            )
            .await?
    }

    /// Whether `what`, which is at `ip`, may be talked to.
    pub(crate) fn permit(&self, what: impl fmt::Display, ip: IpAddr) -> Result<(), Cause> {
        match self.tools.addresses.refusal(self.tenant, ip) {
            None => Ok(()),
            Some(range) => Err(Cause::new(
                ErrorClass::BlockedAddress,
                format!("{what} is at {ip}, a {range} address, which this prober must not talk to"),
            )),
        }
    }
}

/// Keeps, over the connections of one attempt, the certificate that ends first: that is the one
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
