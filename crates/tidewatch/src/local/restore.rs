//! The state of monitors from the last rows of an earlier run.

use std::collections::{HashMap, HashSet};

use tidewatch_bridge::Bridge;
use tidewatch_domain::judge::Verdict;
use tidewatch_domain::schema::{MeasureType, dimension, measure, measure_name};
use tidewatch_domain::{Location, MonitorId, MonitorKey, Tenant, Timestamp, Value, rows};
use tidewatch_wire as wire;

/// How far back is looked, nearest first: while the program runs, every state is written again
/// every five minutes, so that the first look is nearly always enough.
const LOOK_BACK: [&str; 3] = ["1h", "1d", "30d"];
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

/// The last verdict on each of `wanted`, where there is one.
///
/// A store that cannot be asked is no reason not to start: monitors then begin as unknown.
pub(crate) async fn last_verdicts(
    bridge: &Bridge,
    database: &str,
    table: &str,
    wanted: &HashSet<MonitorKey>,
) -> HashMap<MonitorKey, Verdict> {
    let mut found = HashMap::new();
    for look_back in LOOK_BACK {
        match read(bridge, &statement(database, table, look_back)).await {
            Ok(verdicts) => {
                for (key, verdict) in verdicts {
                    found.entry(key).or_insert(verdict);
                }
            }
            Err(error) => {
                tracing::warn!(
                    "earlier states cannot be read, monitors begin as unknown: {}",
                    error.message
                );
                return found;
            }
        }
        if wanted.iter().all(|key| found.contains_key(key)) {
            break;
        }
    }
    found
}

fn statement(database: &str, table: &str, look_back: &str) -> String {
    let measures: Vec<String> = MEASURES
        .iter()
        .map(|name| format!("max_by({name}, time) AS {name}"))
        .collect();
    format!(
        "SELECT {tenant}, {monitor_id}, max(time) AS last, {measures} \
         FROM \"{database}\".\"{table}\" \
         WHERE measure_name = '{state}' AND time > ago({look_back}) AND {location} = '{all}' \
         GROUP BY {tenant}, {monitor_id}",
        tenant = dimension::TENANT,
        monitor_id = dimension::MONITOR_ID,
        measures = measures.join(", "),
        state = measure_name::STATE,
        location = dimension::LOCATION,
        all = Location::all(),
    )
}

async fn read(
    bridge: &Bridge,
    statement: &str,
) -> Result<Vec<(MonitorKey, Verdict)>, wire::ApiError> {
    let mut verdicts = Vec::new();
    let mut next_token = None;
    loop {
        let page = bridge
            .query(wire::QueryRequest {
                query_string: Some(statement.to_owned()),
                next_token: next_token.take(),
                ..Default::default()
            })
            .await?;
        verdicts.extend(page.rows.iter().filter_map(verdict));
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(verdicts);
        }
    }
}

/// One row as a verdict; `None` for a row of a monitor or state that has no name today.
fn verdict(row: &wire::Row) -> Option<(MonitorKey, Verdict)> {
    let text = |index: usize| match row.data.get(index) {
        Some(wire::Datum::ScalarValue(text)) => Some(text.as_str()),
        _ => None,
    };
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
