//! What a test is played on.

use async_trait::async_trait;
use tidewatch_domain::Timestamp;

use super::file::Schema;
use super::row::{Row, TableName};
use crate::source::Source;

/// A database for tests, with a clock that is set by hand.
#[async_trait]
pub trait Stage: Source {
    /// Begins anew at `now`: no tables but `table`, which is empty.
    ///
    /// Errors: why the database could not be made ready.
    async fn begin(&self, table: &TableName, schema: Schema, now: Timestamp) -> Result<(), String>;

    /// Lets it be `now`.
    fn set_clock(&self, now: Timestamp);

    /// Writes rows, into tables that are made where they do not exist. Of rows with the same
    /// identity the one with the higher version stays.
    ///
    /// Errors: which row was refused, and why.
    async fn write(&self, rows: Vec<Row>) -> Result<(), String>;
}
