//! Which addresses may be talked to.
//!
//! Checked after name resolution, on the address that is about to be used, and again on every
//! hop of a redirect: a check on the name alone could be got round by a name that resolves to an
//! inner address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tidewatch_domain::Tenant;
use tidewatch_domain::address::{Cidr, non_public_range};

/// Which addresses the monitors of a tenant may talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Every address.
    #[default]
    Any,
    /// Only those of the public Internet.
    Public,
    /// Those of the public Internet, and those in these ranges.
    PublicAnd(Vec<Cidr>),
}

/// Which addresses may be talked to, by tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    others: Reach,
    tenants: BTreeMap<Tenant, Reach>,
}

impl AddressPolicy {
    /// Every address is allowed: what a machine of one's own wants.
    pub fn any() -> Self {
        AddressPolicy::default()
    }

    /// Only public addresses are allowed, except for the monitors of the `exempt` tenants.
    pub fn only_public(exempt: impl IntoIterator<Item = Tenant>) -> Self {
        let exempt = exempt.into_iter().map(|tenant| (tenant, Reach::Any));
        AddressPolicy::new(Reach::Public, exempt)
    }

    /// What each of `tenants` may talk to, and what all `others` may.
    pub fn new(others: Reach, tenants: impl IntoIterator<Item = (Tenant, Reach)>) -> Self {
        AddressPolicy {
            others,
            tenants: tenants.into_iter().collect(),
        }
    }

    /// Why a monitor of `tenant` must not talk to `address`: the name of the range it is in.
    pub fn refusal(&self, tenant: &Tenant, address: IpAddr) -> Option<&'static str> {
        match self.tenants.get(tenant).unwrap_or(&self.others) {
            Reach::Any => None,
            Reach::Public => non_public_range(address),
            Reach::PublicAnd(ranges) => non_public_range(address)
                .filter(|_| !ranges.iter().any(|range| range.contains(address))),
        }
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

    #[test]
    fn a_single_tenant_can_be_kept_to_public_addresses() {
        let policy = AddressPolicy::new(Reach::Any, [(tenant("guest"), Reach::Public)]);
        let address: IpAddr = "169.254.169.254".parse().unwrap();
        assert_eq!(policy.refusal(&tenant("house"), address), None);
        assert_eq!(policy.refusal(&tenant("guest"), address), Some("metadata"));
    }

    #[test]
    fn a_tenant_can_have_inner_ranges_of_its_own() {
        let ranges = vec!["10.1.0.0/16".parse().unwrap()];
        let policy =
            AddressPolicy::new(Reach::Public, [(tenant("acme"), Reach::PublicAnd(ranges))]);
        let refusal = |name, address: &str| policy.refusal(&tenant(name), address.parse().unwrap());
        assert_eq!(refusal("acme", "10.1.2.3"), None);
        assert_eq!(refusal("acme", "10.2.0.1"), Some("private"));
        assert_eq!(refusal("acme", "8.8.8.8"), None);
        assert_eq!(refusal("other", "10.1.2.3"), Some("private"));
    }
}
