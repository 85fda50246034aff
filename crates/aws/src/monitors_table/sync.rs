//! Between files and the table: what differs, and writing it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use tidewatch_definitions::{Entry, Fault, Mode, encode};
use tidewatch_domain::Monitor;

use super::{Checked, ItemKey, MonitorsTable, StoredEntry, TableError, check};

/// What pushing files into a table would do.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// Entries that the table does not have.
    pub added: Vec<Push>,
    /// Entries that the table has otherwise.
    pub changed: Vec<(Push, Vec<FieldChange>)>,
    /// Entries that only the table has. A push leaves them unless it is told to delete.
    pub removed: Vec<ItemKey>,
    /// How many entries are the same, however they are written.
    pub unchanged: usize,
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Push {
    /// Its key.
    pub key: ItemKey,
    /// The item in DynamoDB's JSON, with what Tidewatch noted in the present one.
    item: Json,
}

/// A field whose value changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field of the entry.
    pub field: String,
    /// Its value in the table with defaults filled in, as it may be shown.
    pub before: Json,
    /// Its value in the file, likewise.
    pub after: Json,
}

/// Files cannot be compared with a table.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Entries of the files have faults: nothing is written before they are repaired.
    #[error("{} of the entries to push cannot be used; nothing was compared", .0.len())]
    Faults(Vec<Fault>),
    /// The table cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// What a push did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Entries written.
    pub written: usize,
    /// Entries deleted.
    pub deleted: usize,
}

impl Difference {
    /// Whether a push would do nothing.
    pub fn is_empty(&self, delete: bool) -> bool {
        self.added.is_empty() && self.changed.is_empty() && (!delete || self.removed.is_empty())
    }
}

impl MonitorsTable {
    /// Compares the entries of files with the table. `mode` tells by its name how a tenant's
    /// monitors run.
    pub async fn compare(
        &self,
        entries: &[Entry],
        mode: impl Fn(&str) -> Mode,
    ) -> Result<Difference, SyncError> {
        let wanted = wanted(entries, &mode)?;
        Ok(difference(&wanted, &self.all().await?, mode))
    }

    /// Writes what `difference` found, and removes what only the table has when told to `delete`.
    pub async fn push(&self, difference: &Difference, delete: bool) -> Result<Pushed, TableError> {
        let changed = difference.changed.iter().map(|(push, _)| push);
        let items: Vec<Json> = difference
            .added
            .iter()
            .chain(changed)
            .map(|push| push.item.clone())
            .collect();
        self.put(&items).await?;
        let gone = if delete { &difference.removed[..] } else { &[] };
        self.delete(gone).await?;
        Ok(Pushed {
            written: items.len(),
            deleted: gone.len(),
        })
    }
}

/// The entries of files with their monitors, by key.
fn wanted(
    entries: &[Entry],
    mode: impl Fn(&str) -> Mode,
) -> Result<BTreeMap<ItemKey, (Json, Monitor)>, SyncError> {
    let mut by_tenant: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        let key = ItemKey::of_item(&entry.to_item());
        let tenant = key.map_or_else(String::new, |key| key.tenant);
        by_tenant.entry(tenant).or_default().push(entry.clone());
    }
    let mut faults = Vec::new();
    let mut wanted = BTreeMap::new();
    for (tenant, entries) in by_tenant {
        let checked = tidewatch_definitions::check(&entries, mode(&tenant));
        faults.extend(checked.faults);
        let mut monitors: BTreeMap<ItemKey, Monitor> = checked
            .monitors
            .into_iter()
            .map(|monitor| (ItemKey::from(&monitor.key), monitor))
            .collect();
        for entry in &entries {
            let item = entry.to_item();
            let key = ItemKey::of_item(&item);
            if let Some((key, monitor)) = key.and_then(|key| monitors.remove_entry(&key)) {
                wanted.insert(key, (item, monitor));
            }
        }
    }
    if faults.is_empty() {
        Ok(wanted)
    } else {
        Err(SyncError::Faults(faults))
    }
}

fn difference(
    wanted: &BTreeMap<ItemKey, (Json, Monitor)>,
    stored: &[StoredEntry],
    mode: impl Fn(&str) -> Mode,
) -> Difference {
    let Checked { monitors, .. } = check(stored, mode);
    let by_key: BTreeMap<&ItemKey, &StoredEntry> =
        stored.iter().map(|stored| (&stored.key, stored)).collect();
    let mut difference = Difference::default();
    for (key, (item, monitor)) in wanted {
        let push = |stored: Option<&StoredEntry>| {
            let mut item = item.clone();
            if let Some(stored) = stored {
                stored.annotations.add_to(&mut item);
            }
            Push {
                key: key.clone(),
                item,
            }
        };
        match (by_key.get(key), monitors.get(key)) {
            (None, _) => difference.added.push(push(None)),
            (Some(_), Some(present)) if present == monitor => difference.unchanged += 1,
            (Some(stored), present) => {
                let before = match present {
                    Some(present) => encode(present),
                    None => stored.entry.to_plain(),
                };
                let fields = field_changes(&before, &encode(monitor));
                difference.changed.push((push(Some(stored)), fields));
            }
        }
    }
    let only_stored = by_key.keys().filter(|key| !wanted.contains_key(*key));
    difference.removed = only_stored.map(|key| (*key).clone()).collect();
    difference
}

/// The fields that differ. Where a credential in clear text is all that differs, the request is
/// named and nothing of it shown.
fn field_changes(before: &Json, after: &Json) -> Vec<FieldChange> {
    let names = |document: &Json| -> BTreeSet<String> {
        let map = document.as_object().into_iter().flatten();
        map.map(|(name, _)| name.clone()).collect()
    };
    let all = &names(before) | &names(after);
    let changes = all.into_iter().filter_map(|field| {
        let value = |document: &Json| document.get(&field).cloned().unwrap_or(Json::Null);
        let (before, after) = (value(before), value(after));
        (before != after).then_some(FieldChange {
            field,
            before,
            after,
        })
    });
    let mut changes: Vec<FieldChange> = changes.collect();
    if changes.is_empty() {
        changes.push(FieldChange {
            field: "request".to_owned(),
            before: "(hidden)".into(),
            after: "(hidden)".into(),
        });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entries(document: Json) -> Vec<Entry> {
        let document = document.as_array().unwrap().clone();
        let numbered = document.iter().enumerate();
        numbered
            .map(|(index, document)| Entry::of_plain(document, "file", index + 1))
            .collect()
    }

    fn stored(document: Json) -> Vec<StoredEntry> {
        let stored = entries(document).into_iter().map(|entry| {
            let mut item = entry.to_item();
            item["schedule_bucket"] = json!({"S": "60#7"});
            StoredEntry::of_item(&item, "monitors").unwrap()
        });
        stored.collect()
    }

    fn compared(file: Json, table: Json) -> Difference {
        let wanted = wanted(&entries(file), |_| Mode::Aws).unwrap();
        difference(&wanted, &stored(table), |_| Mode::Aws)
    }

    fn entry(monitor_id: &str, interval: Json) -> Json {
        json!({
            "tenant": "demo", "monitor_id": monitor_id,
            "target": "https://shop.example/", "interval": interval,
        })
    }

    #[test]
    fn what_means_the_same_is_the_same_however_it_is_written() {
        let difference = compared(
            json!([entry("a", json!("1m")), entry("b", json!(60))]),
            json!([entry("a", json!(60)), entry("b", json!("rate(1 minute)"))]),
        );
        assert_eq!(difference.unchanged, 2);
        assert!(difference.is_empty(true));
    }

    #[test]
    fn added_changed_and_removed_entries_are_told_with_their_fields() {
        let difference = compared(
            json!([
                entry("new", json!(60)),
                entry("edited", json!(120)),
                entry("broken", json!(60))
            ]),
            json!([
                entry("edited", json!(60)),
                entry("old", json!(60)),
                entry("broken", json!(1))
            ]),
        );
        let added: Vec<String> = difference
            .added
            .iter()
            .map(|push| push.key.to_string())
            .collect();
        assert_eq!(added, ["demo/new"]);
        let removed: Vec<String> = difference.removed.iter().map(ToString::to_string).collect();
        assert_eq!(removed, ["demo/old"]);
        let [(broken, _), (edited, fields)] = &difference.changed[..] else {
            panic!("{difference:?}")
        };
        assert_eq!(broken.key.to_string(), "demo/broken");
        assert_eq!(edited.key.to_string(), "demo/edited");
        assert_eq!(
            fields[..],
            [FieldChange {
                field: "interval".to_owned(),
                before: json!("1m"),
                after: json!("2m"),
            }]
        );
        // What Tidewatch noted stays, so that no schedule loses the entry for a moment.
        assert_eq!(edited.item["schedule_bucket"], json!({"S": "60#7"}));
        assert!(!difference.is_empty(false));
    }

    #[test]
    fn a_changed_credential_is_a_change_that_shows_nothing() {
        let with_key = |key: &str| {
            let mut entry = entry("a", json!(60));
            entry["request"] = json!({"headers": {"x-api-key": key}});
            json!([entry])
        };
        let difference = compared(with_key("new-s3cret"), with_key("old-s3cret"));
        assert_eq!(difference.changed.len(), 1);
        let told = format!("{:?}", difference.changed[0].1);
        assert!(!told.contains("s3cret"), "{told}");
    }

    #[test]
    fn faulty_entries_are_pushed_nowhere() {
        let error = wanted(&entries(json!([entry("a", json!(1))])), |_| Mode::Aws).unwrap_err();
        assert!(matches!(error, SyncError::Faults(faults) if faults.len() == 1));
    }
}
