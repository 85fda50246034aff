//! What was said, step by step.

use tidewatch_domain::probe::StepFacts;

use super::section;
use crate::terminal::{Cell, Column, Look, Table};

/// A row for each step that ended, with the time that it took.
pub(super) fn render(steps: &[StepFacts], look: Look) -> String {
    let mut table = Table::new(vec![Column::right("ms"), Column::left("step")]);
    for step in steps {
        let took = step.took.as_secs_f64() * 1e3;
        table.push(vec![Cell::new(format!("{took:.1}")), Cell::new(&step.step)]);
    }
    section("Dialogue", look) + &table.render(look)
}
