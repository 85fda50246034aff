//! A probe for people: the verdict first, then why, then where the time went, then who answered.

mod assertions;
mod attempts;
mod certificate;
mod chain;
mod connection;
mod dialogue;
mod dns;
mod redirects;
mod statistics;

use std::borrow::Cow;

use tidewatch_domain::monitor::{Check, Expectation};
use tidewatch_domain::rows::{deciding_attempt, telling_attempt};
use tidewatch_domain::{Attempt, Cause, ErrorOwner, Monitor, Outcome};

use super::{Findings, hint::hint, timeline};
use crate::terminal::{Look, Tone, clean, millis, pad, shorten, width, wrap};

/// Columns of the labels in front of values.
const LABEL: usize = 12;
/// Columns before a label.
const INDENT: usize = 2;

/// The whole report.
pub(super) fn render(findings: &Findings<'_>, each: bool, look: Look) -> String {
    let mut text = headline(findings.monitor, findings.summary.outcome, look);
    text.push_str(&facts(findings, look));
    if let Some(cause) = &findings.summary.cause {
        text.push('\n');
        text.push_str(&why(cause, look));
    }
    text.push_str(&times(findings, each, look));
    text.push_str(&statistics::render(&findings.result, look));
    text.push_str(&attempts::render(&findings.result, look));
    if let Some(attempt) = telling_attempt(&findings.result, &findings.summary) {
        text.push_str(&answer(attempt, findings, look));
    }
    text
}

/// What one attempt learned about the other side; parts about which it learned nothing are absent.
fn answer(attempt: &Attempt, findings: &Findings<'_>, look: Look) -> String {
    let mut text = connection::render(attempt, look);
    let tls = attempt.tls.as_ref();
    if let Some(tls) = tls
        && let Some(facts) = &tls.certificate
    {
        let staple = tls.staple.as_ref();
        text.push_str(&certificate::render(facts, staple, findings.now, look));
    }
    if !attempt.steps.is_empty() {
        text.push_str(&dialogue::render(&attempt.steps, look));
    }
    if let Some(facts) = &attempt.dns {
        text.push_str(&dns::render(facts, look));
    }
    if !attempt.hops.is_empty() {
        text.push_str(&redirects::render(&attempt.hops, look));
    }
    if !attempt.assertions.is_empty() {
        text.push_str(&assertions::render(&attempt.assertions, look));
    }
    text
}

/// `● UP` and its tone: word, shape and colour say the same.
pub(super) fn verdict(outcome: Outcome) -> (&'static str, Tone) {
    match outcome {
        Outcome::Ok => ("● UP", Tone::Good),
        Outcome::Degraded => ("▲ DEGRADED", Tone::Warn),
        Outcome::Fail => ("■ DOWN", Tone::Bad),
        Outcome::Unknown | Outcome::Missed => ("? UNKNOWN", Tone::Warn),
    }
}

/// `● UP  https://example.com/`.
pub(super) fn headline(monitor: &Monitor, outcome: Outcome, look: Look) -> String {
    let (verdict, tone) = verdict(outcome);
    let target = clean(&monitor.public_target()).into_owned();
    let target = on_one_line(&target, look.width.saturating_sub(width(verdict) + 2), look);
    format!(
        "{}  {}\n",
        look.paint(tone, verdict),
        look.paint(Tone::Strong, &target)
    )
}

/// One line of what was done and how long it took.
fn facts(findings: &Findings<'_>, look: Look) -> String {
    let result = &findings.result;
    let made = result.samples.len();
    let asked = match &findings.monitor.check {
        Check::Http(check) => check.method.clone(),
        Check::Dns(check) => check.record_type.name().to_owned(),
        Check::Tcp(check) if check.dialogue.is_empty() => "TCP connection".to_owned(),
        Check::Tcp(check) => format!("TCP, {}", counted(check.dialogue.len(), "step")),
        Check::Tls(_) => "TLS handshake".to_owned(),
    };
    let mut parts = vec![asked, counted(made, "attempt")];
    if findings.monitor.expect == Expectation::Down {
        parts.push("wanted away".to_owned());
    }
    if findings.summary.failed > 0 {
        parts.push(format!("{} failed", findings.summary.failed));
    }
    if result.skipped > 0 {
        parts.push(format!("{} skipped", result.skipped));
    }
    if let Some(latency) = findings.summary.latency {
        parts.push(format!("mean {}", millis(latency.mean)));
        if findings.result.successes().count() > 1 {
            parts.push(format!("median {}", millis(latency.median)));
            parts.push(format!(
                "{} to {}",
                millis(latency.min),
                millis(latency.max)
            ));
        }
    }
    // Lines end between parts only, never between a figure and its unit.
    let parts: Vec<String> = parts
        .iter()
        .map(|part| part.replace(' ', "\u{a0}"))
        .collect();
    let line = wrap(&parts.join(" · "), look.width, INDENT).replace('\u{a0}', " ");
    format!("{:INDENT$}{}\n", "", look.paint(Tone::Muted, &line))
}

fn why(cause: &Cause, look: Look) -> String {
    let owner = match cause.owner {
        ErrorOwner::Target => "the target",
        ErrorOwner::Network => "the network in between",
        ErrorOwner::Prober => "this machine, not the target",
        ErrorOwner::Config => "this command, not the target",
    };
    let mut text = labelled(
        "cause",
        &cause.class.name().replace('_', " "),
        Tone::Strong,
        look,
    );
    text.push_str(&labelled("", &cause.text, Tone::Plain, look));
    text.push_str(&labelled("owner", owner, Tone::Plain, look));
    text.push_str(&labelled(
        "what to do",
        hint(cause.class),
        Tone::Plain,
        look,
    ));
    text
}

/// The waterfall of the mean, or of every attempt on one scale; of the deciding attempt when none
/// got through.
fn times(findings: &Findings<'_>, each: bool, look: Look) -> String {
    let samples = &findings.result.samples;
    if each {
        let longest = samples.iter().map(|attempt| attempt.phases.total).max();
        let scale = longest.unwrap_or_default();
        let drawn = samples.iter().map(|attempt| {
            let title = section(&format!("Attempt {}", attempt.number), look);
            format!(
                "{title}{}",
                timeline::of_attempt(attempt).render(look, scale)
            )
        });
        return drawn.collect();
    }
    let through: Vec<&Attempt> = findings.result.successes().collect();
    if let Some(mean) = timeline::of_mean(&through) {
        let title = match through.len() {
            1 => "Phases".to_owned(),
            count => format!("Phases, mean of {count} attempts"),
        };
        return format!("{}{}", section(&title, look), mean.render(look, mean.total));
    }
    match deciding_attempt(&findings.result, &findings.summary) {
        None => String::new(),
        Some(attempt) => {
            let title = section(&format!("Phases of attempt {}", attempt.number), look);
            let drawn = timeline::of_attempt(attempt);
            format!("{title}{}", drawn.render(look, drawn.total))
        }
    }
}

/// The title of a part, after an empty line.
fn section(title: &str, look: Look) -> String {
    format!("\n{}\n", look.paint(Tone::Strong, title))
}

/// A value behind its label, wrapped to the width. The value may come from anywhere.
fn labelled(label: &str, value: &str, tone: Tone, look: Look) -> String {
    let indent = INDENT + LABEL;
    let value = wrap(&clean(value), look.width, indent);
    let label = look.paint(Tone::Muted, &pad(label, LABEL));
    let painted: Vec<String> = value
        .split('\n')
        .map(|line| paint_line(line, tone, look))
        .collect();
    format!("{:INDENT$}{label}{}\n", "", painted.join("\n"))
}

/// A value in one piece behind its label: an address, a name or a digest, to be copied.
fn in_one_piece(label: &str, value: &str, tone: Tone, look: Look) -> String {
    let value = clean(value).into_owned();
    let room = look.width.saturating_sub(INDENT + LABEL);
    let value = look.paint(tone, &on_one_line(&value, room, look));
    let label = look.paint(Tone::Muted, &pad(label, LABEL));
    format!("{:INDENT$}{label}{value}\n", "")
}

/// Cut to its room on a screen, whole in a pipe.
fn on_one_line<'t>(text: &'t str, room: usize, look: Look) -> Cow<'t, str> {
    if look.framed {
        shorten(text, room)
    } else {
        Cow::Borrowed(text)
    }
}

/// Colours a wrapped line, but not the blanks in front of it.
fn paint_line(line: &str, tone: Tone, look: Look) -> String {
    let text = line.trim_start_matches(' ');
    let blanks = width(line) - width(text);
    format!("{:blanks$}{}", "", look.paint(tone, text))
}

/// `1 attempt`, `5 attempts`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
