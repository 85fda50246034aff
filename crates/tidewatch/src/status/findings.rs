//! The notice about what is wrong in the definitions file.

use maud::{Markup, html};
use tidewatch_definitions::Fault;

use super::{Findings, words};

/// Faults that are shown in full.
const SHOWN: usize = 50;

/// Nothing where all is well.
pub(super) fn notice(findings: &Findings) -> Markup {
    html! {
        @if !findings.faults.is_empty() {
            section.notice aria-labelledby="faults" {
                h2 #faults { (words::count(findings.faults.len(), "fault")) " in the definitions" }
                p {
                    @if findings.faults.iter().any(|fault| fault.entry.is_none()) {
                        "What cannot be read is not in force; what was good before runs on."
                    } @else {
                        "The entries named here are not in force as written; all others are."
                    }
                }
                (list(&findings.faults))
            }
        }
        @if !findings.warnings.is_empty() {
            section.notice.soft aria-labelledby="warnings" {
                h2 #warnings {
                    (words::count(findings.warnings.len(), "warning")) " about the definitions"
                }
                (list(&findings.warnings))
            }
        }
    }
}

fn list(faults: &[Fault]) -> Markup {
    html! {
        ul { @for fault in faults.iter().take(SHOWN) { li { (item(fault)) } } }
        @if faults.len() > SHOWN {
            p { "And " (faults.len() - SHOWN) " more: see " code { "tidewatch monitors validate" } "." }
        }
    }
}

fn item(fault: &Fault) -> Markup {
    html! {
        p.where {
            @if let Some(entry) = &fault.entry { strong { (entry) } " " }
            @if let Some(field) = &fault.field { code { (field) } " " }
            span.file { (place(fault)) }
        }
        p {
            (words::prose(&fault.problem))
            @if let Some(value) = &fault.value { ": " code.value { (value) } }
        }
        p.remedy { (words::prose(&fault.remedy)) }
    }
}

/// `dynamo_entries.json:12:9`, as editors and terminals understand it.
fn place(fault: &Fault) -> String {
    let mut place = fault.file.clone();
    for number in [fault.line, fault.line.and(fault.column)]
        .into_iter()
        .flatten()
    {
        place += &format!(":{number}");
    }
    place
}
