//! `html` and `js` (Go's `text/template/funcs.go`).

pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' => escaped.push('\u{fffd}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

pub(super) fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '\'' | '"' => escaped.extend(['\\', character]),
            '<' | '>' | '&' | '=' | '\0'..='\u{1f}' => {
                escaped.push_str(&format!("\\u{:04X}", u32::from(character)));
            }
            ' '..='~' => escaped.push(character),
            _ if crate::go::is_printable(character) => escaped.push(character),
            _ => escaped.push_str(&format!("\\u{:04X}", u32::from(character))),
        }
    }
    escaped
}
