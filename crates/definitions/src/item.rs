//! Entries as items of a DynamoDB table.
//!
//! Items are given and taken in DynamoDB's JSON (Amazon DynamoDB API Reference,
//! `AttributeValue`), the shape of stream records and request files.

use serde_json::{Map, Value as Json, json};

use crate::load::Entry;
use crate::tree::{Tree, Value};
use crate::{dynamo_json, json};

/// Attributes that Tidewatch keeps in an item beside the entry: they are no fields of it.
pub const ANNOTATIONS: [&str; 4] = ["schedule_bucket", "bucket", "status", "status_at"];

impl Entry {
    /// The entry that an item holds. `origin` is the name by which faults call it, `number` its
    /// place among the items read together.
    pub fn of_item(item: &Json, origin: &str, number: usize) -> Entry {
        let mut tree = dynamo_json::item(&json::tree(item));
        if let Value::Map(pairs) = &mut tree.value {
            pairs.retain(|(name, _)| !ANNOTATIONS.contains(&name.as_str()));
        }
        Entry {
            file: origin.to_owned(),
            number,
            tree,
        }
    }

    /// The entry that a document in the plain shape holds, as [`crate::encode`] writes it.
    pub fn of_plain(document: &Json, origin: &str, number: usize) -> Entry {
        Entry {
            file: origin.to_owned(),
            number,
            tree: json::tree(document),
        }
    }

    /// The entry as an item, with the fields that its author wrote.
    pub fn to_item(&self) -> Json {
        match &self.tree.value {
            Value::Map(pairs) => Json::Object(attributes(pairs)),
            _ => Json::Object(Map::new()),
        }
    }

    /// The entry in the plain shape, with the fields that its author wrote.
    pub fn to_plain(&self) -> Json {
        plain(&self.tree)
    }
}

/// The request file of `aws dynamodb batch-write-item` that puts `entries` into `table`.
pub fn request_file<'e>(table: &str, entries: impl IntoIterator<Item = &'e Entry>) -> Json {
    let requests: Vec<Json> = entries
        .into_iter()
        .map(|entry| json!({ "PutRequest": { "Item": entry.to_item() } }))
        .collect();
    json!({ table: requests })
}

fn attributes(pairs: &[(String, Tree)]) -> Map<String, Json> {
    let mut map = Map::new();
    for (name, tree) in pairs {
        map.entry(name.clone()).or_insert_with(|| attribute(tree));
    }
    map
}

fn attribute(tree: &Tree) -> Json {
    match &tree.value {
        // What could not be read is no value; entries with such are refused before they get here.
        Value::Null | Value::Unreadable { .. } => json!({ "NULL": true }),
        Value::Bool(value) => json!({ "BOOL": value }),
        Value::Number(text) => json!({ "N": text }),
        Value::Text(text) => json!({ "S": text }),
        Value::List(elements) => {
            json!({ "L": elements.iter().map(attribute).collect::<Vec<_>>() })
        }
        Value::Map(pairs) => json!({ "M": attributes(pairs) }),
    }
}

fn plain(tree: &Tree) -> Json {
    match &tree.value {
        Value::Null | Value::Unreadable { .. } => Json::Null,
        Value::Bool(value) => json!(value),
        // A number that JSON does not know was no number of any field.
        Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        Value::Text(text) => json!(text),
        Value::List(elements) => elements.iter().map(plain).collect(),
        Value::Map(pairs) => {
            let mut map = Map::new();
            for (name, tree) in pairs {
                map.entry(name.clone()).or_insert_with(|| plain(tree));
            }
            Json::Object(map)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, check, encode};

    fn item() -> Json {
        json!({
            "tenant": {"S": "demo"},
            "monitor_id": {"S": "shop"},
            "target": {"S": "https://shop.example/"},
            "interval": {"N": "60"},
            "labels": {"M": {"group": {"S": "web"}}},
            "assertions": {"L": [{"M": {"on": {"S": "status"}, "is": {"L": [{"N": "204"}]}}}]},
            "schedule_bucket": {"S": "60#7"},
            "bucket": {"N": "7"},
            "status": {"S": "ok"},
            "status_at": {"S": "2026-11-22T13:00:00Z"},
        })
    }

    #[test]
    fn an_item_is_an_entry_without_what_tidewatch_noted_in_it() {
        let entry = Entry::of_item(&item(), "table", 1);
        let checked = check(std::slice::from_ref(&entry), Mode::Aws);
        assert_eq!(checked.faults, []);
        assert_eq!(checked.monitors[0].key.to_string(), "demo/shop");

        let mut bare = item();
        for name in ANNOTATIONS {
            bare.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(entry.to_item(), bare);
        assert_eq!(
            entry.to_plain()["assertions"],
            json!([{"on": "status", "is": [204]}])
        );
    }

    #[test]
    fn a_request_file_reads_back_as_the_same_monitors() {
        let entry = Entry::of_item(&item(), "table", 1);
        let file = request_file("monitors", [&entry]).to_string();
        let read = crate::read(&file, "file", crate::Format::Json, Mode::Aws);
        assert_eq!(read.monitors, check(&[entry], Mode::Aws).monitors);
    }

    #[test]
    fn what_the_encoder_writes_is_an_entry() {
        let monitor = check(&[Entry::of_item(&item(), "table", 1)], Mode::Aws).monitors;
        let entry = Entry::of_plain(&encode(&monitor[0]), "message", 1);
        let again = check(&[entry], Mode::Aws);
        assert_eq!(again.faults, []);
        assert_eq!(again.monitors, monitor);
    }

    #[test]
    fn an_attribute_that_is_no_field_is_reported_with_the_origin() {
        let mut item = item();
        item["interval"] = json!({"N": "5"});
        item["timeuot"] = json!({"N": "5"});
        let faults = check(&[Entry::of_item(&item, "table", 1)], Mode::Aws).faults;
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told.iter()
                .all(|fault| fault.starts_with("table: demo/shop: "))
        );
    }
}
