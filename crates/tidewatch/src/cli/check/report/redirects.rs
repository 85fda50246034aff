//! The chain of redirects, each hop with its own times.

use tidewatch_domain::Phases;
use tidewatch_domain::probe::Hop;

use super::{INDENT, on_one_line, section};
use crate::terminal::{Look, Tone, clean, millis, wrap};

/// Columns of number and status in front of a hop's address.
const NUMBERS: usize = 9;

/// Two lines for each hop: where it went, and where its time went.
pub(super) fn render(hops: &[Hop], look: Look) -> String {
    let mut text = section("Redirects", look);
    for (number, hop) in (1_usize..).zip(hops) {
        let indent = INDENT + NUMBERS;
        let url = clean(&hop.url).into_owned();
        let url = on_one_line(&url, look.width.saturating_sub(indent), look);
        text.push_str(&format!(
            "{:INDENT$}{number:>2}  {}  {url}\n",
            "", hop.status_code
        ));
        let times = wrap(&times(&hop.phases), look.width, indent).replace('\u{a0}', " ");
        text.push_str(&format!(
            "{:indent$}{}\n",
            "",
            look.paint(Tone::Muted, &times)
        ));
    }
    text
}

/// `104.1 ms: resolve 4.0 · connect 12.0`, with spaces that do not break within a figure.
fn times(phases: &Phases) -> String {
    let named = phases.named().into_iter().filter_map(|(name, phase)| {
        let figure = phase?.as_secs_f64() * 1e3;
        Some(format!("{name}\u{a0}{figure:.1}"))
    });
    let parts: Vec<String> = named.collect();
    let total = millis(phases.total).replace(' ', "\u{a0}");
    format!("{total}: {}", parts.join(" · "))
}
