//! The tree of a math expression.

use std::fmt;

use super::functions::Function;
use super::operators::{Operator, Sign};

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Variable {
        name: String,
        /// As it is written.
        text: String,
    },
    Signed(Sign, Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(Function, Option<Box<Node>>),
}

impl Node {
    /// Adds the refIds that it names, in their order, repeats included.
    pub(super) fn variables(&self, names: &mut Vec<String>) {
        match self {
            Node::Number(_) | Node::Call(_, None) => {}
            Node::Variable { name, .. } => names.push(name.clone()),
            Node::Signed(_, node) | Node::Call(_, Some(node)) => node.variables(names),
            Node::Binary(_, left, right) => {
                left.variables(names);
                right.variables(names);
            }
        }
    }
}

/// As Grafana writes it in its notices, without parentheses.
impl fmt::Display for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Number(number) => out.write_str(&crate::number::format(*number)),
            Node::Variable { text, .. } => out.write_str(text),
            Node::Signed(sign, node) => write!(out, "{}{node}", sign.text()),
            Node::Binary(operator, left, right) => {
                write!(out, "{left} {} {right}", operator.text())
            }
            Node::Call(function, None) => write!(out, "{}()", function.name()),
            Node::Call(function, Some(node)) => write!(out, "{}({node})", function.name()),
        }
    }
}
