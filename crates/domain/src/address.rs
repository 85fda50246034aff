//! Ranges of IP addresses: those that are not part of the public Internet, to which a shared
//! prober must not be sent, and those that definitions name.

mod cidr;

pub use cidr::{Cidr, CidrError};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The name of the range that is not part of the public Internet and that `address` is in; `None`
/// for a public address.
///
/// An IPv6 address that stands for an IPv4 address is judged by that one.
pub fn non_public_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => range_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => range_v4(inner),
            None => range_v6(address),
        },
    }
}

/// Ranges of the IANA IPv4 special-purpose address registry that are not globally reachable.
fn range_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    if address == Ipv4Addr::new(169, 254, 169, 254) || address == Ipv4Addr::new(169, 254, 170, 2) {
        Some("metadata")
    } else if a == 0 {
        Some("unspecified")
    } else if address.is_loopback() {
        Some("loopback")
    } else if address.is_private() {
        Some("private")
    } else if address.is_link_local() {
        Some("link-local")
    } else if a == 100 && (64..128).contains(&b) {
        Some("carrier-grade NAT")
    } else if address.is_multicast() {
        Some("multicast")
    } else if a >= 240 {
        Some("reserved")
    } else if (a == 198 && (b & 0xfe) == 18)
        || address.is_documentation()
        || (a == 192 && b == 0 && c == 0)
    {
        Some("special-purpose")
    } else {
        None
    }
}

/// Ranges of the IANA IPv6 special-purpose address registry that are not globally reachable.
fn range_v6(address: Ipv6Addr) -> Option<&'static str> {
    let [first, second, ..] = address.segments();
    if address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254) {
        Some("metadata")
    } else if address.is_unspecified() {
        Some("unspecified")
    } else if address.is_loopback() {
        Some("loopback")
    } else if (first & 0xfe00) == 0xfc00 {
        Some("private")
    } else if (first & 0xffc0) == 0xfe80 {
        Some("link-local")
    } else if (first & 0xffc0) == 0xfec0 {
        Some("site-local")
    } else if address.is_multicast() {
        Some("multicast")
    } else if first == 0x2001 && second == 0xdb8 {
        Some("special-purpose")
    } else {
        None
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:a.b.c.d`), compatible
/// (`::a.b.c.d`), NAT64 (`64:ff9b::a.b.c.d`) and 6to4 (`2002:aabb:ccdd::`).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] => Some(v4(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_range_of_every_address_that_is_not_public() {
        let cases = [
            ("10.1.2.3", Some("private")),
            ("172.16.0.1", Some("private")),
            ("172.32.0.1", None),
            ("192.168.1.1", Some("private")),
            ("127.0.0.1", Some("loopback")),
            ("127.255.0.9", Some("loopback")),
            ("0.0.0.0", Some("unspecified")),
            ("0.1.2.3", Some("unspecified")),
            ("169.254.169.254", Some("metadata")),
            ("169.254.170.2", Some("metadata")),
            ("169.254.1.1", Some("link-local")),
            ("100.64.0.1", Some("carrier-grade NAT")),
            ("100.127.255.255", Some("carrier-grade NAT")),
            ("100.128.0.1", None),
            ("224.0.0.1", Some("multicast")),
            ("255.255.255.255", Some("reserved")),
            ("198.19.0.1", Some("special-purpose")),
            ("192.0.0.8", Some("special-purpose")),
            ("203.0.113.7", Some("special-purpose")),
            ("93.184.216.34", None),
            ("::", Some("unspecified")),
            ("::1", Some("loopback")),
            ("fd12::1", Some("private")),
            ("fd00:ec2::254", Some("metadata")),
            ("fe80::1", Some("link-local")),
            ("ff02::1", Some("multicast")),
            ("2606:4700::1111", None),
            ("::ffff:10.0.0.1", Some("private")),
            ("::ffff:169.254.169.254", Some("metadata")),
            ("::ffff:93.184.216.34", None),
            ("::127.0.0.1", Some("loopback")),
            ("64:ff9b::10.0.0.1", Some("private")),
            ("2002:7f00:1::", Some("loopback")),
        ];
        for (text, expected) in cases {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(non_public_range(address), expected, "{text}");
        }
    }
}
