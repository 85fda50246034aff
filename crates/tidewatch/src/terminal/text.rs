//! Text that fits: widths, padding, wrapping, and nothing in it that commands the terminal.

use std::borrow::Cow;
use std::time::Duration;

use textwrap::{Options, WordSplitter};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` with control characters and invisible direction marks written out.
///
/// Headers, certificates, error texts and cells of a result come from other machines; on the
/// terminal they are text, never commands.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_command) {
        return Cow::Borrowed(text);
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_command(character) {
            harmless.extend(character.escape_default());
        } else {
            harmless.push(character);
        }
    }
    Cow::Owned(harmless)
}

fn is_command(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Columns that `text` takes on the screen.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` followed by blanks up to `columns`; a longer text stays as it is.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let blanks = columns.saturating_sub(width(text));
    format!("{text}{:blanks$}", "")
}

/// `text` broken into lines of at most `columns`, each after the first behind `indent` blanks.
/// The first line is meant to stand behind something `indent` wide.
pub(crate) fn wrap(text: &str, columns: usize, indent: usize) -> String {
    const NARROWEST: usize = 20;
    let room = columns.saturating_sub(indent).max(NARROWEST);
    // Arguments like `--data-dir` stay in one piece.
    let options = Options::new(room).word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options);
    lines.join(&format!("\n{:indent$}", ""))
}

/// `text` cut to `columns`; an ellipsis stands for what is missing.
pub(crate) fn shorten(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut room = columns.saturating_sub(1);
    let mut short = String::new();
    for character in text.chars() {
        let taken = character.width().unwrap_or_default();
        if taken > room {
            break;
        }
        room -= taken;
        short.push(character);
    }
    short.push('…');
    Cow::Owned(short)
}

/// Milliseconds with one decimal and their unit: `12.3 ms`.
pub(crate) fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_command_the_terminal_is_written_out() {
        assert_eq!(clean("CN=example.com"), "CN=example.com");
        assert_eq!(clean("a\u{1b}[2Jb\r\nc"), "a\\u{1b}[2Jb\\r\\nc");
        assert_eq!(clean("txt\u{202e}exe"), "txt\\u{202e}exe");
        assert!(matches!(clean("größe 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn pads_by_columns_rather_than_characters() {
        assert_eq!(pad("ab", 4), "ab  ");
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad("abcdef", 4), "abcdef");
    }

    #[test]
    fn wraps_behind_a_label() {
        assert_eq!(
            wrap("the name does not exist in the zone", 32, 8),
            "the name does not exist\n        in the zone"
        );
        assert_eq!(wrap("use --bridge-listen", 20, 0), "use --bridge-listen");
        assert_eq!(
            wrap("better use --bridge-listen", 20, 0),
            "better use\n--bridge-listen"
        );
    }

    #[test]
    fn shortens_by_columns() {
        assert_eq!(shorten("abcdef", 6), "abcdef");
        assert_eq!(shorten("abcdefg", 6), "abcde…");
        assert_eq!(shorten("日本語", 4), "日…");
    }

    #[test]
    fn durations_have_one_decimal() {
        assert_eq!(millis(Duration::from_micros(12_345)), "12.3 ms");
        assert_eq!(millis(Duration::from_secs(5)), "5000.0 ms");
    }
}
