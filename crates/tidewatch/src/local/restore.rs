//! The state of monitors from the last rows of an earlier run.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tidewatch_bridge::Bridge;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::schema::{MeasureType, dimension, measure, measure_name};
use tidewatch_domain::{Location, MonitorId, MonitorKey, Tenant, Timestamp, Value, rows};
use tidewatch_wire as wire;

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
    pub(crate) bridge: &'a Bridge,
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
            "SELECT max(time) FROM \"{}\".\"{}\" WHERE measure_name IN ('{}', '{}') \
             AND time > ago({LOOK_BACK}) AND time < from_milliseconds({})",
            self.database,
            self.table,
            measure_name::SCHEMA,
            measure_name::OPS,
            self.now.as_millis(),
        );
        let rows = self.read(&statement).await?;
        Ok(rows.first().and_then(|row| timestamp(text(row, 0)?)))
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
        let rows = self.read(&statement).await?;
        Ok(rows.iter().filter_map(verdict).collect())
    }

    /// All pages of a result.
    async fn read(&self, statement: &str) -> Result<Vec<wire::Row>, wire::ApiError> {
        let mut rows = Vec::new();
        let mut next_token = None;
        loop {
            let request = wire::QueryRequest {
                query_string: Some(statement.to_owned()),
                next_token: next_token.take(),
                ..Default::default()
            };
            let page = self.bridge.query(request).await?;
            rows.extend(page.rows);
            next_token = page.next_token;
            if next_token.is_none() {
                return Ok(rows);
            }
        }
    }
}

/// The text of a cell; `None` where it is null.
fn text(row: &wire::Row, index: usize) -> Option<&str> {
    match row.data.get(index) {
        Some(wire::Datum::ScalarValue(text)) => Some(text.as_str()),
        _ => None,
    }
}

/// One row as a verdict; `None` for a row of a monitor or state that has no name today.
fn verdict(row: &wire::Row) -> Option<(MonitorKey, Verdict)> {
    let text = |index: usize| text(row, index);
    let key = MonitorKey {
        tenant: Tenant::try_new(text(0)?).ok()?,
        monitor_id: MonitorId::try_new(text(1)?).ok()?,
    };
    let measures: HashMap<&str, Value> = MEASURES
        .into_iter()
        .zip(3..)
        .filter_map(|(name, index)| Some((name, value(name, text(index)?)?)))
        .collect();
    let verdict = rows::verdict_of_row(timestamp(text(2)?)?, |name| measures.get(name).cloned())?;
    Some((key, verdict))
}

/// A cell's text as a value of the measure's type.
fn value(name: &str, text: &str) -> Option<Value> {
    Some(match measure::find(name)?.measure_type {
        MeasureType::Double => Value::Double(text.parse().ok()?),
        MeasureType::Bigint => Value::Bigint(text.parse().ok()?),
        MeasureType::Varchar => Value::Varchar(text.to_owned()),
        MeasureType::Boolean => Value::Boolean(text.parse().ok()?),
        MeasureType::Timestamp => Value::Timestamp(timestamp(text)?),
    })
}

/// Timestream's text of a timestamp: `2026-11-22 07:00:00.123456789`, UTC.
fn timestamp(text: &str) -> Option<Timestamp> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let nanos = jiff::tz::TimeZone::UTC
        .to_timestamp(civil)
        .ok()?
        .as_nanosecond();
    Some(Timestamp::from_nanos(i64::try_from(nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_the_verdict_that_it_was_written_of() {
        let cells = [
            Some("demo"),
            Some("shop"),
            Some("2026-11-22 07:00:00.000000001"),
            Some("down"),
            Some("flapping,suppressed"),
            Some("2026-11-22 06:58:00.500000000"),
            Some("3"),
            Some("connect_refused"),
            Some("target"),
            Some("refused"),
            Some("eu,us"),
            Some("0.75"),
            Some("1023"),
            Some("gateway"),
        ];
        let data = cells
            .into_iter()
            .map(|cell| match cell {
                Some(text) => wire::Datum::ScalarValue(text.to_owned()),
                None => wire::Datum::NullValue(true),
            })
            .collect();
        let (key, verdict) = verdict(&wire::Row { data }).unwrap();
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
        let data = vec![wire::Datum::ScalarValue("demo".to_owned())];
        assert!(verdict(&wire::Row { data }).is_none());
    }
}
