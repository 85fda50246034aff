//! Broken constraints of a request, gathered and told together as the service does.

use crate::{ApiError, closed_set::ClosedSet, path::Path};
use std::fmt::Write;

/// How many faults are spelled out; the count in front always tells all of them.
const SPELLED_OUT: usize = 10;
/// How much of an offending value is repeated, in characters.
const ECHOED: usize = 256;

/// The broken constraints found in one request.
#[derive(Debug, Default)]
pub struct Faults {
    count: usize,
    text: String,
}

impl Faults {
    /// The error that tells all faults, when there is one:
    /// `1 validation error detected: Value 'X' at 'maxRows' failed to satisfy constraint: ...`.
    pub fn into_result(self) -> Result<(), ApiError> {
        match self.count {
            0 => Ok(()),
            1 => Err(ApiError::validation(format!(
                "1 validation error detected: {}",
                self.text
            ))),
            n => Err(ApiError::validation(format!(
                "{n} validation errors detected: {}",
                self.text
            ))),
        }
    }

    /// The member must be there; gives it when it is.
    pub(crate) fn required<'v, T>(&mut self, at: Path<'_>, value: &'v Option<T>) -> Option<&'v T> {
        if value.is_none() {
            self.add(at, None, format_args!("Member must not be null"));
        }
        value.as_ref()
    }

    /// The text must have between `min` and `max` characters.
    pub(crate) fn length(&mut self, at: Path<'_>, value: &str, min: usize, max: usize) {
        // A text never has more characters than bytes, so most need no counting.
        if value.len() > max && value.chars().count() > max {
            self.add(
                at,
                Some(value),
                format_args!("Member must have length less than or equal to {max}"),
            );
        } else if value.len() < min || (min > 1 && value.chars().count() < min) {
            self.add(
                at,
                Some(value),
                format_args!("Member must have length greater than or equal to {min}"),
            );
        }
    }

    /// The list must have between `min` and `max` items. Its value is not repeated.
    pub(crate) fn items<T>(&mut self, at: Path<'_>, value: &[T], min: usize, max: usize) {
        if value.len() > max {
            let shown = format!("[{} items]", value.len());
            self.add(
                at,
                Some(&shown),
                format_args!("Member must have length less than or equal to {max}"),
            );
        } else if value.len() < min {
            self.add(
                at,
                Some("[]"),
                format_args!("Member must have length greater than or equal to {min}"),
            );
        }
    }

    /// The number must lie between `min` and `max`.
    pub(crate) fn range(&mut self, at: Path<'_>, value: i64, min: i64, max: i64) {
        if value > max {
            let text = value.to_string();
            self.add(
                at,
                Some(&text),
                format_args!("Member must have value less than or equal to {max}"),
            );
        } else if value < min {
            let text = value.to_string();
            self.add(
                at,
                Some(&text),
                format_args!("Member must have value greater than or equal to {min}"),
            );
        }
    }

    /// The text must match the model's pattern, which `fits` decides.
    pub(crate) fn pattern(
        &mut self,
        at: Path<'_>,
        value: &str,
        pattern: &str,
        fits: impl Fn(&str) -> bool,
    ) {
        if !fits(value) {
            self.add(
                at,
                Some(value),
                format_args!("Member must satisfy regular expression pattern: {pattern}"),
            );
        }
    }

    /// The text must be one of the model's set.
    pub(crate) fn one_of<E: ClosedSet>(&mut self, at: Path<'_>, value: &Option<E>) {
        if let Some(text) = value.as_ref().and_then(E::unrecognized) {
            let set = E::TEXTS.join(", ");
            self.add(
                at,
                Some(text),
                format_args!("Member must satisfy enum value set: [{set}]"),
            );
        }
    }

    fn add(&mut self, at: Path<'_>, value: Option<&str>, constraint: std::fmt::Arguments<'_>) {
        self.count += 1;
        if self.count > SPELLED_OUT {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        let written = match value {
            None => write!(
                self.text,
                "Value null at '{at}' failed to satisfy constraint: {constraint}"
            ),
            Some(value) => {
                let end = value
                    .char_indices()
                    .nth(ECHOED)
                    .map_or(value.len(), |(end, _)| end);
                let more = if end < value.len() { "..." } else { "" };
                let start = &value[..end];
                write!(
                    self.text,
                    "Value '{start}{more}' at '{at}' failed to satisfy constraint: {constraint}"
                )
            }
        };
        written.expect("writing into a String cannot fail");
    }
}
