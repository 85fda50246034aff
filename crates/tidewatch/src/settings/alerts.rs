//! Alerting: who finds outages, and who is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer, de};
use tidewatch_notify::settings::{SecretPlace, Settings as Telling};

use super::{SettingsError, SettingsFile};

/// What can be set about alerting, by flag or by environment variable.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AlertArgs {
    /// Address that takes Grafana's alerts in [default: 127.0.0.1:8088]
    #[arg(long, env = "TIDEWATCH_ALERTS_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) alerts_listen: Option<SocketAddr>,
    /// Who finds out that somebody has to be told [default: local, unless the settings speak of a
    /// Grafana]
    #[arg(long, env = "TIDEWATCH_ALERT_SOURCE", value_enum, value_name = "WHO")]
    pub(crate) alert_source: Option<AlertSource>,
}

/// Who finds out that somebody has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlertSource {
    /// The alert rules of a Grafana, which sends its alerts here.
    Grafana,
    /// The same rules, evaluated by this process.
    Local,
    /// Whoever judges, at once with the verdict; this process evaluates the other rules.
    Writer,
}

impl AlertSource {
    /// The name, as it is set.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            AlertSource::Grafana => "grafana",
            AlertSource::Local => "local",
            AlertSource::Writer => "writer",
        }
    }
}

/// The section `[alerts]` of the settings file.
#[derive(Clone, Debug)]
pub(super) struct AlertsSection {
    own: Own,
    telling: Telling,
}

/// What only this process understands of the section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Own {
    #[serde(default)]
    rules: Vec<PathBuf>,
    heartbeat_url: Option<SecretPlace>,
}

/// The keys of [`Own`]; all others are those of telling.
const OWN_KEYS: [&str; 2] = ["rules", "heartbeat-url"];

impl<'de> Deserialize<'de> for AlertsSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut telling = toml::Table::deserialize(deserializer)?;
        let own: toml::Table = OWN_KEYS
            .into_iter()
            .filter_map(|key| telling.remove_entry(key))
            .collect();
        Ok(AlertsSection {
            own: own.try_into().map_err(de::Error::custom)?,
            telling: telling.try_into().map_err(de::Error::custom)?,
        })
    }
}

/// What is in force.
#[derive(Clone, Debug)]
pub(crate) struct AlertSettings {
    /// Who finds outages.
    pub(crate) source: AlertSource,
    /// The files of the rules that this process evaluates; without any, the shipped ones.
    pub(crate) rules: Vec<PathBuf>,
    /// Called every minute while alerting works.
    pub(crate) heartbeat_url: Option<SecretPlace>,
    /// How alerts are taken in, and who is told.
    pub(crate) telling: Telling,
    /// Whether somebody asked for alerts to be taken in: then it must be possible.
    pub(crate) is_wanted: bool,
}

impl AlertSettings {
    /// Puts the layers together.
    pub(super) fn resolve(
        args: &AlertArgs,
        file: &SettingsFile,
        in_file: impl Fn(&str, String) -> SettingsError,
    ) -> Result<Self, SettingsError> {
        let is_wanted = args.alerts_listen.is_some() || file.alerts.is_some();
        let (own, mut telling) = match file.alerts.clone() {
            Some(section) => (section.own, section.telling),
            None => (Own::default(), Telling::default()),
        };
        if let Some(listen) = args.alerts_listen {
            telling.listen = listen;
        }
        let named = match &file.alert_source {
            Some(name) => Some(
                AlertSource::from_str(name, false)
                    .map_err(|_| in_file("alert-source", unknown(name)))?,
            ),
            None => None,
        };
        let default = match speaks_of_grafana(&telling) {
            true => AlertSource::Grafana,
            false => AlertSource::Local,
        };
        let source = args.alert_source.or(named).unwrap_or(default);
        if source == AlertSource::Grafana && !own.rules.is_empty() {
            return Err(in_file(
                "alerts.rules",
                "the rules are a Grafana's business here; set `alert-source = \"local\"` to have \
                 this process evaluate them"
                    .to_owned(),
            ));
        }
        Ok(AlertSettings {
            source,
            rules: own.rules,
            heartbeat_url: own.heartbeat_url,
            telling,
            is_wanted,
        })
    }
}

/// Whether there is a Grafana that sends alerts: one that is named, or a secret for its requests.
fn speaks_of_grafana(telling: &Telling) -> bool {
    let secrets = telling.hmac.len() + telling.bearer.len() + telling.basic.len();
    telling.grafana.is_some() || secrets > 0
}

fn unknown(name: &str) -> String {
    format!("`{name}` is none of grafana, local, writer")
}
