//! Rows of tables: comma-separated values (RFC 4180).
//!
//! `time` is an instant or a duration from the start, `measure_name` the name of the record;
//! a column with a type (`cpu::double`) is a measure, every other one a dimension. An empty cell is
//! absent.

use tidewatch_definitions::read_duration;
use tidewatch_domain::Timestamp;

use super::super::notation::Kind;
use super::super::row::{Measures, Row, TableName};
use super::Place;
use super::rows::split_type;
use crate::document::{Faults, Node};

/// The rows of the file that `node` names.
pub(super) fn file(
    place: &Place<'_>,
    table: &TableName,
    node: &Node<'_>,
    faults: &mut Faults,
) -> Vec<Row> {
    let Some(name) = node.word(faults) else {
        return Vec::new();
    };
    let folder = place.file.parent().unwrap_or(std::path::Path::new(""));
    let path = folder.join(name);
    match (place.open)(&path) {
        Ok(text) => rows(place, table, &text, node, faults),
        Err(error) => {
            faults.at(node, format!("{} cannot be read: {error}", path.display()));
            Vec::new()
        }
    }
}

/// The rows of `text`; what is wrong is told at `node`, with the line within the text.
pub(super) fn rows(
    place: &Place<'_>,
    table: &TableName,
    text: &str,
    node: &Node<'_>,
    faults: &mut Faults,
) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            faults.at(node, format!("is no CSV: {error}"));
            return Vec::new();
        }
    };
    let columns: Result<Vec<Column>, String> = header.iter().map(Column::of).collect();
    let columns = match columns {
        Ok(columns) if columns.contains(&Column::Time) => columns,
        Ok(_) => {
            faults.at(
                node,
                "has no column `time`; write the names of columns in its first line",
            );
            return Vec::new();
        }
        Err(reason) => {
            faults.at(node, reason);
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for record in reader.records() {
        let row = record
            .map_err(|error| format!("is no CSV: {error}"))
            .and_then(|record| {
                let line = record.position().map_or(0, csv::Position::line);
                row(place, table, &columns, &record)
                    .map_err(|reason| format!("line {line} of the CSV: {reason}"))
            });
        match row {
            Ok(row) => rows.push(row),
            Err(reason) => faults.at(node, reason),
        }
    }
    rows
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Time,
    MeasureName,
    Dimension(String),
    Measure(String, Kind),
}

impl Column {
    fn of(name: &str) -> Result<Self, String> {
        Ok(match (name, split_type(name)?) {
            ("time", _) => Column::Time,
            ("measure_name", _) => Column::MeasureName,
            (_, (name, Some(kind))) => Column::Measure(name.to_owned(), kind),
            (_, (name, None)) => Column::Dimension(name.to_owned()),
        })
    }
}

fn row(
    place: &Place<'_>,
    table: &TableName,
    columns: &[Column],
    record: &csv::StringRecord,
) -> Result<Row, String> {
    let mut time = None;
    let (mut measure_name, mut dimensions, mut measures) = (String::new(), Vec::new(), Vec::new());
    for (column, cell) in columns.iter().zip(record) {
        match column {
            _ if cell.is_empty() => {}
            Column::Time => time = Some(instant(place, cell)?),
            Column::MeasureName => cell.clone_into(&mut measure_name),
            Column::Dimension(name) => dimensions.push((name.clone(), cell.to_owned())),
            Column::Measure(name, kind) => measures.push((name.clone(), kind.value(cell)?)),
        }
    }
    let time = time.ok_or("has no time")?;
    if measures.is_empty() {
        return Err(
            "has no measure; a column of measures has a type, such as cpu::double".to_owned(),
        );
    }
    if measure_name.is_empty() {
        // Of a record with one measure it is the measure's own name.
        measure_name.clone_from(&measures[0].0);
    }
    let is_single = measures.len() == 1 && measures[0].0 == measure_name;
    let measures = match measures.pop() {
        Some((_, value)) if is_single => Measures::Single(value),
        last => {
            measures.extend(last);
            Measures::Multi(measures)
        }
    };
    Ok(Row {
        table: table.clone(),
        time,
        known_at: time,
        dimensions,
        measure_name,
        version: 1,
        measures,
    })
}

fn instant(place: &Place<'_>, cell: &str) -> Result<Timestamp, String> {
    if let Ok(after) = read_duration(cell) {
        return Ok(place.start.plus(after));
    }
    cell.parse()
        .map_err(|_| format!("`{cell}` is no time; write 5m from the start or an instant"))
}
