//! What the function is called with: by a schedule rule, by a message of the slots queue, or by
//! somebody who wants to know whether it is there.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant, Timestamp};

/// The version of inputs.
const VERSION: u32 = 1;

/// What is asked of the function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Call {
    /// To say that it is there.
    Ping,
    /// To probe.
    Probe(Box<Input>),
}

/// What to probe, and for which slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Input {
    /// The slot; the instant of the tick, unless it is `expanded`.
    pub(crate) slot: Timestamp,
    /// Whether it is one of several slots of a tick, so that no more are to be made of it.
    pub(crate) expanded: bool,
    /// What to probe.
    pub(crate) subject: Subject,
    /// The input as it came.
    pub(crate) body: Value,
}

/// What to probe.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subject {
    /// The monitor of this entry.
    Entry {
        /// The entry in the plain shape.
        entry: Value,
        /// Where it is judged.
        bucket: u32,
    },
    /// The monitor of this key, whose entry is in the table.
    Key {
        /// The key.
        key: MonitorKey,
        /// Where it is judged.
        bucket: u32,
    },
    /// All monitors of a schedule bucket.
    Bucket {
        /// Its name: `60#7`.
        name: String,
        /// The interval of all of them.
        interval: Duration,
        /// Where they are judged, unless their items say otherwise.
        bucket: u32,
    },
}

/// An input that says nothing the function could do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the input cannot be used: {place}: {problem}")]
pub(crate) struct InputError {
    place: String,
    problem: String,
}

impl InputError {
    fn new(place: &str, problem: impl Into<String>) -> Self {
        InputError {
            place: place.to_owned(),
            problem: problem.into(),
        }
    }
}

#[derive(Deserialize)]
struct Raw {
    v: u32,
    kind: String,
    slot: Option<String>,
    interval: Option<u64>,
    bucket: Option<Value>,
    monitor: Option<Value>,
    key: Option<Key>,
    #[serde(default)]
    expanded: bool,
}

#[derive(Deserialize)]
struct Key {
    tenant: String,
    monitor_id: String,
}

impl Call {
    /// Reads an input. The error names the field.
    pub(crate) fn read(body: Value) -> Result<Self, InputError> {
        let raw: Raw = serde_path_to_error::deserialize(&body).map_err(|error| {
            InputError::new(&error.path().to_string(), error.inner().to_string())
        })?;
        if raw.v != VERSION {
            let problem = format!(
                "is {}, and this program reads version {VERSION}; deploy the same release of all \
                 functions",
                raw.v
            );
            return Err(InputError::new("v", problem));
        }
        let subject = match raw.kind.as_str() {
            "ping" => return Ok(Call::Ping),
            "monitor" => single(&raw)?,
            "bucket" => several(&raw)?,
            kind => {
                let problem = format!("`{kind}` is none of `monitor`, `bucket`, `ping`");
                return Err(InputError::new("kind", problem));
            }
        };
        let slot = given(raw.slot.as_deref(), "slot")?
            .parse()
            .map_err(|error| InputError::new("slot", format!("{error}")))?;
        Ok(Call::Probe(Box::new(Input {
            slot,
            expanded: raw.expanded,
            subject,
            body,
        })))
    }
}

impl Input {
    /// Whether it asks for one monitor.
    pub(crate) fn is_single(&self) -> bool {
        !matches!(self.subject, Subject::Bucket { .. })
    }

    /// The input for a further slot of the same tick.
    pub(crate) fn at(&self, slot: Timestamp) -> Value {
        let mut body = self.body.clone();
        body["slot"] = Value::from(slot.to_string());
        body["expanded"] = Value::from(true);
        body
    }
}

fn single(raw: &Raw) -> Result<Subject, InputError> {
    let bucket = given(raw.bucket.as_ref(), "bucket")?
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| InputError::new("bucket", "is not the number of a bucket"))?;
    match (&raw.monitor, &raw.key) {
        (Some(entry), None) => Ok(Subject::Entry {
            entry: entry.clone(),
            bucket,
        }),
        (None, Some(key)) => {
            let tenant = Tenant::try_new(key.tenant.as_str())
                .map_err(|error| InputError::new("key.tenant", error.to_string()))?;
            let monitor_id = MonitorId::try_new(key.monitor_id.as_str())
                .map_err(|error| InputError::new("key.monitor_id", error.to_string()))?;
            Ok(Subject::Key {
                key: MonitorKey { tenant, monitor_id },
                bucket,
            })
        }
        _ => Err(InputError::new(
            "monitor",
            "an input of kind `monitor` has either an entry, `monitor`, or its `key`",
        )),
    }
}

fn several(raw: &Raw) -> Result<Subject, InputError> {
    let name = given(raw.bucket.as_ref(), "bucket")?
        .as_str()
        .ok_or_else(|| InputError::new("bucket", "is not the name of a schedule bucket"))?;
    let number = name
        .split_once('#')
        .and_then(|(_, number)| number.parse().ok());
    let bucket = number.ok_or_else(|| {
        let problem = format!("`{name}` is not the name of a schedule bucket, like `60#7`");
        InputError::new("bucket", problem)
    })?;
    let interval = given(raw.interval, "interval")?;
    if interval == 0 {
        return Err(InputError::new("interval", "is no time at all"));
    }
    Ok(Subject::Bucket {
        name: name.to_owned(),
        interval: Duration::from_secs(interval),
        bucket,
    })
}

fn given<T>(field: Option<T>, place: &str) -> Result<T, InputError> {
    field.ok_or_else(|| InputError::new(place, "is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn probe(body: Value) -> Input {
        match Call::read(body).unwrap() {
            Call::Probe(input) => *input,
            Call::Ping => panic!("a ping"),
        }
    }

    #[test]
    fn reads_what_rules_send() {
        let slot = "2026-11-22T13:00:00Z";
        let entry = json!({"tenant": "demo", "monitor_id": "shop"});
        let input = probe(json!({
            "v": 1, "kind": "monitor", "slot": slot, "interval": 60, "bucket": 7, "monitor": entry,
        }));
        assert_eq!(input.slot, slot.parse().unwrap());
        assert!(!input.expanded);
        assert_eq!(
            input.subject,
            Subject::Entry {
                entry: entry.clone(),
                bucket: 7
            }
        );

        let input = probe(json!({
            "v": 1, "kind": "monitor", "slot": slot, "interval": 60, "bucket": 7, "key": entry,
        }));
        let Subject::Key { key, bucket: 7 } = input.subject else {
            panic!("{:?}", input.subject);
        };
        assert_eq!(key.to_string(), "demo/shop");

        let input = probe(json!({
            "v": 1, "kind": "bucket", "slot": slot, "interval": 60, "bucket": "60#7",
        }));
        let wanted = Subject::Bucket {
            name: "60#7".to_owned(),
            interval: Duration::from_secs(60),
            bucket: 7,
        };
        assert_eq!(input.subject, wanted);
        assert_eq!(Call::read(json!({"v": 1, "kind": "ping"})), Ok(Call::Ping));
    }

    #[test]
    fn an_input_for_a_further_slot_is_not_expanded_again() {
        let tick = probe(json!({
            "v": 1, "kind": "bucket", "slot": "2026-11-22T13:00:00Z", "interval": 20, "bucket": "20#1",
        }));
        let slot = tick.slot.plus(Duration::from_secs(20));
        let further = probe(tick.at(slot));
        assert!(further.expanded);
        assert_eq!(further.slot, slot);
        assert_eq!(further.subject, tick.subject);
    }

    #[test]
    fn what_cannot_be_used_names_the_field() {
        for (body, wanted) in [
            (json!({}), ".: missing field `v`"),
            (
                json!([]),
                ".: invalid length 0, expected struct Raw with 8 elements",
            ),
            (
                json!({"v": 1, "kind": 3}),
                "kind: invalid type: integer `3`, expected a string",
            ),
            (
                json!({"v": 2, "kind": "monitor"}),
                "v: is 2, and this program reads version 1; deploy the same release of all functions",
            ),
            (
                json!({"v": 1, "kind": "monitors"}),
                "kind: `monitors` is none of `monitor`, `bucket`, `ping`",
            ),
            (json!({"v": 1, "kind": "monitor"}), "bucket: is missing"),
            (
                json!({"v": 1, "kind": "monitor", "bucket": -1}),
                "bucket: is not the number of a bucket",
            ),
            (
                json!({"v": 1, "kind": "monitor", "bucket": 1}),
                "monitor: an input of kind `monitor` has either an entry, `monitor`, or its `key`",
            ),
            (
                json!({"v": 1, "kind": "monitor", "bucket": 1, "key": {"tenant": "_system", "monitor_id": "x"}}),
                "key.tenant: `_system` is not a usable name: names that begin with `_` are kept for Tidewatch itself",
            ),
            (
                json!({"v": 1, "kind": "bucket", "bucket": "7", "interval": 60}),
                "bucket: `7` is not the name of a schedule bucket, like `60#7`",
            ),
            (
                json!({"v": 1, "kind": "bucket", "bucket": "0#7", "interval": 0}),
                "interval: is no time at all",
            ),
            (
                json!({"v": 1, "kind": "bucket", "bucket": "60#7", "interval": 60, "slot": "soon"}),
                "slot: `soon` is not a time; write it like 2026-11-22T07:00:00Z",
            ),
        ] {
            let error = Call::read(body).unwrap_err().to_string();
            assert_eq!(error, format!("the input cannot be used: {wanted}"));
        }
    }
}
