//! Text forms by pattern: MySQL's codes and Joda's.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use jiff::civil::DateTime;
use jiff::fmt::strtime;

use super::calendar::{civil, nanoseconds};
use crate::functions::cells::map2;
use crate::functions::signature::Param::{Timestamp, Varchar};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::TIMESTAMP;

const TEXT: Gives = Gives::Is(|| DataType::Utf8View);
const INSTANT: Gives = Gives::Is(|| TIMESTAMP);

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "date_format",
        overloads: &[form(&[Timestamp, Varchar], TEXT, date_format)],
    },
    Scalar {
        name: "date_parse",
        overloads: &[form(&[Varchar, Varchar], INSTANT, date_parse)],
    },
    Scalar {
        name: "format_datetime",
        overloads: &[form(&[Timestamp, Varchar], TEXT, format_datetime)],
    },
    Scalar {
        name: "parse_datetime",
        overloads: &[form(&[Varchar, Varchar], INSTANT, parse_datetime)],
    },
];

fn date_format(call: &Call) -> Result<ArrayRef> {
    map2(call, |value: i64, pattern: &str| {
        print(civil(value), &from_mysql(pattern)?).map(Some)
    })
}

fn date_parse(call: &Call) -> Result<ArrayRef> {
    map2(call, |text: &str, pattern: &str| {
        parse(text, &from_mysql(pattern)?).map(Some)
    })
}

fn format_datetime(call: &Call) -> Result<ArrayRef> {
    map2(call, |value: i64, pattern: &str| {
        print(civil(value), &from_joda(pattern)?).map(Some)
    })
}

fn parse_datetime(call: &Call) -> Result<ArrayRef> {
    map2(call, |text: &str, pattern: &str| {
        parse(text, &from_joda(pattern)?).map(Some)
    })
}

fn print(at: DateTime, pattern: &str) -> Result<String> {
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    match at.and_then(|at| strtime::format(pattern, &at)) {
        Ok(text) => Ok(text),
        Err(error) => exec_err!("cannot format a timestamp by '{pattern}': {error}"),
    }
}

fn parse(text: &str, pattern: &str) -> Result<i64> {
    let Ok(parsed) = strtime::parse(pattern, text) else {
        return exec_err!("Invalid format: \"{text}\"");
    };
    if let Ok(instant) = parsed.to_timestamp()
        && let Ok(value) = i64::try_from(instant.as_nanosecond())
    {
        return Ok(value);
    }
    let time = parsed
        .to_time()
        .unwrap_or_else(|_| jiff::civil::Time::midnight());
    // What the pattern leaves out is taken from the epoch, as in Trino.
    let date = parsed.to_date().or_else(|_| {
        jiff::civil::Date::new(
            parsed.year().unwrap_or(1970),
            parsed.month().unwrap_or(1),
            parsed.day().unwrap_or(1),
        )
    });
    match date {
        Ok(date) => nanoseconds(DateTime::from_parts(date, time)),
        Err(_) => exec_err!("Invalid format: \"{text}\""),
    }
}

/// MySQL's codes as strftime's, which differ in the letters below.
fn from_mysql(pattern: &str) -> Result<String> {
    let mut result = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(c) = characters.next() {
        if c != '%' {
            result.push(c);
            continue;
        }
        let Some(code) = characters.next() else { break };
        result.push_str(match code {
            'a' => "%a",
            'b' => "%b",
            'c' => "%-m",
            'd' => "%d",
            'e' => "%-d",
            'f' => "%6f",
            'H' => "%H",
            'h' | 'I' => "%I",
            'i' => "%M",
            'j' => "%j",
            'k' => "%-H",
            'l' => "%-I",
            'M' => "%B",
            'm' => "%m",
            'p' => "%p",
            'r' => "%I:%M:%S %p",
            'S' | 's' => "%S",
            'T' => "%H:%M:%S",
            'v' => "%V",
            'W' => "%A",
            'x' => "%G",
            'Y' => "%Y",
            'y' => "%y",
            '%' => "%%",
            'D' | 'U' | 'u' | 'V' | 'w' | 'X' => {
                return exec_err!("%{code} not supported in date format string");
            }
            other => {
                result.push(other);
                continue;
            }
        });
    }
    Ok(result)
}

/// Joda's letters as strftime's codes.
fn from_joda(pattern: &str) -> Result<String> {
    let mut result = String::with_capacity(pattern.len() * 2);
    let characters: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        if c == '\'' {
            let (text, next) = quoted(&characters, at + 1);
            result.push_str(&text.replace('%', "%%"));
            at = next;
            continue;
        }
        let count = characters[at..]
            .iter()
            .take_while(|next| **next == c)
            .count();
        at += count;
        if !c.is_ascii_alphabetic() {
            result.extend(std::iter::repeat_n(c, count));
            continue;
        }
        let code = match (c, count) {
            ('y' | 'Y', 2) => "%y",
            ('y' | 'Y', _) => "%Y",
            ('x', _) => "%G",
            ('w', _) => "%V",
            ('M', 1) => "%-m",
            ('M', 2) => "%m",
            ('M', 3) => "%b",
            ('M', _) => "%B",
            ('d', 1) => "%-d",
            ('d', _) => "%d",
            ('D', _) => "%j",
            ('E', 1..=3) => "%a",
            ('E', _) => "%A",
            ('e', _) => "%u",
            ('a', _) => "%p",
            ('H', 1) => "%-H",
            ('H', _) => "%H",
            ('h' | 'K', 1) => "%-I",
            ('h' | 'K', _) => "%I",
            ('m', 1) => "%-M",
            ('m', _) => "%M",
            ('s', 1) => "%-S",
            ('s', _) => "%S",
            ('S', 1..=9) => {
                result.push_str(&format!("%{count}f"));
                continue;
            }
            ('z' | 'Z', _) => "UTC",
            _ => return exec_err!("Illegal pattern component: {c}"),
        };
        result.push_str(code);
    }
    Ok(result)
}

/// Text in single quotes from `at` on, and where it ends; `''` is one quote.
fn quoted(characters: &[char], mut at: usize) -> (String, usize) {
    let mut text = String::new();
    if characters.get(at) == Some(&'\'') {
        return ("'".to_owned(), at + 1);
    }
    while let Some(c) = characters.get(at) {
        at += 1;
        if *c != '\'' {
            text.push(*c);
        } else if characters.get(at) == Some(&'\'') {
            text.push('\'');
            at += 1;
        } else {
            break;
        }
    }
    (text, at)
}
