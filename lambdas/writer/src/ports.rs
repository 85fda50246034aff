//! What the writer needs from the world, and what fulfils it in AWS.

use std::time::Duration;

use async_trait::async_trait;
use tidewatch_aws::message::Row;
use tidewatch_aws::rejected::{Rejected, RejectedQueue};
use tidewatch_aws::state_table::{BucketState, Committed, Loaded, StateError, StateTable};
use tidewatch_aws::timestream::{
    QueryError, QueryResult, TimestreamQuery, TimestreamSink, Written,
};

/// Keeps the judging state of buckets.
#[async_trait]
pub(crate) trait States: Send + Sync {
    /// Reads a bucket.
    async fn load(&self, bucket: &str) -> Result<Loaded, StateError>;
    /// Puts `state` in the place of version `seen`.
    async fn commit(
        &self,
        bucket: &str,
        seen: u64,
        state: &BucketState,
    ) -> Result<Committed, StateError>;
    /// Notes that the outbox of `version` has arrived.
    async fn mark_delivered(&self, bucket: &str, version: u64) -> Result<(), StateError>;
}

/// Takes rows for good.
#[async_trait]
pub(crate) trait Rows: Send + Sync {
    /// Writes rows and tells what became of each.
    async fn write(&self, rows: &[Row]) -> Written;
}

/// Answers statements.
#[async_trait]
pub(crate) trait Questions: Send + Sync {
    /// All rows of the answer.
    async fn ask(&self, statement: &str) -> Result<QueryResult, QueryError>;
}

/// Takes what has no other way, for people to look at.
#[async_trait]
pub(crate) trait DeadLetters: Send + Sync {
    /// Keeps `letters`; the error says why some of them are not kept.
    async fn keep(&self, letters: &[Rejected]) -> Result<(), String>;
}

/// Takes alerts on their way to people.
#[async_trait]
pub(crate) trait Alerts: Send + Sync {
    /// Queues alerts; the error says why some of them are not queued.
    async fn send(&self, alerts: &[String]) -> Result<(), String>;
}

#[async_trait]
impl States for StateTable {
    async fn load(&self, bucket: &str) -> Result<Loaded, StateError> {
        StateTable::load(self, bucket).await
    }

    async fn commit(
        &self,
        bucket: &str,
        seen: u64,
        state: &BucketState,
    ) -> Result<Committed, StateError> {
        StateTable::commit(self, bucket, seen, state).await
    }

    async fn mark_delivered(&self, bucket: &str, version: u64) -> Result<(), StateError> {
        StateTable::mark_delivered(self, bucket, version).await
    }
}

#[async_trait]
impl Rows for TimestreamSink {
    async fn write(&self, rows: &[Row]) -> Written {
        self.write_rows(rows).await
    }
}

#[async_trait]
impl Questions for TimestreamQuery {
    async fn ask(&self, statement: &str) -> Result<QueryResult, QueryError> {
        self.rows(statement).await
    }
}

/// Asks the store, and waits no longer than a batch may.
pub(crate) struct Impatient(pub(crate) TimestreamQuery);

/// How long a batch waits for an answer: writing comes after it, and a function has a time limit.
const PATIENCE: Duration = Duration::from_secs(5);

#[async_trait]
impl Questions for Impatient {
    async fn ask(&self, statement: &str) -> Result<QueryResult, QueryError> {
        let answer = tokio::time::timeout(PATIENCE, self.0.rows(statement)).await;
        answer.unwrap_or_else(|_| {
            Err(QueryError::Service {
                reason: format!("no answer within {PATIENCE:?}"),
            })
        })
    }
}

#[async_trait]
impl DeadLetters for RejectedQueue {
    async fn keep(&self, letters: &[Rejected]) -> Result<(), String> {
        self.send(letters).await
    }
}

/// The alert queue: envelopes as they are read from the outbox.
#[derive(Debug)]
pub(crate) struct AlertQueue(pub(crate) tidewatch_aws::queue::Queue);

#[async_trait]
impl Alerts for AlertQueue {
    async fn send(&self, alerts: &[String]) -> Result<(), String> {
        use tidewatch_aws::queue::Outgoing;
        let messages: Vec<Outgoing> = alerts.iter().cloned().map(Outgoing::now).collect();
        match self.0.send(&messages).await.failed.into_iter().next() {
            Some((_, reason)) => Err(reason),
            None => Ok(()),
        }
    }
}
