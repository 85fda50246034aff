//! From the text of a message to what it says.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use tidewatch_definitions::{Format, Mode};
use tidewatch_domain::{Location, Monitor};

use super::{Message, Results, Row, VERSION, result, row};

/// A message that was understood, as far as it could be.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// What it says.
    pub message: Message,
    /// Items of it that cannot be used; the others are in `message`.
    pub refused: Vec<Refused>,
}

/// An item of a message that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which one: `results[3]`.
    pub place: String,
    /// Why.
    pub reason: String,
    /// The item as it came.
    pub json: String,
}

/// A text is no message of this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// It is not a JSON object of that shape.
    #[error("the message cannot be read: {place}: {problem}")]
    Shape {
        /// The field.
        place: String,
        /// What is wrong there.
        problem: String,
    },
    /// It is of another version.
    #[error(
        "the message has version {found}, and this program reads version {VERSION}; deploy the same \
         release of all functions"
    )]
    Version {
        /// Its version.
        found: u32,
    },
    /// It is of a kind that nobody knows.
    #[error("the message is of kind `{found}`, which is neither `results` nor `rows`")]
    Kind {
        /// Its kind.
        found: String,
    },
}

#[derive(Deserialize)]
struct Envelope<'t> {
    v: u32,
    #[serde(borrow)]
    kind: Cow<'t, str>,
    location: Option<String>,
    bucket: Option<u32>,
    #[serde(borrow)]
    monitors: Option<Vec<&'t RawValue>>,
    #[serde(borrow)]
    results: Option<Vec<&'t RawValue>>,
    #[serde(borrow)]
    rows: Option<Vec<&'t RawValue>>,
}

/// Reads a message. Each item stands for itself: one that cannot be used is handed back, and
/// the others are read.
///
/// Definitions go through the validator as for a tenant that may reach inner addresses: which
/// addresses its prober talked to was decided there.
///
/// Errors: the text is no message, or of a version or kind that is not known.
pub fn decode(text: &str) -> Result<Decoded, MessageError> {
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let envelope: Envelope<'_> = serde_path_to_error::deserialize(deserializer)
        .map_err(|error| shape(&error.path().to_string(), &error.inner().to_string()))?;
    if envelope.v != VERSION {
        return Err(MessageError::Version { found: envelope.v });
    }
    match envelope.kind.as_ref() {
        "results" => results(envelope),
        "rows" => {
            let mut refused = Vec::new();
            let rows = rows(&given(envelope.rows, "rows")?, &mut refused);
            let message = Message::Rows(rows);
            Ok(Decoded { message, refused })
        }
        kind => Err(MessageError::Kind {
            found: kind.to_owned(),
        }),
    }
}

fn results(envelope: Envelope<'_>) -> Result<Decoded, MessageError> {
    let location = given(envelope.location, "location")?;
    let location =
        Location::try_new(location).map_err(|error| shape("location", &error.to_string()))?;
    let mut read = Results {
        location,
        bucket: given(envelope.bucket, "bucket")?,
        monitors: Vec::new(),
        results: Vec::new(),
        rows: Vec::new(),
    };
    let mut refused = Vec::new();
    for (index, raw) in given(envelope.monitors, "monitors")?
        .into_iter()
        .enumerate()
    {
        match monitor(raw.get()) {
            Ok(monitor) => read.monitors.push(Arc::new(monitor)),
            Err(reason) => refused.push(refusal("monitors", index, reason, raw)),
        }
    }
    for (index, raw) in given(envelope.results, "results")?.into_iter().enumerate() {
        match result::read(raw.get(), &read.location) {
            Ok(result) if read.monitor(&result.key).is_some() => read.results.push(result),
            Ok(result) => {
                let reason = format!("the message has no usable definition of {}", result.key);
                refused.push(refusal("results", index, reason, raw));
            }
            Err(reason) => refused.push(refusal("results", index, reason, raw)),
        }
    }
    read.rows = rows(&envelope.rows.unwrap_or_default(), &mut refused);
    Ok(Decoded {
        message: Message::Results(read),
        refused,
    })
}

fn rows(raws: &[&RawValue], refused: &mut Vec<Refused>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(raws.len());
    for (index, raw) in raws.iter().enumerate() {
        match row::read(raw.get()) {
            Ok(row) => rows.push(row),
            Err(reason) => refused.push(refusal("rows", index, reason, raw)),
        }
    }
    rows
}

fn monitor(json: &str) -> Result<Monitor, String> {
    let list = format!("[{json}]");
    let definitions =
        tidewatch_definitions::read(&list, "definition", Format::Json, Mode::AwsInner);
    match <[Monitor; 1]>::try_from(definitions.monitors) {
        Ok([monitor]) => Ok(monitor),
        Err(_) => {
            let faults = definitions.faults.iter().map(ToString::to_string);
            Err(faults.collect::<Vec<_>>().join(" | "))
        }
    }
}

fn given<T>(field: Option<T>, name: &str) -> Result<T, MessageError> {
    field.ok_or_else(|| shape(name, "is missing"))
}

fn shape(place: &str, problem: &str) -> MessageError {
    MessageError::Shape {
        place: place.to_owned(),
        problem: problem.to_owned(),
    }
}

fn refusal(list: &str, index: usize, reason: String, raw: &RawValue) -> Refused {
    Refused {
        place: format!("{list}[{index}]"),
        reason,
        json: raw.get().to_owned(),
    }
}
