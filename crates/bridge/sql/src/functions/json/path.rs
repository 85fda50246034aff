//! Paths into JSON: `$`, `.member`, `["member"]`, `['member']`, `[0]`.

use serde_json::Value;

/// A path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path<'a>(Vec<Step<'a>>);

#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    /// Reads a path; gives it back when it is none.
    pub(super) fn parse(text: &'a str) -> Result<Path<'a>, &'a str> {
        let mut rest = text.strip_prefix('$').ok_or(text)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('.') {
                Some(rest) => member(rest),
                None => rest.strip_prefix('[').and_then(bracket),
            }
            .ok_or(text)?;
            steps.push(step);
            rest = after;
        }
        Ok(Path(steps))
    }

    /// What the path leads to.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Member(name) => value.as_object()?.get(*name),
            Step::Item(index) => value.as_array()?.get(*index),
        })
    }
}

/// A name up to the next step.
fn member(text: &str) -> Option<(Step<'_>, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let valid = !name.is_empty() && !name.contains(['*', ']', '"', '\'', ' ']);
    valid.then_some((Step::Member(name), rest))
}

/// What stands in brackets, of which the first is gone.
fn bracket(text: &str) -> Option<(Step<'_>, &str)> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let (name, rest) = rest.split_once(quote)?;
            return Some((Step::Member(name), rest.strip_prefix(']')?));
        }
    }
    let (index, rest) = text.split_once(']')?;
    Some((Step::Item(index.parse().ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_members_and_items() {
        let value: Value = serde_json::from_str(r#"{"a": [{"b c": 1}, 2], "$": {"": 3}}"#).unwrap();
        for (path, found) in [
            ("$.a[1]", Some("2")),
            (r#"$.a[0]["b c"]"#, Some("1")),
            ("$['a'][0]['b c']", Some("1")),
            ("$.$['']", Some("3")),
            ("$.a[2]", None),
            ("$.b", None),
            ("$[0]", None),
        ] {
            let found = found.map(str::to_owned);
            let path = Path::parse(path).unwrap();
            assert_eq!(path.find(&value).map(Value::to_string), found, "{path:?}");
        }
    }

    #[test]
    fn other_texts_are_no_paths() {
        for text in [
            "", "a", "$.", "$[", "$[x]", "$[-1]", "$.*", "$..a", "$[\"a]", "$a",
        ] {
            assert_eq!(Path::parse(text), Err(text), "{text}");
        }
    }
}
