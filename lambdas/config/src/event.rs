//! What the function is called for.

use lambda_runtime::Diagnostic;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::reconcile::{self, ReconcileError};
use crate::stream;

/// The version of the inputs that are ours.
const VERSION: u32 = 1;

/// A call that came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody knows what the event asks for.
    #[error(
        "the event is none that the config function knows: {problem}; it takes batches of a DynamoDB stream, {{\"v\":1,\"kind\":\"reconcile\"}} and {{\"v\":1,\"kind\":\"ping\"}}"
    )]
    Event {
        /// What is wrong with it.
        problem: String,
    },
    /// Drift could not be put right.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
}

/// Errors as Lambda's metrics and destinations tell them apart.
impl From<CallError> for Diagnostic {
    fn from(error: CallError) -> Self {
        let error_type = match error {
            CallError::Event { .. } => "UnknownEvent",
            CallError::Reconcile(_) => "NotInStep",
        };
        Diagnostic {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// What an event asks for.
#[derive(Debug, PartialEq)]
enum Asked {
    /// Look at the entries that these stream records are about.
    Stream(Value),
    /// Put right whatever drifted.
    Reconcile,
    /// Say that the function works.
    Ping,
}

#[derive(Deserialize)]
struct Ours {
    v: u32,
    kind: String,
}

/// Does what the event asks for.
pub(crate) async fn handle(context: &Context, event: Value) -> Result<Value, CallError> {
    match asked(event)? {
        Asked::Stream(event) => {
            let event = serde_json::from_value(event).map_err(|error| CallError::Event {
                problem: format!("its records cannot be read: {error}"),
            })?;
            let answer = stream::handle(context, event).await;
            Ok(serde_json::to_value(answer).unwrap_or_default())
        }
        Asked::Reconcile => Ok(reconcile::handle(context).await?),
        Asked::Ping => Ok(json!({
            "v": VERSION,
            "kind": "pong",
            "version": env!("CARGO_PKG_VERSION"),
            "location": context.settings.plan.location.as_str(),
            "table": context.table.name(),
            "buckets": context.settings.buckets.count(),
        })),
    }
}

fn asked(event: Value) -> Result<Asked, CallError> {
    let unknown = |problem: String| CallError::Event { problem };
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        let source = |record: &Value| {
            let source = record.get("eventSource").and_then(Value::as_str);
            source.map(str::to_owned)
        };
        return match records.first().and_then(source).as_deref() {
            None if records.is_empty() => Ok(Asked::Stream(event)),
            Some("aws:dynamodb") => Ok(Asked::Stream(event)),
            // What the stream gave up on: the message names no entries, only a range of records.
            Some("aws:sqs") => Ok(Asked::Reconcile),
            other => Err(unknown(format!(
                "its records come from `{}`",
                other.unwrap_or("nowhere")
            ))),
        };
    }
    let ours: Ours = serde_json::from_value(event).map_err(|error| unknown(error.to_string()))?;
    if ours.v != VERSION {
        return Err(unknown(format!(
            "its version is {} instead of {VERSION}",
            ours.v
        )));
    }
    match ours.kind.as_str() {
        "reconcile" => Ok(Asked::Reconcile),
        "ping" => Ok(Asked::Ping),
        other => Err(unknown(format!("its kind is `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart() {
        let stream = json!({"Records": [{"eventSource": "aws:dynamodb"}]});
        assert_eq!(asked(stream.clone()).unwrap(), Asked::Stream(stream));
        let given_up = json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]});
        assert_eq!(asked(given_up).unwrap(), Asked::Reconcile);
        assert_eq!(
            asked(json!({"v": 1, "kind": "reconcile"})).unwrap(),
            Asked::Reconcile
        );
        assert_eq!(asked(json!({"v": 1, "kind": "ping"})).unwrap(), Asked::Ping);
    }

    #[test]
    fn an_unknown_event_is_told_with_what_is_known() {
        for (event, problem) in [
            (
                json!({"v": 2, "kind": "ping"}),
                "its version is 2 instead of 1",
            ),
            (json!({"v": 1, "kind": "probe"}), "its kind is `probe`"),
            (
                json!({"Records": [{"eventSource": "aws:s3"}]}),
                "its records come from `aws:s3`",
            ),
            (json!("hello"), "invalid type"),
        ] {
            let error = asked(event).unwrap_err().to_string();
            assert!(
                error.contains(problem) && error.contains("reconcile"),
                "{error}"
            );
        }
    }
}
