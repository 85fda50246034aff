//! Messages for Slack, Mattermost, Rocket.Chat and whatever else takes Slack's incoming webhooks.

use async_trait::async_trait;
use reqwest::{Client, Url};
use serde_json::json;

use super::webhook::deliver;
use super::{Channel, ChannelError, one_by_one};
use crate::message::Message;

/// Slack cuts texts beyond 40,000 characters; nobody reads that many.
const LIMIT: usize = 12_000;

/// Posts the text for people.
#[derive(Clone, Debug)]
pub struct Slack {
    name: String,
    url: Url,
    client: Client,
}

impl Slack {
    /// Posts to the address of an incoming webhook, which is itself the secret.
    pub fn new(name: impl Into<String>, url: Url, client: Client) -> Self {
        Slack {
            name: name.into(),
            url,
            client,
        }
    }

    async fn post(&self, message: Message) -> Result<(), ChannelError> {
        let text = format!(
            "*{}*\n{}",
            escaped(&message.subject()),
            escaped(&message.text(LIMIT))
        );
        deliver(
            self.client
                .post(self.url.clone())
                .json(&json!({ "text": text })),
        )
        .await
    }
}

/// Slack reads these three characters as its own; everything else is text. Mentions, such as
/// `<!channel>`, are made harmless with them.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[async_trait]
impl Channel for Slack {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        one_by_one(messages, |message| self.post(message)).await
    }
}
