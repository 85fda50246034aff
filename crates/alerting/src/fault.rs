//! What is wrong with a file, for whoever wrote it.

use std::fmt;
use std::path::PathBuf;

/// A fault of a file: where, what and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<u64>,
    /// The field, such as `groups[0].rules[2].for`; empty for the file as a whole.
    pub field: String,
    /// What is wrong, with the value and the remedy.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
        }
        if !self.field.is_empty() {
            write!(out, ": {}", self.field)?;
        }
        write!(out, ": {}", self.reason)
    }
}
