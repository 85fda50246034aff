//! What probes may talk to and whom they trust: the same for `up` and `check`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use tidewatch_domain::{Location, Tenant};
use tidewatch_probe::{AddressPolicy, EngineOptions, Reach};

use super::{SettingsError, SettingsFile};

/// What can be set about probing, by flag or by environment variable.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProbingArgs {
    /// Addresses that monitors may talk to: any, or public ones only [default: any]
    #[arg(long, env = "TIDEWATCH_ADDRESSES", value_name = "WHICH", value_parser = parse_reach)]
    pub(crate) addresses: Option<Reach>,
    /// The same for the monitors of one tenant; may be repeated
    #[arg(long, env = "TIDEWATCH_TENANT_ADDRESSES", value_name = "TENANT=WHICH", value_delimiter = ',', value_parser = parse_tenant_addresses)]
    pub(crate) tenant_addresses: Vec<(Tenant, Reach)>,
    /// A PEM file with certificates to trust beside those of the machine; may be repeated
    #[arg(
        long,
        env = "TIDEWATCH_TRUST",
        value_name = "FILE",
        value_delimiter = ','
    )]
    pub(crate) trust: Vec<PathBuf>,
}

/// What can be set for one tenant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TenantSettings {
    addresses: String,
}

/// What is in force.
#[derive(Clone, Debug)]
pub(crate) struct Probing {
    /// Which addresses may be talked to.
    pub(crate) addresses: AddressPolicy,
    /// Certificates to trust beside those of the machine, as PEM, with the name of their file.
    trust: Vec<(PathBuf, Vec<u8>)>,
}

impl Probing {
    /// Puts the layers together. `in_file` says that something is wrong with a key of the file.
    pub(super) fn resolve(
        args: ProbingArgs,
        file: &SettingsFile,
        in_file: impl Fn(&str, String) -> SettingsError,
    ) -> Result<Self, SettingsError> {
        let mut tenants = BTreeMap::new();
        for (name, tenant) in &file.tenants {
            let (tenant, reach) = tenant_reach(name, &tenant.addresses)
                .map_err(|(key, problem)| in_file(&key, problem))?;
            tenants.insert(tenant, reach);
        }
        tenants.extend(args.tenant_addresses);
        let others = match (args.addresses, &file.addresses) {
            (Some(reach), _) => reach,
            (None, Some(name)) => {
                parse_reach(name).map_err(|problem| in_file("addresses", problem))?
            }
            (None, None) => Reach::Any,
        };
        let trust = if args.trust.is_empty() {
            file.trust.clone()
        } else {
            args.trust
        };
        Ok(Probing {
            addresses: AddressPolicy::new(others, tenants),
            trust: trust
                .into_iter()
                .map(read_trusted)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The options of an engine at `location` that keeps to these settings.
    ///
    /// Errors: a file of certificates to trust cannot be used.
    pub(crate) fn engine_options(
        &self,
        location: Location,
    ) -> Result<EngineOptions, SettingsError> {
        let mut options = EngineOptions::new(location);
        options.addresses = self.addresses.clone();
        for (file, pem) in &self.trust {
            options.trust_pem(pem).map_err(|error| SettingsError {
                message: format!("{}: {error}; name another with --trust", file.display()),
            })?;
        }
        Ok(options)
    }
}

fn parse_reach(name: &str) -> Result<Reach, String> {
    match name {
        "any" => Ok(Reach::Any),
        "public" => Ok(Reach::Public),
        _ => Err(format!("`{name}` is none of any, public")),
    }
}

pub(super) fn parse_tenant_addresses(text: &str) -> Result<(Tenant, Reach), String> {
    let (name, reach) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` is not of the form TENANT=any or TENANT=public"))?;
    tenant_reach(name, reach).map_err(|(_, problem)| problem)
}

/// A tenant and its reach, or the key that is wrong and how.
fn tenant_reach(name: &str, reach: &str) -> Result<(Tenant, Reach), (String, String)> {
    let tenant =
        Tenant::try_new(name).map_err(|error| (format!("tenants.{name}"), error.to_string()))?;
    let reach =
        parse_reach(reach).map_err(|problem| (format!("tenants.{name}.addresses"), problem))?;
    Ok((tenant, reach))
}

fn read_trusted(path: PathBuf) -> Result<(PathBuf, Vec<u8>), SettingsError> {
    match std::fs::read(&path) {
        Ok(pem) => Ok((path, pem)),
        Err(error) => Err(SettingsError {
            message: format!(
                "certificates to trust cannot be read from {}: {error}; name a PEM file with \
                 --trust",
                path.display()
            ),
        }),
    }
}
