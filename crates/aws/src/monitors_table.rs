//! The DynamoDB table of entries: key `tenant` and `monitor_id`, the fields of an entry as
//! attributes, and beside them what Tidewatch notes: `schedule_bucket`, `bucket`, `status`,
//! `status_at` (`tidewatch_definitions::ANNOTATIONS`).
//!
//! Every read is consistent, paged to the end, and asks again for what was not processed. What an
//! item means is decided by the one validator in `tidewatch_definitions`.

mod annotations;
mod attribute;
mod checked;
mod read;
mod sync;
mod watch;
mod write;

pub use annotations::{Annotations, Noted};
pub use attribute::{from_json, to_json};
pub use checked::{Checked, check};
pub use sync::{Difference, FieldChange, Push, Pushed, SyncError};
pub use watch::TableWatch;

use std::fmt;

use aws_sdk_dynamodb::Client;
use serde_json::Value as Json;
use tidewatch_definitions::Entry;
use tidewatch_domain::{MonitorId, MonitorKey, Tenant};

/// The table could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("table `{table}`: {action} failed: {reason}")]
pub struct TableError {
    /// The table.
    pub table: String,
    /// What was asked of DynamoDB.
    pub action: &'static str,
    /// What it answered.
    pub reason: String,
}

/// The table of entries.
#[derive(Clone, Debug)]
pub struct MonitorsTable {
    client: Client,
    table: String,
    index: String,
}

impl MonitorsTable {
    /// The table of that name. `index` is its index by `schedule_bucket`.
    pub fn new(client: Client, table: impl Into<String>, index: impl Into<String>) -> Self {
        MonitorsTable {
            client,
            table: table.into(),
            index: index.into(),
        }
    }

    /// The name of the table.
    pub fn name(&self) -> &str {
        &self.table
    }

    fn error(&self, action: &'static str, reason: String) -> TableError {
        TableError {
            table: self.table.clone(),
            action,
            reason,
        }
    }
}

/// The key of an item as it is written, which need not be a usable name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// The attribute `tenant`.
    pub tenant: String,
    /// The attribute `monitor_id`.
    pub monitor_id: String,
}

impl ItemKey {
    /// The key that an item in DynamoDB's JSON has; `None` without texts for both attributes.
    pub fn of_item(item: &Json) -> Option<Self> {
        let text = |name: &str| item.get(name)?.get("S")?.as_str().map(str::to_owned);
        Some(ItemKey {
            tenant: text("tenant")?,
            monitor_id: text("monitor_id")?,
        })
    }

    /// The key of a monitor, where both are usable names.
    pub fn monitor_key(&self) -> Option<MonitorKey> {
        Some(MonitorKey {
            tenant: Tenant::try_new(self.tenant.as_str()).ok()?,
            monitor_id: MonitorId::try_new(self.monitor_id.as_str()).ok()?,
        })
    }
}

impl From<&MonitorKey> for ItemKey {
    fn from(key: &MonitorKey) -> Self {
        ItemKey {
            tenant: key.tenant.to_string(),
            monitor_id: key.monitor_id.to_string(),
        }
    }
}

/// `tenant/monitor_id`.
impl fmt::Display for ItemKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.monitor_id)
    }
}

/// An item of the table.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Its key.
    pub key: ItemKey,
    /// The entry, not validated yet.
    pub entry: Entry,
    /// What the attribute `parent` names, whether or not the entry is valid.
    pub parent: Option<String>,
    /// What Tidewatch noted in it.
    pub annotations: Annotations,
}

impl StoredEntry {
    /// The entry that an item of `table` in DynamoDB's JSON holds; `None` without a key.
    pub fn of_item(item: &Json, table: &str) -> Option<Self> {
        let key = ItemKey::of_item(item)?;
        let parent = item.get("parent").and_then(|parent| parent.get("S"));
        Some(StoredEntry {
            // The key makes the origin unique, so that faults find back to their entry.
            entry: Entry::of_item(item, &format!("dynamodb:{table}/{key}"), 1),
            parent: parent.and_then(Json::as_str).map(str::to_owned),
            annotations: Annotations::of_item(item),
            key,
        })
    }
}

#[cfg(test)]
mod tests;
