//! From an answer to the frames that the Timestream plugin makes of it
//! (`pkg/timestream/helper.go`, `parsers.go`).

use super::cells::{Cells, Unreadable, timestamp};
use super::pivot::long_to_wide;
use super::{Field, Frame, Shape};
use crate::evaluate::Labels;
use crate::rule::Format;
use crate::source::{Answer, Cell, Column, ColumnKind};

/// The frames of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frames {
    /// At least one.
    pub frames: Vec<Frame>,
    /// What the plugin says beside them: columns left out, cells that could not be read.
    pub notices: Vec<String>,
}

/// The frames that the plugin makes of `answer`. The error is the text that it answers with.
pub fn of_answer(answer: &Answer, format: Format) -> Result<Frames, String> {
    let mut notices = Vec::new();
    let mut series = Vec::new();
    let mut scalars = Vec::new();
    for (index, column) in answer.columns.iter().enumerate() {
        match &column.kind {
            ColumnKind::TimeSeries(values) => match Cells::of_kind(values) {
                Some(cells) => series.push((index, column, values.as_ref(), cells)),
                None => notices.push(left_out(values)),
            },
            kind => match Cells::of_kind(kind) {
                Some(cells) => scalars.push((index, column, cells)),
                None => notices.push(left_out(kind)),
            },
        }
    }
    let mut frames = Vec::new();
    for (index, column, values, cells) in &series {
        for row in &answer.rows {
            let labels = labels(&scalars, row);
            frames.push(one_series(*index, column, values, cells, labels, row)?);
        }
    }
    if series.is_empty() {
        let table = table(scalars, answer, &mut notices);
        frames.push(shaped(table, format)?);
    }
    if frames.is_empty() {
        frames.push(Frame::default());
    }
    Ok(Frames { frames, notices })
}

fn left_out(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Unknown => "unsupported scalar value: UNKNOWN".to_owned(),
        other => format!("unsupported column: {other:?}"),
    }
}

/// One frame of all rows.
fn table(
    scalars: Vec<(usize, &Column, Cells)>,
    answer: &Answer,
    notices: &mut Vec<String>,
) -> Frame {
    let mut said = false;
    let fields = scalars.into_iter().map(|(index, column, mut cells)| {
        for (number, row) in answer.rows.iter().enumerate() {
            let Some(Cell::Scalar(text)) = row.get(index) else {
                push_nothing(&mut cells, &column.kind);
                continue;
            };
            if cells.push(&column.kind, text) == Err(Unreadable) && !said {
                notices.push(format!("Error parsing: row:{number}, column:{index}"));
                said = true;
            }
        }
        Field {
            name: column.name.clone(),
            labels: Labels::new(),
            cells,
        }
    });
    Frame::new(fields.collect())
}

/// Arrays and rows have no null in the plugin's frames, but an empty text.
fn push_nothing(cells: &mut Cells, kind: &ColumnKind) {
    match (cells, kind) {
        (Cells::Texts(cells), ColumnKind::Nested) => cells.push(Some(String::new())),
        (cells, _) => cells.push_null(),
    }
}

/// A table in the format that the query asks for.
fn shaped(table: Frame, format: Format) -> Result<Frame, String> {
    match (format, table.shape()) {
        (Format::TimeSeries, Shape::Long(columns)) if table.rows() > 0 => {
            long_to_wide(&table, &columns)
                .map_err(|error| format!("error formatting as timeseries: {error}"))
        }
        _ => Ok(table),
    }
}

/// The scalars of a row. Arrays and rows have no text of their own and disappear.
fn labels(scalars: &[(usize, &Column, Cells)], row: &[Cell]) -> Labels {
    let texts =
        scalars
            .iter()
            .filter_map(|(index, column, _)| match (row.get(*index), &column.kind) {
                (Some(Cell::Scalar(text)), kind) if *kind != ColumnKind::Nested => {
                    Some((column.name.clone(), text.clone()))
                }
                _ => None,
            });
    texts.collect()
}

/// The frame of one cell that holds a time series.
fn one_series(
    index: usize,
    column: &Column,
    kind: &ColumnKind,
    empty: &Cells,
    labels: Labels,
    row: &[Cell],
) -> Result<Frame, String> {
    let none = Vec::new();
    let points = match row.get(index) {
        Some(Cell::Series(points)) => points,
        Some(Cell::Null) => &none,
        _ => return Err(format!("expecting timeseries column at: {index}")),
    };
    let mut times = Vec::with_capacity(points.len());
    let mut values = empty.clone();
    for (time, value) in points {
        let Some(time) = timestamp(time) else {
            return Err(format!(
                "the time {time:?} of a point of column {} cannot be read; expected YYYY-MM-DD HH:MM:SS",
                column.name
            ));
        };
        times.push(Some(time));
        match value {
            Some(text) => {
                // The plugin does not look at this error either: the point stays null.
                let _unread = values.push(kind, text);
            }
            None => values.push_null(),
        }
    }
    let time = Field {
        name: "time".to_owned(),
        labels: Labels::new(),
        cells: Cells::Times(times),
    };
    let value = Field {
        name: column.name.clone(),
        labels,
        cells: values,
    };
    Ok(Frame::new(vec![time, value]))
}
