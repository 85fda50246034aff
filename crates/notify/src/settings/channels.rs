//! Settings of the ways to people.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use serde::Deserialize;
use tidewatch_domain::monitor::Severity;
use url::Url;

use super::{SecretPlace, Sources};
use crate::channel::{
    Audience, Channel, Command, Console, Mail, MailServer, MailTls, Slack, Subscription, Webhook,
    web_client,
};

/// One way to people.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum ChannelSettings {
    /// The terminal.
    Console {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
    },
    /// JSON to an address.
    Webhook {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
        /// The address, in clear, or its place where it is a secret.
        url: String,
        /// Signs requests as Grafana does.
        secret: Option<SecretPlace>,
    },
    /// Slack's incoming webhook, or another that takes the same.
    Slack {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
        /// The place of the address, or the address.
        url: String,
    },
    /// Mail.
    Mail {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
        /// The server's name.
        host: String,
        /// Its port.
        port: Option<u16>,
        /// starttls (default), implicit or none.
        #[serde(default)]
        tls: TlsSettings,
        /// A PEM file with the only authority to trust.
        authority: Option<std::path::PathBuf>,
        /// User.
        user: Option<String>,
        /// Password.
        password: Option<SecretPlace>,
        /// Sender.
        from: String,
        /// Recipients.
        to: Vec<String>,
    },
    /// A program.
    Command {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
        /// The program and its arguments.
        command: Vec<String>,
    },
    /// A topic of SNS.
    Sns {
        /// Unique among channels.
        name: String,
        /// What it gets.
        #[serde(default)]
        audience: AudienceSettings,
        /// The ARN; the region is in it.
        topic: String,
        /// Where SNS is, when not in AWS.
        endpoint: Option<String>,
    },
}

/// A topic of SNS, in AWS or wherever an endpoint speaks its protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    /// The channel's name.
    pub name: String,
    /// The ARN; the region is in it.
    pub topic: String,
    /// Where SNS is, when not in AWS.
    pub endpoint: Option<String>,
}

/// What a channel gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AudienceSettings {
    /// The least severity: info (default), warning or critical.
    pub least: Option<String>,
    /// Only these tenants.
    pub tenants: BTreeSet<String>,
    /// Only these teams.
    pub teams: BTreeSet<String>,
}

/// How a mail server is talked to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsSettings {
    /// STARTTLS, or nothing at all.
    #[default]
    StartTls,
    /// From the first byte.
    Implicit,
    /// Never.
    None,
}

impl ChannelSettings {
    /// Its name.
    pub fn name(&self) -> &str {
        self.common().0
    }

    fn common(&self) -> (&str, &AudienceSettings) {
        match self {
            ChannelSettings::Console { name, audience }
            | ChannelSettings::Webhook { name, audience, .. }
            | ChannelSettings::Slack { name, audience, .. }
            | ChannelSettings::Mail { name, audience, .. }
            | ChannelSettings::Command { name, audience, .. }
            | ChannelSettings::Sns { name, audience, .. } => (name, audience),
        }
    }

    fn channel(&self, sources: &Sources<'_>) -> Result<Box<dyn Channel>, String> {
        Ok(match self {
            ChannelSettings::Console { name, .. } => {
                Box::new(Console::new(name, Box::new(io::stderr())))
            }
            ChannelSettings::Webhook {
                name, url, secret, ..
            } => {
                let secret = secret
                    .as_ref()
                    .map(|place| place.read(sources.variable))
                    .transpose()?;
                let client = web_client().map_err(|error| error.to_string())?;
                let url = address(url, sources)?;
                let clock = Arc::clone(&sources.clock);
                Box::new(Webhook::new(name, url, secret, client, clock))
            }
            ChannelSettings::Slack { name, url, .. } => {
                let client = web_client().map_err(|error| error.to_string())?;
                Box::new(Slack::new(name, address(url, sources)?, client))
            }
            ChannelSettings::Mail { .. } => Box::new(self.mail(sources)?),
            ChannelSettings::Command { name, command, .. } => match command.split_first() {
                Some((program, arguments)) => {
                    Box::new(Command::new(name, program, arguments.to_vec()))
                }
                None => return Err("`command` is empty; name a program".to_owned()),
            },
            ChannelSettings::Sns {
                name,
                topic,
                endpoint,
                ..
            } => (sources.topic)(&TopicSettings {
                name: name.clone(),
                topic: topic.clone(),
                endpoint: endpoint.clone(),
            })?,
        })
    }

    fn mail(&self, sources: &Sources<'_>) -> Result<Mail, String> {
        let ChannelSettings::Mail {
            name,
            host,
            port,
            tls,
            authority,
            user,
            password,
            from,
            to,
            ..
        } = self
        else {
            return Err("not a mail channel".to_owned());
        };
        if to.is_empty() {
            return Err("`to` is empty; name a recipient".to_owned());
        }
        let authority = authority
            .as_ref()
            .map(|path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display())))
            .transpose()?;
        let credentials = match (user, password) {
            (Some(user), Some(place)) => Some((user.clone(), place.read(sources.variable)?)),
            (None, None) => None,
            _ => return Err("`user` and `password` go together".to_owned()),
        };
        let server = MailServer {
            host: host.clone(),
            port: *port,
            tls: match tls {
                TlsSettings::StartTls => MailTls::StartTls,
                TlsSettings::Implicit => MailTls::Implicit,
                TlsSettings::None => MailTls::None,
            },
            authority,
        };
        Mail::new(name, &server, credentials, from, to).map_err(|error| error.to_string())
    }
}

/// Makes the channels; every fault is reported with the channel's name.
pub(super) fn build(
    settings: &[ChannelSettings],
    sources: &Sources<'_>,
    faults: &mut Vec<String>,
) -> Vec<Subscription> {
    let mut names = BTreeSet::new();
    let mut subscriptions = Vec::new();
    for one in settings {
        let (name, audience) = one.common();
        if name.is_empty() || !names.insert(name) {
            faults.push(format!(
                "channel `{name}`: every channel needs a name of its own"
            ));
        }
        let least = match severity(audience.least.as_deref()) {
            Ok(least) => least,
            Err(fault) => {
                faults.push(format!("channel `{name}`: {fault}"));
                continue;
            }
        };
        match one.channel(sources) {
            Ok(channel) => subscriptions.push(Subscription {
                channel,
                audiences: vec![Audience {
                    severities: Severity::ALL
                        .iter()
                        .copied()
                        .filter(|severity| *severity >= least)
                        .collect(),
                    tenants: audience.tenants.clone(),
                    teams: audience.teams.clone(),
                }],
            }),
            Err(fault) => faults.push(format!("channel `{name}`: {fault}")),
        }
    }
    if settings.is_empty() {
        faults.push("`channels` is empty: nobody would be told; name at least one".to_owned());
    }
    subscriptions
}

fn severity(name: Option<&str>) -> Result<Severity, String> {
    let Some(name) = name else {
        return Ok(Severity::Info);
    };
    Severity::ALL
        .iter()
        .copied()
        .find(|severity| severity.name() == name)
        .ok_or_else(|| format!("`least` is `{name}`, not one of info, warning, critical"))
}

/// An address in clear, or by the place where it is kept. It may be a secret: it is not repeated.
fn address(text: &str, sources: &Sources<'_>) -> Result<Url, String> {
    let is_place = text.starts_with("env:") || text.starts_with("file:");
    let value = if is_place {
        SecretPlace::try_from(text.to_owned())?.read(sources.variable)?
    } else {
        text.to_owned()
    };
    match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err("`url` is not an http or https address".to_owned()),
    }
}
