//! Messages to people by way of SNS topics.
//!
//! Every topic is a channel of its own, so that a message that one topic took and another did not
//! is repeated to the other only. A message has a subject, JSON for machines as the default form,
//! the text for people as that of mails, and the subject alone as that of text messages.

mod form;

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_config::{Region, SdkConfig};
use aws_sdk_sns::Client;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use tidewatch_notify::channel::{Channel, ChannelError, Subscription};
use tidewatch_notify::message::Message;
use tidewatch_notify::settings::TopicSettings;
use tidewatch_notify::topics::{Topics, TopicsError};

use crate::clients;
use crate::sdk::described;
use form::Form;

/// The most messages of one request.
const BATCH: usize = 10;
/// The most bytes of one request, and of one message with its attributes.
const LIMIT: usize = 262_144;

/// A topic as a way to people.
#[derive(Clone, Debug)]
pub struct TopicChannel {
    name: String,
    arn: String,
    client: Client,
}

impl TopicChannel {
    /// Publishes to the topic `arn`; `client` is for its region.
    pub fn new(name: impl Into<String>, arn: impl Into<String>, client: Client) -> Self {
        TopicChannel {
            name: name.into(),
            arn: arn.into(),
            client,
        }
    }

    async fn publish(
        &self,
        forms: &[(usize, Form)],
        results: &mut BTreeMap<usize, Result<(), ChannelError>>,
    ) {
        let entries: Result<Vec<_>, _> = forms
            .iter()
            .map(|(position, form)| self.entry(*position, form))
            .collect();
        let request = self.client.publish_batch().topic_arn(&self.arn);
        let sent = match entries {
            Ok(entries) => request
                .set_publish_batch_request_entries(Some(entries))
                .send()
                .await
                .map_err(|error| described(&error)),
            Err(problem) => Err(problem),
        };
        let answer = match sent {
            Ok(answer) => answer,
            Err(problem) => {
                for (position, _) in forms {
                    results.insert(*position, Err(ChannelError(problem.clone())));
                }
                return;
            }
        };
        // A request can succeed while some of its messages do not.
        for taken in answer.successful() {
            if let Some(position) = taken.id().and_then(|id| id.parse().ok()) {
                results.insert(position, Ok(()));
            }
        }
        for refused in answer.failed() {
            if let Ok(position) = refused.id().parse() {
                let problem = format!(
                    "{}: {}",
                    refused.code(),
                    refused.message().unwrap_or("no reason given")
                );
                results.insert(position, Err(ChannelError(problem)));
            }
        }
    }

    fn entry(&self, position: usize, form: &Form) -> Result<PublishBatchRequestEntry, String> {
        let mut entry = PublishBatchRequestEntry::builder()
            .id(position.to_string())
            .subject(&form.subject)
            .message(&form.body)
            .message_structure("json");
        for (name, value) in &form.attributes {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|error| error.to_string())?;
            entry = entry.message_attributes(*name, value);
        }
        if self.arn.ends_with(".fifo") {
            entry = entry
                .message_group_id(&form.group)
                .message_deduplication_id(&form.dedupe_id);
        }
        entry.build().map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Channel for TopicChannel {
    fn name(&self) -> &str {
        &self.name
    }

    async fn send(&self, messages: &[Message]) -> Vec<Result<(), ChannelError>> {
        let forms: Vec<(usize, Form)> = messages
            .iter()
            .map(|message| Form::of(message, LIMIT))
            .enumerate()
            .collect();
        let mut results = BTreeMap::new();
        for batch in batches(&forms) {
            self.publish(batch, &mut results).await;
        }
        let unanswered = || {
            Err(ChannelError(
                "the answer of SNS does not say what became of it".to_owned(),
            ))
        };
        (0..messages.len())
            .map(|position| results.remove(&position).unwrap_or_else(unanswered))
            .collect()
    }
}

/// As many messages as fit into one request.
fn batches(mut forms: &[(usize, Form)]) -> Vec<&[(usize, Form)]> {
    let mut batches = Vec::new();
    while !forms.is_empty() {
        let mut size = 0;
        let count = forms
            .iter()
            .take(BATCH)
            .take_while(|(_, form)| {
                size += form.size();
                size <= LIMIT
            })
            .count()
            .max(1);
        let (batch, rest) = forms.split_at(count);
        batches.push(batch);
        forms = rest;
    }
    batches
}

/// A channel for each of the topics, called by its ARN.
pub fn subscriptions(topics: &Topics, client: &Client) -> Result<Vec<Subscription>, TopicsError> {
    Ok(topics
        .subscriptions()?
        .into_iter()
        .map(|(arn, audiences)| Subscription {
            channel: Box::new(TopicChannel::new(arn.clone(), arn, client.clone())),
            audiences,
        })
        .collect())
}

/// The channel of a topic that settings name; region and endpoint are the topic's own.
pub fn channel(settings: &TopicSettings, config: &SdkConfig) -> Result<TopicChannel, String> {
    let region = settings
        .topic
        .split(':')
        .nth(3)
        .filter(|region| !region.is_empty())
        .ok_or_else(|| format!("`topic` is `{}`, not the ARN of a topic", settings.topic))?;
    let mut builder = config.to_builder().region(Region::new(region.to_owned()));
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.endpoint_url(endpoint);
    }
    let client = clients::sns(&builder.build());
    Ok(TopicChannel::new(&settings.name, &settings.topic, client))
}
