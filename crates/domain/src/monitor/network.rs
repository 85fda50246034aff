//! How a monitor's target is reached, whatever the kind of check.

/// How a target is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Which addresses of a name are used.
    pub family: AddressFamily,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            family: AddressFamily::Any,
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
