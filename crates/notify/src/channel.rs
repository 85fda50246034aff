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
    /// What it gets.
    pub audience: Audience,
}

/// The messages that a channel gets; by default all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    /// The least severity.
    pub least: Severity,
    /// Only these tenants; all, where it is empty.
    pub tenants: BTreeSet<String>,
    /// Only these teams; all, where it is empty.
    pub teams: BTreeSet<String>,
}

impl Default for Audience {
    fn default() -> Self {
        Audience {
            least: Severity::Info,
            tenants: BTreeSet::new(),
            teams: BTreeSet::new(),
        }
    }
}

impl Audience {
    /// Whether a message is for it. Tests are for everybody.
    pub fn includes(&self, message: &Message) -> bool {
        let named = |wanted: &BTreeSet<String>, name: Option<&str>| {
            wanted.is_empty() || name.is_some_and(|name| wanted.contains(name))
        };
        message.is_test()
            || (message.severity() >= self.least
                && named(&self.tenants, message.tenant())
                && named(&self.teams, message.team()))
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Subscription")
            .field("channel", &self.channel.name())
            .field("audience", &self.audience)
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
