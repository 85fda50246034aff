//! The queue of what has no other way: records that the store refuses, messages that nobody can
//! read. Each lies there with the reason, until a person has looked at it.
//!
//! ```json
//! {"v":1,"kind":"row","reason":"...","row":{...as on the results queue...}}
//! {"v":1,"kind":"message","reason":"...","place":"results[3]","text":"..."}
//! ```

use serde::Serialize;
use serde_json::value::RawValue;

use crate::message::{Row, SINGLE_LIMIT, write_row};
use crate::queue::{Outgoing, Queue};

/// Something that has no other way.
#[derive(Clone, Debug, PartialEq)]
pub enum Rejected {
    /// A row that the store refused.
    Row {
        /// The row.
        row: Row,
        /// Why.
        reason: String,
    },
    /// A message, or an item of one, that cannot be read.
    Text {
        /// Where in the message it was: `results[3]`; `message` for all of it.
        place: String,
        /// The text as it came.
        text: String,
        /// Why.
        reason: String,
    },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Letter<'r> {
    Row {
        v: u32,
        reason: &'r str,
        row: Box<RawValue>,
    },
    Message {
        v: u32,
        reason: &'r str,
        place: &'r str,
        text: &'r str,
    },
}

/// The queue of what has no other way.
#[derive(Clone, Debug)]
pub struct RejectedQueue {
    queue: Queue,
}

impl RejectedQueue {
    /// The letters go to `queue`.
    pub fn new(queue: Queue) -> Self {
        RejectedQueue { queue }
    }

    /// Sends all of `rejected`; the error says why some of it is not in the queue.
    pub async fn send(&self, rejected: &[Rejected]) -> Result<(), String> {
        let messages: Vec<Outgoing> = rejected
            .iter()
            .map(|one| letter(one).map(Outgoing::now))
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?;
        let report = self.queue.send(&messages).await;
        match report.failed.first() {
            Some((_, reason)) => Err(format!(
                "{} of {} rejected items are not in the queue: {reason}",
                report.failed.len(),
                rejected.len()
            )),
            None => Ok(()),
        }
    }
}

fn letter(rejected: &Rejected) -> Result<String, serde_json::Error> {
    let letter = match rejected {
        Rejected::Row { row, reason } => Letter::Row {
            v: 1,
            reason,
            row: RawValue::from_string(write_row(row)?)?,
        },
        Rejected::Text {
            place,
            text,
            reason,
        } => Letter::Message {
            v: 1,
            reason,
            place,
            text: shortened(text),
        },
    };
    serde_json::to_string(&letter)
}

/// As much of a text as fits into a letter, where every byte may take six as an escape.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(SINGLE_LIMIT / 8)]
}

#[cfg(test)]
mod tests {
    use tidewatch_domain::ports::Destination;
    use tidewatch_domain::{Tenant, Timestamp, rows};

    use super::*;

    #[test]
    fn a_row_keeps_its_shape_beside_the_reason() {
        let record = rows::schema_rows(Timestamp::from_secs(1)).remove(0);
        let row = Row {
            destination: Destination::Main,
            tenant: Tenant::system(),
            record,
        };
        let rejected = Rejected::Row {
            row: row.clone(),
            reason: "too old".to_owned(),
        };
        let json: serde_json::Value = serde_json::from_str(&letter(&rejected).unwrap()).unwrap();
        assert_eq!(
            (&json["kind"], &json["reason"]),
            (&"row".into(), &"too old".into())
        );
        let written = crate::message::read_row(&json["row"].to_string()).unwrap();
        assert_eq!(written, row);
    }

    #[test]
    fn a_text_of_any_length_fits() {
        let rejected = Rejected::Text {
            place: "message".to_owned(),
            text: "\u{1}".repeat(SINGLE_LIMIT),
            reason: "no JSON".to_owned(),
        };
        assert!(letter(&rejected).unwrap().len() < SINGLE_LIMIT);
    }
}
