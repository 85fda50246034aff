//! What Lambda hands to the function: an input, or messages of SQS whose bodies are inputs.

use serde_json::Value;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// A call by a schedule rule or by somebody.
    Call(Value),
    /// Messages: identifier and body.
    Messages(Vec<(String, Option<String>)>),
}

impl Event {
    /// Tells what `payload` is. Whether an input makes sense is found out later.
    pub(super) fn read(payload: Value) -> Self {
        if payload.get("Records").is_none() {
            return Event::Call(payload);
        }
        match serde_json::from_value::<aws_lambda_events::sqs::SqsEvent>(payload.clone()) {
            Ok(event) => {
                let records = event.records.into_iter();
                let messages = records.map(|record| {
                    // A message without an identifier could not be asked for again.
                    (record.message_id.unwrap_or_default(), record.body)
                });
                Event::Messages(messages.collect())
            }
            Err(_) => Event::Call(payload),
        }
    }
}
