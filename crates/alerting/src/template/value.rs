//! Values inside a template, and how Go prints them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::evaluate::{self, Labels};
use crate::{go, number};

use super::Data;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    /// What a map does not hold: prints as `[no value]`, and so does every field of it.
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    /// The dot of the whole template.
    Data(&'a Data<'a>),
    Labels(Cow<'a, Labels>),
    Values(&'a BTreeMap<String, evaluate::Value>),
    /// A number with its labels, an element of `$values`; nothing where `index` found none.
    Number(Option<&'a evaluate::Value>),
    /// What `args` makes.
    Arguments(BTreeMap<String, Value<'a>>),
    /// What a query of Prometheus found: nothing, because Grafana has none here.
    Samples,
}

impl<'a> Value<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    /// Go's name of the type, for messages and `%T`.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Value::Missing => "<nil>",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float64",
            Value::Text(_) => "string",
            Value::Data(_) => "template.Data",
            Value::Labels(_) => "template.Labels",
            Value::Values(_) => "map[string]template.Value",
            Value::Number(_) => "template.Value",
            Value::Arguments(_) => "map[string]interface {}",
            Value::Samples => "template.queryResult",
        }
    }

    /// What `if`, `and`, `or` and `not` take it for: not false, 0 or empty.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Value::Missing | Value::Samples => false,
            Value::Bool(it) => *it,
            Value::Int(it) => *it != 0,
            Value::Float(it) => *it != 0.0,
            Value::Text(it) => !it.is_empty(),
            Value::Labels(it) => !it.is_empty(),
            Value::Values(it) => !it.is_empty(),
            Value::Arguments(it) => !it.is_empty(),
            Value::Data(_) | Value::Number(_) => true,
        }
    }

    /// The field or element `name`.
    pub(super) fn field(&self, name: &str) -> Result<Value<'a>, String> {
        let found = match self {
            Value::Missing => Some(Value::Missing),
            Value::Data(data) => match name {
                "Labels" => Some(Value::Labels(Cow::Borrowed(data.labels))),
                "Values" => Some(Value::Values(data.values)),
                "Value" => Some(Value::text(data.value_string)),
                _ => None,
            },
            Value::Labels(_) | Value::Number(_) if name == "String" => {
                Some(Value::text(self.printed()))
            }
            Value::Labels(Cow::Borrowed(labels)) => {
                let label = labels.get(name).map(|it| Value::text(it.as_str()));
                Some(label.unwrap_or(Value::Missing))
            }
            Value::Labels(Cow::Owned(labels)) => {
                let label = labels.get(name).cloned().map(Value::text);
                Some(label.unwrap_or(Value::Missing))
            }
            Value::Values(values) => Some(match values.get(name) {
                Some(value) => Value::Number(Some(value)),
                None => Value::Missing,
            }),
            Value::Number(number) => match name {
                "Value" => Some(Value::Float(of_number(*number))),
                "Labels" => Some(Value::Labels(match number {
                    Some(number) => Cow::Borrowed(&number.labels),
                    None => Cow::Owned(Labels::new()),
                })),
                _ => None,
            },
            Value::Arguments(map) => Some(map.get(name).cloned().unwrap_or(Value::Missing)),
            _ => None,
        };
        found.ok_or_else(|| format!("{} has no field {name}", self.type_name()))
    }

    /// Its text in the template's output.
    pub(super) fn shown(&self) -> String {
        match self {
            Value::Missing => "<no value>".to_owned(),
            _ => self.printed(),
        }
    }

    /// Go's `%v`.
    pub(super) fn printed(&self) -> String {
        match self {
            Value::Missing => "<nil>".to_owned(),
            Value::Bool(it) => it.to_string(),
            Value::Int(it) => it.to_string(),
            Value::Float(it) => number::format(*it),
            Value::Text(it) => it.clone().into_owned(),
            Value::Data(data) => format!(
                "{{{} {} {}}}",
                Value::Labels(Cow::Borrowed(data.labels)).printed(),
                Value::Values(data.values).printed(),
                data.value_string
            ),
            Value::Labels(labels) => {
                let pairs: Vec<String> = labels
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                pairs.join(", ")
            }
            Value::Values(values) => map(values
                .iter()
                .map(|(name, value)| (name, Value::Number(Some(value))))),
            Value::Number(number) => go::decimal(of_number(*number)),
            Value::Arguments(arguments) => {
                map(arguments.iter().map(|(name, value)| (name, value.clone())))
            }
            Value::Samples => "[]".to_owned(),
        }
    }
}

/// `$values.A` of a step without a number is NaN.
fn of_number(number: Option<&evaluate::Value>) -> f64 {
    number.map_or(0.0, |number| number.value.unwrap_or(f64::NAN))
}

fn map<'a>(entries: impl Iterator<Item = (&'a String, Value<'a>)>) -> String {
    let entries: Vec<String> = entries
        .map(|(name, value)| format!("{name}:{}", value.printed()))
        .collect();
    format!("map[{}]", entries.join(" "))
}
