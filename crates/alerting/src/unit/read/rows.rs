//! Rows of tables: series in the compact notation.

use std::time::Duration;

use tidewatch_definitions::Value;

use super::super::notation::{self, Kind};
use super::super::row::{Measures, Row, TableName};
use super::{Place, csv};
use crate::document::{Faults, Map, Node};

/// The distance of values unless a test says otherwise, as in promtool.
pub(super) const USUAL_INTERVAL: Duration = Duration::from_secs(60);

/// The distance of values.
pub(super) fn interval(node: &Node<'_>, faults: &mut Faults) -> Option<Duration> {
    let interval = node.duration(faults)?;
    if interval.is_zero() {
        faults.at(node, "is zero; write for instance 1m");
        return None;
    }
    Some(interval)
}

/// The rows of one element of `rows`.
pub(super) fn rows(
    place: &Place<'_>,
    node: &Node<'_>,
    usual: Duration,
    faults: &mut Faults,
) -> Vec<Row> {
    let Some(mut map) = node.map(faults) else {
        return Vec::new();
    };
    let mut name = |name: &'static str, default: &str| {
        let found = map.get(name).and_then(|node| node.word(faults));
        found.unwrap_or_else(|| default.to_owned())
    };
    let table = TableName {
        database: name("database", &place.table.database),
        table: name("table", &place.table.table),
    };
    let given = map.get("interval");
    let given = given.and_then(|node| interval(&node, faults));
    let from = map.get("from").and_then(|node| node.duration(faults));
    let time = Time {
        from: from.unwrap_or_default(),
        interval: given.unwrap_or(usual),
    };
    let rows = if let Some(node) = map.get("series") {
        single(place, &table, time, &node, &mut map, faults)
    } else if let Some(node) = map.get("measure_name") {
        multi(place, &table, time, &node, &mut map, faults)
    } else if let Some(node) = map.get("csv") {
        let text = node.text(faults).unwrap_or_default();
        csv::rows(place, &table, &text, &node, faults)
    } else if let Some(node) = map.get("csv_file") {
        csv::file(place, &table, &node, faults)
    } else {
        faults.at(
            node,
            "has no rows; write `series`, `measure_name`, `csv` or `csv_file`",
        );
        return Vec::new();
    };
    map.finish(faults);
    rows
}

/// When the values of a series are.
#[derive(Clone, Copy)]
struct Time {
    from: Duration,
    interval: Duration,
}

impl Time {
    fn of(self, place: &Place<'_>, index: usize) -> tidewatch_domain::Timestamp {
        let steps = u32::try_from(index).unwrap_or(u32::MAX);
        let after = self.interval.saturating_mul(steps);
        place.start.plus(self.from).plus(after)
    }
}

/// `series: 'cpu{host="a"}'`: single-measure records.
fn single(
    place: &Place<'_>,
    table: &TableName,
    time: Time,
    node: &Node<'_>,
    map: &mut Map<'_>,
    faults: &mut Faults,
) -> Vec<Row> {
    let kind = map.get("type").and_then(|node| node.parsed(faults));
    let values = map.required("values", faults);
    let read = || {
        let text = node.text(faults)?;
        let parsed = series(&text).map_err(|reason| faults.at(node, reason)).ok();
        let values = values?;
        let text = notated(&values, faults)?;
        let values = notation::read(&text, kind.unwrap_or(Kind::Double))
            .map_err(|reason| faults.at(&values, reason))
            .ok()?;
        Some((parsed?, values))
    };
    let Some(((measure_name, dimensions), values)) = { read }() else {
        return Vec::new();
    };
    let rows = values.into_iter().enumerate().filter_map(|(index, value)| {
        let at = time.of(place, index);
        Some(Row {
            table: table.clone(),
            time: at,
            known_at: at,
            dimensions: dimensions.clone(),
            measure_name: measure_name.clone(),
            version: 1,
            measures: Measures::Single(value?),
        })
    });
    rows.collect()
}

/// `measure_name`, `dimensions` and `measures`: multi-measure records.
fn multi(
    place: &Place<'_>,
    table: &TableName,
    time: Time,
    node: &Node<'_>,
    map: &mut Map<'_>,
    faults: &mut Faults,
) -> Vec<Row> {
    let measure_name = node.word(faults).unwrap_or_default();
    let dimensions = map.texts("dimensions", faults);
    let measures = map.required("measures", faults);
    let measures = measures.and_then(|node| node.pairs(faults));
    let mut columns = Vec::new();
    for (name, node) in measures.unwrap_or_default() {
        let (name, kind) = match split_type(name) {
            Ok((name, kind)) => (name, kind.unwrap_or(Kind::Double)),
            Err(reason) => {
                faults.at(&node, reason);
                continue;
            }
        };
        let Some(text) = notated(&node, faults) else {
            continue;
        };
        match notation::read(&text, kind) {
            Ok(values) => columns.push((name.to_owned(), values)),
            Err(reason) => faults.at(&node, reason),
        }
    }
    let length = columns.iter().map(|(_, values)| values.len()).max();
    let rows = (0..length.unwrap_or_default()).filter_map(|index| {
        let value = |(name, values): &(String, Vec<_>)| {
            let value = values.get(index).cloned().flatten();
            value.map(|value| (name.clone(), value))
        };
        let measures: Vec<_> = columns.iter().filter_map(value).collect();
        let at = time.of(place, index);
        (!measures.is_empty()).then(|| Row {
            table: table.clone(),
            time: at,
            known_at: at,
            dimensions: dimensions.clone(),
            measure_name: measure_name.clone(),
            version: 1,
            measures: Measures::Multi(measures),
        })
    });
    rows.collect()
}

/// Values in the compact notation. YAML would read `0x40` as 64, so that numbers need quotes.
fn notated(node: &Node<'_>, faults: &mut Faults) -> Option<String> {
    if let Value::Text(text) = &node.tree.value {
        return Some(text.clone());
    }
    faults.at(
        node,
        "is no text; write it in quotes, because YAML reads 0x40 as 64",
    );
    None
}

/// `rows::bigint`: the name of a measure and its type.
pub(super) fn split_type(column: &str) -> Result<(&str, Option<Kind>), String> {
    match column.split_once("::") {
        Some((name, kind)) => Ok((name, Some(kind.parse()?))),
        None => Ok((column, None)),
    }
}

/// `cpu{host="a", region="eu"}`: the measure name and the dimensions.
fn series(text: &str) -> Result<(String, Vec<(String, String)>), String> {
    let wrong =
        || format!("`{text}` is no series; write for instance cpu{{host=\"a\", region=\"eu\"}}");
    let text = text.trim();
    let Some((name, rest)) = text.split_once('{') else {
        return Ok((text.to_owned(), Vec::new()));
    };
    let mut rest = rest.strip_suffix('}').ok_or_else(wrong)?.trim();
    let mut dimensions = Vec::new();
    while !rest.is_empty() {
        let (dimension, after) = rest.split_once("=\"").ok_or_else(wrong)?;
        let (value, after) = after.split_once('"').ok_or_else(wrong)?;
        dimensions.push((dimension.trim().to_owned(), value.to_owned()));
        let after = after.trim();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim(),
            None if after.is_empty() => after,
            None => return Err(wrong()),
        };
    }
    if name.trim().is_empty() {
        return Err(wrong());
    }
    Ok((name.trim().to_owned(), dimensions))
}
