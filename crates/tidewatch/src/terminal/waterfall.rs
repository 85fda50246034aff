//! Bars on a common time axis, one below the other, as in a browser's network panel.

use std::time::Duration;

use super::look::{Look, Tone};
use super::text::{millis, pad, width};

/// Below this width the column with the start of each bar is left out.
const WIDTH_WITH_STARTS: usize = 80;
/// The bars never get shorter than this, whatever the width.
const TRACK_MIN: usize = 10;
/// Columns before the name, and between name, track and figures.
const GAP: usize = 2;

/// Bars in order of their start.
#[derive(Clone, Debug)]
pub(crate) struct Waterfall {
    /// The bars.
    pub(crate) bars: Vec<Bar>,
    /// The length of the whole, drawn as the last line.
    pub(crate) total: Duration,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// What it stands for.
    pub(crate) name: &'static str,
    /// Its colour.
    pub(crate) tone: Tone,
    /// The time before it.
    pub(crate) start: Duration,
    /// Its length.
    pub(crate) length: Duration,
    /// Whether it came to its end; one that did not is drawn as a shade.
    pub(crate) ended: bool,
}

impl Waterfall {
    /// Draws the bars with `scale` as the length of the axis, one line each, and the total.
    ///
    /// Every bar is visible: one that is too short for the scale gets the thinnest mark.
    pub(crate) fn render(&self, look: Look, scale: Duration) -> String {
        let named = self.bars.iter().map(|bar| width(bar.name));
        let names = named.fold(width("total"), usize::max);
        let figures = self
            .bars
            .iter()
            .map(|bar| bar.length)
            .chain([self.total])
            .map(|length| width(&millis(length)))
            .fold(0, usize::max);
        let starts =
            (look.width >= WIDTH_WITH_STARTS).then(|| "from ".len() + width(&millis(self.total)));
        let used = GAP + names + GAP + GAP + figures + starts.map_or(0, |columns| GAP + columns);
        let track = look.width.saturating_sub(used).max(TRACK_MIN);

        let mut text = String::new();
        for bar in &self.bars {
            let drawn = pad(&bar.draw(track, scale), track);
            let tone = if bar.ended { bar.tone } else { Tone::Bad };
            text.push_str(&format!(
                "  {}  {}  {:>figures$}",
                pad(bar.name, names),
                look.paint(tone, &drawn),
                millis(bar.length),
            ));
            if let Some(columns) = starts {
                let start = format!("from {:>1$}", millis(bar.start), columns - "from ".len());
                text.push_str(&format!("  {}", look.paint(Tone::Muted, &start)));
            }
            text.push('\n');
        }
        let (_, end) = cells(Duration::ZERO, self.total, scale, track);
        let line = pad(&"─".repeat(end.div_ceil(EIGHTHS)), track);
        text.push_str(&format!(
            "  {}  {}  {}\n",
            look.paint(Tone::Strong, &pad("total", names)),
            look.paint(Tone::Muted, &line),
            look.paint(Tone::Strong, &format!("{:>figures$}", millis(self.total))),
        ));
        text
    }
}

impl Bar {
    fn draw(&self, track: usize, scale: Duration) -> String {
        let (start, end) = cells(self.start, self.length, scale, track);
        let (first, offset) = (start / EIGHTHS, start % EIGHTHS);
        let blanks = " ".repeat(first);
        if !self.ended {
            let shade = "░".repeat((end.div_ceil(EIGHTHS) - first).max(1));
            return format!("{blanks}{shade}");
        }
        if end <= (first + 1) * EIGHTHS {
            return format!("{blanks}{}", PARTS[end - start]);
        }
        // There is no glyph for the right seven eighths of a cell: the half is near enough.
        let head = if offset >= EIGHTHS / 2 { "▐" } else { "█" };
        let body = "█".repeat(end / EIGHTHS - first - 1);
        format!("{blanks}{head}{body}{}", PARTS[end % EIGHTHS])
    }
}

const EIGHTHS: usize = 8;
const PARTS: [&str; EIGHTHS + 1] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"];

/// Start and end of a stretch of time on a track of `track` cells, in eighths of a cell: at least
/// one long, and never beyond the track.
fn cells(start: Duration, length: Duration, scale: Duration, track: usize) -> (usize, usize) {
    let limit = track * EIGHTHS;
    let first = position(start, scale, limit).min(limit - 1);
    let end = position(start + length, scale, limit);
    (first, end.clamp(first + 1, limit))
}

/// Where `at` lies on an axis of `limit` steps that stands for `scale`, rounded.
fn position(at: Duration, scale: Duration, limit: usize) -> usize {
    let (at, scale) = (at.min(scale).as_nanos(), scale.as_nanos().max(1));
    // `limit` is some thousand, so the product has room in 128 bits.
    let steps = (at * limit as u128 + scale / 2) / scale;
    usize::try_from(steps).unwrap_or(limit)
}

#[cfg(test)]
mod tests;
