//! How the phases spread over the attempts that got through.

use std::time::Duration;

use tidewatch_domain::{Attempt, ProbeResult};

use super::super::spread;
use super::section;
use crate::terminal::{Cell, Column, Look, Table};

/// A row for each phase; nothing when there is nothing to compare.
pub(super) fn render(result: &ProbeResult, look: Look) -> String {
    let through: Vec<&Attempt> = result.successes().collect();
    if through.len() < 2 {
        return String::new();
    }
    let mut columns = vec![Column::left("ms"), Column::right("count")];
    columns.extend(["min", "mean", "median", "max"].map(Column::right));
    let mut table = Table::new(columns);
    for (name, spread) in spread::of_attempts(&through) {
        let mut row = vec![Cell::new(name), Cell::new(spread.count.to_string())];
        let figures = [spread.min, spread.mean, spread.median, spread.max];
        row.extend(figures.map(|duration| Cell::new(figure(duration))));
        table.push(row);
    }
    section("Statistics", look) + &table.render(look)
}

fn figure(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1e3)
}
