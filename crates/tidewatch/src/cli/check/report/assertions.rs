//! What was demanded of the answer, and what became of it.

use tidewatch_domain::monitor::AssertionResult;

use super::section;
use crate::terminal::{Cell, Column, Look, Table, Tone};

/// A row for each assertion.
pub(super) fn render(results: &[AssertionResult], look: Look) -> String {
    let mut table = Table::new(vec![
        Column::left("holds"),
        Column::left("what"),
        Column::left("expected"),
        Column::left("actual"),
    ]);
    for result in results {
        let holds = match result.passed {
            true => Cell::toned("yes", Tone::Good),
            false => Cell::toned("no", Tone::Bad),
        };
        table.push(vec![
            holds,
            Cell::new(&result.expression),
            Cell::new(&result.expected),
            Cell::new(&result.actual),
        ]);
    }
    section("Assertions", look) + &table.render(look)
}
