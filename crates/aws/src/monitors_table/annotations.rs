//! What Tidewatch notes in an item beside the entry.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value as Json, json};
use tidewatch_definitions::Fault;
use tidewatch_domain::Timestamp;

use super::{ItemKey, MonitorsTable, TableError};
use crate::sdk::described;

/// The status of an entry that is scheduled as it is.
const OK: &str = "ok";
/// The longest status, in characters.
const LONGEST: usize = 1_000;

/// What is noted in an item; what is absent was not noted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Annotations {
    /// `60#7`: the interval in seconds and the bucket, by which the index finds it.
    pub schedule_bucket: Option<String>,
    /// The bucket in which it is judged.
    pub bucket: Option<u32>,
    /// `ok`, or `invalid: ` and what is wrong with it.
    pub status: Option<String>,
    /// Since when it has this status, in RFC 3339; set by [`MonitorsTable::note`].
    pub status_at: Option<String>,
}

/// What became of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is in the item.
    Done,
    /// The item is gone; it was not made anew.
    Gone,
}

impl Annotations {
    /// What is noted in an item in DynamoDB's JSON.
    pub(super) fn of_item(item: &Json) -> Self {
        let text = |name: &str, kind: &str| item.get(name)?.get(kind)?.as_str();
        Annotations {
            schedule_bucket: text("schedule_bucket", "S").map(str::to_owned),
            bucket: text("bucket", "N").and_then(|text| text.parse().ok()),
            status: text("status", "S").map(str::to_owned),
            status_at: text("status_at", "S").map(str::to_owned),
        }
    }

    /// Adds what is noted to an item in DynamoDB's JSON.
    pub(super) fn add_to(&self, item: &mut Json) {
        let mut set = |name: &str, kind: &str, value: Option<String>| {
            if let (Some(item), Some(value)) = (item.as_object_mut(), value) {
                item.insert(name.to_owned(), json!({ kind: value }));
            }
        };
        set("schedule_bucket", "S", self.schedule_bucket.clone());
        set("bucket", "N", self.bucket.map(|bucket| bucket.to_string()));
        set("status", "S", self.status.clone());
        set("status_at", "S", self.status_at.clone());
    }

    /// The status of an entry that is scheduled.
    pub fn ok_status() -> String {
        OK.to_owned()
    }

    /// The status of an entry with faults: each with field, value and remedy.
    pub fn status_of(faults: &[Fault]) -> String {
        let told = faults.iter().map(|fault| {
            let field = fault
                .field
                .as_ref()
                .map_or(String::new(), |field| format!("{field}: "));
            let value = match fault.value.as_deref() {
                Some(value) if !value.is_empty() => format!(" ({value})"),
                _ => String::new(),
            };
            format!("{field}{}{value}; {}", fault.problem, fault.remedy)
        });
        Self::invalid_status(&told.collect::<Vec<_>>().join(" | "))
    }

    /// The status of an entry that cannot be scheduled for `reason`.
    pub fn invalid_status(reason: &str) -> String {
        format!("invalid: {reason}").chars().take(LONGEST).collect()
    }
}

impl MonitorsTable {
    /// Notes `wanted` in an item, leaving its fields alone. What `wanted` does not have stays as
    /// it is. An item that is gone is not made anew.
    pub async fn note(
        &self,
        key: &ItemKey,
        wanted: &Annotations,
        now: Timestamp,
    ) -> Result<Noted, TableError> {
        let mut sets = Vec::new();
        let mut names = HashMap::new();
        let mut values = HashMap::new();
        let mut set = |name: &str, value: AttributeValue| {
            sets.push(format!("#{name} = :{name}"));
            names.insert(format!("#{name}"), name.to_owned());
            values.insert(format!(":{name}"), value);
        };
        if let Some(text) = &wanted.schedule_bucket {
            set("schedule_bucket", AttributeValue::S(text.clone()));
        }
        if let Some(bucket) = wanted.bucket {
            set("bucket", AttributeValue::N(bucket.to_string()));
        }
        if let Some(status) = &wanted.status {
            set("status", AttributeValue::S(status.clone()));
            set("status_at", AttributeValue::S(now.to_string()));
        }
        if sets.is_empty() {
            return Ok(Noted::Done);
        }
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("tenant", AttributeValue::S(key.tenant.clone()))
            .key("monitor_id", AttributeValue::S(key.monitor_id.clone()))
            .update_expression(format!("SET {}", sets.join(", ")))
            .condition_expression("attribute_exists(monitor_id)")
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Noted::Done),
            Err(error) if error.code() == Some("ConditionalCheckFailedException") => {
                Ok(Noted::Gone)
            }
            Err(error) => Err(self.error("UpdateItem", described(&error))),
        }
    }
}
