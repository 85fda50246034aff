//! A value at its place within an entry, and how to read it as what its field needs.
//!
//! Every reader returns `None` after it has reported what is wrong, so that decoding goes on and
//! the author sees all faults at once.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::fault::shortened;
use crate::fields::Fields;
use crate::quantity;
use crate::report::{Place, Report};
use crate::suggest::{alternatives, nearest};
use crate::tree::{Tree, Value};

/// A value and the path that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pub(crate) path: String,
    pub(crate) tree: &'t Tree,
    /// Whether the value could be a secret and must not be shown.
    pub(crate) hidden: bool,
}

impl<'t> Node<'t> {
    /// The entry itself.
    pub(crate) fn root(tree: &'t Tree) -> Self {
        Node {
            path: String::new(),
            tree,
            hidden: false,
        }
    }

    /// The same value, not to be shown in messages, nor anything within it.
    pub(crate) fn hidden(self) -> Self {
        Node {
            hidden: true,
            ..self
        }
    }

    /// The place to report when the name of the field is wrong rather than its value.
    pub(crate) fn name_place(&self) -> Place {
        Place {
            value: None,
            ..Place::from(self)
        }
    }

    /// A text.
    pub(crate) fn text(&self, report: &mut Report) -> Option<&'t str> {
        match &self.tree.value {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Bool(_) => {
                self.mismatch("a text", "write it as a text, in quotes", report);
                None
            }
            _ => {
                self.mismatch("a text", "write a text", report);
                None
            }
        }
    }

    /// A text of 1 to `longest` bytes on one line.
    pub(crate) fn line(&self, longest: usize, report: &mut Report) -> Option<&'t str> {
        let text = self.text(report)?;
        if text.trim().is_empty() {
            report.fault(self, "is empty", "write a text or leave the field out");
        } else if text.len() > longest {
            let problem = format!("is {} bytes long", text.len());
            report.fault(self, problem, format!("use at most {longest} bytes"));
        } else if text.chars().any(char::is_control) {
            report.fault(
                self,
                "holds control characters",
                "write one line of plain text",
            );
        } else {
            return Some(text);
        }
        None
    }

    /// A truth value.
    pub(crate) fn boolean(&self, report: &mut Report) -> Option<bool> {
        match &self.tree.value {
            Value::Bool(value) => Some(*value),
            _ => {
                self.mismatch(
                    "true or false",
                    "write true or false, without quotes",
                    report,
                );
                None
            }
        }
    }

    /// A whole number within `range`.
    pub(crate) fn whole(&self, range: RangeInclusive<u64>, report: &mut Report) -> Option<u64> {
        let remedy = format!(
            "use a whole number from {} to {}",
            range.start(),
            range.end()
        );
        let Value::Number(text) = &self.tree.value else {
            self.mismatch("a number", &remedy, report);
            return None;
        };
        match quantity::whole(text) {
            Some(number) if range.contains(&number) => Some(number),
            None if text.parse().is_ok_and(|number: f64| number.fract() != 0.0) => {
                report.fault(self, "is not a whole number", remedy);
                None
            }
            _ => {
                report.fault(self, "is out of range", remedy);
                None
            }
        }
    }

    /// Any finite number.
    pub(crate) fn decimal(&self, remedy: &str, report: &mut Report) -> Option<f64> {
        let Value::Number(text) = &self.tree.value else {
            self.mismatch("a number", remedy, report);
            return None;
        };
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            report.fault(self, "is out of range", remedy);
        }
        number
    }

    /// A duration: a number of seconds, or a text with units.
    pub(crate) fn duration(&self, report: &mut Report) -> Option<Duration> {
        let read = match &self.tree.value {
            Value::Number(text) => quantity::seconds(text),
            Value::Text(text) => quantity::duration(text),
            _ => {
                self.mismatch("a duration", quantity::DURATION_REMEDY, report);
                return None;
            }
        };
        read.map_err(|refusal| report.fault(self, refusal.problem, refusal.remedy))
            .ok()
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        choices: &[(&'static str, T)],
        report: &mut Report,
    ) -> Option<T> {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let remedy = format!("use {}", alternatives(&words));
        let Value::Text(text) = &self.tree.value else {
            self.mismatch("one of the known words", &remedy, report);
            return None;
        };
        if let Some((_, value)) = choices.iter().find(|(word, _)| word == text) {
            return Some(*value);
        }
        let remedy = match nearest(text, words) {
            Some(word) => format!("did you mean `{word}`?"),
            None => remedy,
        };
        report.fault(self, "is not one of the known words", remedy);
        None
    }

    /// The elements of a list.
    pub(crate) fn list(&self, remedy: &str, report: &mut Report) -> Option<Vec<Node<'t>>> {
        let Value::List(elements) = &self.tree.value else {
            self.mismatch("a list", remedy, report);
            return None;
        };
        let nodes = elements.iter().enumerate().map(|(index, tree)| Node {
            path: format!("{}[{index}]", self.path),
            tree,
            hidden: self.hidden,
        });
        Some(nodes.collect())
    }

    /// The elements of a list, or the value itself as the only element.
    pub(crate) fn one_or_more(&self, report: &mut Report) -> Option<Vec<Node<'t>>> {
        match &self.tree.value {
            Value::List(_) => self.list("", report),
            _ => Some(vec![self.clone()]),
        }
    }

    /// The fields of a map.
    pub(crate) fn fields(&self, remedy: &str, report: &mut Report) -> Option<Fields<'t>> {
        let Value::Map(pairs) = &self.tree.value else {
            self.mismatch("a map", remedy, report);
            return None;
        };
        Some(Fields::new(self, pairs, report))
    }

    /// Reports that the value is of another sort than the field needs.
    pub(crate) fn mismatch(&self, wanted: &str, remedy: &str, report: &mut Report) {
        match &self.tree.value {
            Value::Unreadable { problem, remedy } => {
                report.fault(self, problem.as_str(), remedy.as_str());
            }
            other => {
                report.fault(self, format!("is {}, not {wanted}", other.sort()), remedy);
            }
        }
    }

    /// The value as it may be shown.
    fn shown(&self) -> Option<String> {
        let text = match &self.tree.value {
            Value::Bool(value) => value.to_string(),
            Value::Number(text) | Value::Text(text) => text.clone(),
            _ => return None,
        };
        Some(if self.hidden {
            "(hidden)".to_owned()
        } else {
            shortened(&text)
        })
    }
}

impl From<&Node<'_>> for Place {
    fn from(node: &Node<'_>) -> Self {
        Place {
            path: node.path.clone(),
            at: node.tree.at,
            value: node.shown(),
        }
    }
}
