//! JSON text to [`Tree`], keeping numbers as written and the place of every value.

use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::tree::{Position, Tree, Value};

/// Nesting beyond this is refused; the deepest sensible definition needs a dozen levels.
const DEEPEST: usize = 64;

/// A text that is not a document at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Where reading stopped.
    pub(crate) at: Option<Position>,
    /// What was found there.
    pub(crate) problem: String,
}

/// Reads a whole JSON document.
pub(crate) fn parse(text: &str) -> Result<Tree, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let reader = Reader {
        text,
        lines: line_starts(text),
        counted: Cell::default(),
    };
    let root: &RawValue =
        serde_json::from_str(text).map_err(|error| reader.syntax_error(text, &error))?;
    reader.tree(root.get(), 0)
}

/// A document that was read already; it has no places.
pub(crate) fn tree(document: &serde_json::Value) -> Tree {
    use serde_json::Value as Json;
    Tree::from(match document {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(number.to_string()),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(elements) => Value::List(elements.iter().map(tree).collect()),
        Json::Object(map) => {
            let pairs = map.iter().map(|(name, value)| (name.clone(), tree(value)));
            Value::Map(pairs.collect())
        }
    })
}

struct Reader<'t> {
    text: &'t str,
    lines: Vec<usize>,
    /// The last offset whose characters within its line were counted, and how many there were
    /// before it. Values are read in order, so that a whole document on one line is counted once.
    counted: Cell<(usize, usize)>,
}

impl<'t> Reader<'t> {
    /// `raw` is a slice of the whole text that holds one value.
    ///
    /// Each level reads its slice anew, which is linear for the shallow documents accepted here
    /// and is what makes places and exact numbers available.
    fn tree(&self, raw: &'t str, depth: usize) -> Result<Tree, SyntaxError> {
        let at = Some(self.position(raw));
        if depth > DEEPEST {
            let problem = format!("is nested deeper than {DEEPEST} levels");
            return Err(SyntaxError { at, problem });
        }
        let failed = |error: serde_json::Error| self.syntax_error(raw, &error);
        let value = match raw.as_bytes().first() {
            Some(b'{') => {
                let Pairs(pairs) = serde_json::from_str(raw).map_err(failed)?;
                let mut map = Vec::with_capacity(pairs.len());
                for (name, value) in pairs {
                    map.push((name, self.tree(value.get(), depth + 1)?));
                }
                Value::Map(map)
            }
            Some(b'[') => {
                let elements: Vec<&'t RawValue> = serde_json::from_str(raw).map_err(failed)?;
                let mut list = Vec::with_capacity(elements.len());
                for element in elements {
                    list.push(self.tree(element.get(), depth + 1)?);
                }
                Value::List(list)
            }
            Some(b'"') => Value::Text(serde_json::from_str(raw).map_err(failed)?),
            Some(b't') => Value::Bool(true),
            Some(b'f') => Value::Bool(false),
            Some(b'n') => Value::Null,
            _ => Value::Number(raw.to_owned()),
        };
        Ok(Tree { value, at })
    }

    /// Where `slice`, a part of the whole text, begins.
    fn position(&self, slice: &str) -> Position {
        let offset = self.offset(slice);
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let (from, before) = match self.counted.get() {
            (counted, before) if (start..=offset).contains(&counted) => (counted, before),
            _ => (start, 0),
        };
        let more = self.text.get(from..offset);
        let column = before + more.map_or(0, |more| more.chars().count());
        self.counted.set((offset, column));
        Position {
            line: line as u64,
            column: column as u64 + 1,
        }
    }

    fn offset(&self, slice: &str) -> usize {
        (slice.as_ptr() as usize)
            .saturating_sub(self.text.as_ptr() as usize)
            .min(self.text.len())
    }

    /// An error of the JSON reader, whose place is relative to the slice that was read.
    fn syntax_error(&self, slice: &str, error: &serde_json::Error) -> SyntaxError {
        let base = self.position(slice);
        let line = base.line + error.line().saturating_sub(1) as u64;
        let column = match error.line() {
            0 | 1 => base.column + error.column().saturating_sub(1) as u64,
            _ => error.column().max(1) as u64,
        };
        let text = error.to_string();
        let problem = text.split(" at line ").next().unwrap_or(&text).to_owned();
        SyntaxError {
            at: Some(Position { line, column }),
            problem,
        }
    }
}

/// The members of an object in order, repeated names included.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Pairs<'t> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }

        deserializer.deserialize_map(Members).map(Pairs)
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    std::iter::once(0)
        .chain(after_breaks.map(|(index, _)| index + 1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_numbers_as_written_and_knows_places() {
        let tree = parse("{\n  \"é\": 1, \"n\": 12345678901234567890.10\n}").unwrap();
        let number = tree.get("n").unwrap();
        assert!(matches!(&number.value, Value::Number(text) if text == "12345678901234567890.10"));
        assert_eq!(
            number.at,
            Some(Position {
                line: 2,
                column: 16
            })
        );
    }

    #[test]
    fn repeated_names_are_kept() {
        let tree = parse(r#"{"a": 1, "a": 2}"#).unwrap();
        assert!(matches!(&tree.value, Value::Map(pairs) if pairs.len() == 2));
    }

    #[test]
    fn errors_name_the_place_in_the_whole_text() {
        let error = parse("{\n  \"a\": [1,\n   ]\n}").unwrap_err();
        assert_eq!(error.at.unwrap().line, 3);
        assert!(!error.problem.contains("line"), "{}", error.problem);
        let error = parse("[\n  \"\\ud800\"\n]").unwrap_err();
        assert_eq!(error.at.unwrap().line, 2);
        let error = parse("").unwrap_err();
        assert_eq!(error.at, Some(Position { line: 1, column: 1 }));
    }

    #[test]
    fn deep_nesting_is_refused_without_deep_recursion() {
        let error = parse(&"[".repeat(100_000)).unwrap_err();
        assert!(error.at.is_some());
        let text = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        assert_eq!(
            parse(&text).unwrap_err().problem,
            "is nested deeper than 64 levels"
        );
    }
}
