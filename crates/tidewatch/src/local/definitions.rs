//! Definitions: read at start, watched afterwards, from a file or from a table in DynamoDB.

mod file;
mod table;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use tidewatch_definitions::{Definitions, Fault};
use tidewatch_domain::{Monitor, MonitorKey};
use tokio::sync::mpsc;

use crate::cloud::CloudArgs;
use crate::settings::Origin;
use file::DefinitionsFile;
use table::DefinitionsTable;

/// What the definitions say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loaded {
    /// The monitors to run.
    pub(crate) monitors: Vec<Arc<Monitor>>,
    /// Entries that cannot be used, and why.
    pub(crate) faults: Vec<Fault>,
    /// What is probably not meant.
    pub(crate) warnings: Vec<Fault>,
}

/// The definitions cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct LoadError {
    message: String,
}

/// Where definitions come from.
#[derive(Debug)]
pub(crate) enum Source {
    File(DefinitionsFile),
    Table(DefinitionsTable),
}

impl Source {
    /// Opens what `origin` names; `cloud` says where tables are.
    pub(crate) async fn open(origin: &Origin, cloud: &CloudArgs) -> Result<Self, LoadError> {
        match origin {
            Origin::File(path) => Ok(Source::File(DefinitionsFile::new(path.clone())?)),
            Origin::Table(name) => {
                let table = cloud.monitors_table(name).await;
                let table = table.map_err(|error| LoadError {
                    message: format!("definitions {origin}: {error}"),
                })?;
                Ok(Source::Table(DefinitionsTable::new(table)))
            }
        }
    }

    /// Reads everything.
    pub(crate) async fn load(&mut self) -> Result<Loaded, LoadError> {
        match self {
            Source::File(file) => file.load(),
            Source::Table(table) => table.load().await,
        }
    }

    /// Sends what the definitions say whenever that changes. The watching ends with the receiver.
    pub(crate) fn watch(self) -> mpsc::Receiver<Loaded> {
        match self {
            Source::File(file) => file.watch(),
            Source::Table(table) => table.watch(),
        }
    }
}

/// The last good version of each entry.
///
/// An entry with a fault is left out the first time; later it keeps running as it was last good, so
/// that a typo in an edit stops nothing. Something that cannot be read as a whole leaves everything
/// as it was.
#[derive(Debug, Default)]
struct LastGood(BTreeMap<MonitorKey, Arc<Monitor>>);

impl LastGood {
    /// Takes over what was read.
    fn take(&mut self, read: Definitions) -> Loaded {
        let is_bad_as_a_whole = read.faults.iter().any(|fault| fault.entry.is_none());
        let faulty: HashSet<&str> = read
            .faults
            .iter()
            .filter_map(|fault| fault.entry.as_deref())
            .collect();
        // What did not change stays the same value, so that whoever compares has little to do.
        let mut monitors: BTreeMap<MonitorKey, Arc<Monitor>> = BTreeMap::new();
        for monitor in read.monitors {
            let kept = self.0.get(&monitor.key).cloned();
            let kept = kept.filter(|kept| **kept == monitor);
            let key = monitor.key.clone();
            monitors.insert(key, kept.unwrap_or_else(|| Arc::new(monitor)));
        }
        for (key, monitor) in &self.0 {
            let kept = is_bad_as_a_whole || faulty.contains(key.to_string().as_str());
            if kept && !monitors.contains_key(key) {
                monitors.insert(key.clone(), Arc::clone(monitor));
            }
        }
        self.0.clone_from(&monitors);
        Loaded {
            monitors: monitors.into_values().collect(),
            faults: read.faults,
            warnings: read.warnings,
        }
    }
}
