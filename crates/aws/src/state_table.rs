//! The DynamoDB table of judging state: one item for each bucket of monitors.
//!
//! An item has the key `bucket` (string), `version` (number, counted up with every commit),
//! `state` (binary, see `form`) and `delivered` (number: the version up to which everything of
//! the outbox has arrived). A commit is conditional on the version that was read, so that of two
//! writers that judged at the same time one has to begin again.

mod form;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::error::display::DisplayErrorContext;
use tidewatch_domain::MonitorKey;
use tidewatch_domain::assess::LedgerSnapshot;

use crate::message::Row;

const BUCKET: &str = "bucket";
const VERSION: &str = "version";
const STATE: &str = "state";
const DELIVERED: &str = "delivered";

/// The most bytes of a state: DynamoDB takes items of 400 KiB, names and numbers included.
pub const LARGEST: usize = 400 * 1024 - 256;

/// From this size on each commit is warned of: time to let fewer monitors share a bucket.
const LARGE: usize = LARGEST / 4 * 3;

/// What is kept of a bucket between two batches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BucketState {
    /// What judging remembers.
    pub ledger: LedgerSnapshot,
    /// What was decided with it and has to be told.
    pub outbox: Outbox,
}

/// Decisions on their way out. They are committed together with the state that they follow from:
/// who finds them undelivered delivers them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    /// Rows.
    pub rows: Vec<Row>,
    /// Alerts, as bodies of the alert queue.
    pub alerts: Vec<String>,
}

impl Outbox {
    /// Whether there is nothing to deliver.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.alerts.is_empty()
    }
}

/// A bucket as it was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The version; 0 where there is no item yet.
    pub version: u64,
    /// Whether everything of the outbox is known to have arrived.
    pub delivered: bool,
    /// The state.
    pub state: BucketState,
    /// Monitors that are left out, because today's validator refuses their definition.
    pub refused: Vec<MonitorKey>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Done,
    /// Somebody else was quicker: load and judge again.
    LostRace,
}

/// The state cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// DynamoDB could not be asked, after all retries.
    #[error("table `{table}`, bucket `{bucket}`: {reason}")]
    Service {
        /// The table.
        table: String,
        /// The bucket.
        bucket: String,
        /// What the SDK says.
        reason: String,
    },
    /// The item is none of ours, or of another release.
    #[error(
        "the judging state of bucket `{bucket}` in table `{table}` cannot be read: {reason}; run \
         the release that wrote it, or delete the item to begin anew"
    )]
    Unreadable {
        /// The table.
        table: String,
        /// The bucket.
        bucket: String,
        /// What is wrong.
        reason: String,
    },
    /// The state has grown beyond what an item can hold.
    #[error(
        "the judging state of bucket `{bucket}` has {bytes} bytes, an item of DynamoDB holds \
         {LARGEST}; raise TIDEWATCH_BUCKETS so that fewer monitors share a bucket"
    )]
    TooLarge {
        /// The bucket.
        bucket: String,
        /// Its size.
        bytes: usize,
    },
}

/// The table of judging state.
#[derive(Clone, Debug)]
pub struct StateTable {
    client: aws_sdk_dynamodb::Client,
    table: String,
}

impl StateTable {
    /// The table of that name.
    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        StateTable {
            client,
            table: table.into(),
        }
    }

    /// Reads a bucket, consistently. A bucket without an item is empty and has version 0.
    pub async fn load(&self, bucket: &str) -> Result<Loaded, StateError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(BUCKET, AttributeValue::S(bucket.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| self.service(bucket, &error))?;
        let Some(item) = answer.item else {
            return Ok(Loaded {
                delivered: true,
                ..Loaded::default()
            });
        };
        let number = |name: &str| {
            let text = item.get(name).and_then(|value| value.as_n().ok());
            text.and_then(|text| text.parse::<u64>().ok())
        };
        let bytes = item.get(STATE).and_then(|value| value.as_b().ok());
        let (Some(version), Some(bytes)) = (number(VERSION), bytes) else {
            let reason = format!("it lacks `{VERSION}` or `{STATE}`, or they have other types");
            return Err(self.unreadable(bucket, reason));
        };
        let (state, refused) =
            form::decode(bytes.as_ref()).map_err(|reason| self.unreadable(bucket, reason))?;
        Ok(Loaded {
            version,
            delivered: state.outbox.is_empty()
                || number(DELIVERED).is_some_and(|delivered| delivered >= version),
            state,
            refused,
        })
    }

    /// Puts `state` in the place of version `seen`, as the version after it.
    pub async fn commit(
        &self,
        bucket: &str,
        seen: u64,
        state: &BucketState,
    ) -> Result<Committed, StateError> {
        let bytes = form::encode(state).map_err(|reason| self.unreadable(bucket, reason))?;
        if bytes.len() > LARGEST {
            return Err(StateError::TooLarge {
                bucket: bucket.to_owned(),
                bytes: bytes.len(),
            });
        }
        if bytes.len() > LARGE {
            tracing::warn!(
                bucket,
                bytes = bytes.len(),
                "the judging state of a bucket comes near to the {LARGEST} bytes that an item holds; \
                 raise TIDEWATCH_BUCKETS so that fewer monitors share a bucket"
            );
        }
        let next = seen.saturating_add(1);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(BUCKET, AttributeValue::S(bucket.to_owned()))
            .item(VERSION, AttributeValue::N(next.to_string()))
            .item(STATE, AttributeValue::B(Blob::new(bytes)))
            .expression_attribute_names("#v", VERSION);
        let put = if seen == 0 {
            put.condition_expression("attribute_not_exists(#v)")
        } else {
            put.condition_expression("#v = :seen")
                .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()))
        };
        match put.send().await {
            Ok(_) => Ok(Committed::Done),
            Err(SdkError::ServiceError(error))
                if matches!(
                    error.err(),
                    PutItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Ok(Committed::LostRace)
            }
            Err(error) => Err(self.service(bucket, &error)),
        }
    }

    /// Notes that everything of the outbox of `version` has arrived. Where somebody else has gone
    /// on meanwhile, there is nothing to note.
    pub async fn mark_delivered(&self, bucket: &str, version: u64) -> Result<(), StateError> {
        let version = AttributeValue::N(version.to_string());
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(BUCKET, AttributeValue::S(bucket.to_owned()))
            .update_expression("SET #d = :version")
            .condition_expression("#v = :version")
            .expression_attribute_names("#d", DELIVERED)
            .expression_attribute_names("#v", VERSION)
            .expression_attribute_values(":version", version);
        match update.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(error))
                if matches!(
                    error.err(),
                    UpdateItemError::ConditionalCheckFailedException(_)
                ) =>
            {
                Ok(())
            }
            Err(error) => Err(self.service(bucket, &error)),
        }
    }

    fn service<E: std::error::Error + 'static>(&self, bucket: &str, error: &E) -> StateError {
        StateError::Service {
            table: self.table.clone(),
            bucket: bucket.to_owned(),
            reason: DisplayErrorContext(error).to_string(),
        }
    }

    fn unreadable(&self, bucket: &str, reason: String) -> StateError {
        StateError::Unreadable {
            table: self.table.clone(),
            bucket: bucket.to_owned(),
            reason,
        }
    }
}

#[cfg(test)]
mod tests;
