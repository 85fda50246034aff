//! The statistics of a repetition as lines that fit the width.

use std::time::Duration;

use tidewatch_domain::{Monitor, Outcome};

use super::super::report;
use super::percentile::{Figures, Lasted};
use super::tally::{Mark, Tally};
use crate::terminal::{Look, Tone, clean, millis, pad, shorten, width};

/// Columns before everything but the headline.
const INDENT: usize = 2;
/// Columns of a figure, where there is room and where there is little.
const FIGURE: usize = 9;
const FIGURE_NARROW: usize = 7;
/// Below this width the minimum and the mean are left out.
const WIDTH_WITH_ALL: usize = 68;
/// The sparkline never gets longer than this.
const LONGEST_LINE: usize = 100;

const NOTE: &str = "ms, over attempts, at most the latest 10,000; ≥ for a timeout, - for too few";

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Verdict, counts, the latest probes, and percentiles of each phase.
pub(super) fn render(monitor: &Monitor, tally: &Tally, look: Look) -> String {
    let mut text = match tally.outcome() {
        Some(outcome) => report::headline(monitor, outcome, look),
        None => format!(
            "… {}\n",
            shorten(
                &clean(&monitor.public_target()),
                look.width.saturating_sub(2)
            )
        ),
    };
    text.push_str(&counts(tally, look));
    if tally.probes > 0 {
        text.push_str(&latest(tally, look));
        text.push_str(&change(tally, look));
        text.push_str(&figures(tally, look));
    }
    text
}

fn counts(tally: &Tally, look: Look) -> String {
    let mut parts = vec![
        format!(
            "{} every {}",
            counted(tally.probes, "probe"),
            seconds(tally.interval)
        ),
        counted(tally.attempts, "attempt"),
    ];
    if let Some(loss) = tally.loss() {
        parts.push(format!("{} lost ({loss:.1} %)", tally.lost));
    }
    if tally.tainted > 0 {
        parts.push(format!("{} tainted", tally.tainted));
    }
    if tally.missed > 0 {
        parts.push(format!("{} missed", counted(tally.missed, "slot")));
    }
    let line = shorten(&parts.join(" · "), look.width.saturating_sub(INDENT)).into_owned();
    format!("{:INDENT$}{}\n", "", look.paint(Tone::Muted, &line))
}

/// One column for each of the latest probes: its height is the mean total.
fn latest(tally: &Tally, look: Look) -> String {
    let longest = tally.latest.iter().filter_map(|mark| mark.mean).max();
    let scale = longest.map_or(String::new(), |longest| {
        format!("  0 to {}", millis(longest))
    });
    let room = look.width.saturating_sub(INDENT + width(&scale));
    let shown = room.clamp(1, LONGEST_LINE).min(tally.latest.len());
    let marks = tally.latest.iter().skip(tally.latest.len() - shown);
    let line: String = marks
        .map(|mark| {
            let (glyph, tone) = column(*mark, longest.unwrap_or_default());
            look.paint(tone, glyph)
        })
        .collect();
    format!("{:INDENT$}{line}{}\n", "", look.paint(Tone::Muted, &scale))
}

fn column(mark: Mark, longest: Duration) -> (&'static str, Tone) {
    let tone = match mark.outcome {
        Outcome::Ok => Tone::Good,
        Outcome::Degraded => Tone::Warn,
        Outcome::Fail => return ("×", Tone::Bad),
        Outcome::Unknown => return ("?", Tone::Warn),
        Outcome::Missed => return ("·", Tone::Muted),
    };
    let share = mark.mean.unwrap_or_default().as_nanos() * (LEVELS.len() as u128 - 1);
    let level = share / longest.as_nanos().max(1);
    let level =
        usize::try_from(level).map_or(LEVELS.len() - 1, |level| level.min(LEVELS.len() - 1));
    (LEVELS[level], tone)
}

/// Since which probe it has been as it is, and why.
fn change(tally: &Tally, look: Look) -> String {
    let Some((at, probe)) = tally.changed else {
        return String::new();
    };
    let at = at.to_string();
    let time = at.get(11..19).unwrap_or(&at);
    let text = match &tally.cause {
        Some(cause) => format!(
            "since {time} (probe {probe}): {}: {}",
            cause.class.name(),
            cause.text
        ),
        None => format!("since {time} (probe {probe}): nothing is wrong"),
    };
    let line = clean(&text).into_owned();
    let line = shorten(&line, look.width.saturating_sub(INDENT)).into_owned();
    format!("{:INDENT$}{line}\n", "")
}

fn figures(tally: &Tally, look: Look) -> String {
    let with_all = look.width >= WIDTH_WITH_ALL;
    let (titles, columns): (&[&str], usize) = if with_all {
        (&["min", "mean", "p50", "p95", "p99", "max"], FIGURE)
    } else {
        (&["p50", "p95", "p99", "max"], FIGURE_NARROW)
    };
    let names = tally
        .phases()
        .map(|(name, _)| width(name))
        .max()
        .unwrap_or(0);
    let titles: String = titles
        .iter()
        .map(|title| format!("{title:>columns$}"))
        .collect();
    let titles = format!("{:INDENT$}{:names$}{titles}", "", "");
    let mut text = format!("\n{}\n", look.paint(Tone::Muted, &titles));
    for (name, series) in tally.phases() {
        let Figures {
            min,
            mean,
            p50,
            p95,
            p99,
            max,
        } = series.figures();
        let exactly = |duration: Option<Duration>| duration.map(Lasted::Exactly);
        let wide = [exactly(min), exactly(mean)];
        let cells = wide
            .into_iter()
            .filter(|_| with_all)
            .chain([p50, p95, p99, max]);
        let cells: String = cells
            .map(|value| format!("{:>columns$}", figure(value)))
            .collect();
        let line = format!("{:INDENT$}{}{cells}", "", pad(name, names));
        let tone = if name == "total" {
            Tone::Strong
        } else {
            Tone::Plain
        };
        text.push_str(&format!("{}\n", look.paint(tone, &line)));
    }
    let note = shorten(NOTE, look.width.saturating_sub(INDENT)).into_owned();
    text.push_str(&format!(
        "{:INDENT$}{}\n",
        "",
        look.paint(Tone::Muted, &note)
    ));
    text
}

fn figure(value: Option<Lasted>) -> String {
    let millis = |duration: Duration| duration.as_secs_f64() * 1e3;
    match value {
        None => "-".to_owned(),
        Some(Lasted::Exactly(duration)) => format!("{:.1}", millis(duration)),
        Some(Lasted::AtLeast(duration)) => format!("≥{:.0}", millis(duration)),
    }
}

/// `5 s`, `1.5 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
