//! DynamoDB's JSON: the request file of `aws dynamodb batch-write-item`, and the items in it.
//!
//! Format: Amazon DynamoDB API Reference, `BatchWriteItem` and `AttributeValue`.

use crate::fault::{Fault, shortened};
use crate::load::Entry;
use crate::suggest::nearest;
use crate::tree::{Position, Tree, Value};

/// `BatchWriteItem` takes at most so many requests, over all tables.
const BATCH: usize = 25;

const TYPES: [&str; 10] = ["S", "N", "BOOL", "NULL", "L", "M", "SS", "NS", "B", "BS"];
const PUT: &str = r#"write {"PutRequest": {"Item": {...}}}"#;
const ATTRIBUTE: &str = r#"write the type and the value, like {"S": "text"} or {"N": "60"}"#;

/// Whether a JSON document has the shape of a request file rather than the plain one.
pub(crate) fn is_request_file(root: &Tree) -> bool {
    let Value::Map(tables) = &root.value else {
        return false;
    };
    let holds_requests = |table: &Tree| match &table.value {
        Value::List(requests) => requests.iter().any(|request| {
            request
                .get("PutRequest")
                .or(request.get("DeleteRequest"))
                .is_some()
        }),
        _ => false,
    };
    tables.iter().any(|(_, table)| holds_requests(table))
}

/// The entries of a request file; what is wrong with single requests goes to `faults`, what only
/// the AWS CLI would refuse to `warnings`.
pub(crate) fn entries(
    root: Tree,
    file: &str,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<Fault>,
) -> Vec<Entry> {
    let Value::Map(tables) = root.value else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    let mut requests = 0;
    for (table, list) in tables {
        let Value::List(list) = list.value else {
            let table = shortened(&table);
            let problem = format!("table `{table}` holds {}, not a list", list.value.sort());
            faults.push(Fault::of_file(
                file,
                list.at,
                problem,
                "write a list of requests",
            ));
            continue;
        };
        for request in list {
            requests += 1;
            match put_item(request) {
                Ok(item) => entries.push(Entry {
                    file: file.to_owned(),
                    number: requests,
                    tree: self::item(&item),
                }),
                Err(wrong) => faults.push(Fault {
                    entry: Some(format!("#{requests}")),
                    ..Fault::of_file(file, wrong.at, wrong.problem, wrong.remedy)
                }),
            }
        }
    }
    if requests > BATCH {
        warnings.push(Fault::of_file(
            file,
            None,
            format!("holds {requests} requests, and `aws dynamodb batch-write-item` takes {BATCH}"),
            format!("split it into files of at most {BATCH} to load it into DynamoDB"),
        ));
    }
    entries
}

/// An item, a map of names to attribute values, as a plain map. What is no attribute value becomes
/// [`Value::Unreadable`] at its place; what is no map stays as it is.
pub(crate) fn item(tree: &Tree) -> Tree {
    match &tree.value {
        Value::Map(pairs) => {
            let plain = pairs
                .iter()
                .map(|(name, value)| (name.clone(), attribute(value)));
            tree.with(Value::Map(plain.collect()))
        }
        _ => tree.clone(),
    }
}

struct Wrong {
    at: Option<Position>,
    problem: String,
    remedy: &'static str,
}

fn put_item(request: Tree) -> Result<Tree, Wrong> {
    let at = request.at;
    let wrong = |problem: String, remedy| {
        Err(Wrong {
            at,
            problem,
            remedy,
        })
    };
    let Value::Map(pairs) = request.value else {
        return wrong(
            format!("the request is {}, not a map", request.value.sort()),
            PUT,
        );
    };
    if pairs.iter().any(|(name, _)| name == "DeleteRequest") {
        let remedy =
            "keep only `PutRequest` in this file; to stop a monitor set `enabled` to false";
        return wrong("`DeleteRequest` defines no monitor".to_owned(), remedy);
    }
    let [(name, put)] = <[_; 1]>::try_from(pairs).map_err(|pairs| Wrong {
        at,
        problem: format!("the request has {} members instead of one", pairs.len()),
        remedy: PUT,
    })?;
    if name != "PutRequest" {
        return wrong(
            format!("`{}` is not a known request", shortened(&name)),
            PUT,
        );
    }
    let Value::Map(members) = put.value else {
        return wrong(
            format!("`PutRequest` is {}, not a map", put.value.sort()),
            PUT,
        );
    };
    match <[_; 1]>::try_from(members) {
        Ok([(name, item)]) if name == "Item" => match item.value {
            Value::Map(_) => Ok(item),
            other => wrong(format!("`Item` is {}, not a map", other.sort()), PUT),
        },
        _ => wrong(
            "`PutRequest` must hold `Item` and nothing else".to_owned(),
            PUT,
        ),
    }
}

fn attribute(tree: &Tree) -> Tree {
    let Value::Map(pairs) = &tree.value else {
        let problem = format!("is {} without an attribute type", tree.value.sort());
        return unreadable(tree, problem, ATTRIBUTE);
    };
    let [(kind, inner)] = pairs.as_slice() else {
        let problem = format!("has {} attribute types instead of one", pairs.len());
        return unreadable(tree, problem, ATTRIBUTE);
    };
    let value = match (kind.as_str(), &inner.value) {
        ("S", Value::Text(_)) | ("BOOL", Value::Bool(_)) => inner.value.clone(),
        ("N", Value::Text(text)) if is_number(text) => Value::Number(text.clone()),
        ("N", Value::Text(_)) => {
            return unreadable(inner, "is not a number".to_owned(), r#"write {"N": "60"}"#);
        }
        ("N", Value::Number(_)) => {
            let problem = "has its number without quotes, which DynamoDB refuses".to_owned();
            return unreadable(inner, problem, r#"write {"N": "60"}"#);
        }
        ("NULL", Value::Bool(true)) => Value::Null,
        ("L", Value::List(elements)) => Value::List(elements.iter().map(attribute).collect()),
        ("M", Value::Map(_)) => item(inner).value,
        ("SS", Value::List(elements)) => Value::List(elements.iter().map(text_of_set).collect()),
        ("NS", Value::List(elements)) => Value::List(elements.iter().map(number_of_set).collect()),
        ("B" | "BS", _) => {
            let problem = format!("is binary (`{kind}`), and no field is");
            return unreadable(inner, problem, r#"write a text, like {"S": "text"}"#);
        }
        (kind, other) if TYPES.contains(&kind) => {
            let problem = format!("has {} where type `{kind}` has none", other.sort());
            return unreadable(inner, problem, ATTRIBUTE);
        }
        (kind, _) => {
            let problem = format!("has the unknown attribute type `{}`", shortened(kind));
            return match nearest(kind, TYPES) {
                Some(known) => unreadable(inner, problem, format!("did you mean `{known}`?")),
                None => unreadable(inner, problem, ATTRIBUTE),
            };
        }
    };
    inner.with(value)
}

fn text_of_set(element: &Tree) -> Tree {
    match &element.value {
        Value::Text(_) => element.clone(),
        other => {
            let problem = format!("is {} within a set of texts", other.sort());
            unreadable(element, problem, r#"write {"SS": ["a", "b"]}"#)
        }
    }
}

fn number_of_set(element: &Tree) -> Tree {
    match &element.value {
        Value::Text(text) if is_number(text) => element.with(Value::Number(text.clone())),
        _ => unreadable(
            element,
            "is not a number in quotes".to_owned(),
            r#"write {"NS": ["200", "204"]}"#,
        ),
    }
}

fn is_number(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    plain && text.parse::<f64>().is_ok_and(f64::is_finite)
}

fn unreadable(tree: &Tree, problem: String, remedy: impl Into<String>) -> Tree {
    tree.with(Value::Unreadable {
        problem,
        remedy: remedy.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(attribute_value: &str) -> Value {
        attribute(&crate::json::parse(attribute_value).unwrap()).value
    }

    #[test]
    fn every_attribute_type_is_converted_or_refused() {
        assert!(matches!(read(r#"{"S": "a"}"#), Value::Text(text) if text == "a"));
        assert!(matches!(read(r#"{"N": "6e1"}"#), Value::Number(text) if text == "6e1"));
        assert!(matches!(read(r#"{"BOOL": false}"#), Value::Bool(false)));
        assert!(matches!(read(r#"{"NULL": true}"#), Value::Null));
        assert!(
            matches!(read(r#"{"L": [{"S": "a"}, {"N": "1"}]}"#), Value::List(list) if list.len() == 2)
        );
        assert!(matches!(read(r#"{"M": {"a": {"S": "b"}}}"#), Value::Map(map) if map.len() == 1));
        assert!(matches!(read(r#"{"SS": ["a", "b"]}"#), Value::List(list) if list.len() == 2));
        assert!(matches!(read(r#"{"NS": ["1"]}"#), Value::List(list)
            if matches!(list[0].value, Value::Number(_))));
        for bad in [
            r#"{"B": "aGk="}"#,
            r#"{"BS": ["aGk="]}"#,
            r#"{"N": 60}"#,
            r#"{"N": "sixty"}"#,
            r#"{"NULL": false}"#,
            r#"{"S": 1}"#,
            r#"{"s": "a"}"#,
            r#""plain""#,
            r#"{}"#,
            r#"{"S": "a", "N": "1"}"#,
            r#"{"N": "inf"}"#,
            r#"{"M": []}"#,
        ] {
            assert!(matches!(read(bad), Value::Unreadable { .. }), "{bad}");
        }
        assert!(matches!(read(r#"{"SS": [1]}"#), Value::List(list)
            if matches!(list[0].value, Value::Unreadable { .. })));
    }
}
