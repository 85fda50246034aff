//! The table of incidents in DynamoDB.
//!
//! An item has the key `incident` (string), `version` (number), `item` (binary: JSON compressed by
//! zstd, because an item may have 400 KB) and `expires` (number: seconds, the table's TTL).

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use tidewatch_domain::Timestamp;
use tidewatch_notify::table::{IncidentTable, Item, TableError};

use crate::sdk::described;

const KEY: &str = "incident";
const VERSION: &str = "version";
const ITEM: &str = "item";
const EXPIRES: &str = "expires";
/// The fastest level that still makes JSON a tenth of its size.
const LEVEL: i32 = 3;
/// The largest item that is read: a guard against what is not ours.
const LARGEST: usize = 16 * 1024 * 1024;

/// The table of incidents as a DynamoDB table.
#[derive(Clone, Debug)]
pub struct DynamoIncidentTable {
    client: Client,
    table: String,
}

impl DynamoIncidentTable {
    /// Items are in `table`.
    pub fn new(client: Client, table: String) -> Self {
        DynamoIncidentTable { client, table }
    }
}

#[async_trait]
impl IncidentTable for DynamoIncidentTable {
    async fn load(&self, key: &str) -> Result<Option<Item>, TableError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, AttributeValue::S(key.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| TableError::Failed(described(&error)))?;
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let broken =
            |what: &str| TableError::Failed(format!("the item `{key}` has no usable `{what}`"));
        let version = item
            .get(VERSION)
            .and_then(|value| value.as_n().ok())
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| broken(VERSION))?;
        let text = item
            .get(ITEM)
            .and_then(|value| value.as_b().ok())
            .and_then(|bytes| zstd::bulk::decompress(bytes.as_ref(), LARGEST).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| broken(ITEM))?;
        Ok(Some(Item { version, text }))
    }

    async fn save(
        &self,
        key: &str,
        expected: u64,
        text: &str,
        expires: Timestamp,
    ) -> Result<(), TableError> {
        let bytes = zstd::bulk::compress(text.as_bytes(), LEVEL)
            .map_err(|error| TableError::Failed(error.to_string()))?;
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(KEY, AttributeValue::S(key.to_owned()))
            .item(VERSION, AttributeValue::N((expected + 1).to_string()))
            .item(ITEM, AttributeValue::B(Blob::new(bytes)))
            .item(EXPIRES, AttributeValue::N(expires.as_secs().to_string()));
        let request = if expected == 0 {
            request
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", KEY)
        } else {
            request
                .condition_expression("#version = :expected")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":expected", AttributeValue::N(expected.to_string()))
        };
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                Err(TableError::Conflict(key.to_owned()))
            }
            Err(error) => Err(TableError::Failed(described(&error))),
        }
    }
}
