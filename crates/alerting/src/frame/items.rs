//! From frames to what expressions work on: Grafana's `pkg/expr/converter.go` and, for pivoted
//! frames, `pkg/expr/dataplane.go` with `sdata/timeseries/wide.go` of its data plane.

use super::{Cells, Columns, Field, Frame, Shape};
use crate::evaluate::Labels;
use crate::expression::{Item, Number, Series};

/// What expressions see of `frames`. The error is Grafana's.
pub(crate) fn items(frames: &[Frame]) -> Result<Vec<Item>, String> {
    match frames {
        [] => return Ok(vec![Item::NoData]),
        [frame] if frame.fields.is_empty() => return Ok(vec![Item::NoData]),
        [frame] if frame.pivoted => return pivoted(frame),
        [frame] if frame.shape() == Shape::Not && is_number_table(frame) => {
            return Ok(number_set(frame));
        }
        _ => {}
    }
    let mut items = Vec::new();
    for frame in frames {
        match frame.shape() {
            Shape::Wide(columns) => wide(frame, &columns, &mut items)?,
            other => {
                return Err(format!(
                    "input data must be a wide series but got type {} (input refid)",
                    other.name()
                ));
            }
        }
    }
    Ok(items)
}

/// One numeric column, and nothing else but texts.
fn is_number_table(frame: &Frame) -> bool {
    let numeric = |field: &&Field| field.cells.is_numeric();
    frame.fields.iter().filter(numeric).count() == 1
        && frame
            .fields
            .iter()
            .all(|field| field.cells.is_numeric() || matches!(field.cells, Cells::Texts(_)))
}

/// A number for each row, with the texts of the row as its labels. Null is NaN there, and a text
/// that is null is empty.
fn number_set(frame: &Frame) -> Vec<Item> {
    let Some(value) = frame.fields.iter().find(|field| field.cells.is_numeric()) else {
        return Vec::new();
    };
    let rows = 0..frame.rows();
    rows.map(|row| {
        let texts = frame.fields.iter().filter(|field| field.cells.is_factor());
        Item::Number(Number {
            name: value.name.clone(),
            labels: texts
                .map(|field| (field.name.clone(), field.cells.factor(row)))
                .collect(),
            value: Some(value.cells.number(row).unwrap_or(f64::NAN)),
        })
    })
    .collect()
}

/// A series for each value column.
fn wide(frame: &Frame, columns: &Columns, items: &mut Vec<Item>) -> Result<(), String> {
    for index in &columns.values {
        let field = &frame.fields[*index];
        // Whole numbers become fractions one by one: without any, nothing says that it is numeric.
        let readable = match &field.cells {
            Cells::Doubles(_) => true,
            Cells::Integers(cells) => !cells.is_empty(),
            _ => false,
        };
        if !readable {
            return Err("no float64 value column found in frame ".to_owned());
        }
        items.push(series(frame, columns.time, field)?);
    }
    Ok(())
}

/// A series for each numeric column; others are passed over.
fn pivoted(frame: &Frame) -> Result<Vec<Item>, String> {
    let numeric = frame.fields.iter().filter(|field| field.cells.is_numeric());
    let items: Vec<Item> = numeric
        .map(|field| series(frame, 0, field))
        .collect::<Result<_, _>>()?;
    if items.is_empty() {
        return Err("frame is missing a numeric value field".to_owned());
    }
    Ok(items)
}

fn series(frame: &Frame, time: usize, field: &Field) -> Result<Item, String> {
    let Cells::Times(times) = &frame.fields[time].cells else {
        return Err("no time column found in frame ".to_owned());
    };
    let mut points = Vec::with_capacity(times.len());
    for (row, time) in times.iter().enumerate() {
        let Some(time) = time else {
            return Err("time series with null time stamps are not supported".to_owned());
        };
        points.push((*time, field.cells.number(row)));
    }
    Ok(Item::Series(Series {
        name: field.name.clone(),
        labels: Labels::clone(&field.labels),
        points,
    }))
}
