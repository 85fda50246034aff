//! Conditions on labels.

use std::fmt;
use std::str::FromStr;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::evaluate::Labels;
use crate::go;

/// A condition on one label, such as `tenant="acme"` or `monitor_id=~"shop-.*"`.
///
/// As text in snapshots and on the command line: the value may stand in double quotes, with
/// `\"`, `\\` and `\n` inside.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    operator: Operator,
    value: String,
    /// Anchored at both ends; nothing where the operator needs none.
    regex: Option<Regex>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Operator {
    /// As it is written.
    pub const fn sign(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Matches => "=~",
            Operator::MatchesNot => "!~",
        }
    }
}

/// A text that is no matcher.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no matcher: {reason}")]
pub struct MatcherError {
    /// The text.
    text: String,
    /// What is wrong with it, and what to write.
    reason: String,
}

impl Matcher {
    /// A condition on the label `name`.
    ///
    /// # Errors
    ///
    /// No name, or a value that is no regular expression where the operator needs one.
    pub fn new(name: &str, operator: Operator, value: &str) -> Result<Self, MatcherError> {
        let error = |reason: String| MatcherError {
            text: format!("{name}{}{}", operator.sign(), go::matcher_value(value)),
            reason,
        };
        if name.is_empty() {
            return Err(error("it names no label; write tenant=\"acme\"".to_owned()));
        }
        let regex = match operator {
            Operator::Equal | Operator::NotEqual => None,
            Operator::Matches | Operator::MatchesNot => {
                let anchored = format!("^(?:{value})$");
                Some(
                    Regex::new(&anchored)
                        .map_err(|_| error(format!("`{value}` is no regular expression")))?,
                )
            }
        };
        Ok(Matcher {
            name: name.to_owned(),
            operator,
            value: value.to_owned(),
            regex,
        })
    }

    /// The label; one that is missing counts as empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is compared.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// With what.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether the label is as it says.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.name).map_or("", String::as_str);
        let found = match &self.regex {
            Some(regex) => regex.is_match(value),
            None => self.value == value,
        };
        found == matches!(self.operator, Operator::Equal | Operator::Matches)
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.operator, &self.value) == (&other.name, other.operator, &other.value)
    }
}

impl Eq for Matcher {}

impl fmt::Display for Matcher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = go::matcher_value(&self.value);
        write!(out, "{}{}{value}", self.name, self.operator.sign())
    }
}

impl FromStr for Matcher {
    type Err = MatcherError;

    fn from_str(text: &str) -> Result<Self, MatcherError> {
        let error = |reason: &str| MatcherError {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let start = text
            .find(['=', '!'])
            .ok_or_else(|| error("it has no operator; write tenant=\"acme\", or !=, =~, !~"))?;
        let (name, rest) = text.split_at(start);
        let name = name.trim();
        let (operator, value) = [
            Operator::Matches,
            Operator::MatchesNot,
            Operator::NotEqual,
            Operator::Equal,
        ]
        .into_iter()
        .find_map(|operator| Some((operator, rest.strip_prefix(operator.sign())?)))
        .ok_or_else(|| error("`!` stands alone; write !=, or !~ for a regular expression"))?;
        if !is_name(name) {
            return Err(error(
                "a label's name has letters, digits and _, and begins with no digit",
            ));
        }
        let value = unquote(value.trim()).map_err(error)?;
        Matcher::new(name, operator, &value)
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// A value with or without quotes around it.
fn unquote(value: &str) -> Result<String, &'static str> {
    let Some(inner) = value.strip_prefix('"') else {
        if value.contains('"') {
            return Err("a quote stands in the middle of the value; put the whole value in quotes");
        }
        return Ok(value.to_owned());
    };
    let mut characters = inner.chars();
    let mut unquoted = String::new();
    loop {
        match characters.next() {
            None => return Err("the closing quote is missing"),
            Some('"') if characters.as_str().is_empty() => return Ok(unquoted),
            Some('"') => return Err("something follows the closing quote"),
            Some('\\') => match characters.next() {
                Some('n') => unquoted.push('\n'),
                Some(it @ ('"' | '\\')) => unquoted.push(it),
                // A regular expression's own backslash, as Alertmanager reads it.
                Some(it) => unquoted.extend(['\\', it]),
                None => return Err("the closing quote is missing"),
            },
            Some(it) => unquoted.push(it),
        }
    }
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
