//! Names that can be asked for.

use std::fmt::Write as _;
use std::net::IpAddr;

use url::Host;

use crate::report::{Place, Report};

/// The longest name, in characters without the dot at the end (RFC 1035).
const LONGEST: usize = 253;
/// The longest part of a name.
const LONGEST_LABEL: usize = 63;

/// What is asked for; names are absolute, in ASCII and lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A name.
    Name(String),
    /// An address, and the name under which DNS has its name.
    Address {
        /// The name below `in-addr.arpa.` or `ip6.arpa.`.
        arpa: String,
    },
}

/// Reads a name or an address.
pub(super) fn name(text: &str, place: &Place, report: &mut Report) -> Option<Name> {
    if let Ok(address) = text.parse() {
        return Some(Name::Address {
            arpa: arpa(address),
        });
    }
    if text == "." {
        return Some(Name::Name(text.to_owned()));
    }
    let mut fault = |problem: &str, remedy: &str| report.fault(place.clone(), problem, remedy);
    let ascii = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else if let Ok(Host::Domain(ascii)) = Host::parse(text) {
        ascii
    } else {
        fault("is no name that DNS can hold", "write it in ASCII");
        return None;
    };
    let relative = ascii.strip_suffix('.').unwrap_or(&ascii);
    let example = "write a name like `example.com`";
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*' | b'/');
    if relative.is_empty() {
        fault("names nothing to ask for", example);
    } else if relative.split('.').any(str::is_empty) {
        fault("has an empty part between two dots", example);
    } else if !relative.bytes().all(|byte| byte == b'.' || plain(byte)) {
        fault("has characters that belong in no name", example);
    } else if relative.len() > LONGEST
        || relative.split('.').any(|label| label.len() > LONGEST_LABEL)
    {
        let remedy = "use at most 63 characters between two dots and 253 in all";
        fault("is too long for a name", remedy);
    } else {
        return Some(Name::Name(format!("{relative}.")));
    }
    None
}

/// The name of an address in the tree of reverse names (RFC 1035, section 3.5, and RFC 3596).
fn arpa(address: IpAddr) -> String {
    let mut name = String::new();
    let zone = match address {
        IpAddr::V4(address) => {
            for byte in address.octets().iter().rev() {
                let _ = write!(name, "{byte}.");
            }
            "in-addr"
        }
        IpAddr::V6(address) => {
            for byte in address.octets().iter().rev() {
                let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
            }
            "ip6"
        }
    };
    format!("{name}{zone}.arpa.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_reverse_names() {
        let of = |text: &str| arpa(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), "1.2.0.192.in-addr.arpa.");
        assert_eq!(
            of("2001:db8::567:89ab"),
            "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
        );
    }
}
