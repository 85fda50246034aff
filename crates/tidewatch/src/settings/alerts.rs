//! Alerting: who finds outages, and who is told.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use tidewatch_notify::settings::Settings as Telling;

use super::{SettingsError, SettingsFile};

/// What can be set about alerting, by flag or by environment variable.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AlertArgs {
    /// Address that takes Grafana's alerts in [default: 127.0.0.1:8088]
    #[arg(long, env = "TIDEWATCH_ALERTS_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) alerts_listen: Option<SocketAddr>,
    /// Who finds out that somebody has to be told [default: local when channels are set]
    #[arg(long, env = "TIDEWATCH_ALERT_SOURCE", value_enum, value_name = "WHO")]
    pub(crate) alert_source: Option<AlertSource>,
}

/// Who finds out that somebody has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlertSource {
    /// The alert rules of a Grafana, which sends its alerts here.
    Grafana,
    /// This process, which knows every change of state.
    Local,
}

/// What is in force.
#[derive(Clone, Debug)]
pub(crate) struct AlertSettings {
    /// Who finds outages.
    pub(crate) source: AlertSource,
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
        let mut telling = file.alerts.clone().unwrap_or_default();
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
        let has_channels = telling.channels != Telling::default().channels;
        let default = match has_channels {
            true => AlertSource::Local,
            false => AlertSource::Grafana,
        };
        Ok(AlertSettings {
            source: args.alert_source.or(named).unwrap_or(default),
            telling,
            is_wanted,
        })
    }
}

fn unknown(name: &str) -> String {
    format!("`{name}` is none of grafana, local")
}
