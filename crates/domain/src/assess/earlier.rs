//! What rows of earlier runs say of monitors, for whoever has lost what it remembered: the
//! questions to the store, in Timestream's SQL, and what the answers mean.

use std::time::Duration;

use crate::judge::Verdict;
use crate::name::{Location, MonitorId, MonitorKey, Tenant};
use crate::record::Value;
use crate::rows;
use crate::schema::{dimension, measure, measure_name};
use crate::time::Timestamp;

/// How far back earlier rows are looked for.
pub const LOOK_BACK: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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

/// The column with the time of the newest row.
const LAST: &str = "last";

/// Asks for the newest `state` row over all locations of each monitor, at most `look_back` old; of
/// monitors called one of `names`, where there are names. [`last_verdict`] reads the answer.
pub fn verdicts_statement(
    database: &str,
    table: &str,
    look_back: Duration,
    names: &[&MonitorId],
) -> String {
    let measures: Vec<String> = MEASURES
        .iter()
        .map(|name| format!("max_by({name}, time) AS {name}"))
        .collect();
    let condition = format!(
        "{location} = '{all}'",
        location = dimension::LOCATION,
        all = Location::all()
    );
    let measures = format!(", {}", measures.join(", "));
    newest(
        (database, table),
        measure_name::STATE,
        (&measures, &condition),
        look_back,
        names,
    )
}

/// Asks when monitors called one of `names` were deleted last, at most `look_back` ago.
/// [`deletion`] reads the answer.
pub fn deletions_statement(
    database: &str,
    table: &str,
    look_back: Duration,
    names: &[&MonitorId],
) -> String {
    let condition = format!("{} = true", measure::DELETED);
    newest(
        (database, table),
        measure_name::MONITOR,
        ("", &condition),
        look_back,
        names,
    )
}

fn newest(
    (database, table): (&str, &str),
    kind: &str,
    (columns, condition): (&str, &str),
    look_back: Duration,
    names: &[&MonitorId],
) -> String {
    let (tenant, monitor_id) = (dimension::TENANT, dimension::MONITOR_ID);
    let seconds = look_back.as_secs();
    // Names have only characters that need no escape.
    let named: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let named = match named.as_slice() {
        [] => String::new(),
        named => format!(" AND {monitor_id} IN ({})", named.join(", ")),
    };
    format!(
        "SELECT {tenant}, {monitor_id}, max(time) AS {LAST}{columns} FROM \"{database}\".\"{table}\" \
         WHERE measure_name = '{kind}' AND time > ago({seconds}s) AND {condition}{named} \
         GROUP BY {tenant}, {monitor_id}"
    )
}

/// A row of the answer to [`verdicts_statement`]; `None` for one of a monitor or state that has no
/// name today.
pub fn last_verdict(cell: &dyn Fn(&str) -> Option<Value>) -> Option<(MonitorKey, Verdict)> {
    let verdict = rows::verdict_of_row(time(cell)?, cell)?;
    Some((key(cell)?, verdict))
}

/// A row of the answer to [`deletions_statement`]: which monitor was deleted, and when.
pub fn deletion(cell: &dyn Fn(&str) -> Option<Value>) -> Option<(MonitorKey, Timestamp)> {
    Some((key(cell)?, time(cell)?))
}

/// What is left of the last verdict on a monitor that was deleted and is back: nothing is known of
/// it, but the numbers of its outages go on.
pub fn back_again(last: &Verdict) -> Verdict {
    Verdict {
        epoch: last.epoch,
        decided_at: last.decided_at,
        ..Verdict::unknown()
    }
}

fn key(cell: &dyn Fn(&str) -> Option<Value>) -> Option<MonitorKey> {
    let text = |name: &str| match cell(name) {
        Some(Value::Varchar(text)) => Some(text),
        _ => None,
    };
    Some(MonitorKey {
        tenant: Tenant::try_new(text(dimension::TENANT)?).ok()?,
        monitor_id: MonitorId::try_new(text(dimension::MONITOR_ID)?).ok()?,
    })
}

fn time(cell: &dyn Fn(&str) -> Option<Value>) -> Option<Timestamp> {
    match cell(LAST) {
        Some(Value::Timestamp(time)) => Some(time),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> MonitorId {
        MonitorId::try_new(text).unwrap()
    }

    fn row(state: &str) -> Vec<(&'static str, Value)> {
        let text = |text: &str| Value::Varchar(text.to_owned());
        vec![
            ("tenant", text("demo")),
            ("monitor_id", text("shop")),
            (
                "last",
                Value::Timestamp(Timestamp::from_secs(1_795_330_800)),
            ),
            ("state", text(state)),
            ("overlays", text("flapping,suppressed")),
            (
                "since",
                Value::Timestamp(Timestamp::from_secs(1_795_330_680)),
            ),
            ("epoch", Value::Bigint(3)),
            ("error_class", text("connect_refused")),
            ("error_owner", text("target")),
            ("error_text", text("refused")),
            ("failing_locations", text("eu,us")),
            ("flap_score", Value::Double(0.75)),
            ("flap_history", Value::Bigint(1023)),
            ("suppressed_by", text("gateway")),
        ]
    }

    fn read(row: &[(&'static str, Value)]) -> Option<(MonitorKey, Verdict)> {
        let found = |name: &str| row.iter().find(|(column, _)| *column == name);
        last_verdict(&|name| found(name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn statements_are_bounded_and_name_their_rows() {
        let (shop, home) = (name("shop"), name("home"));
        assert_eq!(
            deletions_statement("D", "T", Duration::from_secs(60), &[&shop, &home]),
            "SELECT tenant, monitor_id, max(time) AS last FROM \"D\".\"T\" \
             WHERE measure_name = 'monitor' AND time > ago(60s) AND deleted = true \
             AND monitor_id IN ('shop', 'home') GROUP BY tenant, monitor_id"
        );
        let all = verdicts_statement("D", "T", LOOK_BACK, &[]);
        assert!(all.starts_with(
            "SELECT tenant, monitor_id, max(time) AS last, max_by(state, time) AS state, "
        ));
        assert!(all.ends_with(
            " FROM \"D\".\"T\" WHERE measure_name = 'state' AND time > ago(2592000s) \
             AND location = '_all' GROUP BY tenant, monitor_id"
        ));
    }

    #[test]
    fn a_row_becomes_the_verdict_that_it_was_written_of() {
        let (key, verdict) = read(&row("down")).unwrap();
        assert_eq!(key.to_string(), "demo/shop");
        assert_eq!(verdict.state.name(), "down");
        assert_eq!(verdict.epoch, 3);
        assert_eq!(verdict.since.to_string(), "2026-11-22T06:58:00.000Z");
        assert_eq!(verdict.decided_at.to_string(), "2026-11-22T07:00:00.000Z");
        assert!(verdict.flapping && !verdict.degraded);
        assert_eq!(verdict.failing.len(), 2);
        assert_eq!(verdict.flap_history, 1023);
        assert_eq!(verdict.suppressed_by.unwrap().as_str(), "gateway");
    }

    #[test]
    fn a_row_with_an_unknown_state_is_left_out() {
        assert_eq!(read(&row("dreaming")), None);
    }

    #[test]
    fn of_a_monitor_that_is_back_only_the_number_is_left() {
        let (_, verdict) = read(&row("down")).unwrap();
        let back = back_again(&verdict);
        assert_eq!((back.state.name(), back.epoch), ("unknown", 3));
        assert_eq!(back.cause, None);
    }
}
