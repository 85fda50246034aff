//! An entry in the making: fields by their path, each with the argument that it comes from.

use tidewatch_definitions::{Entry, Fault, Tree, Value};

use crate::cli::exit::Complaint;

/// Fields of an entry, and where they come from.
#[derive(Debug, Default)]
pub(super) struct Draft {
    fields: Vec<(String, Tree)>,
    /// Paths as faults have them, and the argument behind each.
    origins: Vec<(String, String)>,
}

impl Draft {
    /// Sets the field at `path`, like `request.redirects`, on behalf of `argument`.
    ///
    /// A map is merged into one that is there. Errors: the field, or one that it would be part
    /// of, is set by another argument.
    pub(super) fn set(
        &mut self,
        path: &str,
        value: Value,
        argument: &str,
    ) -> Result<(), Complaint> {
        let segments: Vec<&str> = path.split('.').collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(Complaint::usage(format!("{argument} names no field")).remedy(SET_REMEDY));
        }
        if !insert(&mut self.fields, &segments, value) {
            let other = self.argument(path);
            return Err(Complaint::usage(format!(
                "field `{path}` is set twice, by {other} and by {argument}; keep one of them"
            )));
        }
        self.origins.push((path.to_owned(), argument.to_owned()));
        Ok(())
    }

    /// Adds to the list at `path`.
    pub(super) fn add(&mut self, path: &str, element: Value, argument: &str) {
        let list = self.fields.iter_mut().find(|(name, _)| name == path);
        let position = match list {
            Some((_, tree)) => {
                if let Value::List(elements) = &mut tree.value {
                    elements.push(element.into());
                    elements.len() - 1
                } else {
                    return;
                }
            }
            None => {
                let list = Value::List(vec![element.into()]);
                self.fields.push((path.to_owned(), list.into()));
                0
            }
        };
        let place = format!("{path}[{position}]");
        self.origins.push((place, argument.to_owned()));
    }

    /// Sets a field of the entry itself that no argument has set.
    pub(super) fn fill(&mut self, name: &str, value: Value) {
        if !self.fields.iter().any(|(known, _)| known == name) {
            self.fields.push((name.to_owned(), value.into()));
        }
    }

    /// The entry.
    pub(super) fn entry(&self) -> Entry {
        Entry {
            file: "command line".to_owned(),
            number: 1,
            tree: Value::Map(self.fields.clone()).into(),
        }
    }

    /// All faults at once, each by the argument that it comes from.
    pub(super) fn complaint(&self, faults: &[Fault]) -> Complaint {
        let told: Vec<String> = faults
            .iter()
            .map(|fault| {
                let value = match fault.value.as_deref() {
                    Some(hidden @ "(hidden)") => format!(" {hidden}"),
                    Some(value) => format!(" `{value}`"),
                    None => String::new(),
                };
                let argument = self.argument(fault.field.as_deref().unwrap_or_default());
                format!("{argument}{value} {}; {}", fault.problem, fault.remedy)
            })
            .collect();
        Complaint::usage(told.join("\n       "))
    }

    /// The argument behind a field: the one that set it, or the closest around it, or the first
    /// within it.
    fn argument(&self, field: &str) -> &str {
        let around = self
            .origins
            .iter()
            .filter(|(path, _)| is_within(field, path))
            .max_by_key(|(path, _)| path.len());
        let within = || self.origins.iter().find(|(path, _)| is_within(path, field));
        around
            .or_else(within)
            .map_or("the command line", |(_, argument)| argument.as_str())
    }
}

/// How `--set` is written.
pub(super) const SET_REMEDY: &str =
    "write it like --set request.redirects=stop; docs/monitors.md lists the fields";

/// Whether the field `inner` is `outer` or a part of it.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Puts `value` where `segments` lead, with the maps in between; false when something is there
/// that it cannot be merged into.
fn insert(fields: &mut Vec<(String, Tree)>, segments: &[&str], value: Value) -> bool {
    let Some((name, deeper)) = segments.split_first() else {
        return false;
    };
    let known = fields.iter().position(|(known, _)| known == name);
    let Some(position) = known else {
        let mut placed = value;
        for segment in deeper.iter().rev() {
            placed = Value::Map(vec![((*segment).to_owned(), placed.into())]);
        }
        fields.push(((*name).to_owned(), placed.into()));
        return true;
    };
    let Value::Map(inner) = &mut fields[position].1.value else {
        return false;
    };
    if !deeper.is_empty() {
        return insert(inner, deeper, value);
    }
    let Value::Map(pairs) = value else {
        return false;
    };
    pairs
        .into_iter()
        .all(|(name, tree)| insert(inner, &[&name], tree.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_field_belongs_to_the_closest_argument() {
        let mut draft = Draft::default();
        draft
            .set("request.method", text("GET"), "--method")
            .unwrap();
        let map = Value::Map(vec![("max".to_owned(), text("x").into())]);
        draft.set("request.redirects", map, "--set").unwrap();
        draft.add("assertions", text("a"), "--status");
        draft.add("assertions", text("b"), "--contains");
        for (field, argument) in [
            ("request.method", "--method"),
            ("request.redirects.max", "--set"),
            ("request.redirects", "--set"),
            ("assertions[1].contains", "--contains"),
            ("assertions[0]", "--status"),
            ("interval", "the command line"),
        ] {
            assert_eq!(draft.argument(field), argument, "{field}");
        }
    }

    #[test]
    fn what_is_set_twice_is_named_with_both_arguments() {
        let mut draft = Draft::default();
        draft
            .set("request.method", text("GET"), "--method")
            .unwrap();
        for path in ["request.method", "request.method.x"] {
            let complaint = draft
                .set(path, text("PUT"), "--set")
                .unwrap_err()
                .to_string();
            assert!(
                complaint.contains(path) && complaint.contains("--set"),
                "{complaint}"
            );
        }
        assert!(draft.set("request", text("x"), "--set").is_err());
        let map = Value::Map(vec![("me.thod".to_owned(), text("x").into())]);
        draft.set("request", map.clone(), "--set request").unwrap();
        assert!(draft.set("request", map, "--set request").is_err());
        assert!(draft.set("request..x", text("x"), "--set").is_err());
    }
}
