//! The model of a query of the Timestream plugin (`pkg/models/query.go`). Grafana replaces no
//! variables in it.

use super::context::Context;
use super::step::Range;
use crate::document::{Map, Node};
use crate::macros;
use crate::rule::{Format, Query};

/// What Grafana's alerting sends where a model has nothing or 0
/// (`pkg/services/ngalert/models/alert_query.go`).
const DEFAULT_INTERVAL_MS: u64 = 1_000;

pub(super) fn read(
    datasource_uid: String,
    map: &mut Map<'_>,
    range: Range,
    context: &mut Context<'_>,
) -> Option<Query> {
    let raw_query = statement(map, context);
    let mut named = |name, context: &mut Context<'_>| {
        let text: Option<String> = map.get(name)?.text(&mut context.faults);
        // A dashboard's variable is for browsers: the plugin takes its default instead.
        text.filter(|text| !text.is_empty() && !text.starts_with("${"))
    };
    let database = named("database", context);
    let table = named("table", context);
    let measure = named("measure", context);
    let format = map.get("format").map(|node| format(&node, context));
    let interval_ms = map
        .get("intervalMs")
        .and_then(|node| number(&node, context))
        .filter(|number| *number != 0);
    if let Some(node) = map.get("maxDataPoints") {
        // Only matters where a browser or the plugin computes an interval.
        let _points = number(&node, context);
    }
    for name in ["waitForResult", "hide"] {
        if let Some(node) = map.get(name) {
            let _truth = node.boolean(&mut context.faults);
        }
    }
    // For browsers.
    for name in ["datasource", "queryType", "key"] {
        let _known = map.get(name);
    }
    Some(Query {
        datasource_uid,
        from: range.from,
        to: range.to,
        raw_query: raw_query?,
        database,
        table,
        measure,
        format: format.unwrap_or_default(),
        interval_ms: interval_ms.unwrap_or(DEFAULT_INTERVAL_MS),
    })
}

fn statement(map: &mut Map<'_>, context: &mut Context<'_>) -> Option<String> {
    let node = map.required("rawQuery", &mut context.faults)?;
    let sql = node.word(&mut context.faults)?;
    if let Some(name) = macros::unknown(&sql) {
        let reason = format!(
            "the plugin has no macro `{name}`; it has $__timeFilter, $__timeFrom, $__timeTo, $__interval, $__interval_ms, $__interval_raw_ms, $__now_ms, $__database, $__table and $__measure"
        );
        context.fault(&node, reason);
    }
    Some(sql)
}

fn format(node: &Node<'_>, context: &mut Context<'_>) -> Format {
    match number(node, context) {
        Some(0) | None => Format::Table,
        Some(1) => Format::TimeSeries,
        Some(other) => {
            let reason = format!("`{other}` is no format; use 0 for tables or 1 for time series");
            context.fault(node, reason);
            Format::Table
        }
    }
}

/// A whole number as JSON has it, not as a text.
fn number(node: &Node<'_>, context: &mut Context<'_>) -> Option<u64> {
    let number = node.number(&mut context.faults)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    if number.fract() == 0.0 && (0.0..1e15).contains(&number) {
        return Some(number as u64);
    }
    let text = crate::number::format(number);
    context.fault(node, format!("`{text}` is no whole number from 0 on"));
    None
}
