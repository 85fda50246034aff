//! The ways to people.

mod command;
mod console;
mod mail;
mod slack;
mod webhook;

use std::collections::BTreeSet;

use async_trait::async_trait;
use tidewatch_domain::monitor::Severity;

use crate::message::Message;

pub use command::Command;
pub use console::Console;
pub use mail::{Mail, MailError, MailServer, MailTls};
pub use slack::Slack;
pub use webhook::Webhook;
pub(crate) use webhook::client as web_client;

/// Hands messages over to whoever brings them to people.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The name by which rows, logs and the table of incidents know it; unique among channels, and
    /// the same after a restart.
    fn name(&self) -> &str;

    /// Hands messages over and tells for each of them, in order, whether it was taken. A message
    /// that may have been taken before comes with the same dedupe id.
    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>>;
}

/// A channel and the messages that it gets.
pub struct Subscription {
    /// The channel.
    pub channel: Box<dyn Channel>,
    /// It gets what is for any of these.
    pub audiences: Vec<Audience>,
}

/// The messages that somebody wants; by default all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Only these severities; all, where it is empty.
    pub severities: BTreeSet<Severity>,
    /// Only these tenants; all, where it is empty.
    pub tenants: BTreeSet<String>,
    /// Only these teams; all, where it is empty.
    pub teams: BTreeSet<String>,
}

impl Audience {
    /// Whether a message is for it. Tests are for everybody.
    pub fn includes(&self, message: &Message) -> bool {
        let named = |wanted: &BTreeSet<String>, name: Option<&str>| {
            wanted.is_empty() || name.is_some_and(|name| wanted.contains(name))
        };
        message.is_test()
            || ((self.severities.is_empty() || self.severities.contains(&message.severity()))
                && named(&self.tenants, message.tenant())
                && named(&self.teams, message.team()))
    }
}

impl Subscription {
    /// A channel that gets everything.
    pub fn to_all(channel: Box<dyn Channel>) -> Self {
        Subscription {
            channel,
            audiences: vec![Audience::default()],
        }
    }

    /// Whether the channel gets a message.
    pub fn includes(&self, message: &Message) -> bool {
        self.audiences
            .iter()
            .any(|audience| audience.includes(message))
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("channel", &self.channel.name())
            .field("audiences", &self.audiences)
            .finish()
    }
}

/// A message was not taken; it is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ChannelError(pub String);

/// Hands messages over one by one, for channels that can do no better.
pub(crate) async fn one_by_one<F>(
    messages: &[Message],
    mut send: impl FnMut(Message) -> F + Send,
) -> Vec<Result<(), ChannelError>>
where
    F: Future<Output = Result<(), ChannelError>> + Send,
{
    let mut results = Vec::with_capacity(messages.len());
    for message in messages {
        results.push(send(message.clone()).await);
    }
    results
}
