//! Where the function finds entries that its input does not bring along.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use tidewatch_aws::environment::Tenants;
use tidewatch_aws::monitors_table::{ItemKey, MonitorsTable, StoredEntry, check};
use tidewatch_definitions::Fault;
use tidewatch_domain::{Monitor, MonitorKey};

/// Entries, by schedule bucket and by key.
#[async_trait]
pub(crate) trait Definitions: Send + Sync {
    /// The monitors of a schedule bucket. The error is for people.
    async fn of_bucket(&self, name: &str) -> Result<Found, String>;

    /// The monitor of a key, if it is there. The error is for people.
    async fn of_key(&self, key: &MonitorKey) -> Result<Found, String>;
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// Valid entries, and the bucket that their items name.
    pub(crate) monitors: Vec<(Arc<Monitor>, Option<u32>)>,
    /// What is wrong with the others.
    pub(crate) faults: Vec<Fault>,
}

/// The entries in the table of DynamoDB.
#[derive(Debug)]
pub(crate) struct TableDefinitions {
    table: MonitorsTable,
    tenants: Tenants,
}

impl TableDefinitions {
    /// The entries in `table`. What a tenant may reach decides how its entries are validated.
    pub(crate) fn new(table: MonitorsTable, tenants: Tenants) -> Self {
        TableDefinitions { table, tenants }
    }

    fn checked(&self, stored: &[StoredEntry]) -> Found {
        let mut checked = check(stored, |tenant| self.tenants.mode(tenant));
        let monitors = stored.iter().filter_map(|stored| {
            let monitor = checked.monitors.remove(&stored.key)?;
            Some((Arc::new(monitor), stored.annotations.bucket))
        });
        let monitors = monitors.collect();
        Found {
            monitors,
            faults: checked.faults.into_values().flatten().collect(),
        }
    }
}

#[async_trait]
impl Definitions for TableDefinitions {
    async fn of_bucket(&self, name: &str) -> Result<Found, String> {
        let stored = self.table.of_schedule_bucket(name).await;
        Ok(self.checked(&stored.map_err(|error| error.to_string())?))
    }

    async fn of_key(&self, key: &MonitorKey) -> Result<Found, String> {
        let keys = BTreeSet::from([ItemKey::from(key)]);
        let stored = self.table.get(&keys).await;
        Ok(self.checked(&stored.map_err(|error| error.to_string())?))
    }
}
