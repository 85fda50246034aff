//! What a step of a dialogue sends: text that may name secrets and what was captured before.

use std::fmt;

use crate::monitor::{SecretRef, SecretText, secret::SecretTextError};

/// A text that may name secrets (`${env:NAME}`) and groups that the last `expect` before it
/// captured (`${1}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    parts: Vec<Part>,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text, with references to secrets.
    Text(SecretText),
    /// What the group of this number captured; 0 is the whole match.
    Capture(usize),
}

impl Message {
    /// Reads a text.
    ///
    /// Errors: it has a `${` that begins neither a reference to a secret nor to a group.
    pub fn try_new(text: &str) -> Result<Self, SecretTextError> {
        let mut parts = Vec::new();
        // The text up to `plain` is in `parts`, that up to `at` holds no group.
        let (mut plain, mut at) = (0, 0);
        while let Some(start) = text[at..].find("${").map(|found| at + found) {
            let inner = &text[start + 2..];
            let Some(length) = inner.find('}') else {
                break;
            };
            at = start + 2 + length + 1;
            let Some(group) = group(&inner[..length]) else {
                continue;
            };
            push_text(&mut parts, &text[plain..start])?;
            parts.push(Part::Capture(group));
            plain = at;
        }
        push_text(&mut parts, &text[plain..])?;
        Ok(Message { parts })
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The secrets that are named, in order.
    pub fn references(&self) -> impl Iterator<Item = &SecretRef> {
        self.parts.iter().flat_map(|part| match part {
            Part::Text(text) => text.references().collect(),
            Part::Capture(_) => Vec::new(),
        })
    }

    /// The groups that are named, in order.
    pub fn captures(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part {
            Part::Capture(group) => Some(*group),
            Part::Text(_) => None,
        })
    }
}

/// The text as written.
impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => write!(formatter, "{text}")?,
                Part::Capture(group) => write!(formatter, "${{{group}}}")?,
            }
        }
        Ok(())
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) -> Result<(), SecretTextError> {
    if !text.is_empty() {
        parts.push(Part::Text(SecretText::try_new(text)?));
    }
    Ok(())
}

/// The number of a group, as short as it can be written.
fn group(inner: &str) -> Option<usize> {
    let plain = inner.bytes().all(|byte| byte.is_ascii_digit());
    let group: usize = inner.parse().ok().filter(|_| plain && inner.len() <= 2)?;
    (group.to_string() == inner).then_some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_groups_between_texts_and_secrets() {
        let text = "AUTH ${env:TIDEWATCH_SECRET_A} ${1}-${12}$ {3}\r\n";
        let message = Message::try_new(text).unwrap();
        assert_eq!(message.to_string(), text);
        assert_eq!(message.captures().collect::<Vec<_>>(), [1, 12]);
        let names: Vec<_> = message.references().map(ToString::to_string).collect();
        assert_eq!(names, ["env:TIDEWATCH_SECRET_A"]);
    }

    #[test]
    fn refuses_what_is_neither_a_secret_nor_a_group() {
        for bad in ["${x}", "${", "${1", "${123}", "${01}", "a ${-1} b", "${+1}"] {
            assert!(Message::try_new(bad).is_err(), "{bad}");
        }
    }
}
