//! Where a request goes, and the connection that is opened to it.

use std::fmt;

use tidewatch_domain::probe::PhaseReached;
use tidewatch_domain::{Attempt, Cause, ErrorClass};
use url::{Host, Url};

use super::connection::{Connection, Protocol};
use super::stream::Stream;
use crate::budget::Budget;
use crate::dial::Dialer;
use crate::failure::Failure;
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

/// Opens a connection to `origin` and writes the instants that it passes into `timeline`.
pub(super) async fn open(
    dialer: &Dialer<'_>,
    origin: &Origin,
    timeline: &mut Timeline,
    budget: Budget,
    attempt: &mut Attempt,
) -> Result<Connection, Failure> {
    let host = origin.host();
    let tcp = dialer
        .connect(&host, origin.port, timeline, budget, attempt)
        .await?;
    if !origin.secure {
        return speak(Stream::Plain(tcp), Protocol::Http1, attempt).await;
    }
    let secured = dialer
        .secure(tcp, &host, &[HTTP_2, HTTP_1], timeline, budget, attempt)
        .await?;
    let protocol = match secured.stream.get_ref().1.alpn_protocol() {
        Some(HTTP_2) => Protocol::Http2,
        _ => Protocol::Http1,
    };
    let mut connection = speak(Stream::Tls(secured.stream), protocol, attempt).await?;
    connection.tls = secured.facts;
    Ok(connection)
}

async fn speak(
    stream: Stream,
    protocol: Protocol,
    attempt: &Attempt,
) -> Result<Connection, Failure> {
    let remote = attempt.remote_addr;
    Connection::new(stream, protocol, remote)
        .await
        .map_err(|error| {
            let remote = remote.map(|remote| remote.to_string()).unwrap_or_default();
            let text = format!("the connection to {remote} could not be set up: {error}");
            Failure::new(PhaseReached::Send, Cause::new(ErrorClass::SendFailed, text))
        })
}
