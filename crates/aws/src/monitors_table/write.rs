//! Writes and removes whole items.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use serde_json::Value as Json;

use super::{ItemKey, MonitorsTable, TableError, from_json};
use crate::sdk::described;

/// Requests of one BatchWriteItem call.
const BATCH: usize = 25;
/// How often what was left unprocessed is sent again.
const ROUNDS: u32 = 8;
/// The pause before the first of these; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl MonitorsTable {
    /// Writes items in DynamoDB's JSON, in place of those with the same keys.
    pub(super) async fn put(&self, items: &[Json]) -> Result<(), TableError> {
        let requests = items.iter().map(|item| {
            let put = PutRequest::builder()
                .set_item(Some(from_json(item)))
                .build();
            put.map(|put| WriteRequest::builder().put_request(put).build())
        });
        let requests: Result<Vec<_>, _> = requests.collect();
        self.write(requests.map_err(|error| self.error(ACTION, error.to_string()))?)
            .await
    }

    /// Removes items; those that do not exist are no fault.
    pub(super) async fn delete(&self, keys: &[ItemKey]) -> Result<(), TableError> {
        let requests = keys.iter().map(|key| {
            let key = HashMap::from([
                ("tenant".to_owned(), AttributeValue::S(key.tenant.clone())),
                (
                    "monitor_id".to_owned(),
                    AttributeValue::S(key.monitor_id.clone()),
                ),
            ]);
            let delete = DeleteRequest::builder().set_key(Some(key)).build();
            delete.map(|delete| WriteRequest::builder().delete_request(delete).build())
        });
        let requests: Result<Vec<_>, _> = requests.collect();
        self.write(requests.map_err(|error| self.error(ACTION, error.to_string()))?)
            .await
    }

    async fn write(&self, requests: Vec<WriteRequest>) -> Result<(), TableError> {
        for chunk in requests.chunks(BATCH) {
            self.write_batch(chunk.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_batch(&self, mut left: Vec<WriteRequest>) -> Result<(), TableError> {
        let mut pause = FIRST_PAUSE;
        for round in 0..ROUNDS {
            if round > 0 {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.table, left)
                .send()
                .await
                .map_err(|error| self.error(ACTION, described(&error)))?;
            let unprocessed = answer.unprocessed_items.unwrap_or_default();
            left = unprocessed.into_values().flatten().collect();
            if left.is_empty() {
                return Ok(());
            }
        }
        let reason = format!(
            "{} items were left unprocessed after {ROUNDS} attempts; try again later, what was \
             written stays",
            left.len()
        );
        Err(self.error(ACTION, reason))
    }
}

const ACTION: &str = "BatchWriteItem";
