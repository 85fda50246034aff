//! Where a check that is not a web request goes: a host and a port.

use std::fmt;

use url::Host;

/// A host and a port. Addresses are addresses here and never names, in whatever spelling they
/// were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// A name in its ASCII form, or an address.
    pub host: Host<String>,
    /// The port, never 0.
    pub port: u16,
}

impl Endpoint {
    /// The host, borrowed.
    pub fn host(&self) -> Host<&str> {
        match &self.host {
            Host::Domain(name) => Host::Domain(name.as_str()),
            Host::Ipv4(address) => Host::Ipv4(*address),
            Host::Ipv6(address) => Host::Ipv6(*address),
        }
    }
}

/// `shop.example:25`, `[2001:db8::1]:25`.
impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_version_6_stand_in_brackets() {
        let endpoint = Endpoint {
            host: Host::parse("[2001:db8::1]").unwrap(),
            port: 25,
        };
        assert_eq!(endpoint.to_string(), "[2001:db8::1]:25");
        assert_eq!(endpoint.host().to_string(), "[2001:db8::1]");
    }
}
