//! Reads items: single ones, those of a tenant, those of a schedule bucket, all.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::{ItemKey, MonitorsTable, StoredEntry, TableError, to_json};
use crate::sdk::described;

/// Keys of one BatchGetItem call.
const BATCH: usize = 100;
/// How often what was left unprocessed is asked for again.
const ROUNDS: u32 = 8;
/// The pause before the first of these; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

type Item = HashMap<String, AttributeValue>;

impl MonitorsTable {
    /// The items of these keys; those that do not exist are left out.
    pub async fn get(&self, keys: &BTreeSet<ItemKey>) -> Result<Vec<StoredEntry>, TableError> {
        let mut found = Vec::new();
        let keys: Vec<&ItemKey> = keys.iter().filter(|key| key.can_exist()).collect();
        for chunk in keys.chunks(BATCH) {
            let keys = chunk.iter().map(|key| {
                HashMap::from([
                    ("tenant".to_owned(), AttributeValue::S(key.tenant.clone())),
                    (
                        "monitor_id".to_owned(),
                        AttributeValue::S(key.monitor_id.clone()),
                    ),
                ])
            });
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(keys.collect()))
                .consistent_read(true)
                .build()
                .map_err(|error| self.error("BatchGetItem", error.to_string()))?;
            self.batch(wanted, &mut found).await?;
        }
        Ok(found)
    }

    async fn batch(
        &self,
        wanted: KeysAndAttributes,
        found: &mut Vec<StoredEntry>,
    ) -> Result<(), TableError> {
        let mut wanted = Some(wanted);
        let mut pause = FIRST_PAUSE;
        for round in 0..ROUNDS {
            let Some(keys) = wanted.take() else {
                return Ok(());
            };
            if round > 0 {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, keys)
                .send()
                .await
                .map_err(|error| self.error("BatchGetItem", described(&error)))?;
            let items = answer.responses.unwrap_or_default();
            found.extend(
                items
                    .into_values()
                    .flatten()
                    .filter_map(|item| self.entry(&item)),
            );
            let left = answer.unprocessed_keys.unwrap_or_default();
            wanted = left.into_values().find(|left| !left.keys().is_empty());
        }
        match wanted {
            None => Ok(()),
            Some(left) => {
                let count = left.keys().len();
                let reason = format!("{count} keys were left unprocessed after {ROUNDS} attempts");
                Err(self.error("BatchGetItem", reason))
            }
        }
    }

    /// All items of a tenant.
    pub async fn of_tenant(&self, tenant: &str) -> Result<Vec<StoredEntry>, TableError> {
        let items = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("tenant = :tenant")
            .expression_attribute_values(":tenant", AttributeValue::S(tenant.to_owned()))
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await;
        self.entries("Query", items)
    }

    /// The items of a schedule bucket such as `60#7`. The index follows the table within moments.
    pub async fn of_schedule_bucket(&self, bucket: &str) -> Result<Vec<StoredEntry>, TableError> {
        let items = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(&self.index)
            .key_condition_expression("schedule_bucket = :bucket")
            .expression_attribute_values(":bucket", AttributeValue::S(bucket.to_owned()))
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await;
        self.entries("Query", items)
    }

    /// All items, ordered by key.
    pub async fn all(&self) -> Result<Vec<StoredEntry>, TableError> {
        let items = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await;
        let mut all = self.entries("Scan", items)?;
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    fn entries<E, R>(
        &self,
        action: &'static str,
        items: Result<Vec<Item>, SdkError<E, R>>,
    ) -> Result<Vec<StoredEntry>, TableError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let items = items.map_err(|error| self.error(action, described(&error)))?;
        Ok(items.iter().filter_map(|item| self.entry(item)).collect())
    }

    /// Every item has a key, because the table demands it.
    fn entry(&self, item: &Item) -> Option<StoredEntry> {
        StoredEntry::of_item(&to_json(item), &self.table)
    }
}

impl ItemKey {
    /// Whether DynamoDB could hold this key: it refuses empty ones, and a whole batch with them.
    fn can_exist(&self) -> bool {
        !self.tenant.is_empty() && !self.monitor_id.is_empty()
    }
}
