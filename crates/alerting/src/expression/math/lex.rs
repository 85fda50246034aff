//! The words of a math expression (`pkg/expr/mathexp/parse/lex.go`).

use super::operators::Operator;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The value, and the text as it is written.
    Number {
        value: f64,
        text: String,
    },
    /// The name without `$` and braces, and the text as it is written.
    Variable {
        name: String,
        text: String,
    },
    Function(String),
    Not,
    Operator(Operator),
    Open,
    Close,
}

impl Token {
    /// The word for messages.
    pub(super) fn text(&self) -> String {
        match self {
            Token::Number { text, .. } | Token::Variable { text, .. } => text.clone(),
            Token::Function(name) => name.clone(),
            Token::Not => "!".to_owned(),
            Token::Operator(operator) => operator.text().to_owned(),
            Token::Open => "(".to_owned(),
            Token::Close => ")".to_owned(),
        }
    }
}

const SYMBOLS: &str = "!<>=&|+-*/%";

/// All words of `text`.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            _ if first.is_whitespace() => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            '$' => variable(rest)?,
            '(' => (Token::Open, &rest[1..]),
            ')' => (Token::Close, &rest[1..]),
            _ if SYMBOLS.contains(first) => symbol(rest)?,
            _ if first.is_ascii_digit() || first == '.' => number(rest)?,
            _ if first.is_alphabetic() => {
                let (name, after) = split(rest, |letter| letter.is_alphabetic() || letter == '_');
                (Token::Function(name.to_owned()), after)
            }
            _ => {
                return Err(format!(
                    "`{first}` has no meaning in a math expression; use numbers, $refIds, functions and operators"
                ));
            }
        };
        tokens.push(token);
        rest = after;
    }
    Ok(tokens)
}

/// `text` before and from the first character that does not belong.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|letter| !belongs(letter)).unwrap_or(text.len());
    text.split_at(end)
}

/// Symbols that stand together are one word.
fn symbol(rest: &str) -> Result<(Token, &str), String> {
    let (symbol, after) = split(rest, |letter| SYMBOLS.contains(letter));
    let token = match symbol {
        "!" => Token::Not,
        other => match Operator::of(other) {
            Some(operator) => Token::Operator(operator),
            None => {
                return Err(format!(
                    "there is no operator `{symbol}`; put spaces between operators and signs"
                ));
            }
        },
    };
    Ok((token, after))
}

fn variable(rest: &str) -> Result<(Token, &str), String> {
    let letters = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (name, after) = match rest[1..].strip_prefix('{') {
        Some(braced) => {
            let Some((name, after)) = braced.split_once('}') else {
                return Err("a variable lacks its closing `}`".to_owned());
            };
            let known = |letter: char| letters(letter) || letter.is_whitespace();
            if !name.chars().all(known) {
                return Err(format!(
                    "`${{{name}}}` is no variable; a refId has letters, digits, `_` and spaces"
                ));
            }
            (name, after)
        }
        None => split(&rest[1..], letters),
    };
    if name.is_empty() {
        return Err("`$` without a refId; write $A or ${A}".to_owned());
    }
    let text = rest[..rest.len() - after.len()].to_owned();
    let name = name.to_owned();
    Ok((Token::Variable { name, text }, after))
}

fn number(rest: &str) -> Result<(Token, &str), String> {
    let end = end_of_number(rest);
    let (text, after) = rest.split_at(end);
    match value(text) {
        Some(value) => {
            let text = text.to_owned();
            Ok((Token::Number { value, text }, after))
        }
        None => Err(format!("`{text}` is no number")),
    }
}

/// Digits, a fraction, an exponent; hexadecimal digits after `0x`.
fn end_of_number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let run = |from: usize, belongs: fn(&u8) -> bool| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| belongs(byte))
            .count()
    };
    let hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    let digits: fn(&u8) -> bool = if hexadecimal {
        u8::is_ascii_hexdigit
    } else {
        u8::is_ascii_digit
    };
    let mut end = run(if hexadecimal { 2 } else { 0 }, digits);
    if bytes.get(end) == Some(&b'.') {
        end = run(end + 1, digits);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        end += 1;
        if matches!(bytes.get(end), Some(b'+' | b'-')) {
            end += 1;
        }
        end = run(end, u8::is_ascii_digit);
    }
    end
}

/// As Go reads it: a leading 0 makes a whole number octal where its digits allow that.
fn value(text: &str) -> Option<f64> {
    let whole = if let Some(digits) = text.strip_prefix("0x").or(text.strip_prefix("0X")) {
        u64::from_str_radix(digits, 16).ok()
    } else if text.len() > 1 && text.starts_with('0') {
        u64::from_str_radix(text, 8).ok()
    } else {
        text.parse().ok()
    };
    match whole {
        #[expect(
            clippy::cast_precision_loss,
            reason = "Grafana calculates with floating-point numbers only"
        )]
        Some(whole) => Some(whole as f64),
        None => text.parse().ok(),
    }
}
