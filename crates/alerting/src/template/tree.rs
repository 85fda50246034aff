//! What a parsed template is made of (Go's `text/template/parse/node.go`).

use std::collections::BTreeMap;

use super::functions::Function;

/// A template and those that it defines.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub(super) main: Vec<Node>,
    pub(super) defined: BTreeMap<String, Vec<Node>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// `{{ pipeline }}`
    Print(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        name: String,
        data: Option<Pipeline>,
    },
    Break,
    Continue,
}

/// `if`, `with` or `range` with what is done then and otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) then: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands, each of which gets the result of the one before as its last argument.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pipeline {
    /// Names with the dollar sign; two of them only in `range`.
    pub(super) variables: Vec<String>,
    /// Whether the variables are new ones.
    pub(super) declares: bool,
    pub(super) commands: Vec<Command>,
}

/// A value or function, and its arguments.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Command {
    pub(super) first: Operand,
    pub(super) arguments: Vec<Operand>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// `.A.B`
    Field(Vec<String>),
    /// `$a.B`
    Variable(String, Vec<String>),
    /// `(pipeline).B`
    Pipeline(Box<Pipeline>, Vec<String>),
    Function(Function),
}
