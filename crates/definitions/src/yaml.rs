//! YAML text to [`Tree`], with the place of every value.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Error, MergeKeyPolicy, Options, SnippetMode, Spanned};

use crate::json::SyntaxError;
use crate::tree::{Position, Tree, Value};

/// Reads a whole YAML document.
///
/// Words are read as YAML 1.2 does: only `true` and `false` are truth values, so that `on` can be
/// a field, and `02:00` and `007` stay texts. Anchors and merge keys work; a name that is written
/// twice is kept twice, for the decoder to report at its entry.
pub(crate) fn parse(text: &str) -> Result<Tree, SyntaxError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| syntax_error(&error))
}

/// Limits that let ten thousand monitors share one anchor, and still stop a document that expands
/// without end.
fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: 1_000_000,
            max_events: 2_000_000,
            max_aliases: 100_000,
            max_merge_keys: 100_000,
            max_recorded_anchor_events: 100_000,
            enforce_alias_anchor_ratio: false,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Merge,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// The message without any line of the text, which could hold a secret.
fn syntax_error(error: &Error) -> SyntaxError {
    let at = error.location().map(|found| Position {
        line: found.line(),
        column: found.column(),
    });
    let mut render = serde_saphyr::RenderOptions::default();
    render.snippets = SnippetMode::Off;
    let mut original = error;
    while let Error::AliasError { error, .. } | Error::WithSnippet { error, .. } = original {
        original = error;
    }
    let text = match original {
        Error::MultipleDocuments { .. } => "a second document begins".to_owned(),
        Error::Budget { .. } => "is larger, deeper or expands further than is accepted".to_owned(),
        other => other.render_with_options(render),
    };
    let first = text.lines().next().unwrap_or_default();
    let problem = first.split(" at line ").next().unwrap_or(first);
    SyntaxError {
        at,
        problem: problem.to_owned(),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let at = Position {
            line: spanned.referenced.line(),
            column: spanned.referenced.column(),
        };
        Ok(Tree {
            value: spanned.value,
            at: (at.line > 0).then_some(at),
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: serde::Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(AnyValue)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Value, A::Error> {
        let mut map = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            map.push(pair);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, name: &str) -> Value {
        parse(text).unwrap().get(name).unwrap().value.clone()
    }

    #[test]
    fn words_and_times_stay_texts() {
        for (text, wanted) in [
            ("a: on", "on"),
            ("a: no", "no"),
            ("a: 02:00", "02:00"),
            ("a: 007", "007"),
            ("a: 1_000", "1_000"),
            ("a: 2026-12-01", "2026-12-01"),
            ("a: 2xx", "2xx"),
            ("a: 300-399", "300-399"),
        ] {
            assert!(
                matches!(value(text, "a"), Value::Text(found) if found == wanted),
                "{text}"
            );
        }
        assert!(matches!(value("on: 1", "on"), Value::Number(text) if text == "1"));
        assert!(matches!(value("a: 99.95", "a"), Value::Number(text) if text == "99.95"));
        assert!(matches!(value("a: ~", "a"), Value::Null));
    }

    #[test]
    fn knows_the_place_of_every_value() {
        let tree = parse("monitors:\n  - tenant: demo\n    interval:  60\n").unwrap();
        let Value::List(entries) = &tree.get("monitors").unwrap().value else {
            panic!("{tree:?}")
        };
        assert_eq!(entries[0].at, Some(Position { line: 2, column: 5 }));
        let interval = entries[0].get("interval").unwrap();
        assert_eq!(
            interval.at,
            Some(Position {
                line: 3,
                column: 16
            })
        );
    }

    #[test]
    fn anchors_merge_and_repeated_names_are_kept() {
        let tree = parse("x: &x {a: 1}\ny: {<<: *x, b: 2}\nz: 1\nz: 2\n").unwrap();
        assert!(tree.get("y").unwrap().get("a").is_some());
        assert!(matches!(&tree.value, Value::Map(pairs) if pairs.len() == 4));
    }

    #[test]
    fn errors_have_a_place_and_show_nothing_of_the_text() {
        let error = parse("a: 1\nb: [\"s3cret\"\nc: }\n").unwrap_err();
        assert!(error.at.is_some_and(|at| at.line >= 2), "{error:?}");
        assert!(!error.problem.contains("s3cret"), "{error:?}");
        assert!(
            !error.problem.is_empty() && !error.problem.contains('\n'),
            "{error:?}"
        );
    }

    #[test]
    fn an_empty_text_is_null() {
        assert!(matches!(parse("# nothing\n").unwrap().value, Value::Null));
    }
}
