//! Lines at the end of standard output that are drawn anew in place.

use std::io::{self, Write};

use super::look::Look;
use super::{Terminal, room};

/// The last lines of a terminal, replaced whole each time.
#[derive(Debug)]
pub(crate) struct Repainted {
    look: Look,
    lines: usize,
}

impl Repainted {
    /// No lines yet, at the end of what was written so far.
    pub(super) fn start(terminal: &Terminal) -> Self {
        Repainted {
            look: terminal.look(),
            lines: 0,
        }
    }

    /// What the terminal can show, as wide as it is now.
    pub(crate) fn look(&self) -> Look {
        Look {
            width: room(self.look.framed),
            ..self.look
        }
    }

    /// Replaces the lines by `below`, and writes `above` in front of them, where it stays. No line
    /// of `below` may be wider than the terminal: it would take two. Lines that have no room on the
    /// screen are left out, because nothing gets back to what has scrolled away.
    pub(crate) fn draw(&mut self, above: &str, below: &str) -> io::Result<()> {
        let rows = crossterm::terminal::size().map_or(usize::MAX, |(_, rows)| usize::from(rows));
        let shown: Vec<&str> = below.split_inclusive('\n').take(rows.max(2) - 1).collect();
        let mut out = io::stdout().lock();
        out.write_all(replacement(self.lines, above, &shown.concat()).as_bytes())?;
        self.lines = shown.len();
        out.flush()
    }
}

/// Back to the first of the lines, everything from there on away, and the new text; in one piece,
/// so that nothing flickers.
fn replacement(lines: usize, above: &str, below: &str) -> String {
    let back = match lines {
        0 => String::new(),
        lines => format!("\r\u{1b}[{lines}A\u{1b}[J"),
    };
    format!("{back}{above}{below}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_drawing_takes_nothing_away() {
        assert_eq!(replacement(0, "", "a\nb\n"), "a\nb\n");
        assert_eq!(
            replacement(2, "changed\n", "c\n"),
            "\r\u{1b}[2A\u{1b}[Jchanged\nc\n"
        );
    }
}
