//! Collects what is wrong with one entry.

use crate::fault::{Fault, shortened};
use crate::tree::{Position, Tree, Value};

/// The faults and warnings of one entry.
#[derive(Debug)]
pub(crate) struct Report {
    file: String,
    entry: String,
    pub(crate) faults: Vec<Fault>,
    pub(crate) warnings: Vec<Fault>,
}

/// Where something is wrong, and what was found there.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The path of the field, empty for the entry itself.
    pub(crate) path: String,
    /// Where it was written.
    pub(crate) at: Option<Position>,
    /// What was found, as it may be shown.
    pub(crate) value: Option<String>,
}

impl Report {
    /// An empty report on the entry that is `number`th in its file, counted from 1.
    pub(crate) fn new(file: &str, number: usize, entry: &Tree) -> Self {
        let text = |name| match entry.get(name).map(|tree| &tree.value) {
            Some(Value::Text(text)) if !text.is_empty() => Some(shortened(text)),
            _ => None,
        };
        let name = match (text("tenant"), text("monitor_id")) {
            (Some(tenant), Some(monitor_id)) => format!("{tenant}/{monitor_id}"),
            _ => format!("#{number}"),
        };
        Report {
            file: file.to_owned(),
            entry: name,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Something that makes the entry unusable.
    pub(crate) fn fault(
        &mut self,
        place: impl Into<Place>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let fault = self.at(place.into(), problem.into(), remedy.into());
        self.faults.push(fault);
    }

    /// Something that is probably not what was meant, but works.
    pub(crate) fn warn(
        &mut self,
        place: impl Into<Place>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let warning = self.at(place.into(), problem.into(), remedy.into());
        self.warnings.push(warning);
    }

    fn at(&self, place: Place, problem: String, remedy: String) -> Fault {
        Fault {
            file: self.file.clone(),
            line: place.at.map(|at| at.line),
            column: place.at.map(|at| at.column),
            entry: Some(self.entry.clone()),
            field: (!place.path.is_empty()).then_some(place.path),
            value: place.value,
            problem,
            remedy,
        }
    }
}
