//! Reading arguments row by row and writing results.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringViewArray,
};
use arrow::datatypes::{
    DataType, Date32Type, DurationNanosecondType, Float64Type, Int32Type, Int64Type,
    IntervalYearMonthType, Time64NanosecondType, TimestampNanosecondType,
};
use datafusion::common::Result;

use super::bounds::Room;
use super::signature::Call;

/// A Rust type that a column of some Arrow type can be read as.
pub(crate) trait Cell<'a>: Sized {
    /// The cell at `row`, which is not null.
    fn read(array: &'a dyn Array, row: usize) -> Self;
}

impl<'a> Cell<'a> for &'a str {
    fn read(array: &'a dyn Array, row: usize) -> Self {
        array.as_string_view().value(row)
    }
}

impl Cell<'_> for bool {
    fn read(array: &dyn Array, row: usize) -> Self {
        array.as_boolean().value(row)
    }
}

impl Cell<'_> for f64 {
    fn read(array: &dyn Array, row: usize) -> Self {
        array.as_primitive::<Float64Type>().value(row)
    }
}

impl Cell<'_> for i64 {
    /// Bigints, and the nanoseconds of timestamps, times and intervals.
    fn read(array: &dyn Array, row: usize) -> Self {
        match array.data_type() {
            DataType::Timestamp(_, _) => array.as_primitive::<TimestampNanosecondType>().value(row),
            DataType::Duration(_) => array.as_primitive::<DurationNanosecondType>().value(row),
            DataType::Time64(_) => array.as_primitive::<Time64NanosecondType>().value(row),
            _ => array.as_primitive::<Int64Type>().value(row),
        }
    }
}

impl Cell<'_> for i32 {
    /// Integers, the days of dates, and the months of intervals.
    fn read(array: &dyn Array, row: usize) -> Self {
        match array.data_type() {
            DataType::Date32 => array.as_primitive::<Date32Type>().value(row),
            DataType::Interval(_) => array.as_primitive::<IntervalYearMonthType>().value(row),
            _ => array.as_primitive::<Int32Type>().value(row),
        }
    }
}

/// The cell of an argument, or `None` when it is null.
pub(crate) fn cell<'a, T: Cell<'a>>(array: &'a ArrayRef, row: usize) -> Option<T> {
    array.is_valid(row).then(|| T::read(array.as_ref(), row))
}

/// A Rust type that a result column can be collected from.
pub(crate) trait Output: Sized {
    /// The column, of the call's result type.
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        gives: &DataType,
    ) -> Result<ArrayRef>;
}

impl Output for String {
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        _: &DataType,
    ) -> Result<ArrayRef> {
        let mut room = Room::default();
        let cells = cells.map(|cell| {
            let cell = cell?;
            room.take(cell.as_ref().map_or(0, String::len))?;
            Ok(cell)
        });
        Ok(Arc::new(cells.collect::<Result<StringViewArray>>()?))
    }
}

impl Output for bool {
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        _: &DataType,
    ) -> Result<ArrayRef> {
        Ok(Arc::new(cells.collect::<Result<BooleanArray>>()?))
    }
}

impl Output for f64 {
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        _: &DataType,
    ) -> Result<ArrayRef> {
        primitives::<Float64Type>(cells)
    }
}

impl Output for i64 {
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        gives: &DataType,
    ) -> Result<ArrayRef> {
        match gives {
            DataType::Timestamp(_, _) => primitives::<TimestampNanosecondType>(cells),
            DataType::Duration(_) => primitives::<DurationNanosecondType>(cells),
            DataType::Time64(_) => primitives::<Time64NanosecondType>(cells),
            _ => primitives::<Int64Type>(cells),
        }
    }
}

impl Output for i32 {
    fn collect(
        cells: impl Iterator<Item = Result<Option<Self>>>,
        gives: &DataType,
    ) -> Result<ArrayRef> {
        match gives {
            DataType::Date32 => primitives::<Date32Type>(cells),
            DataType::Interval(_) => primitives::<IntervalYearMonthType>(cells),
            _ => primitives::<Int32Type>(cells),
        }
    }
}

fn primitives<T: ArrowPrimitiveType>(
    cells: impl Iterator<Item = Result<Option<T::Native>>>,
) -> Result<ArrayRef> {
    Ok(Arc::new(cells.collect::<Result<PrimitiveArray<T>>>()?))
}

/// Applies `f` to every row whose argument is not null.
pub(crate) fn map1<'a, A: Cell<'a>, O: Output>(
    call: &'a Call,
    f: impl Fn(A) -> Result<Option<O>>,
) -> Result<ArrayRef> {
    let a = &call.args[0];
    O::collect(
        (0..call.rows).map(|row| cell(a, row).map_or(Ok(None), &f)),
        &call.gives,
    )
}

/// Applies `f` to every row whose two arguments are not null.
pub(crate) fn map2<'a, A: Cell<'a>, B: Cell<'a>, O: Output>(
    call: &'a Call,
    f: impl Fn(A, B) -> Result<Option<O>>,
) -> Result<ArrayRef> {
    let (a, b) = (&call.args[0], &call.args[1]);
    let cells = (0..call.rows).map(|row| match (cell(a, row), cell(b, row)) {
        (Some(a), Some(b)) => f(a, b),
        _ => Ok(None),
    });
    O::collect(cells, &call.gives)
}

/// Applies `f` to every row whose three arguments are not null.
pub(crate) fn map3<'a, A: Cell<'a>, B: Cell<'a>, C: Cell<'a>, O: Output>(
    call: &'a Call,
    f: impl Fn(A, B, C) -> Result<Option<O>>,
) -> Result<ArrayRef> {
    let (a, b, c) = (&call.args[0], &call.args[1], &call.args[2]);
    let cells = (0..call.rows).map(|row| match (cell(a, row), cell(b, row), cell(c, row)) {
        (Some(a), Some(b), Some(c)) => f(a, b, c),
        _ => Ok(None),
    });
    O::collect(cells, &call.gives)
}
