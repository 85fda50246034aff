//! An error of the dialect, with a caret under the place that it names.

use std::sync::LazyLock;

use regex::Regex;

/// Columns kept free on the right of the caret.
const MARGIN: usize = 12;

/// The places that the dialect names: `line 1:8: …` and `… at line 1:8`.
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\bline (\d{1,6}):(\d{1,6})\b").expect("the expression is a constant")
});

/// The message; below it, when it names a place within `sql`, the line with a caret. A long line
/// is cut so that the place can be seen in `width` columns.
pub(super) fn explain(sql: &str, message: &str, width: usize) -> String {
    match excerpt(sql, message, width) {
        Some(excerpt) => format!("{message}\n{excerpt}"),
        None => message.to_owned(),
    }
}

fn excerpt(sql: &str, message: &str, width: usize) -> Option<String> {
    let place = PLACE.captures(message)?;
    let number: usize = place[1].parse().ok()?;
    let column: usize = place[2].parse().ok()?;
    let line = sql.lines().nth(number.checked_sub(1)?)?;
    let characters: Vec<char> = line
        .chars()
        .map(|character| if character == '\t' { ' ' } else { character })
        .collect();
    // The place may be the end of the line, right behind the last character.
    let at = column.checked_sub(1).filter(|at| *at <= characters.len())?;

    let gutter = number.to_string().len();
    let room = width
        .saturating_sub(gutter + " | ".len() + 2)
        .max(2 * MARGIN);
    let start = if characters.len() <= room {
        0
    } else {
        at.saturating_sub(room - MARGIN)
    };
    let shown: String = characters.iter().skip(start).take(room).collect();
    // What stands before the caret may be wider than its number of characters.
    let before: String = characters[start..at].iter().collect();
    let blanks = crate::terminal::width(&before);
    Some(format!(
        " {:gutter$} |\n {number} | {}\n {:gutter$} | {:blanks$}^",
        "",
        shown.trim_end(),
        "",
        "",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_place() {
        let message = "line 2:7: Column 'outcom' does not exist";
        let wanted = "\
line 2:7: Column 'outcom' does not exist
   |
 2 | WHERE outcom = 'fail'
   |       ^";
        assert_eq!(
            explain("SELECT 1\nWHERE outcom = 'fail'\n", message, 80),
            wanted
        );
    }

    #[test]
    fn the_place_may_stand_at_the_end_of_message_and_line() {
        let wanted = "\
The query syntax is invalid at line 1:7
   |
 1 | SELECT
   |       ^";
        assert_eq!(
            explain("SELECT", "The query syntax is invalid at line 1:7", 80),
            wanted
        );
    }

    #[test]
    fn wide_characters_and_tabs_move_the_caret() {
        let text = explain("\t'日本' x", "line 1:7: what", 80);
        assert!(text.ends_with("\n 1 |  '日本' x\n   |         ^"), "{text}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let sql = format!("SELECT {}", "abcdefghi ".repeat(40));
        let text = explain(&sql, "line 1:300: what", 60);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.iter().all(|line| line.len() <= 60), "{text}");
        let caret = lines[3].find('^').unwrap();
        assert_eq!(lines[2].as_bytes()[caret], sql.as_bytes()[299]);
    }

    #[test]
    fn no_place_or_one_outside_the_statement_leaves_the_message_alone() {
        for message in [
            "Throttled.",
            "line 9:1: what",
            "line 1:99: what",
            "line 0:0: what",
        ] {
            assert_eq!(explain("SELECT 1", message, 80), message);
        }
    }
}
