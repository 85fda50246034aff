//! What is asked, and how, of every kind of check.

use maud::{Markup, html};
use tidewatch_domain::Monitor;
use tidewatch_domain::monitor::{
    AddressFamily, Auth, BodyFormat, Check, Connection, DnsCheck, Encryption, HttpCheck, Network,
    OverLimit, Protocol, Redirects, Step, TcpCheck, TlsCheck, TlsOptions, TlsVersion, public_url,
};

use super::{Line, codes};
use crate::status::words;

/// The request with every default. Values of headers and of the query, credentials and the body
/// stay away: they may be confidential.
pub(super) fn lines(monitor: &Monitor) -> Vec<Line> {
    let mut lines = vec![
        ("Target", target(monitor)),
        ("Every", html! { (words::setting(monitor.interval)) }),
        (
            "Attempts",
            html! { (monitor.attempts) ", " (connection(monitor.connection)) },
        ),
        (
            "Timeouts",
            html! {
                "connect " (words::setting(monitor.timeouts.connect))
                @if let Some(tls) = monitor.timeouts.tls { ", TLS " (words::setting(tls)) }
                @if let Some(header) = monitor.timeouts.header {
                    ", header " (words::setting(header))
                }
                ", attempt " (words::setting(monitor.timeouts.attempt))
                ", probe " (words::setting(monitor.timeouts.probe))
            },
        ),
    ];
    match &monitor.check {
        Check::Http(check) => http(check, &mut lines),
        Check::Tcp(check) => tcp(check, &mut lines),
        Check::Tls(check) => tls(check, &mut lines),
        Check::Dns(check) => dns(check, &mut lines),
    }
    lines
}

fn target(monitor: &Monitor) -> Markup {
    html! {
        code {
            @if let Check::Http(check) = &monitor.check { (check.method) " " }
            (monitor.public_target())
        }
    }
}

fn connection(connection: Connection) -> &'static str {
    match connection {
        Connection::Fresh => "each on its own connection",
        Connection::Reuse => "on one connection while it stands",
    }
}

fn http(check: &HttpCheck, lines: &mut Vec<Line>) {
    lines.push((
        "Redirects",
        html! {
            @match check.redirects {
                Redirects::Stop => "not followed",
                Redirects::Follow { max, same_host } => {
                    "followed, at most " (max)
                    @if same_host { ", on the same host" }
                }
            }
        },
    ));
    match check.protocol {
        Protocol::Any => {}
        Protocol::Http1 => lines.push(("Protocol", html! { "HTTP/1.1 only" })),
        Protocol::Http2 => lines.push(("Protocol", html! { "HTTP/2 only" })),
    }
    if !check.query.is_empty() {
        let names = check.query.iter().map(|(name, _)| name.as_str());
        lines.push(("Query", codes(names)));
    }
    if !check.headers.is_empty() {
        let names = check.headers.iter().map(|(name, _)| name.as_str());
        lines.push(("Headers", codes(names)));
    }
    if let Some(auth) = &check.auth {
        lines.push(("Proves itself", authentication(auth)));
    }
    if let Some(body) = &check.body {
        let format = match body.format {
            BodyFormat::Text => "sent",
            BodyFormat::Json => "sent, JSON",
            BodyFormat::Form => "sent, a form",
        };
        lines.push(("Body", html! { (format) }));
    }
    if check.compression {
        lines.push(("Compression", html! { "asked for" }));
    }
    let over = match check.over_limit {
        OverLimit::Cut => "",
        OverLimit::Fail => ", more is a failure",
    };
    lines.push(("Body limit", html! { (check.body_limit) " bytes" (over) }));
    if let Some(proxy) = &check.proxy {
        let with_password = proxy.credentials.is_some();
        lines.push((
            "Proxy",
            html! {
                code { (public_url(&proxy.url)) }
                @if with_password { ", with user name and password" }
            },
        ));
    }
    tls_options(&check.tls, lines);
    network(&check.network, lines);
}

/// How the request proves who it comes from, without what is confidential about it.
fn authentication(auth: &Auth) -> Markup {
    html! {
        @match auth {
            Auth::Basic { .. } => "by user name and password",
            Auth::Bearer(_) => "by a bearer token",
            Auth::OAuth2(client) => { "by a token from " code { (public_url(&client.token_url)) } }
        }
    }
}

fn tcp(check: &TcpCheck, lines: &mut Vec<Line>) {
    if let Some(encryption) = &check.encryption {
        self::encryption(encryption, lines);
    }
    if !check.dialogue.is_empty() {
        let steps = html! {
            @for (index, step) in check.dialogue.iter().enumerate() {
                @if index > 0 { ", " }
                @match step {
                    Step::Send(_) | Step::SendBytes(_) => "send",
                    Step::Expect(pattern) => { "expect " code { (pattern) } }
                }
            }
        };
        lines.push(("Dialogue", steps));
    }
    network(&check.network, lines);
}

fn tls(check: &TlsCheck, lines: &mut Vec<Line>) {
    encryption(&check.encryption, lines);
    network(&check.network, lines);
}

fn encryption(encryption: &Encryption, lines: &mut Vec<Line>) {
    let how = match encryption.starttls {
        Some(protocol) => format!("asked for as in {}", protocol.name()),
        None => "from the first byte".to_owned(),
    };
    lines.push(("TLS", html! { (how) }));
    tls_options(&encryption.options, lines);
}

/// What differs from what browsers do.
fn tls_options(options: &TlsOptions, lines: &mut Vec<Line>) {
    if let Some(name) = &options.server_name {
        lines.push(("Server name", html! { code { (name) } }));
    }
    if !options.alpn.is_empty() {
        lines.push(("ALPN", codes(options.alpn.iter())));
    }
    let (oldest, newest) = (options.min_version, options.max_version);
    if (oldest, newest) != (TlsVersion::V1_2, TlsVersion::V1_3) {
        lines.push((
            "TLS versions",
            html! { (oldest.name()) " to " (newest.name()) },
        ));
    }
    if options.client_certificate.is_some() {
        lines.push(("Client", html! { "shows a certificate" }));
    }
    if options.roots.is_some() {
        lines.push(("Trusts", html! { "the roots of the definition only" }));
    }
    if !options.verify {
        lines.push(("Certificate", html! { "not verified" }));
    }
}

fn dns(check: &DnsCheck, lines: &mut Vec<Line>) {
    lines.push((
        "Question",
        html! { code { (check.name) " " (check.record_type.name()) } },
    ));
    let server = check.server.as_ref().map(ToString::to_string);
    lines.push((
        "Server",
        html! { (server.as_deref().unwrap_or("the first of this machine")) },
    ));
    let transport = check.transport.map(|transport| transport.name());
    lines.push((
        "Transport",
        html! { (transport.unwrap_or("udp, tcp when an answer is cut off")) },
    ));
    if !check.recursion {
        lines.push(("Recursion", html! { "not asked for" }));
    }
    if check.dnssec {
        lines.push(("DNSSEC", html! { "records asked for" }));
    }
    tls_options(&check.tls, lines);
    network(&check.network, lines);
}

fn network(network: &Network, lines: &mut Vec<Line>) {
    match network.family {
        AddressFamily::Any => {}
        AddressFamily::V4 => lines.push(("Addresses", html! { "IPv4 only" })),
        AddressFamily::V6 => lines.push(("Addresses", html! { "IPv6 only" })),
    }
    if let Some(resolver) = network.resolver {
        lines.push(("Resolver", html! { code { (resolver) } }));
    }
    if let Some(address) = network.address {
        lines.push(("Address", html! { code { (address) } }));
    }
}
