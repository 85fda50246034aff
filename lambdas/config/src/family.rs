//! The entries that have to be looked at together: those that were touched, their ancestors, and
//! where a parent was changed, their descendants.

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_aws::monitors_table::{ItemKey, MonitorsTable, StoredEntry, TableError};
use tidewatch_domain::plan::Buckets;
use tidewatch_domain::{MonitorId, MonitorKey};

/// Entries by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Family {
    entries: BTreeMap<ItemKey, StoredEntry>,
    /// The parents that entries had which are gone.
    former_parents: BTreeMap<ItemKey, String>,
}

impl Family {
    /// All entries of a table.
    pub(crate) fn of_all(entries: Vec<StoredEntry>) -> Self {
        let entries = entries.into_iter().map(|entry| (entry.key.clone(), entry));
        Family {
            entries: entries.collect(),
            former_parents: BTreeMap::new(),
        }
    }

    /// Reads `touched` and everything above. `moved` are those of them whose parent was changed:
    /// everything below them is read too, and the second value names it.
    pub(crate) async fn read(
        table: &MonitorsTable,
        touched: &BTreeSet<ItemKey>,
        moved: &BTreeSet<ItemKey>,
        former_parents: BTreeMap<ItemKey, String>,
    ) -> Result<(Self, BTreeSet<ItemKey>), TableError> {
        let mut family = Family::of_all(table.get(touched).await?);
        family.former_parents = former_parents;
        let tenants: BTreeSet<&str> = moved.iter().map(|key| key.tenant.as_str()).collect();
        for tenant in tenants {
            let read = Family::of_all(table.of_tenant(tenant).await?);
            family.entries.extend(read.entries);
        }
        let below = family.below(moved);
        let mut asked = touched.clone();
        loop {
            let above: BTreeSet<ItemKey> = family
                .entries
                .keys()
                .chain(touched)
                .filter_map(|key| family.parent_of(key))
                .filter(|parent| !family.entries.contains_key(parent))
                .filter(|parent| asked.insert(parent.clone()))
                .collect();
            if above.is_empty() {
                return Ok((family, below));
            }
            let read = Family::of_all(table.get(&above).await?);
            family.entries.extend(read.entries);
        }
    }

    /// The entry of a key.
    pub(crate) fn get(&self, key: &ItemKey) -> Option<&StoredEntry> {
        self.entries.get(key)
    }

    /// All entries.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &StoredEntry> {
        self.entries.values()
    }

    /// The bucket of an entry, or of one that is gone; `None` where its key is no usable name.
    pub(crate) fn bucket_of(&self, key: &ItemKey, buckets: Buckets) -> Option<u32> {
        let parent = |key: &MonitorKey| {
            let parent = self.parent_of(&ItemKey::from(key))?;
            Some(MonitorKey {
                tenant: key.tenant.clone(),
                monitor_id: MonitorId::try_new(parent.monitor_id).ok()?,
            })
        };
        Some(buckets.of(&key.monitor_key()?, parent))
    }

    fn parent_of(&self, key: &ItemKey) -> Option<ItemKey> {
        let parent = match self.entries.get(key) {
            Some(entry) => entry.parent.as_ref(),
            None => self.former_parents.get(key),
        };
        Some(ItemKey {
            tenant: key.tenant.clone(),
            monitor_id: parent?.clone(),
        })
    }

    /// The entries that have one of `roots` as an ancestor.
    fn below(&self, roots: &BTreeSet<ItemKey>) -> BTreeSet<ItemKey> {
        let mut children: BTreeMap<ItemKey, Vec<&ItemKey>> = BTreeMap::new();
        for key in self.entries.keys() {
            if let Some(parent) = self.parent_of(key) {
                children.entry(parent).or_default().push(key);
            }
        }
        let mut below = BTreeSet::new();
        let mut open: Vec<&ItemKey> = roots.iter().collect();
        while let Some(key) = open.pop() {
            for child in children.get(key).into_iter().flatten() {
                if below.insert((*child).clone()) {
                    open.push(child);
                }
            }
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn family(parents: &[(&str, Option<&str>)]) -> Family {
        let entries = parents.iter().map(|(id, parent)| {
            let mut item = json!({"tenant": {"S": "demo"}, "monitor_id": {"S": id}});
            if let Some(parent) = parent {
                item["parent"] = json!({"S": parent});
            }
            StoredEntry::of_item(&item, "monitors").unwrap()
        });
        Family::of_all(entries.collect())
    }

    fn key(id: &str) -> ItemKey {
        ItemKey {
            tenant: "demo".to_owned(),
            monitor_id: id.to_owned(),
        }
    }

    #[test]
    fn descendants_are_found_even_on_a_circle() {
        let family = family(&[
            ("root", None),
            ("branch", Some("root")),
            ("leaf", Some("branch")),
            ("other", None),
            ("x", Some("y")),
            ("y", Some("x")),
        ]);
        assert_eq!(
            family.below(&BTreeSet::from([key("root")])),
            BTreeSet::from([key("branch"), key("leaf")])
        );
        assert_eq!(
            family.below(&BTreeSet::from([key("x")])),
            BTreeSet::from([key("x"), key("y")])
        );
    }

    #[test]
    fn what_is_gone_is_in_the_bucket_it_was_in() {
        let buckets = Buckets::try_new(4_096).unwrap();
        let before = family(&[("root", None), ("leaf", Some("root"))]);
        let mut after = family(&[("root", None)]);
        after.former_parents.insert(key("leaf"), "root".to_owned());
        let of = |family: &Family, id: &str| family.bucket_of(&key(id), buckets);
        assert_eq!(of(&before, "leaf"), of(&after, "leaf"));
        assert_eq!(of(&before, "leaf"), of(&before, "root"));
        assert_eq!(of(&before, "no name"), None);
    }
}
