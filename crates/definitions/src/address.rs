//! Which literal addresses a prober in AWS must not be sent to.

use std::net::IpAddr;

use tidewatch_domain::address::non_public_range;
use url::Host;

/// Why `host` must not be probed from AWS; `None` when it is a public address or a name, whose
/// addresses the prober checks once they are resolved.
pub(crate) fn refused(host: &Host<&str>) -> Option<String> {
    let range = match host {
        Host::Ipv4(address) => non_public_range(IpAddr::V4(*address)),
        Host::Ipv6(address) => non_public_range(IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let loopback = name == "localhost" || name.ends_with(".localhost");
            return loopback.then(|| "is a loopback name".to_owned());
        }
    };
    range.map(|range| format!("is a {range} address"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn of(target: &str) -> Option<String> {
        refused(&Url::parse(target).unwrap().host().unwrap())
    }

    #[test]
    fn knows_the_ranges_in_every_spelling_of_a_url() {
        for (target, wanted) in [
            ("http://127.0.0.1/", "is a loopback address"),
            ("http://2130706433/", "is a loopback address"),
            ("http://0x7f.1/", "is a loopback address"),
            ("http://[::ffff:127.0.0.1]/", "is a loopback address"),
            ("http://localhost:8080/", "is a loopback name"),
            ("http://a.LOCALHOST./", "is a loopback name"),
            ("http://169.254.169.254/latest/", "is a metadata address"),
            ("http://192.168.0.1/", "is a private address"),
        ] {
            assert_eq!(of(target).as_deref(), Some(wanted), "{target}");
        }
    }

    #[test]
    fn public_addresses_and_names_pass() {
        for target in [
            "https://example.com/",
            "http://8.8.8.8/",
            "http://localhost.example/",
        ] {
            assert_eq!(of(target), None, "{target}");
        }
    }
}
