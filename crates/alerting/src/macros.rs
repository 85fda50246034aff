//! The macros of the Timestream plugin (`pkg/timestream/macros.go`): plain replacement of text, the
//! longest name first, so that `$__interval_ms` is not `$__interval` and `_ms`.

use std::time::Duration;

use tidewatch_domain::Timestamp;

use crate::evaluate::Defaults;
use crate::rule::Query;

/// All macros without `$__`, the longest first.
const NAMES: [&str; 10] = [
    "interval_raw_ms",
    "interval_ms",
    "timeFilter",
    "timeFrom",
    "database",
    "interval",
    "measure",
    "timeTo",
    "now_ms",
    "table",
];

/// Replaces the macros of a query that is evaluated `at`, while the clock says `now`.
pub fn replace(query: &Query, defaults: &Defaults, at: Timestamp, now: Timestamp) -> String {
    let mut sql = query.raw_query.clone();
    for name in NAMES {
        let macro_text = format!("$__{name}");
        if sql.contains(&macro_text) {
            sql = sql.replace(&macro_text, &value(name, query, defaults, at, now));
        }
    }
    sql
}

fn value(name: &str, query: &Query, defaults: &Defaults, at: Timestamp, now: Timestamp) -> String {
    let before = |distance: Duration| milliseconds(at.minus(distance));
    let own = |own: &Option<String>, default: &str| match own {
        Some(own) => own.clone(),
        None => default.to_owned(),
    };
    match name {
        "timeFilter" => format!(
            "time BETWEEN from_milliseconds({}) AND from_milliseconds({})",
            before(query.from),
            before(query.to)
        ),
        "timeFrom" => before(query.from).to_string(),
        "timeTo" => before(query.to).to_string(),
        "interval" | "interval_ms" => format!("{}ms", query.interval_ms),
        "interval_raw_ms" => query.interval_ms.to_string(),
        "now_ms" => milliseconds(now).to_string(),
        "database" => own(&query.database, &defaults.database),
        "table" => own(&query.table, &defaults.table),
        _ => own(&query.measure, &defaults.measure),
    }
}

/// Whole milliseconds, cut towards 1970 as the plugin's integer division does.
fn milliseconds(at: Timestamp) -> i64 {
    at.as_nanos() / 1_000_000
}

/// The first macro of `sql` that the plugin does not know, such as `$__timeGroup`.
pub fn unknown(sql: &str) -> Option<&str> {
    let mut rest = sql;
    while let Some(found) = rest.find("$__") {
        let after = &rest[found + 3..];
        if !NAMES.iter().any(|name| after.starts_with(name)) {
            let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            return Some(&rest[found..found + 3 + end.unwrap_or(after.len())]);
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sql: &str) -> Query {
        Query {
            datasource_uid: "timestream".to_owned(),
            from: Duration::from_secs(600),
            to: Duration::from_secs(60),
            raw_query: sql.to_owned(),
            database: Some("\"shop\"".to_owned()),
            table: None,
            measure: None,
            format: crate::rule::Format::Table,
            interval_ms: 30_000,
        }
    }

    fn replaced(sql: &str) -> String {
        let defaults = Defaults {
            database: "\"monitoring\"".to_owned(),
            table: "\"checks\"".to_owned(),
            measure: "latency".to_owned(),
        };
        let at = Timestamp::from_millis(1_700_000_000_000);
        let now = Timestamp::from_nanos(1_700_000_003_456_999_999);
        replace(&query(sql), &defaults, at, now)
    }

    #[test]
    fn become_what_the_plugin_makes_of_them() {
        for (sql, wanted) in [
            (
                "WHERE $__timeFilter",
                "WHERE time BETWEEN from_milliseconds(1699999400000) AND from_milliseconds(1699999940000)",
            ),
            ("$__timeFrom..$__timeTo", "1699999400000..1699999940000"),
            ("bin(time, $__interval)", "bin(time, 30000ms)"),
            ("bin(time, $__interval_ms)", "bin(time, 30000ms)"),
            ("$__interval_raw_ms / 2", "30000 / 2"),
            ("$__now_ms", "1700000003456"),
            ("FROM $__database.$__table", "FROM \"shop\".\"checks\""),
            // Replacement is textual, so that names can go on.
            ("AS $__measure_per_s", "AS latency_per_s"),
            (
                "$__timeFilters",
                "time BETWEEN from_milliseconds(1699999400000) AND from_milliseconds(1699999940000)s",
            ),
            ("no macro, $A and $$", "no macro, $A and $$"),
        ] {
            assert_eq!(replaced(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn knows_which_macros_there_are() {
        assert_eq!(
            unknown("$__timeFilter AND $__interval_ms > $__measures"),
            None
        );
        assert_eq!(unknown("a $__timeGroup(time, 5m)"), Some("$__timeGroup"));
        assert_eq!(unknown("$__table $__"), Some("$__"));
        assert_eq!(unknown("$_table"), None);
    }

    #[test]
    fn longest_names_come_first() {
        assert!(NAMES.is_sorted_by(|one, other| one.len() >= other.len()));
    }
}
