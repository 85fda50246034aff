//! A message in the form of SNS.

use serde_json::json;
use tidewatch_notify::message::Message;

/// The most bytes of the text for mails.
const TEXT_LIMIT: usize = 64 * 1024;
/// The least that is worth sending.
const LEAST: usize = 1_024;

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) subject: String,
    /// One JSON object with a form for each protocol.
    pub(super) body: String,
    pub(super) attributes: Vec<(&'static str, String)>,
    /// On FIFO topics, what is about one subject stays in order.
    pub(super) group: String,
    pub(super) dedupe_id: String,
}

impl Form {
    /// The form of a message, of at most `limit` bytes with attributes and subject.
    pub(super) fn of(message: &Message, limit: usize) -> Self {
        let subject = message.subject();
        let attributes = message.attributes();
        let group = message.dispatch().first().subject.to_string();
        let mut form = Form {
            body: String::new(),
            attributes,
            group: group.chars().take(128).collect(),
            dedupe_id: message.dedupe_id().to_owned(),
            subject,
        };
        // Writing JSON into JSON makes it longer by what has to be escaped, so that the room is
        // found by trying.
        let (mut text, mut data) = (TEXT_LIMIT, limit);
        loop {
            form.body = json!({
                "default": message.json(data),
                "email": message.text(text),
                "sms": form.subject,
            })
            .to_string();
            if form.size() <= limit || data <= LEAST {
                return form;
            }
            data = data / 4 * 3;
            text = text.min(data / 2).max(LEAST);
        }
    }

    /// What SNS counts: the body, the subject, and names, types and values of attributes.
    pub(super) fn size(&self) -> usize {
        let attributes: usize = self
            .attributes
            .iter()
            .map(|(name, value)| name.len() + "String".len() + value.len())
            .sum();
        self.body.len() + self.subject.len() + attributes
    }
}
