//! Every attempt of a probe as a line.

use std::time::Duration;

use tidewatch_domain::{Attempt, ProbeResult};

use super::section;
use crate::terminal::{Cell, Column, Look, Table, Tone};

/// Below this width the single phases are left out: the waterfall has them.
const WIDTH_WITH_PHASES: usize = 96;

/// The attempts, the confirmation last; nothing when there was just one.
pub(super) fn render(result: &ProbeResult, look: Look) -> String {
    if result.samples.len() + usize::from(result.retry.is_some()) < 2 {
        return String::new();
    }
    let with_phases = look.width >= WIDTH_WITH_PHASES;
    let mut columns = vec![
        Column::right("#"),
        Column::left("result"),
        Column::right("status"),
        Column::right("total ms"),
    ];
    if with_phases {
        let phases = ["resolve", "connect", "tls", "send", "wait", "transfer"];
        columns.extend(phases.map(Column::right));
    }
    let mut table = Table::new(columns);
    for attempt in &result.samples {
        table.push(row(&attempt.number.to_string(), attempt, with_phases));
    }
    if let Some(attempt) = &result.retry {
        table.push(row("retry", attempt, with_phases));
    }
    let mut text = section("Attempts", look);
    text.push_str(&table.render(look));
    if result.samples.iter().any(Attempt::is_tainted) {
        text.push_str(
            "  ~ measured while this machine was busy: more its own delay than the target's\n",
        );
    }
    text
}

fn row(number: &str, attempt: &Attempt, with_phases: bool) -> Vec<Cell> {
    let result = match attempt.cause() {
        None => Cell::toned("ok", Tone::Good),
        Some(cause) if cause.counts_against_availability() => {
            Cell::toned(cause.class.name(), Tone::Bad)
        }
        Some(cause) => Cell::toned(cause.class.name(), Tone::Warn),
    };
    let mark = if attempt.is_tainted() { "~" } else { "" };
    let mut cells = vec![
        Cell::new(number),
        result,
        Cell::maybe(attempt.status_code.map(|code| code.to_string())),
        Cell::new(format!("{mark}{}", figure(attempt.phases.total))),
    ];
    if with_phases {
        let phases = attempt.phases.named().into_iter();
        // The waterfall has the tunnel of a proxy; a column for it would be empty for most.
        let shown = phases.filter(|(name, _)| *name != "proxy");
        cells.extend(shown.map(|(_, phase)| Cell::maybe(phase.map(figure))));
    }
    cells
}

fn figure(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
