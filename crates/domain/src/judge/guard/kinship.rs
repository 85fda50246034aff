//! Which targets have nothing to do with each other.

use std::net::IpAddr;

use crate::address::non_public_range;

/// Second labels under which names are registered in many countries, as in `example.co.uk`.
const SECOND_LEVEL: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "or", "org"];

/// The host of a target: of a URL, of `host:port`, or a plain name or address.
pub(super) fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    if let Some((inner, _)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return inner;
    }
    match authority.split_once(':') {
        // More than one colon: an IPv6 address without brackets.
        Some((_, port)) if port.contains(':') => authority,
        Some((host, _)) => host,
        None => authority,
    }
}

/// What is the same for related hosts: the registered name, or the address itself.
///
/// The registered name is taken for the last two labels, or three where the second is one of the
/// usual registries below a country. That calls some names related that are not; for the guard,
/// which looks for targets that cannot fail together, this is the safe side.
pub(super) fn family_of(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.parse::<IpAddr>().is_ok() {
        return host;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let kept = match labels.as_slice() {
        [.., second, top] if top.len() == 2 && SECOND_LEVEL.contains(second) => 3,
        _ => 2,
    };
    labels[labels.len().saturating_sub(kept)..].join(".")
}

/// Whether a host is within the prober's own surroundings, so that it says nothing about the way
/// to the rest of the world. `address` is the one that was talked to, where it is known.
pub(super) fn is_nearby(host: &str, address: Option<IpAddr>) -> bool {
    let address = address.or_else(|| host.parse().ok());
    match address {
        Some(address) => non_public_range(address).is_some(),
        None => host == "localhost" || host.ends_with(".localhost") || !host.contains('.'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_host_of_every_form_of_target() {
        for (target, host) in [
            ("https://shop.example.com/cart?x=1", "shop.example.com"),
            ("http://shop.example.com:8080", "shop.example.com"),
            ("tcp://db.example.com:5432", "db.example.com"),
            ("mail.example.com:25", "mail.example.com"),
            ("https://[2001:db8::1]:8443/", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("example.com", "example.com"),
            ("", ""),
        ] {
            assert_eq!(host_of(target), host, "{target}");
        }
    }

    #[test]
    fn related_hosts_have_one_family() {
        assert_eq!(family_of("shop.example.com"), family_of("API.example.com."));
        assert_ne!(family_of("a.example.co.uk"), family_of("b.other.co.uk"));
        assert_eq!(family_of("a.example.co.uk"), "example.co.uk");
        assert_eq!(family_of("192.0.2.1"), "192.0.2.1");
        assert_eq!(family_of("localhost"), "localhost");
    }

    #[test]
    fn the_prober_s_own_surroundings_are_told_from_the_rest_of_the_world() {
        assert!(is_nearby("localhost", None));
        assert!(is_nearby("nas", None));
        assert!(is_nearby("10.0.0.1", None));
        assert!(is_nearby(
            "router.example.com",
            Some([192, 168, 0, 1].into())
        ));
        assert!(!is_nearby("example.com", None));
        assert!(!is_nearby("example.com", Some([93, 184, 216, 34].into())));
    }
}
