//! Which addresses may be talked to.
//!
//! Checked after name resolution, on the address that is about to be used, and again on every
//! hop of a redirect: a check on the name alone could be got round by a name that resolves to an
//! inner address.

use std::collections::BTreeSet;
use std::net::IpAddr;

use tidewatch_domain::Tenant;
use tidewatch_domain::address::non_public_range;

/// Whether addresses that are not part of the public Internet may be talked to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    only_public: bool,
    exempt: BTreeSet<Tenant>,
}

impl AddressPolicy {
    /// Every address is allowed: what a machine of one's own wants.
    pub fn any() -> Self {
        AddressPolicy::default()
    }

    /// Only public addresses are allowed, except for the monitors of the `exempt` tenants.
    pub fn only_public(exempt: impl IntoIterator<Item = Tenant>) -> Self {
        AddressPolicy {
            only_public: true,
            exempt: exempt.into_iter().collect(),
        }
    }

    /// Why a monitor of `tenant` must not talk to `address`: the name of the range it is in.
    pub fn refusal(&self, tenant: &Tenant, address: IpAddr) -> Option<&'static str> {
        if !self.only_public || self.exempt.contains(tenant) {
            return None;
        }
        non_public_range(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::try_new(name).unwrap()
    }

    #[test]
    fn exempts_the_tenants_it_was_told_to() {
        let policy = AddressPolicy::only_public([tenant("inner")]);
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(policy.refusal(&tenant("inner"), address), None);
        assert_eq!(policy.refusal(&tenant("outer"), address), Some("private"));
        assert_eq!(
            AddressPolicy::any().refusal(&tenant("outer"), address),
            None
        );
    }
}
