//! The name server that is asked.

use std::net::{IpAddr, SocketAddr};

use tidewatch_domain::monitor::{DnsServer, DnsTransport};
use url::Host;

use crate::address;
use crate::load::Mode;
use crate::node::Node;
use crate::report::{Place, Report};

/// A name server as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    host: Host<String>,
    port: Option<u16>,
}

impl Server {
    /// The server with the port that it has by `transport` unless one was written.
    pub(super) fn at(&self, transport: DnsTransport) -> DnsServer {
        DnsServer {
            host: self.host.clone(),
            port: self.port.unwrap_or(transport.port()),
        }
    }
}

/// The field `server` of a request.
pub(super) fn server(node: &Node<'_>, mode: Mode, report: &mut Report) -> Option<Server> {
    let text = node.text(report)?;
    parse(text, &Place::from(node), mode, report)
}

/// Reads `192.0.2.53`, `ns1.example.com:5353` or `[2001:db8::53]:53`.
pub(super) fn parse(text: &str, place: &Place, mode: Mode, report: &mut Report) -> Option<Server> {
    let Some(server) = split(text) else {
        let remedy = "write `192.0.2.53`, `[2001:db8::53]:53` or `ns1.example.com:53`";
        report.fault(place.clone(), "names no server", remedy);
        return None;
    };
    let host = match &server.host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    };
    if mode.is_only_public()
        && let Some(problem) = address::refused(&host)
    {
        let problem = format!("names a server that {problem}, which is refused in AWS");
        let remedy = "ask a public server, or run this monitor in local mode";
        report.fault(place.clone(), problem, remedy);
    }
    Some(server)
}

fn split(text: &str) -> Option<Server> {
    let of = |ip: IpAddr, port| {
        let host = match ip {
            IpAddr::V4(address) => Host::Ipv4(address),
            IpAddr::V6(address) => Host::Ipv6(address),
        };
        Some(Server { host, port })
    };
    let named = |port: u16| Some(port).filter(|port| *port > 0);
    if let Ok(address) = text.parse::<SocketAddr>() {
        return of(address.ip(), Some(named(address.port())?));
    }
    if let Ok(ip) = text.parse() {
        return of(ip, None);
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => {
            let port = named(port.parse().ok()?)?;
            (host, Some(port))
        }
        _ => (text, None),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]:".contains(&byte) || byte >= 128;
    if !host.bytes().all(plain) {
        return None;
    }
    let host = Host::parse(host).ok()?;
    Some(Server { host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_server_is_read() {
        for (text, transport, wanted) in [
            ("192.0.2.53", DnsTransport::Udp, "192.0.2.53:53"),
            ("192.0.2.53", DnsTransport::Tls, "192.0.2.53:853"),
            ("192.0.2.53:5353", DnsTransport::Tls, "192.0.2.53:5353"),
            ("2001:db8::53", DnsTransport::Tcp, "[2001:db8::53]:53"),
            ("[2001:db8::53]", DnsTransport::Udp, "[2001:db8::53]:53"),
            ("[2001:db8::53]:54", DnsTransport::Udp, "[2001:db8::53]:54"),
            ("NS1.Example.com", DnsTransport::Udp, "ns1.example.com:53"),
            ("0x7f.1:54", DnsTransport::Udp, "127.0.0.1:54"),
        ] {
            let server = split(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(server.at(transport).to_string(), wanted, "{text}");
        }
        for text in [
            "",
            ":53",
            "ns1:0",
            "192.0.2.1:0",
            "ns1:dns",
            "a b",
            "me@ns1",
            "ns1/x",
            "[::1",
            "ns1:99999",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
