//! The state of monitors from the last rows of an earlier run.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tidewatch_domain::judge::Verdict;
use tidewatch_domain::schema::{dimension, measure, measure_name};
use tidewatch_domain::{Location, MonitorId, MonitorKey, Tenant, Timestamp, Value, rows};
use tidewatch_wire as wire;

use super::reader::{Cells, Reader};

/// While the program runs, every state is written again every five minutes, and once more at
/// every start: this long before the last sign of life each monitor has a row.
const BEFORE_LAST_SIGN: Duration = Duration::from_secs(6 * 60);
/// How far back is looked for that sign, and for monitors that were not among those running then.
const LOOK_BACK: &str = "30d";
/// Monitors that are asked for by name at once.
const BY_NAME: usize = 500;
/// How long the start may wait for those that are asked for by name.
const PATIENCE: Duration = Duration::from_secs(5);
/// The measures that a verdict is made of.
const MEASURES: [&str; 11] = [
    measure::STATE,
    measure::OVERLAYS,
    measure::SINCE,
    measure::EPOCH,
    measure::ERROR_CLASS,
    measure::ERROR_OWNER,
    measure::ERROR_TEXT,
    measure::FAILING_LOCATIONS,
    measure::FLAP_SCORE,
    measure::FLAP_HISTORY,
    measure::SUPPRESSED_BY,
];

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
        let recent = self.states(&format!("{}s", back.as_secs()), "").await?;
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
            // Names have only characters that need no escape.
            let names: Vec<String> = chunk
                .iter()
                .map(|key| format!("'{}'", key.monitor_id))
                .collect();
            let filter = format!(" AND {} IN ({})", dimension::MONITOR_ID, names.join(", "));
            match self.states(LOOK_BACK, &filter).await {
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
             AND time > ago({LOOK_BACK}) AND time < from_milliseconds({})",
            self.database,
            self.table,
            measure_name::SCHEMA,
            measure_name::OPS,
            self.now.as_millis(),
        );
        let rows = self.reader.rows(&statement).await?;
        Ok(rows.first().and_then(|row| row.time("last")))
    }

    async fn states(
        &self,
        look_back: &str,
        filter: &str,
    ) -> Result<Vec<(MonitorKey, Verdict)>, wire::ApiError> {
        let measures: Vec<String> = MEASURES
            .iter()
            .map(|name| format!("max_by({name}, time) AS {name}"))
            .collect();
        let statement = format!(
            "SELECT {tenant}, {monitor_id}, max(time) AS last, {measures} \
             FROM \"{database}\".\"{table}\" \
             WHERE measure_name = '{state}' AND time > ago({look_back}) AND {location} = '{all}'\
             {filter} GROUP BY {tenant}, {monitor_id}",
            tenant = dimension::TENANT,
            monitor_id = dimension::MONITOR_ID,
            measures = measures.join(", "),
            database = self.database,
            table = self.table,
            state = measure_name::STATE,
            location = dimension::LOCATION,
            all = Location::all(),
        );
        let rows = self.reader.rows(&statement).await?;
        Ok(rows.iter().filter_map(verdict).collect())
    }
}

/// One row as a verdict; `None` for a row of a monitor or state that has no name today.
fn verdict(row: &Cells) -> Option<(MonitorKey, Verdict)> {
    let text = |name: &str| match row.get(name) {
        Some(Value::Varchar(text)) => Some(text),
        _ => None,
    };
    let key = MonitorKey {
        tenant: Tenant::try_new(text(dimension::TENANT)?).ok()?,
        monitor_id: MonitorId::try_new(text(dimension::MONITOR_ID)?).ok()?,
    };
    let verdict = rows::verdict_of_row(row.time("last")?, |name| row.get(name))?;
    Some((key, verdict))
}

#[cfg(test)]
mod tests {
    use tidewatch_wire::ScalarType as Scalar;

    use super::*;
    use crate::local::reader::tests::cells;

    #[test]
    fn a_row_becomes_the_verdict_that_it_was_written_of() {
        let row = cells(&[
            ("tenant", Scalar::Varchar, Some("demo")),
            ("monitor_id", Scalar::Varchar, Some("shop")),
            (
                "last",
                Scalar::Timestamp,
                Some("2026-11-22 07:00:00.000000001"),
            ),
            ("state", Scalar::Varchar, Some("down")),
            ("overlays", Scalar::Varchar, Some("flapping,suppressed")),
            (
                "since",
                Scalar::Timestamp,
                Some("2026-11-22 06:58:00.500000000"),
            ),
            ("epoch", Scalar::Bigint, Some("3")),
            ("error_class", Scalar::Varchar, Some("connect_refused")),
            ("error_owner", Scalar::Varchar, Some("target")),
            ("error_text", Scalar::Varchar, Some("refused")),
            ("failing_locations", Scalar::Varchar, Some("eu,us")),
            ("flap_score", Scalar::Double, Some("0.75")),
            ("flap_history", Scalar::Bigint, Some("1023")),
            ("suppressed_by", Scalar::Varchar, Some("gateway")),
        ]);
        let (key, verdict) = verdict(&row).unwrap();
        assert_eq!(key.to_string(), "demo/shop");
        assert_eq!(verdict.state.name(), "down");
        assert_eq!(verdict.epoch, 3);
        assert_eq!(verdict.since.to_string(), "2026-11-22T06:58:00.500Z");
        assert_eq!(verdict.decided_at.as_nanos() % 1_000_000_000, 1);
        assert!(verdict.flapping && !verdict.degraded);
        assert_eq!(verdict.failing.len(), 2);
        assert_eq!(verdict.flap_history, 1023);
        assert_eq!(verdict.suppressed_by.unwrap().as_str(), "gateway");
    }

    #[test]
    fn a_row_with_an_unknown_state_is_left_out() {
        let row = cells(&[
            ("tenant", Scalar::Varchar, Some("demo")),
            ("monitor_id", Scalar::Varchar, Some("shop")),
            (
                "last",
                Scalar::Timestamp,
                Some("2026-11-22 07:00:00.000000000"),
            ),
            ("state", Scalar::Varchar, Some("dreaming")),
        ]);
        assert!(verdict(&row).is_none());
    }
}
