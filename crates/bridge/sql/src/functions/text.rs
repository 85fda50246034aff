//! Functions of text. Positions and lengths count characters, from one.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringViewBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::array::reverse;
use super::bounds::{Room, fits};
use super::cells::{Output, cell, map1, map2, map3};
use super::signature::Param::{Array, Bigint, Varchar};
use super::signature::{Call, Gives, Scalar, form, variadic};
use crate::shapes;

const TEXT: Gives = Gives::Is(|| DataType::Utf8View);
const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const BOOLEAN: Gives = Gives::Is(|| DataType::Boolean);

/// The longest text that a padding may make, in characters.
const MOST_CHARACTERS: i64 = 1 << 20;

/// A function from text to text.
macro_rules! of_text {
    ($name:literal, $f:expr) => {
        Scalar {
            name: $name,
            overloads: &[form(&[Varchar], TEXT, |call| {
                map1(call, |text: &str| {
                    Ok(Some({
                        let f: fn(&str) -> String = $f;
                        f(text)
                    }))
                })
            })],
        }
    };
}

const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "concat",
        overloads: &[
            variadic(&[Varchar, Varchar], Varchar, TEXT, concat),
            variadic(
                &[
                    super::signature::Param::Array,
                    super::signature::Param::Array,
                ],
                super::signature::Param::Array,
                Gives::Like(0),
                super::array::concat,
            ),
        ],
    },
    Scalar {
        name: "concat_ws",
        overloads: &[variadic(&[Varchar], Varchar, TEXT, concat_ws)],
    },
    of_text!("lower", str::to_lowercase),
    of_text!("upper", str::to_uppercase),
    Scalar {
        name: "reverse",
        overloads: &[
            form(&[Varchar], TEXT, |call| {
                map1(call, |text: &str| {
                    Ok(Some(text.chars().rev().collect::<String>()))
                })
            }),
            form(&[Array], Gives::Like(0), reverse),
        ],
    },
    Scalar {
        name: "length",
        overloads: &[form(&[Varchar], BIGINT, |call| {
            map1(call, |text: &str| Ok(Some(text.chars().count() as i64)))
        })],
    },
    Scalar {
        name: "substr",
        overloads: &[
            form(&[Varchar, Bigint], TEXT, |call| {
                map2(call, |text: &str, from: i64| {
                    Ok(Some(substring(text, from, i64::MAX)))
                })
            }),
            form(&[Varchar, Bigint, Bigint], TEXT, substr),
        ],
    },
    Scalar {
        name: "substring",
        overloads: &[
            form(&[Varchar, Bigint], TEXT, |call| {
                map2(call, |text: &str, from: i64| {
                    Ok(Some(substring(text, from, i64::MAX)))
                })
            }),
            form(&[Varchar, Bigint, Bigint], TEXT, substr),
        ],
    },
    Scalar {
        name: "strpos",
        overloads: &[
            form(&[Varchar, Varchar], BIGINT, |call| {
                map2(call, |text: &str, part: &str| {
                    Ok(Some(occurrence(text, part, 1)))
                })
            }),
            form(&[Varchar, Varchar, Bigint], BIGINT, |call| {
                map3(call, |text: &str, part: &str, which: i64| {
                    Ok(Some(occurrence(text, part, which)))
                })
            }),
        ],
    },
    Scalar {
        name: "starts_with",
        overloads: &[form(&[Varchar, Varchar], BOOLEAN, |call| {
            map2(call, |text: &str, prefix: &str| {
                Ok(Some(text.starts_with(prefix)))
            })
        })],
    },
    Scalar {
        name: "replace",
        overloads: &[
            form(&[Varchar, Varchar], TEXT, |call| {
                map2(call, |text: &str, from: &str| {
                    Ok(Some(text.replace(from, "")))
                })
            }),
            form(&[Varchar, Varchar, Varchar], TEXT, |call| {
                map3(call, |text: &str, from: &str, to: &str| {
                    if !fits((text.len() + 1).saturating_mul(to.len() + 1)) {
                        let more = to.len().saturating_sub(from.len());
                        Room::default().take_many(text.matches(from).count(), more)?;
                    }
                    Ok(Some(text.replace(from, to)))
                })
            }),
        ],
    },
    Scalar {
        name: "trim",
        overloads: &[
            form(&[Varchar], TEXT, |c| trim(c, true, true)),
            form(&[Varchar, Varchar], TEXT, |c| trim(c, true, true)),
        ],
    },
    Scalar {
        name: "ltrim",
        overloads: &[
            form(&[Varchar], TEXT, |c| trim(c, true, false)),
            form(&[Varchar, Varchar], TEXT, |c| trim(c, true, false)),
        ],
    },
    Scalar {
        name: "rtrim",
        overloads: &[
            form(&[Varchar], TEXT, |c| trim(c, false, true)),
            form(&[Varchar, Varchar], TEXT, |c| trim(c, false, true)),
        ],
    },
    Scalar {
        name: "lpad",
        overloads: &[form(&[Varchar, Bigint, Varchar], TEXT, |c| pad(c, true))],
    },
    Scalar {
        name: "rpad",
        overloads: &[form(&[Varchar, Bigint, Varchar], TEXT, |c| pad(c, false))],
    },
    Scalar {
        name: "split_part",
        overloads: &[form(&[Varchar, Varchar, Bigint], TEXT, |call| {
            map3(call, |text: &str, delimiter: &str, index: i64| {
                let index = usize::try_from(index)
                    .ok()
                    .and_then(|index| index.checked_sub(1))
                    .ok_or_else(|| exec_datafusion_err!("Index must be greater than zero"))?;
                Ok(pieces(text, delimiter, usize::MAX)
                    .nth(index)
                    .map(str::to_owned))
            })
        })],
    },
    Scalar {
        name: "split",
        overloads: &[
            form(
                &[Varchar, Varchar],
                Gives::Is(|| shapes::list_of(DataType::Utf8View)),
                split,
            ),
            form(
                &[Varchar, Varchar, Bigint],
                Gives::Is(|| shapes::list_of(DataType::Utf8View)),
                split,
            ),
        ],
    },
    Scalar {
        name: "chr",
        overloads: &[form(&[Bigint], TEXT, |call| {
            map1(call, |code: i64| {
                match u32::try_from(code).ok().and_then(char::from_u32) {
                    Some(character) => Ok(Some(character.to_string())),
                    None => exec_err!("Not a valid Unicode code point: {code}"),
                }
            })
        })],
    },
    Scalar {
        name: "codepoint",
        overloads: &[form(&[Varchar], Gives::Is(|| DataType::Int32), |call| {
            map1(call, |text: &str| {
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(only), None) => Ok(i32::try_from(u32::from(only)).ok()),
                    _ => exec_err!("codepoint takes a single character, not '{text}'"),
                }
            })
        })],
    },
    Scalar {
        name: "translate",
        overloads: &[form(&[Varchar, Varchar, Varchar], TEXT, |call| {
            map3(call, |text: &str, from: &str, to: &str| {
                let to: Vec<char> = to.chars().collect();
                Ok(Some(
                    text.chars()
                        .filter_map(|c| match from.chars().position(|known| known == c) {
                            Some(position) => to.get(position).copied(),
                            None => Some(c),
                        })
                        .collect::<String>(),
                ))
            })
        })],
    },
    Scalar {
        name: "hamming_distance",
        overloads: &[form(&[Varchar, Varchar], BIGINT, |call| {
            map2(call, |a: &str, b: &str| {
                if a.chars().count() != b.chars().count() {
                    return exec_err!(
                        "The input strings to hamming_distance function must have the same length"
                    );
                }
                Ok(Some(
                    a.chars().zip(b.chars()).filter(|(a, b)| a != b).count() as i64,
                ))
            })
        })],
    },
    Scalar {
        name: "levenshtein_distance",
        overloads: &[form(&[Varchar, Varchar], BIGINT, |call| {
            map2(call, |a: &str, b: &str| {
                Ok(Some(
                    datafusion::common::utils::datafusion_strsim::levenshtein(a, b) as i64,
                ))
            })
        })],
    },
];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied()
}

/// Null when any part is.
fn concat(call: &Call) -> Result<ArrayRef> {
    let cells = (0..call.rows).map(|row| {
        Ok(call
            .args
            .iter()
            .map(|arg| cell::<&str>(arg, row))
            .collect::<Option<String>>())
    });
    String::collect(cells, &call.gives)
}

/// Leaves out parts that are null.
fn concat_ws(call: &Call) -> Result<ArrayRef> {
    let cells = (0..call.rows).map(|row| {
        let Some(separator) = cell::<&str>(&call.args[0], row) else {
            return Ok(None);
        };
        let parts: Vec<&str> = call.args[1..]
            .iter()
            .filter_map(|arg| cell(arg, row))
            .collect();
        Ok(Some(parts.join(separator)))
    });
    String::collect(cells, &call.gives)
}

fn substr(call: &Call) -> Result<ArrayRef> {
    map3(call, |text: &str, from: i64, count: i64| {
        Ok(Some(substring(text, from, count)))
    })
}

/// Trino's substring: position 0 gives nothing, a negative one counts from the end.
fn substring(text: &str, from: i64, count: i64) -> String {
    let length = text.chars().count() as i64;
    let start = if from < 0 { length + from } else { from - 1 };
    if from == 0 || start < 0 || start >= length || count <= 0 {
        return String::new();
    }
    let count = usize::try_from(count.min(length)).unwrap_or(usize::MAX);
    text.chars().skip(start as usize).take(count).collect()
}

/// The character position of the n-th occurrence, from the end when n is negative; 0 when absent.
fn occurrence(text: &str, part: &str, which: i64) -> i64 {
    let character_at = |byte: usize| text[..byte].chars().count() as i64 + 1;
    if part.is_empty() {
        return 1;
    }
    let found = match usize::try_from(which.unsigned_abs()) {
        Ok(0) | Err(_) => None,
        Ok(n) if which > 0 => text.match_indices(part).nth(n - 1),
        Ok(n) => text.rmatch_indices(part).nth(n - 1),
    };
    found.map_or(0, |(byte, _)| character_at(byte))
}

fn trim(call: &Call, start: bool, end: bool) -> Result<ArrayRef> {
    let cells = (0..call.rows).map(|row| {
        let Some(text) = cell::<&str>(&call.args[0], row) else {
            return Ok(None);
        };
        let what = match call.args.get(1) {
            None => None,
            Some(what) => match cell::<&str>(what, row) {
                None => return Ok(None),
                Some(what) => Some(what),
            },
        };
        let drop = |c: char| what.map_or(c.is_whitespace(), |what| what.contains(c));
        let text = if start {
            text.trim_start_matches(drop)
        } else {
            text
        };
        Ok(Some(
            if end {
                text.trim_end_matches(drop)
            } else {
                text
            }
            .to_owned(),
        ))
    });
    String::collect(cells, &call.gives)
}

fn pad(call: &Call, left: bool) -> Result<ArrayRef> {
    map3(call, |text: &str, size: i64, filler: &str| {
        if !(0..=MOST_CHARACTERS).contains(&size) {
            return exec_err!("Target length must be in the range [0..{MOST_CHARACTERS}]");
        }
        if filler.is_empty() {
            return exec_err!("Padding string must not be empty");
        }
        let size = size as usize;
        let length = text.chars().count();
        if length >= size {
            return Ok(Some(text.chars().take(size).collect::<String>()));
        }
        let padding: String = filler.chars().cycle().take(size - length).collect();
        Ok(Some(if left {
            padding + text
        } else {
            text.to_owned() + &padding
        }))
    })
}

fn pieces<'a>(
    text: &'a str,
    delimiter: &'a str,
    limit: usize,
) -> Box<dyn Iterator<Item = &'a str> + 'a> {
    if delimiter.is_empty() {
        return Box::new(std::iter::once(text));
    }
    Box::new(text.splitn(limit, delimiter))
}

fn split(call: &Call) -> Result<ArrayRef> {
    let mut lists = ListBuilder::new(StringViewBuilder::new());
    for row in 0..call.rows {
        let limit = match call.args.get(2) {
            None => Some(usize::MAX),
            Some(limits) => match cell::<i64>(limits, row) {
                None => None,
                Some(limit) if limit > 0 => usize::try_from(limit).ok(),
                Some(_) => return exec_err!("Limit must be positive"),
            },
        };
        let (text, delimiter) = (
            cell::<&str>(&call.args[0], row),
            cell::<&str>(&call.args[1], row),
        );
        let (Some(text), Some(delimiter), Some(limit)) = (text, delimiter, limit) else {
            lists.append_null();
            continue;
        };
        if delimiter.is_empty() {
            return exec_err!("The delimiter may not be the empty string");
        }
        pieces(text, delimiter, limit).for_each(|piece| lists.values().append_value(piece));
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
