//! Messages as JSON to an address, signed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Url, redirect};
use tidewatch_domain::ports::Clock;

use super::{Channel, ChannelError, one_by_one};
use crate::auth::signature;
use crate::causes::with_causes;
use crate::message::Message;

/// The longest body, in bytes.
const LIMIT: usize = 1024 * 1024;
/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The header with the message's dedupe id.
const DEDUPE_HEADER: &str = "Idempotency-Key";

/// Posts the JSON for machines. Success is any 2xx.
#[derive(Clone, Debug)]
pub struct Webhook {
    name: String,
    url: Url,
    /// Signs as Grafana does, header names included, so that one receiver can take both.
    secret: Option<Secret>,
    client: Client,
    clock: Arc<dyn Clock>,
}

/// A secret that is not shown.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(hidden)")
    }
}

impl Webhook {
    /// Posts to `url`, signed with `secret` where there is one.
    pub fn new(
        name: impl Into<String>,
        url: Url,
        secret: Option<String>,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Webhook {
            name: name.into(),
            url,
            secret: secret.map(Secret),
            client,
            clock,
        }
    }

    async fn post(&self, message: Message) -> Result<(), ChannelError> {
        let body = message.json(LIMIT);
        let mut request = self
            .client
            .request(Method::POST, self.url.clone())
            .header("Content-Type", "application/json")
            .header(DEDUPE_HEADER, message.dedupe_id());
        if let Some(secret) = &self.secret {
            let timestamp = self.clock.now().as_secs().to_string();
            let hmac = signature(secret.0.as_bytes(), Some(&timestamp), body.as_bytes());
            request = request
                .header(crate::auth::SIGNATURE_HEADER, hmac)
                .header(crate::auth::TIMESTAMP_HEADER, timestamp);
        }
        deliver(request.body(Bytes::from(body))).await
    }
}

/// A client for messages: no redirects, because a secret address must not leak to another host.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("Tidewatch/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Sends a request; the address, which may hold a secret, is in no error.
pub(crate) async fn deliver(request: RequestBuilder) -> Result<(), ChannelError> {
    let answer = request
        .send()
        .await
        .map_err(|error| ChannelError(with_causes(&error.without_url())))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(ChannelError(format!("the receiver answered {status}")))
}

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        one_by_one(messages, |message| self.post(message)).await
    }
}
