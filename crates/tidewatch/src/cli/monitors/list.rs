//! The monitors, with all defaults filled in.

use serde_json::Value;
use tidewatch_domain::Monitor;

use super::{DefinitionsArgs, refused};
use crate::cli::exit::{Complaint, Exit};
use crate::terminal::{Cell, Column, Look, Table, Terminal, Tone};

/// Lists what can be used; what cannot is told on standard error.
pub(super) async fn run(
    arguments: &DefinitionsArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let definitions = arguments.read().await?;
    let text = if arguments.json {
        json(&definitions.monitors)
    } else {
        table(&definitions.monitors, terminal.look())
    };
    terminal.print(&text)?;
    if definitions.faults.is_empty() {
        return Ok(Exit::Good);
    }
    Err(refused(&definitions.faults))
}

/// An array of entries in the plain shape, every field present.
pub(super) fn json(monitors: &[Monitor]) -> String {
    let entries: Vec<Value> = monitors.iter().map(tidewatch_definitions::encode).collect();
    let text = serde_json::to_string_pretty(&entries).expect("a JSON value always has a text");
    text + "\n"
}

pub(super) fn table(monitors: &[Monitor], look: Look) -> String {
    let mut table = Table::new(vec![
        Column::left("tenant"),
        Column::left("monitor"),
        Column::left("runs"),
        Column::right("every"),
        Column::right("attempts"),
        Column::left("severity"),
        Column::left("target"),
    ]);
    for monitor in monitors {
        let runs = match monitor.enabled {
            true => Cell::toned("yes", Tone::Good),
            false => Cell::toned("paused", Tone::Muted),
        };
        table.push(vec![
            Cell::new(monitor.key.tenant.as_str()),
            Cell::new(monitor.key.monitor_id.as_str()),
            runs,
            Cell::new(format!("{:?}", monitor.interval)),
            Cell::new(monitor.attempts.to_string()),
            Cell::new(monitor.severity.name()),
            Cell::new(monitor.public_target()),
        ]);
    }
    table.render(look)
}
