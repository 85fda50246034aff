//! Items through the validator.

use std::collections::BTreeMap;

use tidewatch_definitions::{Definitions, Entry, Fault, Mode};
use tidewatch_domain::Monitor;

use super::{ItemKey, StoredEntry};

/// Items that were validated together.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The monitors of valid entries.
    pub monitors: BTreeMap<ItemKey, Monitor>,
    /// What is wrong with the others; none has an empty list.
    pub faults: BTreeMap<ItemKey, Vec<Fault>>,
    /// What is probably not meant, but works.
    pub warnings: Vec<Fault>,
}

/// Validates items. `mode` tells by its name how a tenant's monitors run.
///
/// What holds between entries (parents, circles) is judged by what is among `stored`.
pub fn check<'s>(
    stored: impl IntoIterator<Item = &'s StoredEntry>,
    mode: impl Fn(&str) -> Mode,
) -> Checked {
    let mut tenants: BTreeMap<&str, Vec<&StoredEntry>> = BTreeMap::new();
    for entry in stored {
        tenants.entry(&entry.key.tenant).or_default().push(entry);
    }
    let mut checked = Checked::default();
    for (tenant, stored) in tenants {
        let entries: Vec<Entry> = stored.iter().map(|stored| stored.entry.clone()).collect();
        let found = tidewatch_definitions::check(&entries, mode(tenant));
        checked.add(&stored, found);
    }
    checked
}

impl Checked {
    fn add(&mut self, stored: &[&StoredEntry], found: Definitions) {
        let by_origin: BTreeMap<&str, &ItemKey> = stored
            .iter()
            .map(|stored| (stored.entry.file.as_str(), &stored.key))
            .collect();
        for monitor in found.monitors {
            self.monitors.insert(ItemKey::from(&monitor.key), monitor);
        }
        for fault in found.faults {
            if let Some(key) = by_origin.get(fault.file.as_str()) {
                self.faults.entry((*key).clone()).or_default().push(fault);
            }
        }
        self.warnings.extend(found.warnings);
    }
}
