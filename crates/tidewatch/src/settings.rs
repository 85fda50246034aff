//! Settings of the local mode: flags win over environment variables, those over the settings
//! file, that over the defaults.

mod access;
mod alerts;
mod origin;
mod probing;

pub(crate) use access::{AccessArgs, AccessSettings};
pub(crate) use alerts::{AlertArgs, AlertSettings, AlertSource};
pub(crate) use origin::Origin;
pub(crate) use probing::{Probing, ProbingArgs};

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use tidewatch_domain::assess::AttemptRows;
use tidewatch_domain::{Location, schema};

use crate::cloud::CloudArgs;
use alerts::AlertsSection;
use probing::TenantSettings;

/// The settings file that is read when it exists and none was named.
pub(crate) const DEFAULT_FILE: &str = "tidewatch.toml";

/// What a cap on probes may be.
const CAP: RangeInclusive<i64> = 1..=32_768;

/// What can be set for `tidewatch up`, by flag or by environment variable.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UpArgs {
    /// Monitor definitions: a DynamoDB request file (.json), YAML (.yaml, .yml), or a table as
    /// dynamodb:TABLE [default: dynamo_entries.json]
    #[arg(long, env = "TIDEWATCH_DEFINITIONS", value_name = "FILE")]
    pub(crate) definitions: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) cloud: CloudArgs,
    /// Folder for all data; created when missing [default: tidewatch-data]
    #[arg(long, env = "TIDEWATCH_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address of the status page [default: 127.0.0.1:8080]
    #[arg(long, env = "TIDEWATCH_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Address of the Timestream-compatible bridge [default: 127.0.0.1:8086]
    #[arg(long, env = "TIDEWATCH_BRIDGE_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) bridge_listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) access: AccessArgs,
    #[command(flatten)]
    pub(crate) alerts: AlertArgs,
    /// Name of the place that probes run from [default: local]
    #[arg(long, env = "TIDEWATCH_LOCATION", value_name = "NAME", value_parser = parse_location)]
    pub(crate) location: Option<Location>,
    /// Database of the rows [default: CPTMonitoring]
    #[arg(long, env = "TIDEWATCH_DATABASE", value_name = "NAME")]
    pub(crate) database: Option<String>,
    /// Table of the rows [default: WebsiteMonitoringData]
    #[arg(long, env = "TIDEWATCH_TABLE", value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Attempts that leave rows of their own: all, failures, off [default: all]
    #[arg(long, env = "TIDEWATCH_ATTEMPT_ROWS", value_name = "WHICH", value_parser = parse_attempt_rows)]
    pub(crate) attempt_rows: Option<AttemptRows>,
    /// Most probes that run at the same time, as far as the limit of open files allows
    /// [default: 4096]
    #[arg(long, env = "TIDEWATCH_MAX_IN_FLIGHT", value_name = "N", value_parser = clap::value_parser!(u32).range(CAP))]
    pub(crate) max_in_flight: Option<u32>,
    /// Most probes that run against one host at the same time [default: 64]
    #[arg(long, env = "TIDEWATCH_MAX_PER_HOST", value_name = "N", value_parser = clap::value_parser!(u32).range(CAP))]
    pub(crate) max_per_host: Option<u32>,
    #[command(flatten)]
    pub(crate) probing: ProbingArgs,
    /// Settings file [default: tidewatch.toml, when it exists]
    #[arg(long, env = "TIDEWATCH_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The settings file: the same names as the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SettingsFile {
    definitions: Option<PathBuf>,
    data_dir: Option<PathBuf>,
    listen: Option<SocketAddr>,
    bridge_listen: Option<SocketAddr>,
    keys: Option<PathBuf>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    bridge_url: Option<String>,
    alert_source: Option<String>,
    alerts: Option<AlertsSection>,
    location: Option<String>,
    database: Option<String>,
    table: Option<String>,
    attempt_rows: Option<String>,
    max_in_flight: Option<u32>,
    max_per_host: Option<u32>,
    addresses: Option<String>,
    #[serde(default)]
    tenants: BTreeMap<String, TenantSettings>,
    #[serde(default)]
    trust: Vec<PathBuf>,
}

/// Settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Monitor definitions.
    pub(crate) definitions: Origin,
    /// Where services of AWS are, for definitions in a table.
    pub(crate) cloud: CloudArgs,
    /// Folder for all data.
    pub(crate) data_dir: PathBuf,
    /// Address of the status page.
    pub(crate) listen: SocketAddr,
    /// Address of the bridge.
    pub(crate) bridge_listen: SocketAddr,
    /// Who may reach the bridge, and how.
    pub(crate) access: AccessSettings,
    /// Who finds outages, and who is told.
    pub(crate) alerts: AlertSettings,
    /// Where probes run.
    pub(crate) location: Location,
    /// Database of the rows.
    pub(crate) database: String,
    /// Main table of the rows.
    pub(crate) table: String,
    /// Attempts that leave rows.
    pub(crate) attempt_rows: AttemptRows,
    /// Most probes that run at the same time.
    pub(crate) max_in_flight: u32,
    /// Most probes that run against one host at the same time.
    pub(crate) max_per_host: u32,
    /// What probes may talk to, and whom they trust.
    pub(crate) probing: Probing,
}

/// Settings that cannot be used: what, where and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SettingsError {
    message: String,
}

impl Settings {
    /// Puts the layers together.
    pub(crate) fn resolve(args: UpArgs) -> Result<Self, SettingsError> {
        let (path, file) = read_file(args.config.as_deref())?;
        let in_file = |key: &str, problem: String| SettingsError {
            message: format!("{}: `{key}`: {problem}", path.display()),
        };
        let access = AccessSettings::resolve(args.access, &file)?;
        let alerts = AlertSettings::resolve(&args.alerts, &file, in_file)?;
        let probing = Probing::resolve(args.probing, &file, in_file)?;
        let location = match (args.location, file.location) {
            (Some(location), _) => location,
            (None, Some(name)) => {
                parse_location(&name).map_err(|problem| in_file("location", problem))?
            }
            (None, None) => {
                parse_location("local").map_err(|problem| in_file("location", problem))?
            }
        };
        let attempt_rows = match (args.attempt_rows, file.attempt_rows) {
            (Some(rows), _) => rows,
            (None, Some(name)) => {
                parse_attempt_rows(&name).map_err(|problem| in_file("attempt-rows", problem))?
            }
            (None, None) => AttemptRows::All,
        };
        let cap = |name: &str, flag: Option<u32>, set: Option<u32>, default: u32| {
            let cap = flag.or(set).unwrap_or(default);
            if CAP.contains(&i64::from(cap)) {
                Ok(cap)
            } else {
                let (least, most) = (CAP.start(), CAP.end());
                Err(in_file(
                    name,
                    format!("{cap} is not from {least} to {most}"),
                ))
            }
        };
        let max_in_flight = cap(
            "max-in-flight",
            args.max_in_flight,
            file.max_in_flight,
            4_096,
        )?;
        let max_per_host = cap("max-per-host", args.max_per_host, file.max_per_host, 64)?;
        let definitions = args
            .definitions
            .or(file.definitions)
            .unwrap_or_else(|| PathBuf::from("dynamo_entries.json"));
        let settings = Settings {
            definitions: Origin::of(&definitions).map_err(|message| SettingsError { message })?,
            cloud: args.cloud,
            data_dir: args
                .data_dir
                .or(file.data_dir)
                .unwrap_or_else(|| PathBuf::from("tidewatch-data")),
            listen: args
                .listen
                .or(file.listen)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            bridge_listen: args
                .bridge_listen
                .or(file.bridge_listen)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8086))),
            access,
            alerts,
            location,
            database: args
                .database
                .or(file.database)
                .unwrap_or_else(|| schema::DATABASE.to_owned()),
            table: args
                .table
                .or(file.table)
                .unwrap_or_else(|| schema::TABLE.to_owned()),
            attempt_rows,
            max_in_flight,
            max_per_host,
            probing,
        };
        settings.check_addresses()?;
        Ok(settings)
    }

    /// Nothing listens beyond this machine without authentication. The status page has none.
    fn check_addresses(&self) -> Result<(), SettingsError> {
        let address = self.listen;
        if !address.ip().is_loopback() {
            return Err(SettingsError {
                message: format!(
                    "--listen {address} would be open to other machines without authentication; \
                     use 127.0.0.1:{port}, and a tunnel or a proxy with authentication to reach it \
                     from elsewhere",
                    port = address.port()
                ),
            });
        }
        self.access.check(self.bridge_listen)
    }
}

fn read_file(named: Option<&Path>) -> Result<(PathBuf, SettingsFile), SettingsError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            return Ok((path, SettingsFile::default()));
        }
        Err(error) => {
            return Err(SettingsError {
                message: format!("settings file {} cannot be read: {error}", path.display()),
            });
        }
    };
    match toml::from_str(&text) {
        Ok(file) => Ok((path, file)),
        Err(error) => Err(SettingsError {
            message: format!("settings file {}: {error}", path.display()),
        }),
    }
}

fn parse_location(name: &str) -> Result<Location, String> {
    Location::try_new(name).map_err(|error| error.to_string())
}

fn parse_attempt_rows(name: &str) -> Result<AttemptRows, String> {
    match name {
        "all" => Ok(AttemptRows::All),
        "failures" => Ok(AttemptRows::Failures),
        "off" => Ok(AttemptRows::Off),
        _ => Err(format!("`{name}` is none of all, failures, off")),
    }
}

#[cfg(test)]
mod tests;
