//! Rollups: a row for each full hour of each monitor, made when the hour is over, and for the hours
//! that passed while nothing ran.

use std::sync::Arc;
use std::time::Duration;

use tidewatch_domain::Timestamp;
use tidewatch_domain::ports::{Clock, Destination};
use tidewatch_domain::rollup::{self, Counted, Definition, Hour, Written};
use tidewatch_wire as wire;
use tokio_util::sync::CancellationToken;

use super::reader::{Cells, Reader};
use super::writer::RecordQueue;

/// An hour is rolled up so long after its end: by then its last probes have ended, and what was
/// doubted of them is settled for all but long intervals.
const SETTLED_AFTER: Duration = Duration::from_secs(2 * 60);
/// How far back hours are rolled up that nobody has rolled up yet. The panels that read rollups
/// look back 30 days.
const LOOK_BACK: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// The longest time without a look at the clock, and the pause after a question that failed.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What rolling up works with.
#[derive(Debug)]
pub(crate) struct Rollups {
    /// Reads the rows of probes and definitions.
    pub(crate) reader: Reader,
    /// Takes rollups.
    pub(crate) queue: RecordQueue,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The database of the rows.
    pub(crate) database: String,
    /// The main table of the rows.
    pub(crate) table: String,
}

impl Rollups {
    /// Rolls up what is missing, then every hour once it is over, until `stop` is cancelled.
    ///
    /// Whatever is cut off is done again: an hour that is rolled up twice is the same hour.
    pub(crate) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.keep_up() => {}
        }
    }

    async fn keep_up(&self) {
        let mut open = None;
        loop {
            if let Err(error) = self.round(&mut open).await {
                tracing::warn!(
                    "an hour cannot be rolled up, trying again in {LONGEST_SLEEP:?}: {}",
                    error.message
                );
            }
            tokio::time::sleep(LONGEST_SLEEP).await;
        }
    }

    /// Rolls up the hours that are over, from `open` on, and the one before it once more: late rows
    /// and later judgements may have changed it. `open` is then the first hour that is not over;
    /// where it is `None`, the store is asked what is missing.
    async fn round(&self, open: &mut Option<Hour>) -> Result<(), wire::ApiError> {
        let now = self.clock.now();
        let last = Hour::last_complete(now.minus(SETTLED_AFTER));
        let mut hour = match *open {
            Some(hour) => hour,
            None => self.first_missing(now).await?,
        };
        if hour <= last {
            self.roll_up(hour.previous(), now).await?;
        }
        while hour <= last {
            self.roll_up(hour, now).await?;
            hour = hour.next();
            *open = Some(hour);
        }
        *open = Some(hour);
        Ok(())
    }

    /// The hour after the newest rollup, else that of the oldest probe, else this one.
    async fn first_missing(&self, now: Timestamp) -> Result<Hour, wire::ApiError> {
        let since = now.minus(LOOK_BACK);
        let (database, table) = (&self.database, &self.table);
        let newest = rollup::newest_statement(database, table, since, now);
        if let Some(newest) = self.instant(&newest).await? {
            return Ok(Hour::of(newest).next());
        }
        let oldest = rollup::oldest_statement(database, table, since, now);
        Ok(Hour::of(self.instant(&oldest).await?.unwrap_or(now)))
    }

    async fn instant(&self, statement: &str) -> Result<Option<Timestamp>, wire::ApiError> {
        let rows = self.reader.rows(statement).await?;
        Ok(rows.first().and_then(|row| row.time("time")))
    }

    async fn roll_up(&self, hour: Hour, now: Timestamp) -> Result<(), wire::ApiError> {
        let (database, table) = (&self.database, &self.table);
        let counted = self
            .read(&rollup::counts_statement(database, table, hour), |row| {
                Counted::of_row(|name| row.get(name))
            })
            .await?;
        if counted.is_empty() {
            return Ok(());
        }
        let definitions = self
            .read(
                &rollup::definitions_statement(database, table, hour),
                |row| Definition::of_row(|name| row.get(name)),
            )
            .await?;
        let written = self
            .read(&rollup::written_statement(database, table, hour), |row| {
                Written::of_row(|name| row.get(name))
            })
            .await?;
        let rows = rollup::records(hour, &counted, &definitions, &written, now);
        let rows = rows.into_iter().map(|row| (Destination::Main, row));
        self.queue.push(rows).await;
        Ok(())
    }

    async fn read<T>(
        &self,
        statement: &str,
        row: impl Fn(&Cells) -> Option<T>,
    ) -> Result<Vec<T>, wire::ApiError> {
        let rows = self.reader.rows(statement).await?;
        Ok(rows.iter().filter_map(row).collect())
    }
}

#[cfg(test)]
mod tests;
