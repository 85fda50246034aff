//! What is decided about entries: what they become, where they belong, and what is noted in their
//! items.

use std::collections::{BTreeMap, BTreeSet};

use tidewatch_aws::monitors_table::{self, Annotations, Checked, ItemKey};
use tidewatch_domain::Monitor;
use tidewatch_domain::plan::{Scheduled, schedule_bucket};

use crate::family::Family;
use crate::settings::Settings;

/// Entries with what they were found to be.
#[derive(Debug)]
pub(crate) struct Assignment<'s> {
    settings: &'s Settings,
    family: Family,
    checked: Checked,
}

impl<'s> Assignment<'s> {
    /// Validates the entries of `family`.
    pub(crate) fn new(settings: &'s Settings, family: Family) -> Self {
        let checked =
            monitors_table::check(family.entries(), |tenant| settings.tenants.mode(tenant));
        Assignment {
            settings,
            family,
            checked,
        }
    }

    /// The entries.
    pub(crate) fn family(&self) -> &Family {
        &self.family
    }

    /// The monitor of a valid entry.
    pub(crate) fn monitor(&self, key: &ItemKey) -> Option<&Monitor> {
        self.checked.monitors.get(key)
    }

    /// How many entries have faults.
    pub(crate) fn invalid(&self) -> usize {
        self.checked.faults.len()
    }

    /// The bucket of an entry, or of one that is gone.
    pub(crate) fn bucket(&self, key: &ItemKey) -> Option<u32> {
        self.family.bucket_of(key, self.settings.buckets)
    }

    /// The valid ones of these entries, ready to be planned.
    pub(crate) fn scheduled<'a>(
        &'a self,
        keys: impl IntoIterator<Item = &'a ItemKey>,
    ) -> Vec<Scheduled<'a>> {
        let found = keys.into_iter().filter_map(|key| {
            let monitor = self.monitor(key)?;
            let bucket = self.bucket(key)?;
            Some(Scheduled { monitor, bucket })
        });
        found.collect()
    }

    /// The names of the rules of their own that entries have or had in the layout of one rule for
    /// each monitor.
    pub(crate) fn own_rules<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a ItemKey>,
    ) -> BTreeSet<String> {
        let prefix = &self.settings.plan.prefix;
        keys.into_iter()
            .map(|key| prefix.name(&key.to_string()))
            .collect()
    }

    /// What has to be noted in the items of these entries: only what is not in them yet.
    /// `refused` are valid entries that cannot be scheduled, and why.
    pub(crate) fn notes<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a ItemKey>,
        refused: &BTreeMap<ItemKey, String>,
    ) -> Vec<(ItemKey, Annotations)> {
        let notes = keys.into_iter().filter_map(|key| {
            let present = &self.family.get(key)?.annotations;
            let missing = missing(present, self.wanted(key, refused.get(key)));
            (missing != Annotations::default()).then(|| (key.clone(), missing))
        });
        notes.collect()
    }

    fn wanted(&self, key: &ItemKey, refusal: Option<&String>) -> Annotations {
        let bucket = self.bucket(key);
        let Some(monitor) = self.monitor(key) else {
            let faults = self.checked.faults.get(key);
            return Annotations {
                status: faults.map(|faults| Annotations::status_of(faults)),
                bucket,
                ..Annotations::default()
            };
        };
        Annotations {
            schedule_bucket: bucket.map(|bucket| schedule_bucket(monitor, bucket)),
            bucket,
            status: Some(match refusal {
                Some(reason) => Annotations::invalid_status(reason),
                None => Annotations::ok_status(),
            }),
            status_at: None,
        }
    }
}

/// What of `wanted` is not there.
fn missing(present: &Annotations, wanted: Annotations) -> Annotations {
    Annotations {
        schedule_bucket: wanted
            .schedule_bucket
            .filter(|wanted| present.schedule_bucket.as_ref() != Some(wanted)),
        bucket: wanted
            .bucket
            .filter(|wanted| present.bucket != Some(*wanted)),
        status: wanted
            .status
            .filter(|wanted| present.status.as_ref() != Some(wanted)),
        status_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tidewatch_aws::monitors_table::StoredEntry;

    fn settings() -> Settings {
        let lookup = |name: &str| match name {
            "AWS_REGION" => Some("eu-west-1".to_owned()),
            "TIDEWATCH_MONITORS_TABLE" | "TIDEWATCH_MONITOR_FUNCTION_ARN" => Some("x".to_owned()),
            _ => None,
        };
        Settings::read(&lookup).unwrap()
    }

    fn item(monitor_id: &str, more: Value) -> StoredEntry {
        let mut item = json!({
            "tenant": {"S": "demo"},
            "monitor_id": {"S": monitor_id},
            "target": {"S": "https://shop.example/"},
        });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        StoredEntry::of_item(&item, "monitors").unwrap()
    }

    fn key(monitor_id: &str) -> ItemKey {
        ItemKey {
            tenant: "demo".to_owned(),
            monitor_id: monitor_id.to_owned(),
        }
    }

    #[test]
    fn a_new_entry_is_told_where_it_belongs_and_an_old_one_nothing() {
        let settings = settings();
        let new = Assignment::new(&settings, Family::of_all(vec![item("shop", json!({}))]));
        let [(noted, note)] = &new.notes([&key("shop")], &BTreeMap::new())[..] else {
            panic!("a new entry has nothing noted yet")
        };
        assert_eq!(noted, &key("shop"));
        assert_eq!(note.status.as_deref(), Some("ok"));
        let bucket = note.bucket.unwrap();
        assert_eq!(note.schedule_bucket, Some(format!("60#{bucket}")));

        let noted = json!({
            "status": {"S": "ok"},
            "bucket": {"N": bucket.to_string()},
            "schedule_bucket": {"S": format!("60#{bucket}")},
        });
        let known = Assignment::new(&settings, Family::of_all(vec![item("shop", noted)]));
        assert_eq!(known.notes([&key("shop")], &BTreeMap::new()), []);
        // A key that is gone has no item to note anything in.
        assert_eq!(known.notes([&key("gone")], &BTreeMap::new()), []);
    }

    #[test]
    fn an_invalid_edit_keeps_its_place_and_says_what_is_wrong() {
        let settings = settings();
        let entry = item(
            "shop",
            json!({"interval": {"N": "1"}, "schedule_bucket": {"S": "60#7"}}),
        );
        let assignment = Assignment::new(&settings, Family::of_all(vec![entry]));
        assert_eq!(assignment.invalid(), 1);
        assert_eq!(assignment.scheduled([&key("shop")]).len(), 0);
        let notes = assignment.notes([&key("shop")], &BTreeMap::new());
        assert_eq!(notes[0].1.schedule_bucket, None);
        let status = notes[0].1.status.as_ref().unwrap();
        assert!(status.starts_with("invalid: interval: "), "{status}");
    }

    #[test]
    fn a_refused_entry_says_why() {
        let settings = settings();
        let assignment = Assignment::new(&settings, Family::of_all(vec![item("shop", json!({}))]));
        let refused = BTreeMap::from([(key("shop"), "no rule is left".to_owned())]);
        let notes = assignment.notes([&key("shop")], &refused);
        assert_eq!(
            notes[0].1.status.as_deref(),
            Some("invalid: no rule is left")
        );
    }
}
