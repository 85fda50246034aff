//! The fields of a map: which there are, which were asked for, and which nobody knows.

use crate::fault::shortened;
use crate::node::Node;
use crate::report::{Place, Report};
use crate::suggest::nearest;
use crate::tree::{Position, Tree, Value};

/// At most so many known fields are listed in a message.
const LISTED: usize = 8;

/// The fields of one map.
///
/// Asking for a field makes it known, so the list of known fields cannot go out of step with the
/// decoder; [`Fields::finish`] reports the others.
#[derive(Debug)]
pub(crate) struct Fields<'t> {
    path: String,
    at: Option<Position>,
    hidden: bool,
    pairs: &'t [(String, Tree)],
    known: Vec<&'static str>,
}

impl<'t> Fields<'t> {
    /// The fields of `node`, which holds `pairs`; a name that occurs twice is reported.
    pub(crate) fn new(node: &Node<'t>, pairs: &'t [(String, Tree)], report: &mut Report) -> Self {
        let fields = Fields {
            path: node.path.clone(),
            at: node.tree.at,
            hidden: node.hidden,
            pairs,
            known: Vec::new(),
        };
        for (index, (name, tree)) in pairs.iter().enumerate() {
            if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
                let place = Place {
                    at: tree.at,
                    ..fields.place(name)
                };
                report.fault(place, "is there twice", "keep one of them");
            }
        }
        fields
    }

    /// The field `name`; an explicit null counts as absent.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<Node<'t>> {
        self.given(name)
            .filter(|node| !matches!(node.tree.value, Value::Null))
    }

    /// The field `name`, also when it is null.
    pub(crate) fn given(&mut self, name: &'static str) -> Option<Node<'t>> {
        self.known.push(name);
        let (name, tree) = self.pairs.iter().find(|(found, _)| found == name)?;
        Some(self.node(name, tree))
    }

    /// The field `name`, reported when it is absent.
    pub(crate) fn required(
        &mut self,
        name: &'static str,
        remedy: &str,
        report: &mut Report,
    ) -> Option<Node<'t>> {
        let found = self.get(name);
        if found.is_none() {
            report.fault(self.place(name), "is missing", remedy);
        }
        found
    }

    /// Every field, for maps whose names are the author's.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'t str, Node<'t>)> {
        self.pairs
            .iter()
            .map(|(name, tree)| (name.as_str(), self.node(name, tree)))
    }

    /// The place of a field that is not there.
    pub(crate) fn place(&self, name: &str) -> Place {
        Place {
            path: self.path_of(name),
            at: self.at,
            value: None,
        }
    }

    /// The place of the map itself.
    pub(crate) fn own_place(&self) -> Place {
        Place {
            path: self.path.clone(),
            at: self.at,
            value: None,
        }
    }

    /// Reports every field that was never asked for. `synonyms` are words that other tools use,
    /// with the field that is meant.
    pub(crate) fn finish(&self, synonyms: &[(&str, &str)], report: &mut Report) {
        for (name, tree) in self.pairs {
            if self.known.contains(&name.as_str()) {
                continue;
            }
            let synonym = synonyms
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(name))
                .map(|(_, field)| *field);
            let meant = synonym.or_else(|| nearest(name, self.known.iter().copied()));
            let remedy = match meant {
                Some(field) => format!("did you mean `{field}`?"),
                None if self.known.len() <= LISTED => {
                    format!("remove it; known here: {}", self.known.join(", "))
                }
                None => "remove it; docs/monitors.md lists the known ones".to_owned(),
            };
            // The value stays out of the message: nobody knows whether it is a secret.
            let place = Place {
                at: tree.at,
                ..self.place(name)
            };
            report.fault(place, "is not a known field", remedy);
        }
    }

    fn node(&self, name: &str, tree: &'t Tree) -> Node<'t> {
        Node {
            path: self.path_of(name),
            tree,
            hidden: self.hidden,
        }
    }

    fn path_of(&self, name: &str) -> String {
        let name = shortened(name);
        if self.path.is_empty() {
            name
        } else {
            format!("{}.{name}", self.path)
        }
    }
}
