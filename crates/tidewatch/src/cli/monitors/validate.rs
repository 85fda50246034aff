//! Everything that is wrong, grouped by entry.

use serde::Serialize;
use tidewatch_definitions::{Definitions, Fault};

use super::DefinitionsArgs;
use crate::cli::exit::{Complaint, Exit};
use crate::terminal::{Look, Terminal, Tone, clean, wrap};

/// Validates and tells.
pub(super) async fn run(
    arguments: &DefinitionsArgs,
    terminal: &Terminal,
) -> Result<Exit, Complaint> {
    let definitions = arguments.read().await?;
    let text = if arguments.json {
        json(&definitions)
    } else {
        report(&definitions, terminal.look())
    };
    terminal.print(&text)?;
    Ok(if definitions.faults.is_empty() {
        Exit::Good
    } else {
        Exit::Bad
    })
}

#[derive(Serialize)]
struct Verdict<'a> {
    valid: bool,
    monitors: usize,
    faults: &'a [Fault],
    warnings: &'a [Fault],
}

pub(super) fn json(definitions: &Definitions) -> String {
    let verdict = Verdict {
        valid: definitions.faults.is_empty(),
        monitors: definitions.monitors.len(),
        faults: &definitions.faults,
        warnings: &definitions.warnings,
    };
    let text = serde_json::to_string_pretty(&verdict)
        .expect("a structure of texts and numbers always has a JSON form");
    text + "\n"
}

pub(super) fn report(definitions: &Definitions, look: Look) -> String {
    let mut text = String::new();
    for group in groups(definitions) {
        text.push_str(&group.render(look));
        text.push('\n');
    }
    let usable = counted(definitions.monitors.len(), "monitor");
    let (mark, tone) = match definitions.faults.is_empty() {
        true => ("ok", Tone::Good),
        false => ("invalid", Tone::Bad),
    };
    let mut summary = vec![format!("{usable} can be used")];
    if !definitions.faults.is_empty() {
        summary.push(counted(definitions.faults.len(), "fault"));
    }
    if !definitions.warnings.is_empty() {
        summary.push(counted(definitions.warnings.len(), "warning"));
    }
    text.push_str(&format!(
        "{}  {}\n",
        look.paint(tone, mark),
        summary.join(", ")
    ));
    text
}

/// What is wrong with one entry, or with a file as a whole.
struct Group<'a> {
    file: &'a str,
    entry: Option<&'a str>,
    faults: Vec<(&'a Fault, Severity)>,
}

#[derive(Clone, Copy)]
enum Severity {
    Fault,
    Warning,
}

/// Groups in the order in which their first fault was found.
fn groups(definitions: &Definitions) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let faults = definitions
        .faults
        .iter()
        .map(|fault| (fault, Severity::Fault));
    let warnings = definitions
        .warnings
        .iter()
        .map(|fault| (fault, Severity::Warning));
    for (fault, severity) in faults.chain(warnings) {
        let (file, entry) = (fault.file.as_str(), fault.entry.as_deref());
        let known = groups
            .iter_mut()
            .find(|group| group.file == file && group.entry == entry);
        match known {
            Some(group) => group.faults.push((fault, severity)),
            None => groups.push(Group {
                file,
                entry,
                faults: vec![(fault, severity)],
            }),
        }
    }
    groups
}

impl Group<'_> {
    fn render(&self, look: Look) -> String {
        let file = clean(self.file);
        let title = match self.entry {
            Some(entry) => {
                let entry = look.paint(Tone::Strong, &clean(entry));
                format!("{entry}  {}", look.paint(Tone::Muted, &file))
            }
            None => look.paint(Tone::Strong, &file),
        };
        let faults = self
            .faults
            .iter()
            .map(|(fault, severity)| line(fault, *severity, look));
        format!("{title}\n{}", faults.collect::<String>())
    }
}

fn line(fault: &Fault, severity: Severity, look: Look) -> String {
    let (label, tone) = match severity {
        Severity::Fault => ("fault", Tone::Bad),
        Severity::Warning => ("warning", Tone::Warn),
    };
    let mut told = String::new();
    if let Some(field) = &fault.field {
        told.push_str(&format!("{field}: "));
    }
    told.push_str(&fault.problem);
    match fault.value.as_deref() {
        Some(hidden @ "(hidden)") => told.push_str(&format!(" {hidden}")),
        Some(value) => told.push_str(&format!(" (`{value}`)")),
        None => {}
    }
    let place = match (fault.line, fault.column) {
        (Some(line), Some(column)) => format!(" at {line}:{column}"),
        (Some(line), None) => format!(" at {line}"),
        _ => String::new(),
    };
    let told = wrap(&clean(&told), look.width, 11);
    let remedy = wrap(&clean(&fault.remedy), look.width, 13);
    format!(
        "  {}{:blanks$}{told}{}\n           {} {remedy}\n",
        look.paint(tone, label),
        "",
        look.paint(Tone::Muted, &place),
        look.paint(Tone::Muted, "→"),
        blanks = 9 - label.len(),
    )
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
