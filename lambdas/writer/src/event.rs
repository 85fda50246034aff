//! What an invocation is for.

use aws_lambda_events::sqs::SqsEvent;
use serde::Deserialize;
use serde_json::Value;

/// What an invocation is for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A batch of messages of the results queue.
    Batch(SqsEvent),
    /// The hourly work; the last complete hour unless one is named.
    Rollup {
        /// Any instant of the hour, RFC 3339.
        hour: Option<String>,
    },
    /// Somebody wants to know which release this is.
    Ping,
}

/// An event that this function has no use for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EventError {
    /// It is of no known shape.
    #[error("the event is no batch of SQS messages and has no `kind`: {0}")]
    Shape(#[source] serde_json::Error),
    /// It is of a shape of another release.
    #[error("the event has version {0}, this release knows version 1")]
    Version(u32),
    /// It is of an unknown kind.
    #[error("the event is of kind `{0}`; this function knows `rollup` and `ping`")]
    Kind(String),
}

#[derive(Deserialize)]
struct Call {
    v: u32,
    kind: String,
    hour: Option<String>,
}

impl Event {
    /// Reads the payload of an invocation.
    pub(crate) fn read(payload: Value) -> Result<Self, EventError> {
        if payload.get("Records").is_some() {
            let batch = serde_json::from_value(payload).map_err(EventError::Shape)?;
            return Ok(Event::Batch(batch));
        }
        let call: Call = serde_json::from_value(payload).map_err(EventError::Shape)?;
        if call.v != 1 {
            return Err(EventError::Version(call.v));
        }
        match call.kind.as_str() {
            "rollup" => Ok(Event::Rollup { hour: call.hour }),
            "ping" => Ok(Event::Ping),
            _ => Err(EventError::Kind(call.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_batches_from_calls() {
        let batch = json!({"Records": [{"messageId": "1", "body": "{}"}]});
        assert!(matches!(Event::read(batch), Ok(Event::Batch(batch)) if batch.records.len() == 1));
        let rollup = Event::read(json!({"v": 1, "kind": "rollup"})).unwrap();
        assert_eq!(rollup, Event::Rollup { hour: None });
        assert_eq!(
            Event::read(json!({"v": 1, "kind": "ping"})).unwrap(),
            Event::Ping
        );
    }

    #[test]
    fn says_what_it_has_no_use_for() {
        let text = |payload| Event::read(payload).unwrap_err().to_string();
        assert_eq!(
            text(json!({"v": 2, "kind": "rollup"})),
            "the event has version 2, this release knows version 1"
        );
        assert_eq!(
            text(json!({"v": 1, "kind": "reconcile"})),
            "the event is of kind `reconcile`; this function knows `rollup` and `ping`"
        );
        assert!(text(json!({})).starts_with("the event is no batch"));
    }
}
