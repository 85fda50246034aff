//! Tests on a body of JSON.

use std::fmt;

use serde_json::Value;

use super::facts::ResponseBody;
use super::number::NumberTest;
use super::result::{Found, Judgement};
use super::text::TextTest;
use crate::cause::ErrorClass;

/// Where to look in a JSON value: a JSONPath by RFC 9535.
///
/// The work of a query is bounded by the size of the body: a path has at most one `..`, and
/// filters look downwards only (`@`), never from the root again.
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
}

/// A text that is no usable JSONPath.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    /// It is not written as RFC 9535 demands.
    #[error("is not a JSONPath: it cannot be understood from character {position} on")]
    Syntax {
        /// The first character that was not understood, counted from 1.
        position: usize,
    },
    /// It could take more time than the size of the body allows for.
    #[error("has more than one `{what}`, which could take too long")]
    Costly {
        /// What there is too much of.
        what: &'static str,
    },
}

impl JsonPath {
    /// Reads a path.
    ///
    /// Errors: the syntax, or a query whose cost is not bounded by the size of the body.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let path =
            serde_json_path::JsonPath::parse(text).map_err(|error| JsonPathError::Syntax {
                // The parser counts the bytes that it understood.
                position: 1 + text
                    .get(..error.position())
                    .map_or(0, |understood| understood.chars().count()),
            })?;
        let outside = without_texts(text);
        for what in ["..", "$"] {
            if outside.matches(what).count() > 1 {
                return Err(JsonPathError::Costly { what });
            }
        }
        Ok(JsonPath {
            text: text.to_owned(),
            path,
        })
    }

    fn query<'b>(&self, value: &'b Value) -> Vec<&'b Value> {
        self.path.query(value).all()
    }
}

/// The path without the texts in quotes.
fn without_texts(path: &str) -> String {
    let mut outside = String::new();
    let mut quote = None;
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        match quote {
            Some(_) if character == '\\' => {
                characters.next();
            }
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None => outside.push(character),
        }
    }
    outside
}

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl PartialEq for JsonPath {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// What must hold of what a path finds. All but `Exists` and `Count` demand that something is
/// found and that each value found passes.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTest {
    /// Whether anything is found.
    Exists(bool),
    /// The value is this; `1` and `1.0` are the same number.
    Equals(Value),
    /// The value is a number within these bounds.
    Number(NumberTest),
    /// The value as a text passes: a string itself, everything else as compact JSON.
    Text(TextTest),
    /// How many values are found.
    Count(NumberTest),
}

impl JsonTest {
    pub(super) fn found(&self, path: &JsonPath, body: &ResponseBody) -> Found {
        let value = match body.json() {
            Ok(value) => value,
            Err(reason) => {
                return Found {
                    actual: format!("(the body is not JSON: {reason})"),
                    passed: false,
                };
            }
        };
        let values = path.query(value);
        match self {
            JsonTest::Exists(wanted) => Found {
                actual: shown(&values),
                passed: values.is_empty() != *wanted,
            },
            JsonTest::Count(test) => test.found(Some(values.len() as f64)),
            JsonTest::Equals(wanted) => each(&values, |value| same(value, wanted)),
            JsonTest::Number(test) => each(&values, |value| {
                value.as_f64().is_some_and(|number| test.holds(number))
            }),
            JsonTest::Text(test) => each(&values, |value| match value {
                Value::String(text) => test.holds(text),
                other => test.holds(&other.to_string()),
            }),
        }
    }

    pub(super) fn judgement(&self, path: &JsonPath) -> Judgement {
        const CLASS: ErrorClass = ErrorClass::JsonMismatch;
        let subject = format!("json {path}");
        match self {
            JsonTest::Exists(wanted) => {
                let expected = if *wanted { "(present)" } else { "(absent)" };
                Judgement::new(subject, expected, CLASS)
            }
            JsonTest::Equals(wanted) => Judgement::new(format!("{subject} equals"), wanted, CLASS),
            JsonTest::Number(test) => test.judgement(&subject, "", CLASS),
            JsonTest::Text(test) => test.judgement(&subject, CLASS),
            JsonTest::Count(test) => test.judgement(&format!("{subject} count"), "", CLASS),
        }
    }
}

/// Holds where there are values and all pass; of several, the first that does not is shown.
fn each(values: &[&Value], test: impl Fn(&Value) -> bool) -> Found {
    match values.iter().find(|value| !test(value)) {
        Some(failing) => Found {
            actual: shown(&[*failing]),
            passed: false,
        },
        None => Found {
            actual: shown(values),
            passed: !values.is_empty(),
        },
    }
}

/// The first value, and how many there are beside it.
fn shown(values: &[&Value]) -> String {
    match values {
        [] => "(absent)".to_owned(),
        [value] => super::result::shortened(&value.to_string()),
        [first, others @ ..] => format!(
            "{} and {} more",
            super::result::shortened(&first.to_string()),
            others.len()
        ),
    }
}

/// Equality with numbers compared by value: JSON has no integers.
fn same(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.as_f64().is_some() && a.as_f64() == b.as_f64())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
