//! The `Host` header of requests to a server without keys.
//!
//! A page in a browser may be served under a name of its author's that is then made to point to
//! 127.0.0.1 (DNS rebinding). The browser takes this server for the page's own and lets the page
//! read its answers, but the `Host` header still has the foreign name.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header;
use http::request::Parts;
use tidewatch_wire::ApiError;

use crate::settings::Settings;

/// Names of the machine as containers on it know it. Nobody can register one: `internal` is
/// reserved.
const FROM_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// Fails unless the request names this machine, or the advertised URL.
pub(super) fn check(parts: &Parts, settings: &Settings) -> Result<(), ApiError> {
    let authority = of(parts).unwrap_or_default();
    let name = without_port(authority);
    let advertised = settings
        .advertised_url
        .as_deref()
        .and_then(|url| url.parse::<http::Uri>().ok())
        .and_then(|url| url.host().map(str::to_owned));
    if is_this_machine(name) || advertised.is_some_and(|host| host.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(ApiError::denied(format!(
        "The Host header names `{authority}`, which is not this machine; without keys this server \
         answers to 127.0.0.1, [::1] and localhost only."
    )))
}

/// The host that a request was sent to, if it names one only, as HTTP demands. HTTP/2 has it in the
/// URI.
pub(crate) fn of(parts: &Parts) -> Option<&str> {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (Some(_), Some(_)) => None,
        (None, _) => parts.uri.authority().map(|authority| authority.as_str()),
    }
}

fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return address.is_loopback();
    }
    if let Some(address) = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
    {
        return address
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback());
    }
    name == "localhost" || name.ends_with(".localhost") || FROM_CONTAINERS.contains(&name.as_str())
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(host: &str, advertised: Option<&str>) -> bool {
        let mut settings = Settings::new(".");
        settings.advertised_url = advertised.map(str::to_owned);
        let request = http::Request::post("/").header("host", host).body(());
        let (parts, ()) = request.unwrap().into_parts();
        check(&parts, &settings).is_ok()
    }

    #[test]
    fn the_machine_itself_is_named() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8086",
            "127.8.9.1:80",
            "[::1]:8086",
            "[::1]",
            "localhost:8086",
            "LocalHost.",
            "bridge.localhost:1",
            "host.docker.internal:8086",
        ] {
            assert!(allows(host, None), "{host}");
        }
    }

    #[test]
    fn other_names_are_refused() {
        for host in [
            "",
            "evil.example:8086",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "[fe80::1]:8086",
            "::1",
            "notlocalhost",
            "evil.example:x@localhost",
        ] {
            assert!(!allows(host, None), "{host}");
        }
    }

    #[test]
    fn two_names_are_none() {
        let (host, other) = ("localhost:8086", "evil.example");
        let request = http::Request::post("/").header("host", host);
        let request = request.header("host", other).body(());
        let (parts, ()) = request.unwrap().into_parts();
        assert_eq!(of(&parts), None);
        assert!(check(&parts, &Settings::new(".")).is_err());
    }

    #[test]
    fn the_advertised_name_is_as_good() {
        let url = Some("https://bridge.internal:8443");
        assert!(allows("bridge.internal:8443", url) && allows("Bridge.Internal", url));
        assert!(!allows("bridge.internal.evil.example", url));
    }
}
