//! Tests on texts.

use regex::Regex;

use super::result::{Found, Judgement};
use crate::cause::ErrorClass;

/// A test on a text.
#[derive(Clone, Debug)]
pub enum TextTest {
    /// Is exactly this.
    Equals(String),
    /// Has this within it.
    Contains(String),
    /// Does not have this within it; holds too where there is no text at all.
    NotContains(String),
    /// Has a match of this regular expression.
    Matches(Regex),
}

impl TextTest {
    /// The name of the test, as in definitions.
    pub const fn verb(&self) -> &'static str {
        match self {
            TextTest::Equals(_) => "equals",
            TextTest::Contains(_) => "contains",
            TextTest::NotContains(_) => "not_contains",
            TextTest::Matches(_) => "matches",
        }
    }

    /// The wanted or unwanted text, or the regular expression.
    pub fn wanted(&self) -> &str {
        match self {
            TextTest::Equals(text) | TextTest::Contains(text) | TextTest::NotContains(text) => text,
            TextTest::Matches(regex) => regex.as_str(),
        }
    }

    /// Whether `text` passes.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Equals(wanted) => text == wanted,
            TextTest::Contains(wanted) => text.contains(wanted.as_str()),
            TextTest::NotContains(unwanted) => !text.contains(unwanted.as_str()),
            TextTest::Matches(regex) => regex.is_match(text),
        }
    }

    pub(super) fn found(&self, text: Option<&str>) -> Found {
        let found = Found::text(text, |text| self.holds(text));
        let nothing_unwanted = text.is_none() && matches!(self, TextTest::NotContains(_));
        Found {
            passed: found.passed || nothing_unwanted,
            ..found
        }
    }

    pub(super) fn judgement(&self, subject: &str, class: ErrorClass) -> Judgement {
        Judgement::new(format!("{subject} {}", self.verb()), self.wanted(), class)
    }
}

/// Definitions are compared to see whether an edit changed anything; two regular expressions are
/// the same when their texts are.
impl PartialEq for TextTest {
    fn eq(&self, other: &Self) -> bool {
        self.verb() == other.verb() && self.wanted() == other.wanted()
    }
}
