//! The compact notation of series: `0+1x10`, `5x3 _ 7`, `true x3`.
//!
//! As in promtool's `input_series`, an item that is repeated `xN` stands for N + 1 values, and
//! `A+BxN` grows by B each time. `_` is a gap, `_xN` are N gaps, and `stale` is a gap too: a table
//! has no markers of staleness, a series merely has no more rows. Texts stand in quotes; `true`
//! and `false` are truth values. What promtool has not: truth values and texts.

use std::str::FromStr;

use tidewatch_domain::Value;

/// The most values of one series: more than a year at a minute.
const LONGEST: usize = 600_000;

/// The values of a series in order; a gap is `None`.
pub(super) fn read(text: &str, kind: Kind) -> Result<Vec<Option<Value>>, String> {
    let mut values = Vec::new();
    for item in items(text)? {
        let item = Item::read(&item, kind)?;
        if values.len() + item.count > LONGEST {
            return Err(format!("has more than {LONGEST} values; shorten it"));
        }
        values.extend((0..item.count).map(|step| item.value(step, kind)));
    }
    Ok(values)
}

/// The types of measures, by Timestream's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Double,
    Bigint,
    Varchar,
    Boolean,
    Timestamp,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "double" => Kind::Double,
            "bigint" => Kind::Bigint,
            "varchar" => Kind::Varchar,
            "boolean" => Kind::Boolean,
            "timestamp" => Kind::Timestamp,
            _ => {
                return Err(format!(
                    "`{text}` is no type of a measure; use double, bigint, varchar, boolean or \
                     timestamp"
                ));
            }
        })
    }
}

impl Kind {
    /// A value as its text says.
    pub(super) fn value(self, text: &str) -> Result<Value, String> {
        let wrong = |wanted: &str| format!("`{text}` is no {wanted}");
        Ok(match self {
            Kind::Double => {
                let number: Option<f64> = text.parse().ok();
                let finite = number.filter(|number| number.is_finite());
                Value::Double(finite.ok_or_else(|| wrong("finite number"))?)
            }
            Kind::Bigint => Value::Bigint(text.parse().map_err(|_| wrong("whole number"))?),
            Kind::Varchar => Value::Varchar(text.to_owned()),
            Kind::Boolean => Value::Boolean(text.parse().map_err(|_| wrong("truth value"))?),
            Kind::Timestamp => Value::Timestamp(
                text.parse()
                    .map_err(|error: tidewatch_domain::time::TimeError| error.to_string())?,
            ),
        })
    }
}

/// An item: a first value, by how much it grows, and how often it is there.
struct Item {
    first: Option<Value>,
    growth: f64,
    count: usize,
}

impl Item {
    fn read(text: &str, kind: Kind) -> Result<Self, String> {
        if text == "stale" || text == "_" {
            return Ok(Item::gaps(1));
        }
        let (values, times) = split_count(text)?;
        if values == "_" {
            return Ok(Item::gaps(times.unwrap_or(1)));
        }
        // The first value itself is one more.
        let count = times.map_or(1, |times| times + 1);
        let (first, growth) = match kind {
            Kind::Double | Kind::Bigint => {
                let (first, growth) = split_growth(values, text)?;
                if kind == Kind::Bigint && growth.fract() != 0.0 {
                    return Err(format!("`{text}` does not grow by a whole number"));
                }
                (first, growth)
            }
            Kind::Varchar | Kind::Boolean | Kind::Timestamp => (values, 0.0),
        };
        let first = unquoted(first).unwrap_or(first);
        Ok(Item {
            first: Some(kind.value(first)?),
            growth,
            count,
        })
    }

    fn gaps(count: usize) -> Self {
        Item {
            first: None,
            growth: 0.0,
            count,
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a series has few values, and whole steps stay whole far beyond them"
    )]
    fn value(&self, step: usize, kind: Kind) -> Option<Value> {
        let grown = self.growth * step as f64;
        match (self.first.clone()?, kind) {
            (Value::Double(first), _) => Some(Value::Double(first + grown)),
            (Value::Bigint(first), _) => Some(Value::Bigint(first.saturating_add(grown as i64))),
            (value, _) => Some(value),
        }
    }
}

/// The items of a text: separated by blanks, which may stand within quotes.
fn items(text: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut quote = None;
    for character in text.chars() {
        match quote {
            None if character.is_whitespace() => {
                if !item.is_empty() {
                    items.push(std::mem::take(&mut item));
                }
            }
            None => {
                if matches!(character, '\'' | '"') && item.is_empty() {
                    quote = Some(character);
                }
                item.push(character);
            }
            Some(open) => {
                if character == open {
                    quote = None;
                }
                item.push(character);
            }
        }
    }
    if quote.is_some() {
        return Err(format!("`{item}` has no closing quote"));
    }
    if !item.is_empty() {
        items.push(item);
    }
    // A count may stand apart: `true x3`.
    let mut joined: Vec<String> = Vec::new();
    for item in items {
        let is_count = item.strip_prefix('x').is_some_and(|times| {
            !times.is_empty() && times.bytes().all(|byte| byte.is_ascii_digit())
        });
        match joined.last_mut() {
            Some(last) if is_count => last.push_str(&item),
            _ => joined.push(item),
        }
    }
    Ok(joined)
}

/// What is repeated, and how often.
fn split_count(item: &str) -> Result<(&str, Option<usize>), String> {
    let Some((values, times)) = item.rsplit_once('x') else {
        return Ok((item, None));
    };
    if unquoted(item).is_some()
        || times.is_empty()
        || !times.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Ok((item, None));
    }
    let times = times
        .parse()
        .ok()
        .filter(|times| *times < LONGEST)
        .ok_or_else(|| format!("`{item}` is repeated too often"))?;
    Ok((values, Some(times)))
}

/// The first number of `1+2` or `1-2`, and by how much it grows.
fn split_growth<'t>(values: &'t str, item: &str) -> Result<(&'t str, f64), String> {
    let is_sign = |(position, byte): &(usize, u8)| {
        // Neither the sign of the first number nor that of an exponent.
        *position > 0
            && matches!(byte, b'+' | b'-')
            && !matches!(values.as_bytes()[position - 1], b'e' | b'E')
    };
    let Some((position, _)) = values.bytes().enumerate().find(is_sign) else {
        return Ok((values, 0.0));
    };
    let growth: Option<f64> = values[position..].parse().ok();
    let growth = growth.filter(|growth| growth.is_finite());
    let growth =
        growth.ok_or_else(|| format!("`{item}` cannot be read; write 5, 5x3, 0+1x10 or 10-2x4"))?;
    Ok((&values[..position], growth))
}

fn unquoted(text: &str) -> Option<&str> {
    let quote = text
        .chars()
        .next()
        .filter(|first| matches!(first, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubles(text: &str) -> Vec<Option<f64>> {
        let values = read(text, Kind::Double).unwrap();
        let number = |value| match value {
            Value::Double(number) => number,
            other => panic!("{other:?}"),
        };
        values.into_iter().map(|value| value.map(number)).collect()
    }

    #[test]
    fn items_are_values_runs_ramps_and_gaps() {
        assert_eq!(doubles("0+1x3"), [0.0, 1.0, 2.0, 3.0].map(Some));
        assert_eq!(doubles("10-2.5x2"), [10.0, 7.5, 5.0].map(Some));
        assert_eq!(doubles("5x2 -1"), [5.0, 5.0, 5.0, -1.0].map(Some));
        assert_eq!(doubles("-3-1x1"), [-3.0, -4.0].map(Some));
        assert_eq!(doubles("1e-3"), [Some(0.001)]);
        assert_eq!(
            doubles("1 _ _x2 stale 2"),
            [Some(1.0), None, None, None, None, Some(2.0)]
        );
        assert_eq!(doubles("  "), []);
        assert_eq!(doubles("1 x2"), [1.0, 1.0, 1.0].map(Some));
    }

    #[test]
    fn other_types_are_repeated_only() {
        let values = read("false x1 true", Kind::Boolean).unwrap();
        assert_eq!(
            values,
            [false, false, true].map(|value| Some(Value::Boolean(value)))
        );
        let values = read("'a b'x1 ok \"x3\" _", Kind::Varchar).unwrap();
        let texts = ["a b", "a b", "ok", "x3"].map(|text| Some(Value::from(text)));
        assert_eq!(values[..4], texts);
        assert_eq!(values[4], None);
        let values = read("3+2x1", Kind::Bigint).unwrap();
        assert_eq!(values, [3_i64, 5].map(|value| Some(Value::Bigint(value))));
        let time = read("'2026-11-22T07:00:00Z'", Kind::Timestamp).unwrap();
        assert!(matches!(time[0], Some(Value::Timestamp(_))));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, kind, part) in [
            ("5y3", Kind::Double, "`5y3` is no finite number"),
            ("1+x3", Kind::Double, "`1+x3` cannot be read"),
            ("1+0.5x3", Kind::Bigint, "does not grow by a whole number"),
            ("inf", Kind::Double, "no finite number"),
            ("1x9999999", Kind::Double, "repeated too often"),
            ("1x500000 1x500000", Kind::Double, "more than 600000 values"),
            ("yes", Kind::Boolean, "no truth value"),
            ("'a", Kind::Varchar, "no closing quote"),
            ("soon", Kind::Timestamp, "is not a time"),
        ] {
            let error = read(text, kind).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
