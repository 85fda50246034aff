//! How a monitor's target is reached, whatever the kind of check.

use std::net::{IpAddr, SocketAddr};

/// How a target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Which addresses of a name are used.
    pub family: AddressFamily,
    /// The name server that is asked for the target's address; `None` is the prober's own.
    pub resolver: Option<SocketAddr>,
    /// The address of the target's host: nobody is asked for it. Hosts that redirects lead to
    /// are looked up all the same.
    pub address: Option<IpAddr>,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            family: AddressFamily::Any,
            resolver: None,
            address: None,
        }
    }
}

/// Which addresses of a name are used. One address is chosen and recorded: no happy eyeballs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFamily {
    /// Whatever the resolver lists first.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}
