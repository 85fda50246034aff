//! Attribute values of the SDK as DynamoDB's JSON, and back.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

/// An item in DynamoDB's JSON. Names are in alphabetical order, so that the same item gives the
/// same text.
pub fn to_json(item: &HashMap<String, AttributeValue>) -> Json {
    let mut pairs: Vec<_> = item.iter().collect();
    pairs.sort_by_key(|(name, _)| *name);
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| (name.clone(), value_to_json(value)));
    Json::Object(pairs.collect::<Map<_, _>>())
}

fn value_to_json(value: &AttributeValue) -> Json {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(text) => json!({ "N": text }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Null(value) => json!({ "NULL": value }),
        AttributeValue::L(elements) => {
            json!({ "L": elements.iter().map(value_to_json).collect::<Vec<_>>() })
        }
        AttributeValue::M(map) => json!({ "M": to_json(map) }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(texts) => json!({ "NS": texts }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        AttributeValue::Bs(all) => {
            let all: Vec<String> = all.iter().map(|bytes| STANDARD.encode(bytes)).collect();
            json!({ "BS": all })
        }
        // A type that this version of the SDK does not know; the validator says so at its field.
        _ => json!({ "unknown": null }),
    }
}

/// An item from DynamoDB's JSON. What is no attribute value becomes NULL: only items that were
/// checked are written.
pub fn from_json(item: &Json) -> HashMap<String, AttributeValue> {
    let pairs = item.as_object().into_iter().flatten();
    pairs
        .map(|(name, value)| (name.clone(), value_from_json(value)))
        .collect()
}

fn value_from_json(value: &Json) -> AttributeValue {
    let single = value.as_object().and_then(|map| map.iter().next());
    let Some((kind, value)) = single else {
        return AttributeValue::Null(true);
    };
    let text = || value.as_str().map(str::to_owned);
    let texts = || {
        let texts = value.as_array().into_iter().flatten();
        texts.filter_map(Json::as_str).map(str::to_owned).collect()
    };
    let bytes = |text: &str| STANDARD.decode(text).ok().map(Blob::new);
    let read = match kind.as_str() {
        "S" => text().map(AttributeValue::S),
        "N" => text().map(AttributeValue::N),
        "BOOL" => value.as_bool().map(AttributeValue::Bool),
        "L" => value
            .as_array()
            .map(|list| AttributeValue::L(list.iter().map(value_from_json).collect())),
        "M" => Some(AttributeValue::M(from_json(value))),
        "SS" => Some(AttributeValue::Ss(texts())),
        "NS" => Some(AttributeValue::Ns(texts())),
        "B" => value.as_str().and_then(bytes).map(AttributeValue::B),
        "BS" => {
            let all = value.as_array().into_iter().flatten();
            let all = all.filter_map(Json::as_str).filter_map(bytes);
            Some(AttributeValue::Bs(all.collect()))
        }
        _ => None,
    };
    read.unwrap_or(AttributeValue::Null(true))
}
