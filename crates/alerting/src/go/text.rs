//! Texts in quotes, in addresses and in regular expressions.

use std::sync::LazyLock;

use regex::Regex;

/// `strconv.Quote`.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            ' '..='~' => quoted.push(character),
            '\0'..='\u{1f}' | '\u{7f}' => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(character)))
            }
            _ if is_printable(character) => quoted.push(character),
            _ if u32::from(character) < 0x1_0000 => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => quoted.push_str(&format!("\\U{:08x}", u32::from(character))),
        }
    }
    quoted.push('"');
    quoted
}

/// `unicode.IsPrint`: letters, marks, numbers, punctuation and symbols.
pub(crate) fn is_printable(character: char) -> bool {
    static PRINTABLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"[\p{L}\p{M}\p{N}\p{P}\p{S}]").expect("the classes are those of Unicode")
    });
    PRINTABLE.is_match(character.encode_utf8(&mut [0; 4]))
}

/// The value of a matcher in the key of a route, in quotes (`openMetricsEscape` of Alertmanager's
/// `pkg/labels/matcher.go`).
pub(crate) fn matcher_value(value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// `url.QueryEscape`.
pub(crate) fn query_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            b' ' => escaped.push('+'),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// `regexp.QuoteMeta`.
pub(crate) fn quote_meta(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts come from `strconv.Quote` of Go 1.26.
    #[test]
    fn quotes_what_go_quotes() {
        assert_eq!(
            quote("a\"b\\c\n\t\u{7}\u{8}\u{c}\r\u{b}\0\u{7f}"),
            r#""a\"b\\c\n\t\a\b\f\r\v\x00\x7f""#
        );
        assert_eq!(quote("ü é 😀"), "\"ü é 😀\"");
        assert_eq!(
            quote("\u{200b}\u{a0}\u{301}\u{feff}\u{e0001}"),
            "\"\\u200b\\u00a0\u{301}\\ufeff\\U000e0001\""
        );
    }

    #[test]
    fn escapes_for_queries_matchers_and_regular_expressions() {
        assert_eq!(query_escape("a b&c=d/ü~-_."), "a+b%26c%3Dd%2F%C3%BC~-_.");
        assert_eq!(matcher_value("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
        assert_eq!(quote_meta("a.b-c [x]"), r"a\.b-c \[x\]");
    }
}
