//! Frames: what the Timestream plugin makes of an answer, and what Grafana's expressions make of
//! frames. The rules are those of the plugin's `pkg/timestream/helper.go`, of `data/time_series.go`
//! of Grafana's plugin SDK and of Grafana's `pkg/expr/converter.go`.

mod answer;
mod cells;
mod items;
mod pivot;

use crate::evaluate::Labels;

pub use answer::{Frames, of_answer};
pub use cells::Cells;
pub(crate) use items::items;

/// A table of columns of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Its columns.
    pub fields: Vec<Field>,
    /// Whether it is a long series that was pivoted, which Grafana then reads by other rules than
    /// frames that came wide.
    pub pivoted: bool,
}

/// A column of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What its series is told apart by.
    pub labels: Labels,
    /// Its values.
    pub cells: Cells,
}

/// What a frame is as a time series (`TimeSeriesSchema` of the SDK).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// None: no time, or nothing beside times, texts and truth values.
    Not,
    /// Texts and truth values tell series apart that share the other columns.
    Long(Columns),
    /// Every column beside the time is a series.
    Wide(Columns),
}

/// The parts that the columns of a time series play, by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The first column of times.
    pub time: usize,
    /// Columns of values: all that are neither that time nor factors, further times among them.
    pub values: Vec<usize>,
    /// Columns of texts and truth values.
    pub factors: Vec<usize>,
}

impl Shape {
    /// Grafana's word for it, as its errors have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Shape::Not => "not",
            Shape::Long(_) => "long",
            Shape::Wide(_) => "wide",
        }
    }
}

impl Frame {
    /// A frame that came as it is.
    pub fn new(fields: Vec<Field>) -> Self {
        Frame {
            fields,
            pivoted: false,
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.fields.first().map_or(0, |field| field.cells.len())
    }

    /// What it is as a time series.
    pub fn shape(&self) -> Shape {
        let of = |wanted: fn(&Cells) -> bool| {
            let fields = self.fields.iter().enumerate();
            fields
                .filter(move |(_, field)| wanted(&field.cells))
                .map(|(index, _)| index)
        };
        let Some(time) = of(|cells| matches!(cells, Cells::Times(_))).next() else {
            return Shape::Not;
        };
        let factors: Vec<usize> = of(Cells::is_factor).collect();
        let values: Vec<usize> = of(|cells| !cells.is_factor())
            .filter(|index| *index != time)
            .collect();
        if values.is_empty() {
            return Shape::Not;
        }
        let long = !factors.is_empty();
        let columns = Columns {
            time,
            values,
            factors,
        };
        if long {
            Shape::Long(columns)
        } else {
            Shape::Wide(columns)
        }
    }
}

#[cfg(test)]
mod tests;
