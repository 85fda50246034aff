//! Settings of alerting on one machine, as a section of a settings file.
//!
//! ```toml
//! [alerts]
//! listen = "127.0.0.1:8088"
//! hmac = ["env:TIDEWATCH_SECRET_WEBHOOK"]
//!
//! [[alerts.channels]]
//! kind = "slack"
//! name = "on-call"
//! url = "env:TIDEWATCH_SECRET_SLACK_URL"
//! audience = { least = "warning" }
//! ```
//!
//! `docs/alerts.md` explains every field. Reading reports all faults at once.

mod channels;
mod secret;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use tidewatch_domain::incident::Policy;
use tidewatch_domain::incident::text::Surroundings;
use url::Url;

use crate::auth::{Authenticator, TIMESTAMP_HEADER, WebhookSecrets};
use crate::channel::Channel;
use crate::worker::Patience;

pub use channels::{AudienceSettings, ChannelSettings, TopicSettings};
pub use secret::SecretPlace;

/// The section.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Where the webhook listens. Beyond loopback only with a secret.
    pub listen: SocketAddr,
    /// Keys that requests are signed with.
    pub hmac: Vec<SecretPlace>,
    /// Tokens.
    pub bearer: Vec<SecretPlace>,
    /// `user:password`.
    pub basic: Vec<SecretPlace>,
    /// The header with the signed timestamp; empty where senders sign without one.
    pub timestamp_header: String,
    /// Runbooks lie below this address.
    pub runbooks: Option<String>,
    /// The Grafana that has the dashboards.
    pub grafana: Option<String>,
    /// How long alerts are gathered before people are told, in seconds.
    pub gather_seconds: u32,
    /// After how much silence a repeat is a reminder, in seconds.
    pub remind_after_seconds: u32,
    /// This many outages within an hour make a monitor flapping.
    pub flapping_outages: u32,
    /// A flapping monitor has settled after this long without a change, in seconds.
    pub settled_after_seconds: u32,
    /// More notices than this at once are one digest.
    pub digest_above: u32,
    /// The ways to people; without any, the terminal.
    pub channels: Vec<ChannelSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8088),
            hmac: Vec::new(),
            bearer: Vec::new(),
            basic: Vec::new(),
            timestamp_header: TIMESTAMP_HEADER.to_owned(),
            runbooks: None,
            grafana: None,
            gather_seconds: 10,
            remind_after_seconds: 60 * 60,
            flapping_outages: 4,
            settled_after_seconds: 30 * 60,
            digest_above: 5,
            channels: vec![ChannelSettings::Console {
                name: "console".to_owned(),
                audience: AudienceSettings::default(),
            }],
        }
    }
}

/// Settings that cannot be used: every fault, one a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SettingsError(pub Vec<String>);

/// What the settings lead to.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) authenticator: Authenticator,
    pub(crate) subscriptions: Vec<crate::channel::Subscription>,
    pub(crate) policy: Policy,
    pub(crate) surroundings: Surroundings,
    pub(crate) patience: Patience,
}

/// Makes a channel to a topic, or says why there can be none.
pub type TopicMaker<'a> = dyn Fn(&TopicSettings) -> Result<Box<dyn Channel>, String> + 'a;

/// Where settings look for what they name.
pub struct Sources<'a> {
    /// The environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Makes channels to SNS topics, which need the AWS SDK.
    pub topic: &'a TopicMaker<'a>,
    /// Signs and stamps.
    pub clock: std::sync::Arc<dyn tidewatch_domain::ports::Clock>,
}

impl Settings {
    /// The ways to people alone, without the webhook.
    pub fn subscriptions(
        &self,
        sources: &Sources<'_>,
    ) -> Result<Vec<crate::channel::Subscription>, SettingsError> {
        let mut faults = Vec::new();
        let subscriptions = channels::build(&self.channels, sources, &mut faults);
        if faults.is_empty() {
            Ok(subscriptions)
        } else {
            Err(SettingsError(faults))
        }
    }

    pub(crate) fn resolve(&self, sources: &Sources<'_>) -> Result<Resolved, SettingsError> {
        let mut faults = Vec::new();
        let authenticator = self.authenticator(sources, &mut faults);
        let subscriptions = channels::build(&self.channels, sources, &mut faults);
        if self.flapping_outages < 2 {
            faults.push(format!(
                "`flapping-outages` is {}; one outage is no flapping, use 2 or more",
                self.flapping_outages
            ));
        }
        for (field, address) in [("runbooks", &self.runbooks), ("grafana", &self.grafana)] {
            if let Some(address) = address.as_ref().filter(|address| !is_address(address)) {
                faults.push(format!(
                    "`{field}` is `{address}`, not an http or https address"
                ));
            }
        }
        let Some(authenticator) = authenticator.filter(|_| faults.is_empty()) else {
            return Err(SettingsError(faults));
        };
        let seconds = |value: u32| Duration::from_secs(u64::from(value));
        Ok(Resolved {
            authenticator,
            subscriptions,
            policy: Policy {
                remind_after: seconds(self.remind_after_seconds),
                flap_outages: usize::try_from(self.flapping_outages).unwrap_or(usize::MAX),
                settled_after: seconds(self.settled_after_seconds),
                digest_above: usize::try_from(self.digest_above).unwrap_or(usize::MAX),
                ..Policy::default()
            },
            surroundings: Surroundings {
                runbooks: self.runbooks.clone(),
                grafana: self.grafana.clone(),
            },
            patience: Patience {
                gather: seconds(self.gather_seconds),
                ..Patience::default()
            },
        })
    }

    fn authenticator(
        &self,
        sources: &Sources<'_>,
        faults: &mut Vec<String>,
    ) -> Option<Authenticator> {
        let mut read = |field: &str, places: &[SecretPlace]| -> Vec<String> {
            let mut values = Vec::new();
            for place in places {
                match place.read(sources.variable) {
                    Ok(value) => values.push(value),
                    Err(fault) => faults.push(format!("`{field}`: {fault}")),
                }
            }
            values
        };
        let secrets = WebhookSecrets {
            hmac: read("hmac", &self.hmac),
            bearer: read("bearer", &self.bearer),
            basic: read("basic", &self.basic),
        };
        let named = self.hmac.len() + self.bearer.len() + self.basic.len();
        if named == 0 {
            if self.listen.ip().is_loopback() {
                return Some(Authenticator::open());
            }
            faults.push(format!(
                "`listen` is {}, which others can reach: name a secret in `hmac`, `bearer` or `basic`, or listen on 127.0.0.1",
                self.listen
            ));
            return None;
        }
        let header = Some(self.timestamp_header.clone()).filter(|name| !name.is_empty());
        match Authenticator::new(&secrets, header) {
            Ok(authenticator) => Some(authenticator),
            Err(error) => {
                faults.push(error.to_string());
                None
            }
        }
    }
}

/// Whether people can follow it.
fn is_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl std::fmt::Debug for Sources<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sources").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
