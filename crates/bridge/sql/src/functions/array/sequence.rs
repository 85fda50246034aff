//! `sequence`: arrays of equidistant numbers, dates and points in time.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, PrimitiveBuilder};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Int64Type, TimestampNanosecondType,
};
use datafusion::common::{Result, exec_datafusion_err, exec_err};

use super::build::MOST_ELEMENTS;
use crate::functions::bounds::Room;
use crate::functions::cells::{Cell, cell};
use crate::functions::signature::Param::{Bigint, Date, DayToSecond, Timestamp, YearToMonth};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::functions::time::{civil, nanoseconds};
use crate::shapes::{TIMESTAMP, list_of};

const DAY: i64 = 86_400_000_000_000;

pub(super) const FUNCTIONS: &[Scalar] = &[Scalar {
    name: "sequence",
    overloads: &[
        form(
            &[Bigint, Bigint],
            Gives::Is(|| list_of(DataType::Int64)),
            |call| {
                lists::<Int64Type>(call, |from: i64, to: i64, _| {
                    fixed(from, to, if from <= to { 1 } else { -1 })
                })
            },
        ),
        form(
            &[Bigint, Bigint, Bigint],
            Gives::Is(|| list_of(DataType::Int64)),
            |call| lists::<Int64Type>(call, |from: i64, to, row| stepped(call, row, from, to)),
        ),
        form(
            &[Timestamp, Timestamp, DayToSecond],
            Gives::Is(|| list_of(TIMESTAMP)),
            |call| {
                lists::<TimestampNanosecondType>(call, |from: i64, to, row| {
                    stepped(call, row, from, to)
                })
            },
        ),
        form(
            &[Timestamp, Timestamp, YearToMonth],
            Gives::Is(|| list_of(TIMESTAMP)),
            |call| {
                lists::<TimestampNanosecondType>(call, |from: i64, to, row| {
                    by_months(call, row, from, to)
                })
            },
        ),
        form(
            &[Date, Date],
            Gives::Is(|| list_of(DataType::Date32)),
            |call| {
                lists::<Date32Type>(call, |from: i32, to, _| {
                    days(fixed(
                        i64::from(from),
                        i64::from(to),
                        if from <= to { 1 } else { -1 },
                    )?)
                })
            },
        ),
        form(
            &[Date, Date, DayToSecond],
            Gives::Is(|| list_of(DataType::Date32)),
            |call| {
                lists::<Date32Type>(call, |from: i32, to, row| {
                    let Some(step) = cell::<i64>(&call.args[2], row) else {
                        return Ok(None);
                    };
                    if step % DAY != 0 {
                        return exec_err!(
                            "sequence step must be a day interval if start and end values are dates"
                        );
                    }
                    days(fixed(i64::from(from), i64::from(to), step / DAY)?)
                })
            },
        ),
    ],
}];

fn lists<'a, T: ArrowPrimitiveType>(
    call: &'a Call,
    elements: impl Fn(T::Native, T::Native, usize) -> Result<Option<Vec<T::Native>>>,
) -> Result<ArrayRef>
where
    T::Native: Cell<'a>,
{
    let mut room = Room::default();
    let mut values = PrimitiveBuilder::<T>::new();
    let mut lengths = Vec::with_capacity(call.rows);
    let mut valid = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let list = match (cell(&call.args[0], row), cell(&call.args[1], row)) {
            (Some(from), Some(to)) => elements(from, to, row)?,
            _ => None,
        };
        valid.push(list.is_some());
        let list = list.unwrap_or_default();
        room.take_many(list.len(), size_of::<T::Native>())?;
        lengths.push(list.len());
        values.append_slice(&list);
    }
    let Some(element) = crate::shapes::list_element(&call.gives) else {
        return exec_err!("sequence gives an array");
    };
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        arrow::buffer::OffsetBuffer::from_lengths(lengths),
        Arc::new(values.finish()),
        Some(valid.into()),
    )?))
}

fn stepped(call: &Call, row: usize, from: i64, to: i64) -> Result<Option<Vec<i64>>> {
    match cell::<i64>(&call.args[2], row) {
        Some(step) => fixed(from, to, step),
        None => Ok(None),
    }
}

fn fixed(from: i64, to: i64, step: i64) -> Result<Option<Vec<i64>>> {
    let step = check_direction(from, to, step)?;
    let count = (i128::from(to) - i128::from(from)) / i128::from(step) + 1;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    check_count(count)?;
    // Whatever fits between the two bounds cannot overflow.
    Ok(Some((0..count as i64).map(|i| from + i * step).collect()))
}

fn check_direction(from: i64, to: i64, step: i64) -> Result<i64> {
    if step == 0 {
        return exec_err!("step must not be zero");
    }
    if (step > 0) != (to >= from) && from != to {
        return exec_err!(
            "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"
        );
    }
    Ok(step)
}

fn check_count(count: usize) -> Result<()> {
    if count > MOST_ELEMENTS {
        return exec_err!(
            "result of sequence function must not have more than {MOST_ELEMENTS} entries"
        );
    }
    Ok(())
}

fn by_months(call: &Call, row: usize, from: i64, to: i64) -> Result<Option<Vec<i64>>> {
    let Some(step) = cell::<i32>(&call.args[2], row) else {
        return Ok(None);
    };
    check_direction(from, to, i64::from(step))?;
    let start = civil(from);
    let mut result = Vec::new();
    for i in 0..=MOST_ELEMENTS as i64 {
        let months = i * i64::from(step);
        let at = jiff::Span::new()
            .try_months(months)
            .and_then(|span| start.checked_add(span))
            .map_err(|_| exec_datafusion_err!("sequence: the result is out of range"))?;
        let Ok(at) = nanoseconds(at) else { break };
        if (step > 0 && at > to) || (step < 0 && at < to) {
            break;
        }
        result.push(at);
    }
    check_count(result.len())?;
    Ok(Some(result))
}

fn days(values: Option<Vec<i64>>) -> Result<Option<Vec<i32>>> {
    // Every value lies between two dates, hence is one.
    Ok(values.map(|values| {
        values
            .into_iter()
            .filter_map(|day| i32::try_from(day).ok())
            .collect()
    }))
}
