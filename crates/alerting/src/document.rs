//! Strict reading of YAML files: everything that is wrong is collected, each with its place, and a
//! field that no reader asked for is wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidewatch_definitions::{Tree, Value, read_document, read_duration};

use crate::fault::Fault;

/// What is wrong with one file, collected while it is read.
#[derive(Debug)]
pub(crate) struct Faults {
    file: PathBuf,
    pub(crate) list: Vec<Fault>,
}

impl Faults {
    pub(crate) fn new(file: &Path) -> Self {
        Faults {
            file: file.to_owned(),
            list: Vec::new(),
        }
    }

    /// A fault of the value at `node`.
    pub(crate) fn at(&mut self, node: &Node<'_>, reason: impl Into<String>) {
        self.list.push(Fault {
            file: self.file.clone(),
            line: node.line,
            field: node.path.clone(),
            reason: reason.into(),
        });
    }

    /// The document of `text`; a fault where it is no YAML.
    pub(crate) fn parse(&mut self, text: &str) -> Option<Tree> {
        match read_document(text) {
            Ok(tree) => Some(tree),
            Err((line, reason)) => {
                self.list.push(Fault {
                    file: self.file.clone(),
                    line,
                    field: String::new(),
                    reason,
                });
                None
            }
        }
    }
}

/// A value and the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pub(crate) tree: &'t Tree,
    pub(crate) path: String,
    /// Of the value, or of what it lies in where the value has no line of its own.
    pub(crate) line: Option<u64>,
}

impl<'t> Node<'t> {
    pub(crate) fn root(tree: &'t Tree) -> Self {
        Node {
            path: String::new(),
            line: line(tree),
            tree,
        }
    }

    /// A text; numbers and truth values count as what they are written like.
    pub(crate) fn text(&self, faults: &mut Faults) -> Option<String> {
        match &self.tree.value {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            _ => self.wrong("a text", faults),
        }
    }

    /// A text with something in it.
    pub(crate) fn word(&self, faults: &mut Faults) -> Option<String> {
        let text = self.text(faults)?;
        if text.trim().is_empty() {
            faults.at(self, "is empty; write a text or leave the field out");
            return None;
        }
        Some(text)
    }

    pub(crate) fn boolean(&self, faults: &mut Faults) -> Option<bool> {
        match &self.tree.value {
            Value::Bool(value) => Some(*value),
            _ => self.wrong("true or false", faults),
        }
    }

    /// A number.
    pub(crate) fn number(&self, faults: &mut Faults) -> Option<f64> {
        let Value::Number(text) = &self.tree.value else {
            return self.wrong("a number", faults);
        };
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            faults.at(self, format!("`{text}` is out of range"));
        }
        number
    }

    /// A duration: `90s`, `1h30m`, or a number of seconds.
    pub(crate) fn duration(&self, faults: &mut Faults) -> Option<Duration> {
        let text = self.text(faults)?;
        let read = read_duration(&text);
        read.map_err(|reason| faults.at(self, format!("`{text}` is no duration: {reason}")))
            .ok()
    }

    /// What `FromStr` makes of a text.
    pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &self,
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(faults)?;
        text.parse()
            .map_err(|error: T::Err| faults.at(self, error.to_string()))
            .ok()
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        choices: &[(&'static str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(faults)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            let words = words.join(", ");
            faults.at(self, format!("`{text}` is not known; use one of {words}"));
        }
        found.map(|(_, value)| *value)
    }

    pub(crate) fn list(&self, faults: &mut Faults) -> Vec<Node<'t>> {
        match &self.tree.value {
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, tree)| Node {
                    path: format!("{}[{index}]", self.path),
                    line: line(tree).or(self.line),
                    tree,
                })
                .collect(),
            _ => self.wrong("a list", faults).unwrap_or_default(),
        }
    }

    /// A map with fields that the reader knows.
    pub(crate) fn map(&self, faults: &mut Faults) -> Option<Map<'t>> {
        let pairs = self.pairs(faults)?;
        Some(Map {
            node: self.clone(),
            pairs,
            known: Vec::new(),
        })
    }

    /// A map whose names are the author's.
    pub(crate) fn pairs(&self, faults: &mut Faults) -> Option<Vec<(&'t str, Node<'t>)>> {
        let Value::Map(pairs) = &self.tree.value else {
            return self.wrong("a map", faults);
        };
        let mut found: Vec<(&str, Node<'_>)> = Vec::new();
        for (name, tree) in pairs {
            let path = if self.path.is_empty() {
                name.clone()
            } else {
                format!("{}.{name}", self.path)
            };
            let node = Node {
                path,
                line: line(tree).or(self.line),
                tree,
            };
            if found.iter().any(|(earlier, _)| earlier == name) {
                faults.at(&node, "is there twice; keep one of them");
            }
            found.push((name, node));
        }
        Some(found)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.tree.value, Value::Null)
    }

    fn wrong<T>(&self, wanted: &str, faults: &mut Faults) -> Option<T> {
        let found = match &self.tree.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unreadable { problem, remedy } => {
                faults.at(self, format!("{problem}; {remedy}"));
                return None;
            }
        };
        faults.at(self, format!("is {found}; write {wanted}"));
        None
    }
}

/// A map with fields that the reader knows: asking for one makes it known.
#[derive(Debug)]
pub(crate) struct Map<'t> {
    pub(crate) node: Node<'t>,
    pairs: Vec<(&'t str, Node<'t>)>,
    known: Vec<&'static str>,
}

impl<'t> Map<'t> {
    /// The field `name`; null counts as absent.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<Node<'t>> {
        self.known.push(name);
        let (_, node) = self.pairs.iter().find(|(found, _)| *found == name)?;
        (!node.is_null()).then(|| node.clone())
    }

    /// The field `name`; a fault where it is absent.
    pub(crate) fn required(&mut self, name: &'static str, faults: &mut Faults) -> Option<Node<'t>> {
        let node = self.get(name);
        if node.is_none() {
            faults.at(&self.node, format!("has no `{name}`; write one"));
        }
        node
    }

    /// The elements of the list `name`; none where it is absent.
    pub(crate) fn list(&mut self, name: &'static str, faults: &mut Faults) -> Vec<Node<'t>> {
        self.get(name)
            .map(|node| node.list(faults))
            .unwrap_or_default()
    }

    /// Texts by the author's names; none where the field is absent.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        faults: &mut Faults,
    ) -> Vec<(String, String)> {
        let pairs = self.get(name).and_then(|node| node.pairs(faults));
        let texts = pairs.unwrap_or_default().into_iter();
        texts
            .filter_map(|(name, node)| Some((name.to_owned(), node.text(faults)?)))
            .collect()
    }

    /// The fields that nobody asked for.
    pub(crate) fn others(&self) -> impl Iterator<Item = &(&'t str, Node<'t>)> {
        self.pairs
            .iter()
            .filter(|(name, _)| !self.known.contains(name))
    }

    /// Every field that nobody asked for is a fault.
    pub(crate) fn finish(&self, faults: &mut Faults) {
        let known = self.known.join(", ");
        for (_, node) in self.others() {
            faults.at(node, format!("is not a known field; known here: {known}"));
        }
    }
}

fn line(tree: &Tree) -> Option<u64> {
    tree.at.map(|at| at.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, with: impl FnOnce(Node<'_>, &mut Faults)) -> Vec<String> {
        let mut faults = Faults::new(Path::new("a.yaml"));
        if let Some(tree) = faults.parse(text) {
            with(Node::root(&tree), &mut faults);
        }
        faults.list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_faults_are_told_with_their_places() {
        let told = read(
            "a: 1\nb:\n  - c: soon\n  - d: 5m\nz: 1\na: 2\n",
            |root, faults| {
                let mut map = root.map(faults).unwrap();
                assert_eq!(map.get("a").unwrap().text(faults).as_deref(), Some("1"));
                for item in map.list("b", faults) {
                    let mut item = item.map(faults).unwrap();
                    if let Some(node) = item.required("c", faults) {
                        assert_eq!(node.duration(faults), None);
                    }
                    item.finish(faults);
                }
                map.finish(faults);
            },
        );
        let starts = [
            "a.yaml:6: a: is there twice",
            "a.yaml:3: b[0].c: `soon` is no duration",
            "a.yaml:4: b[1]: has no `c`",
            "a.yaml:4: b[1].d: is not a known field; known here: c",
            "a.yaml:5: z: is not a known field; known here: a, b",
        ];
        assert_eq!(told.len(), starts.len(), "{told:#?}");
        for (told, start) in told.iter().zip(starts) {
            assert!(told.starts_with(start), "{told}");
        }
    }

    #[test]
    fn a_wrong_sort_of_value_is_named() {
        let told = read("a: [1]\n", |root, faults| {
            let mut map = root.map(faults).unwrap();
            let node = map.get("a").unwrap();
            assert_eq!(node.boolean(faults), None);
            assert_eq!(node.choice(&[("x", 1)], faults), None);
            assert!(node.pairs(faults).is_none());
        });
        assert_eq!(
            told,
            [
                "a.yaml:1: a: is a list; write true or false",
                "a.yaml:1: a: is a list; write a text",
                "a.yaml:1: a: is a list; write a map"
            ]
        );
        let told = read("a: [1", |_, _| panic!("it is no YAML"));
        assert!(
            told[0].starts_with("a.yaml:1: cannot be parsed"),
            "{told:?}"
        );
    }
}
