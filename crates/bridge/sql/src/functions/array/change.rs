//! Arrays from arrays.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, ListArray, UInt32Array, make_comparator};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, concat as concat_arrays, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};

use crate::functions::cells::cell;
use crate::functions::signature::Param::{Any, Array as ArrayParam, Bigint, Double};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::list_element;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "array_sort",
        overloads: &[form(&[ArrayParam], Gives::Like(0), sort)],
    },
    Scalar {
        // `shuffle(array)` with a random number from 0 to 1 for each row.
        name: "$shuffle",
        overloads: &[form(&[ArrayParam, Double], Gives::Like(0), shuffle)],
    },
    Scalar {
        name: "slice",
        overloads: &[form(&[ArrayParam, Bigint, Bigint], Gives::Like(0), slice)],
    },
    Scalar {
        name: "array_position",
        overloads: &[form(
            &[ArrayParam, Any],
            Gives::Is(|| DataType::Int64),
            position,
        )],
    },
];

/// Rebuilds every list from chosen positions of its values.
fn rebuild(
    call: &Call,
    choose: impl Fn(usize, std::ops::Range<usize>) -> Result<Option<Vec<usize>>>,
) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let mut lengths = Vec::with_capacity(call.rows);
    let mut indices: Vec<u32> = Vec::new();
    let mut valid = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let range = lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
        let chosen = if lists.is_null(row) {
            None
        } else {
            choose(row, range)?
        };
        valid.push(chosen.is_some());
        let chosen = chosen.unwrap_or_default();
        lengths.push(chosen.len());
        indices.extend(chosen.into_iter().map(|at| at as u32));
    }
    let Some(element) = list_element(&call.gives) else {
        return plan_err!("an array was expected");
    };
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        OffsetBuffer::from_lengths(lengths),
        take(lists.values(), &UInt32Array::from(indices), None)?,
        Some(valid.into()),
    )?))
}

/// Ascending, nulls last.
fn sort(call: &Call) -> Result<ArrayRef> {
    let values = call.args[0].as_list::<i32>().values().clone();
    let options = SortOptions {
        descending: false,
        nulls_first: false,
    };
    let compare = make_comparator(&values, &values, options)?;
    rebuild(call, |_, range| {
        let mut order: Vec<usize> = range.collect();
        order.sort_by(|a, b| compare(*a, *b));
        Ok(Some(order))
    })
}

/// The elements in the order that the row's random number decides.
fn shuffle(call: &Call) -> Result<ArrayRef> {
    rebuild(call, |row, range| {
        let Some(random) = cell::<f64>(&call.args[1], row) else {
            return Ok(None);
        };
        let mut order: Vec<usize> = range.collect();
        fastrand::Rng::with_seed(random.to_bits()).shuffle(&mut order);
        Ok(Some(order))
    })
}

/// The elements from the last to the first.
pub(in crate::functions) fn reverse(call: &Call) -> Result<ArrayRef> {
    rebuild(call, |_, range| Ok(Some(range.rev().collect())))
}

/// A part by start, from the end when negative, and length.
fn slice(call: &Call) -> Result<ArrayRef> {
    rebuild(call, |row, range| {
        let (Some(start), Some(length)) = (
            cell::<i64>(&call.args[1], row),
            cell::<i64>(&call.args[2], row),
        ) else {
            return Ok(None);
        };
        if start == 0 {
            return exec_err!("SQL array indices start at 1");
        }
        if length < 0 {
            return exec_err!("length must be greater than or equal to 0");
        }
        let size = range.len() as i64;
        let from = if start < 0 { size + start } else { start - 1 };
        if from < 0 || from >= size {
            return Ok(Some(vec![]));
        }
        let from = range.start + from as usize;
        let to = range.end.min(from.saturating_add(length as usize));
        Ok(Some((from..to).collect()))
    })
}

/// The position of the first equal element; 0 when there is none.
fn position(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let values = lists.values();
    let wanted = arrow::compute::cast(&call.args[1], values.data_type())?;
    let compare = make_comparator(values, &wanted, SortOptions::default())?;
    let positions = (0..call.rows).map(|row| {
        if lists.is_null(row) || wanted.is_null(row) {
            return None;
        }
        let start = lists.value_offsets()[row] as usize;
        let mut range = start..lists.value_offsets()[row + 1] as usize;
        let found = range.find(|at| values.is_valid(*at) && compare(*at, row).is_eq());
        Some(found.map_or(0, |at| (at - start) as i64 + 1))
    });
    Ok(Arc::new(positions.collect::<Int64Array>()))
}

/// `concat(array, array, ...)`; null when any array is.
pub(in crate::functions) fn concat(call: &Call) -> Result<ArrayRef> {
    let Some(element) = list_element(&call.gives) else {
        return plan_err!("an array was expected");
    };
    let lists = call
        .args
        .iter()
        .map(|arg| {
            Ok(arrow::compute::cast(arg, &call.gives)?
                .as_list::<i32>()
                .clone())
        })
        .collect::<Result<Vec<ListArray>>>()?;
    let mut lengths = Vec::with_capacity(call.rows);
    let mut valid = Vec::with_capacity(call.rows);
    let mut pieces: Vec<ArrayRef> = Vec::new();
    for row in 0..call.rows {
        let whole = lists.iter().all(|list| list.is_valid(row));
        let parts = lists.iter().filter(|_| whole).map(|list| list.value(row));
        let before = pieces.len();
        pieces.extend(parts);
        lengths.push(pieces[before..].iter().map(|piece| piece.len()).sum());
        valid.push(whole);
    }
    let pieces: Vec<&dyn Array> = pieces.iter().map(|piece| piece.as_ref()).collect();
    let values = if pieces.is_empty() {
        arrow::array::new_empty_array(element.data_type())
    } else {
        concat_arrays(&pieces)?
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        offsets,
        values,
        Some(valid.into()),
    )?))
}
