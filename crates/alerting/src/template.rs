//! Go's text templates as Grafana's alert rules use them, in labels and annotations.
//!
//! The language is that of `text/template`: actions with trim markers, pipelines, variables,
//! `if`, `range`, `with`, `define`, `template`, `block`, `break`, `continue`. The functions are
//! Go's own, those of Prometheus that Grafana takes over
//! (`prometheus/template/template.go`), and Grafana's (`ngalert/state/template/funcs.go`). What is
//! neither is a fault when the template is read, so that nobody finds out during an outage.
//!
//! Data flows one way: [`lex`] -> [`parse`] -> [`tree`] -> [`execute`] with [`value`] and
//! [`functions`].

mod compare;
mod execute;
mod functions;
mod lex;
mod parse;
mod printf;
mod tree;
mod value;

use std::collections::BTreeMap;

use crate::evaluate::{Labels, Value};

use tree::Tree;

/// What a template of a rule sees.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// `.Labels` and `$labels`.
    pub labels: &'a Labels,
    /// `.Values` and `$values`, by refId.
    pub values: &'a BTreeMap<String, Value>,
    /// `.Value` and `$value`, the text of all values.
    pub value_string: &'a str,
    /// Grafana's address.
    pub external_url: &'a str,
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    tree: Tree,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::parse(text).map(|tree| Template { tree })
    }

    /// The text that it makes of `data`. What a map does not hold is `[no value]`.
    ///
    /// # Errors
    ///
    /// What failed, where Go would fail: a field that does not exist, a wrong type, a text that is
    /// no number.
    pub fn execute(&self, data: &Data<'_>) -> Result<String, String> {
        execute::execute(&self.tree, data)
    }
}

#[cfg(test)]
mod tests;
