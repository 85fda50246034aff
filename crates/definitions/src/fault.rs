//! What is wrong with a definition: where, what, and what to do about it.

use std::fmt;

use serde::Serialize;

use crate::tree::Position;

/// One thing that is wrong, complete enough to repair it without looking anywhere else.
///
/// Serialises to a flat object; what is not known is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The character within the line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// `tenant/monitor_id`, or `#3` for the third entry when it has no usable key; absent when the
    /// file as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The path of the field, like `request.headers.accept[0]`; absent when the entry as a whole
    /// is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The value found, shortened; `(hidden)` where it could be a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault of a whole file.
    pub(crate) fn of_file(
        file: &str,
        at: Option<Position>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Fault {
            file: file.to_owned(),
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            entry: None,
            field: None,
            value: None,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// One line: `monitors.yaml:4:15: demo/shop: interval: shorter than 1s (`0.2`); use 1s or longer`.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
            if let Some(column) = self.column {
                write!(formatter, ":{column}")?;
            }
        }
        formatter.write_str(": ")?;
        for part in [&self.entry, &self.field].into_iter().flatten() {
            write!(formatter, "{part}: ")?;
        }
        formatter.write_str(&self.problem)?;
        match self.value.as_deref() {
            Some(hidden @ "(hidden)") => write!(formatter, " {hidden}")?,
            Some(value) if !value.is_empty() => write!(formatter, " (`{value}`)")?,
            _ => {}
        }
        write!(formatter, "; {}", self.remedy)
    }
}

/// A text from a definition made fit for a message: control characters escaped, because messages
/// end up on terminals, and at most 60 characters.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == LONGEST {
            short.push('…');
            break;
        }
        if character.is_control() {
            short.extend(character.escape_default());
        } else {
            short.push(character);
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_on_one_line_with_whatever_is_known() {
        let mut fault = Fault::of_file("a.yaml", None, "is empty", "add a monitor");
        assert_eq!(fault.to_string(), "a.yaml: is empty; add a monitor");
        fault.line = Some(4);
        fault.column = Some(2);
        fault.entry = Some("demo/shop".to_owned());
        fault.field = Some("interval".to_owned());
        fault.value = Some("0.2".to_owned());
        assert_eq!(
            fault.to_string(),
            "a.yaml:4:2: demo/shop: interval: is empty (`0.2`); add a monitor"
        );
        fault.value = Some("(hidden)".to_owned());
        assert_eq!(
            fault.to_string(),
            "a.yaml:4:2: demo/shop: interval: is empty (hidden); add a monitor"
        );
    }

    #[test]
    fn values_in_messages_are_short_and_harmless() {
        assert_eq!(shortened("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(shortened(&"x".repeat(200)).chars().count(), 61);
    }
}
