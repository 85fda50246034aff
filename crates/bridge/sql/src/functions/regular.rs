//! Functions of regular expressions.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use regex::Regex;

use super::bounds::{Room, fits};
use super::cells::{Output, cell};
use super::signature::Param::{Bigint, Varchar};
use super::signature::{Call, Gives, Scalar, form};
use crate::shapes;

const TEXT: Gives = Gives::Is(|| DataType::Utf8View);
const TEXTS: Gives = Gives::Is(|| shapes::list_of(DataType::Utf8View));

const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "regexp_like",
        overloads: &[form(
            &[Varchar, Varchar],
            Gives::Is(|| DataType::Boolean),
            |call| each(call, |text, pattern, _| Ok(Some(pattern.is_match(text)))),
        )],
    },
    Scalar {
        name: "regexp_extract",
        overloads: &[
            form(&[Varchar, Varchar], TEXT, |call| {
                each(call, |text, pattern, _| {
                    Ok(pattern.find(text).map(|m| m.as_str().to_owned()))
                })
            }),
            form(&[Varchar, Varchar, Bigint], TEXT, |call| {
                each(call, |text, pattern, row| {
                    let Some(group) = group(call, pattern, row)? else {
                        return Ok(None);
                    };
                    let captures = pattern.captures(text);
                    Ok(captures
                        .and_then(|c| c.get(group))
                        .map(|m| m.as_str().to_owned()))
                })
            }),
        ],
    },
    Scalar {
        name: "regexp_extract_all",
        overloads: &[
            form(&[Varchar, Varchar], TEXTS, extract_all),
            form(&[Varchar, Varchar, Bigint], TEXTS, extract_all),
        ],
    },
    Scalar {
        name: "regexp_replace",
        overloads: &[
            form(&[Varchar, Varchar], TEXT, |call| {
                each(call, |text, pattern, _| {
                    Ok(Some(pattern.replace_all(text, "").into_owned()))
                })
            }),
            form(&[Varchar, Varchar, Varchar], TEXT, |call| {
                each(call, |text, pattern, row| {
                    let Some(with) = cell::<&str>(&call.args[2], row) else {
                        return Ok(None);
                    };
                    replaced(text, pattern, &replacement(with)).map(Some)
                })
            }),
        ],
    },
    Scalar {
        name: "regexp_split",
        overloads: &[form(&[Varchar, Varchar], TEXTS, split)],
    },
];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied()
}

/// Compiled patterns of one call; nearly always there is one.
#[derive(Default)]
struct Patterns {
    compiled: HashMap<String, Regex>,
}

impl Patterns {
    fn get(&mut self, pattern: &str) -> Result<&Regex> {
        if !self.compiled.contains_key(pattern) {
            let compiled = Regex::new(pattern).map_err(|error| {
                exec_datafusion_err!("Invalid regular expression '{pattern}': {error}")
            })?;
            self.compiled.insert(pattern.to_owned(), compiled);
        }
        Ok(&self.compiled[pattern])
    }
}

fn each<O: Output>(
    call: &Call,
    f: impl Fn(&str, &Regex, usize) -> Result<Option<O>>,
) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    let cells = (0..call.rows).map(|row| {
        match (
            cell::<&str>(&call.args[0], row),
            cell::<&str>(&call.args[1], row),
        ) {
            (Some(text), Some(pattern)) => f(text, patterns.get(pattern)?, row),
            _ => Ok(None),
        }
    });
    O::collect(cells, &call.gives)
}

/// `text` with what the pattern finds replaced; `with` is in the library's form.
fn replaced(text: &str, pattern: &Regex, with: &str) -> Result<String> {
    if fits((text.len() + 1).saturating_mul(with.len() + 1)) {
        return Ok(pattern.replace_all(text, with).into_owned());
    }
    if !with.contains('$') {
        Room::default().take_many(pattern.find_iter(text).count(), with.len())?;
    }
    let mut result = String::new();
    let mut done = 0;
    for found in pattern.captures_iter(text) {
        let whole = found.get_match();
        result.push_str(&text[done..whole.start()]);
        found.expand(with, &mut result);
        Room::default().take(result.len())?;
        done = whole.end();
    }
    result.push_str(&text[done..]);
    Ok(result)
}

fn group(call: &Call, pattern: &Regex, row: usize) -> Result<Option<usize>> {
    let Some(groups) = call.args.get(2) else {
        return Ok(Some(0));
    };
    let Some(group) = cell::<i64>(groups, row) else {
        return Ok(None);
    };
    match usize::try_from(group) {
        Ok(group) if group < pattern.captures_len() => Ok(Some(group)),
        _ => exec_err!(
            "Pattern has {} groups. Cannot access group {group}",
            pattern.captures_len() - 1
        ),
    }
}

fn extract_all(call: &Call) -> Result<ArrayRef> {
    lists(call, |text, pattern, row, out| {
        let Some(group) = group(call, pattern, row)? else {
            return Ok(false);
        };
        for captures in pattern.captures_iter(text) {
            out.append_option(captures.get(group).map(|m| m.as_str()));
        }
        Ok(true)
    })
}

fn split(call: &Call) -> Result<ArrayRef> {
    lists(call, |text, pattern, _, out| {
        pattern
            .split(text)
            .for_each(|piece| out.append_value(piece));
        Ok(true)
    })
}

/// Builds a list for each row; the closure returns whether the list is not null.
fn lists(
    call: &Call,
    f: impl Fn(&str, &Regex, usize, &mut StringViewBuilder) -> Result<bool>,
) -> Result<ArrayRef> {
    let mut patterns = Patterns::default();
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for row in 0..call.rows {
        let valid = match (
            cell::<&str>(&call.args[0], row),
            cell::<&str>(&call.args[1], row),
        ) {
            (Some(text), Some(pattern)) => f(text, patterns.get(pattern)?, row, lists.values())?,
            _ => false,
        };
        lists.append(valid);
    }
    Ok(Arc::new(lists.finish()))
}

/// Java's replacement text (`$1`, `${name}`, `\$`) as the regex crate's, where the longest name
/// counts: `$1a` means group 1 followed by `a` in Java.
fn replacement(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some('$') => result.push_str("$$"),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            '$' if characters.peek().is_some_and(char::is_ascii_digit) => {
                result.push_str("${");
                while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                    result.push(digit);
                }
                result.push('}');
            }
            other => result.push(other),
        }
    }
    result
}
