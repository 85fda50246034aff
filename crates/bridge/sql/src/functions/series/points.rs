//! Reading and writing time series row by row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, StructArray, TimestampNanosecondArray, UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Float64Type, TimestampNanosecondType};
use datafusion::common::{Result, exec_err, plan_err};

use crate::shapes::{series_element, series_fields, series_value};

/// The points of one series that have a value, as doubles: time and value.
///
/// Series functions skip points without a value, as aggregates do.
pub(super) fn known_points(series: &ArrayRef, row: usize) -> Result<Option<Vec<(i64, f64)>>> {
    let lists = series.as_list::<i32>();
    if lists.is_null(row) {
        return Ok(None);
    }
    let points = lists.value(row);
    let points = points.as_struct();
    let times = points.column(0).as_primitive::<TimestampNanosecondType>();
    let values = arrow::compute::cast(points.column(1), &DataType::Float64)?;
    let values = values.as_primitive::<Float64Type>();
    Ok(Some(
        (0..points.len())
            .filter(|i| times.is_valid(*i) && values.is_valid(*i))
            .map(|i| (times.value(i), values.value(i)))
            .collect(),
    ))
}

/// The times of a list of timestamps, or `None` for a null list.
pub(super) fn wanted_times(times: &ArrayRef, row: usize) -> Option<Vec<i64>> {
    let lists = times.as_list::<i32>();
    lists.is_valid(row).then(|| {
        lists
            .value(row)
            .as_primitive::<TimestampNanosecondType>()
            .iter()
            .flatten()
            .collect()
    })
}

/// Refuses series whose values are no numbers.
pub(super) fn numeric(name: &str, types: &[DataType]) -> Result<()> {
    match series_value(&types[0]) {
        Some(value) if value.is_numeric() => Ok(()),
        _ => plan_err!("{name} takes a time series of numbers"),
    }
}

/// Builds a column of series of doubles.
#[derive(Default)]
pub(super) struct SeriesBuilder {
    times: Vec<i64>,
    values: Vec<Option<f64>>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl SeriesBuilder {
    pub(super) fn append(&mut self, points: Option<Vec<(i64, Option<f64>)>>) {
        self.valid.push(points.is_some());
        let points = points.unwrap_or_default();
        self.lengths.push(points.len());
        for (time, value) in points {
            self.times.push(time);
            self.values.push(value);
        }
    }

    /// The column; its values are converted to the wanted type.
    pub(super) fn finish(self, gives: &DataType) -> Result<ArrayRef> {
        let Some(value_type) = series_value(gives) else {
            return exec_err!("a time series was expected");
        };
        let values: ArrayRef = Arc::new(arrow::array::Float64Array::from(self.values));
        let values = arrow::compute::cast(&values, value_type)?;
        build(self.times, values, self.lengths, self.valid.into())
    }
}

/// The points of one series: time, and the position of the value.
pub(super) type Picks = Vec<(i64, Option<u32>)>;

/// A column of series whose values are taken from `values` by position.
pub(super) fn picked(values: &ArrayRef, picks: Vec<Option<Picks>>) -> Result<ArrayRef> {
    let lengths = picks
        .iter()
        .map(|pick| pick.as_ref().map_or(0, Vec::len))
        .collect();
    let valid: NullBuffer = picks.iter().map(Option::is_some).collect::<Vec<_>>().into();
    let (times, indices): (Vec<i64>, Vec<Option<u32>>) =
        picks.into_iter().flatten().flatten().unzip();
    build(
        times,
        take(values, &UInt32Array::from(indices), None)?,
        lengths,
        valid,
    )
}

fn build(
    times: Vec<i64>,
    values: ArrayRef,
    lengths: Vec<usize>,
    valid: NullBuffer,
) -> Result<ArrayRef> {
    let value_type = values.data_type().clone();
    let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(times));
    let points =
        StructArray::try_new(series_fields(value_type.clone()), vec![times, values], None)?;
    Ok(Arc::new(ListArray::try_new(
        series_element(value_type),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(points),
        Some(valid),
    )?))
}
