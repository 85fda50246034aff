//! What is set for single tenants: a store of their own, and the addresses that their monitors
//! may talk to.

use std::collections::BTreeMap;

use serde::Deserialize;
use tidewatch_definitions::Mode;
use tidewatch_domain::Tenant;
use tidewatch_domain::address::Cidr;

use super::Store;

/// How the variable looks, for remedies.
const SHAPE: &str =
    r#"write JSON like {"acme": {"table": "AcmeData", "addresses": ["10.0.0.0/8"]}}"#;

/// Addresses that the monitors of a tenant may talk to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TenantAddresses {
    /// Public ones only.
    #[default]
    Public,
    /// Any.
    Any,
    /// Public ones, and those in these ranges.
    Ranges(Vec<Cidr>),
}

/// What holds for one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// Where its rows go.
    pub store: Store,
    /// Addresses that its monitors may talk to.
    pub addresses: TenantAddresses,
}

/// What holds for each tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenants {
    named: BTreeMap<Tenant, TenantSettings>,
    others: TenantSettings,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    database: Option<String>,
    table: Option<String>,
    addresses: Option<Addresses>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Addresses {
    Word(String),
    Ranges(Vec<String>),
}

impl Tenants {
    /// The same for all: rows to `shared`, public addresses only.
    pub fn new(shared: Store) -> Self {
        Tenants {
            named: BTreeMap::new(),
            others: TenantSettings {
                store: shared,
                addresses: TenantAddresses::default(),
            },
        }
    }

    /// Reads the variable; the error is a problem and a remedy.
    pub(super) fn read(text: &str, shared: &Store) -> Result<Self, (String, String)> {
        let entries: BTreeMap<String, Entry> = serde_json::from_str(text)
            .map_err(|error| (format!("cannot be read: {error}"), SHAPE.to_owned()))?;
        let mut tenants = Tenants::new(shared.clone());
        for (name, entry) in entries {
            let tenant = Tenant::try_new(name.as_str()).map_err(|error| {
                let problem = format!("has the tenant `{name}`, which is not a usable name");
                (problem, error.rule.to_owned())
            })?;
            let settings = TenantSettings {
                store: Store {
                    database: entry.database.unwrap_or_else(|| shared.database.clone()),
                    table: entry.table.unwrap_or_else(|| shared.table.clone()),
                },
                addresses: addresses(&name, entry.addresses)?,
            };
            tenants.named.insert(tenant, settings);
        }
        Ok(tenants)
    }

    /// What holds for `tenant`.
    pub fn of(&self, tenant: &Tenant) -> &TenantSettings {
        self.named.get(tenant).unwrap_or(&self.others)
    }

    /// How the entries of a tenant are validated: what it may reach decides whether addresses that
    /// are not public may stand in them. A name that no tenant can have is the validator's to
    /// refuse.
    pub fn mode(&self, tenant: &str) -> Mode {
        let tenant = Tenant::try_new(tenant);
        match tenant.map(|tenant| &self.of(&tenant).addresses) {
            Ok(TenantAddresses::Any | TenantAddresses::Ranges(_)) => Mode::AwsInner,
            Ok(TenantAddresses::Public) | Err(_) => Mode::Aws,
        }
    }

    /// The tenants with settings of their own.
    pub fn named(&self) -> impl Iterator<Item = (&Tenant, &TenantSettings)> {
        self.named.iter()
    }

    /// What holds for all others.
    pub fn others(&self) -> &TenantSettings {
        &self.others
    }
}

fn addresses(tenant: &str, given: Option<Addresses>) -> Result<TenantAddresses, (String, String)> {
    const REMEDY: &str = r#"use "public", "any", or a list of ranges like ["10.0.0.0/8"]"#;
    let refused = |value: &str| {
        let problem = format!("gives tenant `{tenant}` the addresses `{value}`");
        (problem, REMEDY.to_owned())
    };
    match given {
        None => Ok(TenantAddresses::Public),
        Some(Addresses::Word(word)) => match word.as_str() {
            "public" => Ok(TenantAddresses::Public),
            "any" => Ok(TenantAddresses::Any),
            _ => Err(refused(&word)),
        },
        Some(Addresses::Ranges(ranges)) => {
            let parsed = ranges
                .iter()
                .map(|range| range.parse().map_err(|_| refused(range)));
            parsed
                .collect::<Result<_, _>>()
                .map(TenantAddresses::Ranges)
        }
    }
}
