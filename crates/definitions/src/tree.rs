//! A document value free of any format: what every outside shape is turned into.

/// A value with the place where it was written, when the format knows places.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The value.
    pub value: Value,
    /// Where it begins.
    pub at: Option<Position>,
}

/// What a document can hold.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, explicitly.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number as written, so that nothing is lost before its field says what it should be.
    Number(String),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Tree>),
    /// Names and values in order of appearance; a name that was written twice is there twice.
    Map(Vec<(String, Tree)>),
    /// Something that the outside shape could not turn into a value. The decoder reports it at the
    /// field that needs it.
    Unreadable {
        /// What is wrong, as a sentence part.
        problem: String,
        /// What to write instead.
        remedy: String,
    },
}

/// A place in a text, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The character within the line.
    pub column: u64,
}

impl Tree {
    /// The value under `name` when this is a map; the first one if it was written twice.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        match &self.value {
            Value::Map(pairs) => pairs
                .iter()
                .find(|(found, _)| found == name)
                .map(|(_, tree)| tree),
            _ => None,
        }
    }

    /// Whether this is the text `wanted`.
    pub(crate) fn is_text(&self, wanted: &str) -> bool {
        matches!(&self.value, Value::Text(text) if text == wanted)
    }

    /// The same place with another value.
    pub(crate) fn with(&self, value: Value) -> Tree {
        Tree { value, at: self.at }
    }
}

/// A value without a place, for shapes that are not read from a text.
impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        Tree { value, at: None }
    }
}

impl Value {
    /// The article and noun by which messages call this sort of value.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unreadable { .. } => "an unreadable value",
        }
    }
}
