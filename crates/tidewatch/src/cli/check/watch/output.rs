//! Where the repetition is told: a panel that is redrawn on a terminal, a line for each probe in a
//! pipe, JSON for programs.

use std::io::{self, Write};

use tidewatch_domain::{ErrorClass, Monitor, Outcome};

use super::super::{Findings, json, report};
use super::Seen;
use super::panel;
use super::tally::Tally;
use crate::terminal::{Look, Repainted, Terminal, clean, millis, shorten};

/// The form in which it is told.
pub(super) enum Output<'a> {
    /// Statistics in place, and a line above them whenever something changes.
    Panel {
        monitor: &'a Monitor,
        area: Repainted,
        before: Option<(Outcome, Option<ErrorClass>)>,
    },
    /// A line for each probe, and the statistics at the end.
    Lines {
        monitor: &'a Monitor,
        terminal: &'a Terminal,
        before: Option<ErrorClass>,
    },
    /// A JSON object on a line of its own for each probe.
    Json { terminal: &'a Terminal },
}

impl<'a> Output<'a> {
    /// The form that suits the reader.
    pub(super) fn choose(json: bool, monitor: &'a Monitor, terminal: &'a Terminal) -> Self {
        if json {
            Output::Json { terminal }
        } else if terminal.is_watched() {
            Output::Panel {
                monitor,
                area: terminal.repainted(),
                before: None,
            }
        } else {
            Output::Lines {
                monitor,
                terminal,
                before: None,
            }
        }
    }

    /// Before the first probe.
    pub(super) fn begin(&mut self, tally: &Tally) -> io::Result<()> {
        if let Output::Panel { monitor, area, .. } = self {
            let look = area.look();
            area.draw("", &panel::render(monitor, tally, look))?;
        }
        Ok(())
    }

    /// After each probe.
    pub(super) fn show(&mut self, seen: Seen<'_>, tally: &Tally) -> io::Result<()> {
        match self {
            Output::Panel {
                monitor,
                area,
                before,
            } => {
                let look = area.look();
                let mut above = String::new();
                if let Seen::Probe(_, findings) = seen {
                    let now = standing(findings);
                    if before.is_some_and(|before| before != now) {
                        above = change(findings, look);
                    }
                    *before = Some(now);
                }
                area.draw(&above, &panel::render(monitor, tally, look))
            }
            Output::Lines {
                terminal, before, ..
            } => match seen {
                Seen::Probe(number, findings) => {
                    let (_, class) = standing(findings);
                    let is_new = *before != class;
                    *before = class;
                    write(terminal, &line(number, findings, is_new, terminal.look()))
                }
                Seen::Missed(slots) => {
                    let plural = if slots == 1 { "slot" } else { "slots" };
                    write(
                        terminal,
                        &format!(
                            "{slots} {plural} missed: the probe took longer than the interval\n"
                        ),
                    )
                }
            },
            Output::Json { terminal } => match seen {
                Seen::Probe(number, findings) => write(terminal, &json::line(findings, number)),
                // A gap in the slots says it.
                Seen::Missed(_) => Ok(()),
            },
        }
    }

    /// After the last probe.
    pub(super) fn end(&mut self, tally: &Tally) -> io::Result<()> {
        match self {
            Output::Lines {
                monitor, terminal, ..
            } if tally.probes > 0 => {
                let summary = panel::render(monitor, tally, terminal.look());
                write(terminal, &format!("\n{summary}"))
            }
            // The panel stays where it is.
            Output::Panel { .. } | Output::Lines { .. } | Output::Json { .. } => Ok(()),
        }
    }
}

/// At once, so that whoever follows a pipe sees it; a reader that has gone away is an error, which
/// ends the probing.
fn write(terminal: &Terminal, text: &str) -> io::Result<()> {
    let mut writer = terminal.writer();
    writer.write_all(text.as_bytes())?;
    writer.flush()
}

/// What a change is told of: outcome and class of the cause.
fn standing(findings: &Findings<'_>) -> (Outcome, Option<ErrorClass>) {
    let cause = findings.summary.cause.as_ref();
    (findings.summary.outcome, cause.map(|cause| cause.class))
}

/// `07:00:05  ■ DOWN  connect_timeout: ...`, within the width.
fn change(findings: &Findings<'_>, look: Look) -> String {
    let at = findings.result.slot.to_string();
    let time = at.get(11..19).unwrap_or(&at);
    let (verdict, tone) = report::verdict(findings.summary.outcome);
    let cause = findings.summary.cause.as_ref();
    let why = cause.map_or(String::new(), |cause| {
        format!("  {}: {}", cause.class.name(), clean(&cause.text))
    });
    let line = format!("{time}  {verdict}{why}");
    format!("{}\n", look.paint(tone, &shorten(&line, look.width)))
}

/// A probe on a line of its own; the text of the cause only when the cause is new.
fn line(number: u64, findings: &Findings<'_>, is_new: bool, look: Look) -> String {
    let summary = &findings.summary;
    let made = findings.result.samples.len();
    let latency = summary
        .latency
        .map_or("-".to_owned(), |latency| millis(latency.mean));
    let (_, tone) = report::verdict(summary.outcome);
    let outcome = look.paint(tone, &format!("{:<8}", summary.outcome.name()));
    let cause = summary.cause.as_ref().map_or(String::new(), |cause| {
        let text = if is_new {
            format!(": {}", clean(&cause.text))
        } else {
            String::new()
        };
        format!("  {}{text}", cause.class.name())
    });
    format!(
        "{}  {number:>4}  {outcome}  {latency:>10}  {}/{made}{cause}\n",
        findings.result.slot,
        made - summary.failed,
    )
}
