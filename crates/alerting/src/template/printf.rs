//! `printf`, `print` and `println` (Go's `fmt`).

use crate::go;

use super::value::Value;

/// Widths and precisions above this are mistakes (Go's own limit).
const WIDEST: usize = 1_000_000;

/// `fmt.Sprint`: a space between two values neither of which is a text.
pub(super) fn print(values: &[Value<'_>]) -> String {
    let mut printed = String::new();
    let mut after_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !printed.is_empty() && !is_text && !after_text {
            printed.push(' ');
        }
        printed.push_str(&value.printed());
        after_text = is_text;
    }
    printed
}

/// `fmt.Sprintln`: a space between all values, a line break at the end.
pub(super) fn println(values: &[Value<'_>]) -> String {
    let values: Vec<String> = values.iter().map(Value::printed).collect();
    format!("{}\n", values.join(" "))
}

/// `fmt.Sprintf`. A verb that does not fit its value says so in the text, as Go does. Places of
/// values, `%[1]d`, and texts in ASCII, `%+q`, are refused.
pub(super) fn printf(format: &str, values: &[Value<'_>]) -> Result<String, String> {
    let mut printed = String::new();
    let mut values = Values {
        all: values,
        next: 0,
    };
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        printed.push_str(before);
        let mut verb = Verb::default();
        rest = verb.read(after, &mut values);
        let mut characters = rest.chars();
        let Some(letter) = characters.next() else {
            printed.push_str("%!(NOVERB)");
            rest = "";
            break;
        };
        rest = characters.as_str();
        if letter == '%' {
            printed.push('%');
            continue;
        }
        if letter == '[' || (letter == 'q' && (verb.plus || verb.sharp)) {
            return Err(format!(
                "`%{letter}` in this form is not known here; write it plainly"
            ));
        }
        match values.take() {
            Some(value) => printed.push_str(&verb.format(letter, value)),
            None => printed.push_str(&format!("%!{letter}(MISSING)")),
        }
    }
    printed.push_str(rest);
    let extra = values.rest();
    if !extra.is_empty() {
        let extra: Vec<String> = extra
            .iter()
            .map(|value| match value {
                Value::Missing => "<nil>".to_owned(),
                value => format!("{}={}", value.type_name(), value.printed()),
            })
            .collect();
        printed.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(printed)
}

struct Values<'v, 'a> {
    all: &'v [Value<'a>],
    next: usize,
}

impl<'v, 'a> Values<'v, 'a> {
    fn take(&mut self) -> Option<&'v Value<'a>> {
        let value = self.all.get(self.next)?;
        self.next += 1;
        Some(value)
    }

    fn rest(&self) -> &'v [Value<'a>] {
        self.all.get(self.next..).unwrap_or_default()
    }

    /// A width or precision that `*` takes from the values.
    fn size(&mut self) -> Option<i64> {
        match self.take() {
            Some(Value::Int(size)) => Some(*size),
            _ => None,
        }
    }
}

/// What stands between `%` and the letter.
#[derive(Default)]
struct Verb {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Verb {
    fn read<'t>(&mut self, text: &'t str, values: &mut Values<'_, '_>) -> &'t str {
        let mut rest = text;
        while let Some(flag) = rest.chars().next() {
            match flag {
                '-' => self.minus = true,
                '+' => self.plus = true,
                '#' => self.sharp = true,
                ' ' => self.space = true,
                '0' => self.zero = true,
                _ => break,
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        let (width, after) = size(rest, values);
        if let Some(width) = width {
            self.minus |= width < 0;
            self.width = within(width.saturating_abs());
        }
        rest = after;
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = size(after, values);
            self.precision = Some(within(precision.unwrap_or(0).max(0)));
            rest = after;
        }
        rest
    }

    fn format(&self, letter: char, value: &Value<'_>) -> String {
        match (letter, value) {
            ('v', Value::Float(it)) => self.float('v', *it),
            ('v', Value::Int(it)) => self.whole(*it, 'd'),
            ('v', Value::Text(it)) if self.sharp => self.pad(&go::quote(it), false),
            ('v', value) => self.pad(&self.cut(&value.printed()), false),
            ('T', value) => self.pad(value.type_name(), false),
            ('t', Value::Bool(it)) => self.pad(&it.to_string(), false),
            ('s', Value::Text(_) | Value::Labels(_) | Value::Number(_)) => {
                self.pad(&self.cut(&value.printed()), false)
            }
            ('q', Value::Text(_) | Value::Labels(_) | Value::Number(_)) => {
                self.pad(&go::quote(&self.cut(&value.printed())), false)
            }
            ('x' | 'X', Value::Text(it)) => {
                let bytes: Vec<String> = it.bytes().map(|byte| format!("{byte:02x}")).collect();
                let digits = bytes.join(if self.space { " " } else { "" });
                self.pad(&cased(letter, digits), false)
            }
            ('d' | 'x' | 'X' | 'o' | 'b', Value::Int(it)) => self.whole(*it, letter),
            ('U', Value::Int(it)) => self.pad(&self.code_point(*it), false),
            ('c', Value::Int(it)) => {
                let character = u32::try_from(*it).ok().and_then(char::from_u32);
                self.pad(&character.unwrap_or('\u{fffd}').to_string(), false)
            }
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Float(it)) => self.float(letter, *it),
            (_, Value::Missing) => format!("%!{letter}(<nil>)"),
            _ => format!("%!{letter}({}={})", value.type_name(), value.printed()),
        }
    }

    fn code_point(&self, number: i64) -> String {
        let code = format!("U+{number:04X}");
        let character = u32::try_from(number).ok().and_then(char::from_u32);
        match character {
            Some(character) if self.sharp => format!("{code} '{character}'"),
            _ => code,
        }
    }

    /// A precision cuts texts.
    fn cut(&self, text: &str) -> String {
        match self.precision {
            Some(precision) => text.chars().take(precision).collect(),
            None => text.to_owned(),
        }
    }

    fn whole(&self, number: i64, letter: char) -> String {
        let size = number.unsigned_abs();
        let digits = match letter {
            'x' => format!("{size:x}"),
            'X' => format!("{size:X}"),
            'o' => format!("{size:o}"),
            'b' => format!("{size:b}"),
            _ => size.to_string(),
        };
        let wanted = self.precision.unwrap_or(0);
        let digits = format!("{digits:0>wanted$}");
        let prefix = match letter {
            'x' if self.sharp => "0x",
            'X' if self.sharp => "0X",
            'o' if self.sharp => "0",
            _ => "",
        };
        let number = format!("{}{prefix}{digits}", self.sign(number < 0));
        self.pad(&number, self.zero && self.precision.is_none())
    }

    fn float(&self, letter: char, number: f64) -> String {
        if !number.is_finite() {
            let text = number_text(number, self.plus);
            return self.pad(&text, false);
        }
        let size = number.abs();
        let digits = match (letter, self.precision) {
            ('f' | 'F', precision) => format!("{size:.*}", precision.unwrap_or(6)),
            ('e' | 'E', precision) => exponent(&format!("{size:.*e}", precision.unwrap_or(6))),
            (_, Some(precision)) => go::precise(size, precision),
            (_, None) => crate::number::format(size),
        };
        let number = format!("{}{digits}", self.sign(number.is_sign_negative()));
        self.pad(&cased(letter, number), self.zero)
    }

    fn sign(&self, negative: bool) -> &'static str {
        if negative {
            "-"
        } else if self.plus {
            "+"
        } else if self.space {
            " "
        } else {
            ""
        }
    }

    /// Fills up to the width: with zeros behind the sign, or with spaces.
    fn pad(&self, text: &str, zeros: bool) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        if missing == 0 {
            return text.to_owned();
        }
        if self.minus {
            return format!("{text}{}", " ".repeat(missing));
        }
        if !zeros {
            return format!("{}{text}", " ".repeat(missing));
        }
        let digits = text.trim_start_matches(['-', '+', ' ']);
        let sign = text.strip_suffix(digits).unwrap_or_default();
        format!("{sign}{}{digits}", "0".repeat(missing))
    }
}

/// Digits or `*`.
fn size<'t>(text: &'t str, values: &mut Values<'_, '_>) -> (Option<i64>, &'t str) {
    if let Some(after) = text.strip_prefix('*') {
        return (values.size(), after);
    }
    let end = text
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    (digits.parse().ok(), after)
}

fn within(size: i64) -> usize {
    usize::try_from(size).unwrap_or(0).min(WIDEST)
}

fn cased(letter: char, text: String) -> String {
    if letter.is_ascii_uppercase() {
        text.to_ascii_uppercase()
    } else {
        text
    }
}

fn number_text(number: f64, plus: bool) -> String {
    let sign = if number < 0.0 { "-" } else { "+" };
    match (number.is_nan(), plus) {
        (true, true) => "+NaN".to_owned(),
        (true, false) => "NaN".to_owned(),
        _ => format!("{sign}Inf"),
    }
}

/// Rust's `1.5e3` as Go's `1.5e+03`.
fn exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else {
        return text.to_owned();
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}
