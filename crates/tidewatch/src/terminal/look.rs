//! Colour and room.

use owo_colors::Style;

/// How an answer is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether colours and weights are used.
    pub(crate) colour: bool,
    /// Whether tables have lines and fit the width; plain columns otherwise.
    pub(crate) framed: bool,
    /// Columns of the terminal.
    pub(crate) width: usize,
}

/// What a piece of text means; the colour follows from it. Meaning never hangs on colour alone:
/// every tone comes with a word or a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Ordinary text.
    Plain,
    /// As wanted.
    Good,
    /// Works, but look at it.
    Warn,
    /// Does not work.
    Bad,
    /// Less important than its surroundings.
    Muted,
    /// More important than its surroundings.
    Strong,
    /// The phase at this position, 0 to 5, of an attempt.
    Phase(usize),
}

impl Tone {
    /// The colour as the table library names it.
    pub(super) fn table_colour(self) -> Option<comfy_table::Color> {
        match self {
            Tone::Good => Some(comfy_table::Color::DarkGreen),
            Tone::Warn => Some(comfy_table::Color::DarkYellow),
            Tone::Bad => Some(comfy_table::Color::DarkRed),
            Tone::Muted => Some(comfy_table::Color::DarkGrey),
            Tone::Plain | Tone::Strong | Tone::Phase(_) => None,
        }
    }

    /// Only the sixteen colours that every terminal has and that its user has chosen.
    fn style(self) -> Style {
        let style = Style::new();
        match self {
            Tone::Plain => style,
            Tone::Good => style.green(),
            Tone::Warn => style.yellow(),
            Tone::Bad => style.red(),
            Tone::Muted => style.bright_black(),
            Tone::Strong => style.bold(),
            Tone::Phase(0) => style.cyan(),
            Tone::Phase(1) => style.yellow(),
            Tone::Phase(2) => style.magenta(),
            Tone::Phase(3) => style.white(),
            Tone::Phase(4) => style.green(),
            Tone::Phase(_) => style.blue(),
        }
    }
}

impl Look {
    /// `text` in the colour of `tone`. Pad before painting: the escapes count as characters.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain || text.is_empty() {
            return text.to_owned();
        }
        tone.style().style(text).to_string()
    }
}

#[cfg(test)]
impl Look {
    /// A look for tests: no colour, no frames.
    pub(crate) fn plain(width: usize) -> Self {
        Look {
            colour: false,
            framed: false,
            width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_only_where_wanted() {
        let mut look = Look::plain(80);
        assert_eq!(look.paint(Tone::Bad, "down"), "down");
        look.colour = true;
        assert_eq!(look.paint(Tone::Bad, "down"), "\u{1b}[31mdown\u{1b}[0m");
        assert_eq!(look.paint(Tone::Plain, "up"), "up");
        assert_eq!(look.paint(Tone::Good, ""), "");
    }
}
