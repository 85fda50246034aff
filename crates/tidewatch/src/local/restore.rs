//! The state of monitors from the last rows of an earlier run.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tidewatch_domain::assess::earlier::{self, LOOK_BACK};
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::schema::measure_name;
use tidewatch_domain::{MonitorId, MonitorKey, Timestamp};
use tidewatch_wire as wire;

use super::reader::Reader;

/// While the program runs, every state is written again every five minutes, and once more at
/// every start: this long before the last sign of life each monitor has a row.
const BEFORE_LAST_SIGN: Duration = Duration::from_secs(6 * 60);
/// Monitors that are asked for by name at once.
const BY_NAME: usize = 500;
/// How long the start may wait for those that are asked for by name.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads the last rows of an earlier run.
#[derive(Debug)]
pub(crate) struct Restore<'a> {
    /// Where the rows are.
    pub(crate) reader: &'a Reader,
    /// The database of the rows.
    pub(crate) database: &'a str,
    /// The main table of the rows.
    pub(crate) table: &'a str,
    /// The time of this start.
    pub(crate) now: Timestamp,
}

impl Restore<'_> {
    /// The last verdict on each of `wanted`, where there is one.
    ///
    /// A store that cannot be asked, or not in time, is no reason not to start: monitors then
    /// begin as unknown.
    pub(crate) async fn last_verdicts(
        &self,
        wanted: &HashSet<MonitorKey>,
    ) -> HashMap<MonitorKey, Verdict> {
        let mut found = HashMap::new();
        if let Err(error) = self.look(wanted, &mut found).await {
            tracing::warn!(
                "earlier states cannot be read, {} monitors begin as unknown: {}",
                wanted.len() - found.len(),
                error.message
            );
        }
        found
    }

    async fn look(
        &self,
        wanted: &HashSet<MonitorKey>,
        found: &mut HashMap<MonitorKey, Verdict>,
    ) -> Result<(), wire::ApiError> {
        let Some(last_sign) = self.last_sign().await? else {
            return Ok(());
        };
        let back = self.now.since(last_sign) + BEFORE_LAST_SIGN;
        let recent = self.states(back, &[]).await?;
        found.extend(recent.into_iter().filter(|(key, _)| wanted.contains(key)));
        let by_name = self.look_by_name(wanted, found);
        if tokio::time::timeout(PATIENCE, by_name).await.is_err() {
            tracing::warn!(
                "the store is slow: monitors that are new or were gone begin as unknown"
            );
        }
        Ok(())
    }

    /// Those that did not run lately, such as an entry that was taken out and put back.
    async fn look_by_name(
        &self,
        wanted: &HashSet<MonitorKey>,
        found: &mut HashMap<MonitorKey, Verdict>,
    ) {
        let missing: Vec<&MonitorKey> = wanted
            .iter()
            .filter(|key| !found.contains_key(*key))
            .collect();
        for chunk in missing.chunks(BY_NAME) {
            let names: Vec<&MonitorId> = chunk.iter().map(|key| &key.monitor_id).collect();
            match self.states(LOOK_BACK, &names).await {
                Ok(verdicts) => {
                    let wanted = verdicts.into_iter().filter(|(key, _)| wanted.contains(key));
                    found.extend(wanted);
                }
                Err(error) => tracing::warn!("earlier states cannot be read: {}", error.message),
            }
        }
    }

    /// When an earlier run was last known to be alive: every start leaves a `schema` row, and
    /// every minute an `ops` row.
    async fn last_sign(&self) -> Result<Option<Timestamp>, wire::ApiError> {
        let statement = format!(
            "SELECT max(time) AS last FROM \"{}\".\"{}\" WHERE measure_name IN ('{}', '{}') \
             AND time > ago({}s) AND time < from_milliseconds({})",
            self.database,
            self.table,
            measure_name::SCHEMA,
            measure_name::OPS,
            LOOK_BACK.as_secs(),
            self.now.as_millis(),
        );
        let rows = self.reader.rows(&statement).await?;
        Ok(rows.first().and_then(|row| row.time("last")))
    }

    async fn states(
        &self,
        look_back: Duration,
        names: &[&MonitorId],
    ) -> Result<Vec<(MonitorKey, Verdict)>, wire::ApiError> {
        let statement = earlier::verdicts_statement(self.database, self.table, look_back, names);
        let rows = self.reader.rows(&statement).await?;
        Ok(rows
            .iter()
            .filter_map(|row| earlier::last_verdict(&|name| row.get(name)))
            .collect())
    }
}
