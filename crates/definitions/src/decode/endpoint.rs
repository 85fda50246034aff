//! A target that is a host and a port: `tcp://host:port`, `tls://host:port`.

use tidewatch_domain::monitor::{Endpoint, Kind, limits};
use url::{Host, Url};

use super::target::Target;
use crate::address;
use crate::load::Mode;
use crate::report::Report;

/// Reads the target of a check of `kind`.
pub(super) fn endpoint(
    target: &Target<'_>,
    kind: Kind,
    mode: Mode,
    report: &mut Report,
) -> Option<Endpoint> {
    let example = format!("write `{}://example.com:{}`", kind.name(), port_of(kind));
    let mut fault = |problem: &str, remedy: &str| {
        report.fault(target.place(), problem, remedy);
        None
    };
    if target.text.len() > limits::URL {
        return fault("is too long for a host and a port", &example);
    }
    let Some((scheme, authority)) = target.text.split_once("://") else {
        return fault("has no scheme", &example);
    };
    if !scheme.eq_ignore_ascii_case(kind.name()) {
        return fault("has another scheme than the kind of check", &example);
    }
    if authority.contains('@') {
        return fault("holds user information", &example);
    }
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let (_, port) = authority.rsplit_once(':').unwrap_or_default();
    if authority.contains(['/', '?', '#', '\\']) {
        return fault("has more than a host and a port", &example);
    }
    if port.is_empty() || port.contains(']') {
        return fault("names no port", &example);
    }
    // The rules of the web read hosts in every spelling, so that an address cannot pass as a name.
    let Ok(url) = Url::parse(&format!("http://{authority}/")) else {
        return fault("is not a host and a port", &example);
    };
    let port = url.port_or_known_default().unwrap_or_default();
    if port == 0 {
        return fault("has port 0", "name the port the server listens on");
    }
    let host = url.host()?;
    if mode.is_only_public()
        && let Some(problem) = address::refused(&host)
    {
        let remedy = "watch a public address, or run this monitor in local mode";
        return fault(&format!("{problem}, which is refused in AWS"), remedy);
    }
    Some(Endpoint {
        host: match host {
            Host::Domain(name) => Host::Domain(name.to_owned()),
            Host::Ipv4(address) => Host::Ipv4(address),
            Host::Ipv6(address) => Host::Ipv6(address),
        },
        port,
    })
}

/// A port for the example.
fn port_of(kind: Kind) -> u16 {
    match kind {
        Kind::Tls => 443,
        _ => 25,
    }
}
