//! Functions on texts (Go's `strings` and `text/template/funcs.go`, `prometheus/template`).

use std::net::IpAddr;

use regex::Regex;

use super::super::value::Value;
use super::as_text;

pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|_| format!("`{pattern}` is no regular expression"))
}

/// `strings.ToUpper`: letter by letter, so that `ß` stays.
pub(super) fn upper(text: &str) -> String {
    text.chars()
        .map(|character| {
            let mut upper = character.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) => one,
                _ => character,
            }
        })
        .collect()
}

/// `strings.ToLower`.
pub(super) fn lower(text: &str) -> String {
    text.chars()
        .map(|character| character.to_lowercase().next().unwrap_or(character))
        .collect()
}

/// Upper case for the first letter of each word, the rest as it is (`cases.Title` with `NoLower`
/// of golang.org/x/text). Words end as Unicode says, so that `it's` and `a.b` are one.
pub(super) fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut begun = false;
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_alphabetic() && !begun {
            let mut upper = character.to_uppercase();
            titled.extend(upper.next());
            titled.extend(upper.flat_map(char::to_lowercase));
            begun = true;
        } else {
            titled.push(character);
        }
        let joins = characters.peek().is_some_and(|after| match character {
            '\'' | '\u{2019}' | '.' if before.is_numeric() => after.is_numeric(),
            ',' | ';' => before.is_numeric() && after.is_numeric(),
            '\'' | '\u{2019}' | '.' | ':' | '\u{b7}' => {
                before.is_alphabetic() && after.is_alphabetic()
            }
            _ => character.is_alphanumeric() || character == '_',
        });
        begun &= joins;
        before = character;
    }
    titled
}

/// Bytes of a text, entries of a map.
pub(super) fn length<'a>(given: &[Value<'a>]) -> Result<Value<'a>, String> {
    let length = match given.first() {
        Some(Value::Text(text)) => text.len(),
        Some(Value::Labels(labels)) => labels.len(),
        Some(Value::Values(values)) => values.len(),
        Some(Value::Arguments(arguments)) => arguments.len(),
        Some(Value::Samples) => 0,
        Some(other) => return Err(format!("{} has no length", other.type_name())),
        None => return Err("a value is missing".to_owned()),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// A part of a text, by bytes.
pub(super) fn slice<'a>(given: &[Value<'a>]) -> Result<Value<'a>, String> {
    let text = as_text(given.first())?;
    let place = |place: usize, otherwise: usize| match given.get(place) {
        None => Ok(otherwise),
        Some(Value::Int(it)) => usize::try_from(*it)
            .ok()
            .filter(|it| *it <= text.len())
            .ok_or_else(|| format!("{it} lies outside of the text")),
        Some(other) => Err(format!("{} is no place in a text", other.type_name())),
    };
    let (from, to) = (place(1, 0)?, place(2, text.len())?);
    if given.len() > 3 {
        return Err("a text has no third place".to_owned());
    }
    let part = text.as_bytes().get(from..to);
    let part = part.ok_or_else(|| format!("{from} lies behind {to}"))?;
    Ok(Value::text(String::from_utf8_lossy(part).into_owned()))
}

/// A host without its port.
pub(super) fn strip_port(address: &str) -> String {
    let Some((host, port)) = address.rsplit_once(':') else {
        return address.to_owned();
    };
    if let Some(inner) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        return inner.to_owned();
    }
    if host.contains(':') || port.contains(']') {
        return address.to_owned();
    }
    host.to_owned()
}

/// A host without its domain, the port kept; addresses stay.
pub(super) fn strip_domain(address: &str) -> String {
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, Some(port)),
        _ => (address, None),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return address.to_owned();
    }
    let host = host.split('.').next().unwrap_or_default();
    match port {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Seconds of a duration in Prometheus' form, `1h30m`.
pub(super) fn duration(text: &str) -> Result<f64, String> {
    let error = || format!("`{text}` is no duration; write 90s, 5m or 1h30m");
    if text == "0" {
        return Ok(0.0);
    }
    let mut rest = text;
    let mut millis: u64 = 0;
    // Units may be left out, not written in another order.
    let units: [(&str, u64); 7] = [
        ("y", 31_536_000_000),
        ("w", 604_800_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];
    for (unit, size) in units {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let name = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        if number.is_empty() || after.get(..name) != Some(unit) {
            continue;
        }
        let number: u64 = number.parse().map_err(|_| error())?;
        millis = number
            .checked_mul(size)
            .and_then(|more| millis.checked_add(more))
            .ok_or_else(error)?;
        rest = after.get(name..).unwrap_or_default();
    }
    if !rest.is_empty() || text.is_empty() {
        return Err(error());
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "durations of people have far fewer digits"
    )]
    Ok(millis as f64 / 1000.0)
}
