//! The records of a batch, read for what they say.

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::dynamodb::{Event, EventRecord};
use serde_json::Value as Json;
use tidewatch_aws::monitors_table::{ItemKey, StoredEntry};
use tidewatch_definitions::ANNOTATIONS;
use tidewatch_domain::Kind;

/// The records that say something.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    /// In order of the stream.
    touches: Vec<Touch>,
    /// Records without a readable key.
    pub(super) unreadable: u64,
}

/// A record that an entry changed.
#[derive(Clone, Debug)]
struct Touch {
    key: ItemKey,
    sequence: String,
    /// The item before, in DynamoDB's JSON; empty where there was none or the stream has none.
    old: Json,
    new: Json,
}

impl Batch {
    /// Reads the records of an event. Those that only tell what the function itself noted in an
    /// item are left out.
    pub(super) fn of(event: Event) -> Self {
        let mut batch = Batch::default();
        for record in event.records {
            match Touch::of(&record) {
                Some(touch) if touch.is_our_own_note() => {}
                Some(touch) => batch.touches.push(touch),
                None => {
                    batch.unreadable += 1;
                    tracing::error!(
                        event_id = record.event_id,
                        "a stream record has no key that can be read; the table's key must be tenant and monitor_id, both texts"
                    );
                }
            }
        }
        batch
    }

    /// The entries concerned.
    pub(super) fn keys(&self) -> BTreeSet<ItemKey> {
        self.touches.iter().map(|touch| touch.key.clone()).collect()
    }

    /// Those whose parent may have changed, so that all below them have to be looked at.
    pub(super) fn moved(&self) -> BTreeSet<ItemKey> {
        let moved = self.touches.iter().filter(|touch| {
            let unknown = is_empty(&touch.old) && is_empty(&touch.new);
            unknown || parent(&touch.old) != parent(&touch.new)
        });
        moved.map(|touch| touch.key.clone()).collect()
    }

    /// The parents that entries had before.
    pub(super) fn former_parents(&self) -> BTreeMap<ItemKey, String> {
        let parents = self
            .touches
            .iter()
            .filter_map(|touch| Some((touch.key.clone(), parent(&touch.old)?.to_owned())));
        parents.collect()
    }

    /// The kind that an entry had, by the last record that tells; `http` where none does.
    pub(super) fn former_kind(&self, key: &ItemKey) -> Kind {
        let mut touches = self.touches.iter().rev().filter(|touch| touch.key == *key);
        touches
            .find_map(|touch| kind(&touch.old))
            .unwrap_or(Kind::Http)
    }

    /// The sequence number of the first record about one of `keys`.
    pub(super) fn first_of<'k>(&self, keys: impl IntoIterator<Item = &'k ItemKey>) -> Option<&str> {
        let keys: BTreeSet<&ItemKey> = keys.into_iter().collect();
        let concerned = |touch: &&Touch| keys.contains(&touch.key);
        // A failure of an entry further down the family is one of the record that led there.
        let first = self.touches.iter().find(concerned);
        let first = first.or_else(|| self.touches.first().filter(|_| !keys.is_empty()));
        first.map(|touch| touch.sequence.as_str())
    }
}

impl Touch {
    fn of(record: &EventRecord) -> Option<Self> {
        let item = |item| serde_json::to_value(item).unwrap_or_default();
        let change = &record.change;
        Some(Touch {
            key: ItemKey::of_item(&item(&change.keys))?,
            sequence: change.sequence_number.clone()?,
            old: item(&change.old_image),
            new: item(&change.new_image),
        })
    }

    fn is_our_own_note(&self) -> bool {
        let fields = |item: &Json| {
            let mut item = item.as_object().cloned().unwrap_or_default();
            item.retain(|name, _| !ANNOTATIONS.contains(&name.as_str()));
            item
        };
        !is_empty(&self.old) && !is_empty(&self.new) && fields(&self.old) == fields(&self.new)
    }
}

fn is_empty(item: &Json) -> bool {
    item.as_object().is_none_or(serde_json::Map::is_empty)
}

fn parent(item: &Json) -> Option<&str> {
    item.get("parent")?.get("S")?.as_str()
}

/// The kind of an entry that need not be valid any more.
fn kind(item: &Json) -> Option<Kind> {
    if is_empty(item) {
        return None;
    }
    let stored = StoredEntry::of_item(item, "stream")?;
    let modes = [
        tidewatch_definitions::Mode::AwsInner,
        tidewatch_definitions::Mode::Local,
    ];
    modes.into_iter().find_map(|mode| {
        let found = tidewatch_definitions::check(std::slice::from_ref(&stored.entry), mode);
        found.monitors.first().map(tidewatch_domain::Monitor::kind)
    })
}

#[cfg(test)]
mod tests;
