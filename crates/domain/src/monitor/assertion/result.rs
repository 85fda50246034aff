//! What became of an assertion.

use crate::cause::{Cause, ErrorClass};

/// What became of one assertion. Whoever stores or shows it redacts secrets first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssertionResult {
    /// What was demanded, readable by people: `header content-type contains`.
    pub expression: String,
    /// The wanted value.
    pub expected: String,
    /// The value found, shortened; `(absent)` when there was none.
    pub actual: String,
    /// Whether it held.
    pub passed: bool,
    /// The class that a failure has.
    pub class: ErrorClass,
}

impl AssertionResult {
    /// Why the probe failed, when this assertion did not hold.
    pub fn cause(&self) -> Option<Cause> {
        (!self.passed).then(|| {
            Cause::new(
                self.class,
                format!(
                    "{}: expected `{}`, got `{}`",
                    self.expression, self.expected, self.actual
                ),
            )
        })
    }
}

/// What is demanded, and the class of a failure.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) expression: String,
    pub(super) expected: String,
    pub(super) class: ErrorClass,
}

impl Judgement {
    pub(super) fn new(
        expression: impl Into<String>,
        expected: impl ToString,
        class: ErrorClass,
    ) -> Self {
        Judgement {
            expression: expression.into(),
            expected: expected.to_string(),
            class,
        }
    }
}

/// What was found, and whether it is as demanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) actual: String,
    pub(super) passed: bool,
}

impl Found {
    /// Nothing was found, and something was wanted.
    pub(super) fn absent() -> Self {
        Found {
            actual: "(absent)".to_owned(),
            passed: false,
        }
    }

    /// Tests a value; without one nothing holds.
    pub(super) fn of<T>(
        value: Option<T>,
        test: impl FnOnce(&T) -> bool,
        shown: impl FnOnce(&T) -> String,
    ) -> Self {
        match value {
            Some(value) => Found {
                actual: shortened(&shown(&value)),
                passed: test(&value),
            },
            None => Found::absent(),
        }
    }

    /// Tests a text; without one nothing holds.
    pub(super) fn text(value: Option<&str>, test: impl FnOnce(&str) -> bool) -> Self {
        Found::of(value, |value| test(value), |value| (*value).to_owned())
    }
}

/// At most 120 characters of a value, so that a whole page never ends up in a row.
pub(super) fn shortened(value: &str) -> String {
    const LONGEST: usize = 120;
    match value.char_indices().nth(LONGEST) {
        None => value.to_owned(),
        Some((end, _)) => format!("{}…", &value[..end]),
    }
}
