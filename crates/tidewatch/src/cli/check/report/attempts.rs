//! Every attempt of a probe as a line.

use std::time::Duration;

use tidewatch_domain::monitor::Connection;
use tidewatch_domain::{Attempt, ProbeResult};

use super::section;
use crate::terminal::{Cell, Column, Look, Table, Tone};

/// Below this width the single phases are left out: the waterfall has them.
const WIDTH_WITH_PHASES: usize = 96;

/// The attempts, the confirmation last; nothing when there was just one.
pub(super) fn render(result: &ProbeResult, look: Look) -> String {
    let all: Vec<&Attempt> = result.samples.iter().chain(&result.retry).collect();
    if all.len() < 2 {
        return String::new();
    }
    let shown = Shown::of(&all, look);
    let mut table = Table::new(shown.columns());
    for attempt in &result.samples {
        table.push(shown.row(&attempt.number.to_string(), attempt));
    }
    if let Some(attempt) = &result.retry {
        table.push(shown.row("retry", attempt));
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

/// What has a column: what at least one attempt has.
struct Shown {
    connection: bool,
    status: bool,
    phases: Vec<usize>,
}

impl Shown {
    fn of(attempts: &[&Attempt], look: Look) -> Self {
        let any = |has: &dyn Fn(&Attempt) -> bool| attempts.iter().any(|attempt| has(attempt));
        let happened =
            |position: &usize| any(&|attempt| attempt.phases.named()[*position].1.is_some());
        let positions = 0..tidewatch_domain::Phases::default().named().len();
        let with_phases = look.width >= WIDTH_WITH_PHASES;
        Shown {
            connection: any(&|attempt| attempt.connection == Connection::Reuse),
            status: any(&|attempt| attempt.status_code.is_some()),
            phases: positions
                .filter(|position| with_phases && happened(position))
                .collect(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![Column::right("#"), Column::left("result")];
        if self.connection {
            columns.push(Column::left("connection"));
        }
        if self.status {
            columns.push(Column::right("status"));
        }
        columns.push(Column::right("total ms"));
        let names = tidewatch_domain::Phases::default()
            .named()
            .map(|(name, _)| name);
        columns.extend(
            self.phases
                .iter()
                .map(|position| Column::right(names[*position])),
        );
        columns
    }

    fn row(&self, number: &str, attempt: &Attempt) -> Vec<Cell> {
        let result = match attempt.cause() {
            None => Cell::toned("ok", Tone::Good),
            Some(cause) if cause.owner.counts_against_availability() => {
                Cell::toned(cause.class.name(), Tone::Bad)
            }
            Some(cause) => Cell::toned(cause.class.name(), Tone::Warn),
        };
        let mut cells = vec![Cell::new(number), result];
        if self.connection {
            cells.push(Cell::new(match attempt.connection {
                Connection::Fresh => "fresh",
                Connection::Reuse => "reused",
            }));
        }
        if self.status {
            cells.push(Cell::maybe(
                attempt.status_code.map(|code| code.to_string()),
            ));
        }
        let mark = if attempt.is_tainted() { "~" } else { "" };
        cells.push(Cell::new(format!("{mark}{}", figure(attempt.phases.total))));
        let phases = attempt.phases.named();
        let phases = self.phases.iter().map(|position| phases[*position].1);
        cells.extend(phases.map(|phase| Cell::maybe(phase.map(figure))));
        cells
    }
}

fn figure(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
