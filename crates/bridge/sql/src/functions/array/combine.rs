//! Functions of several arrays, and of the parts of one.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, Field};
use arrow::row::{RowConverter, SortField};
use datafusion::common::{Result, exec_err, plan_err};

use super::build::MOST_ELEMENTS;
use crate::functions::bounds::{Room, Sizes};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{Array as ArrayParam, Bigint};
use crate::functions::signature::{Call, Gives, Scalar, form, variadic};
use crate::shapes::{anonymous_field, list_element, list_of, type_name};

/// Lists of one element type, each as long as they may be: of lists, for `ngrams` and such.
const LISTS: Gives = Gives::From(|types| Ok(list_of(types[0].clone())));

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "arrays_overlap",
        overloads: &[form(
            &[ArrayParam, ArrayParam],
            Gives::From(|types| match types {
                [left, right] if left == right || is_empty(left) || is_empty(right) => {
                    Ok(DataType::Boolean)
                }
                _ => plan_err!(
                    "arrays_overlap takes two arrays of one type, not {} and {}",
                    type_name(&types[0]),
                    type_name(&types[1])
                ),
            }),
            overlap,
        )],
    },
    Scalar {
        name: "zip",
        overloads: &[variadic(
            &[ArrayParam, ArrayParam],
            ArrayParam,
            Gives::From(zipped),
            zip,
        )],
    },
    Scalar {
        name: "ngrams",
        overloads: &[form(&[ArrayParam, Bigint], LISTS, ngrams)],
    },
    Scalar {
        name: "combinations",
        overloads: &[form(&[ArrayParam, Bigint], LISTS, combinations)],
    },
];

/// Whether this is the type of `ARRAY[]`.
fn is_empty(list: &DataType) -> bool {
    list_element(list).is_some_and(|element| element.data_type().is_null())
}

fn span(lists: &ListArray, row: usize) -> std::ops::Range<usize> {
    lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize
}

/// Whether two arrays share an element; null when they do not and one has a null.
fn overlap(call: &Call) -> Result<ArrayRef> {
    let (left, right) = (call.args[0].as_list::<i32>(), call.args[1].as_list::<i32>());
    let (a, b) = (left.values(), right.values());
    let common = if a.data_type().is_null() {
        b.data_type()
    } else {
        a.data_type()
    };
    let mut room = Room::default();
    room.take_all(a)?;
    room.take_all(b)?;
    let both = concat(&[
        arrow::compute::cast(a, common)?.as_ref(),
        arrow::compute::cast(b, common)?.as_ref(),
    ])?;
    let converter = RowConverter::new(vec![SortField::new(common.clone())])?;
    let known = converter.convert_columns(std::slice::from_ref(&both))?;
    let cells = (0..call.rows).map(|row| {
        if left.is_null(row) || right.is_null(row) {
            return None;
        }
        let others: std::collections::HashSet<_> = span(right, row)
            .map(|at| a.len() + at)
            .filter(|at| both.is_valid(*at))
            .map(|at| known.row(at))
            .collect();
        let shared = span(left, row).any(|at| both.is_valid(at) && others.contains(&known.row(at)));
        let unknown = span(left, row).any(|at| both.is_null(at))
            || span(right, row).any(|at| both.is_null(a.len() + at));
        (shared || !unknown).then_some(shared)
    });
    Ok(Arc::new(cells.collect::<BooleanArray>()))
}

fn zipped(types: &[DataType]) -> Result<DataType> {
    let fields = types
        .iter()
        .enumerate()
        .map(|(position, list)| match list_element(list) {
            Some(element) => Ok(Field::new(
                anonymous_field(position),
                element.data_type().clone(),
                true,
            )),
            None => plan_err!("zip takes arrays"),
        });
    Ok(list_of(DataType::Struct(fields.collect::<Result<_>>()?)))
}

/// Rows of the elements at one position; shorter arrays are filled up with nulls.
fn zip(call: &Call) -> Result<ArrayRef> {
    let lists: Vec<&ListArray> = call.args.iter().map(|list| list.as_list::<i32>()).collect();
    let Some(element) = list_element(&call.gives) else {
        return plan_err!("an array was expected");
    };
    let DataType::Struct(fields) = element.data_type() else {
        return plan_err!("an array of rows was expected");
    };
    let mut room = Room::default();
    let mut picked: Vec<Vec<Option<u32>>> = vec![Vec::new(); lists.len()];
    let (mut lengths, mut valid) = (Vec::new(), Vec::new());
    for row in 0..call.rows {
        let whole = lists.iter().all(|list| list.is_valid(row));
        let longest = lists.iter().map(|list| span(list, row).len()).max();
        let length = longest.filter(|_| whole).unwrap_or(0);
        // A null takes as much as a number.
        room.take_many(length.saturating_mul(lists.len()), size_of::<u64>())?;
        for (picked, list) in picked.iter_mut().zip(&lists) {
            let mut span = span(list, row);
            picked.extend((0..length).map(|_| span.next().map(|at| at as u32)));
        }
        lengths.push(length);
        valid.push(whole);
    }
    let columns = lists
        .iter()
        .zip(picked)
        .map(|(list, picked)| Ok(take(list.values(), &UInt32Array::from(picked), None)?))
        .collect::<Result<Vec<_>>>()?;
    let rows = StructArray::try_new(fields.clone(), columns, None)?;
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(rows),
        Some(NullBuffer::from(valid)),
    )?))
}

/// Every run of n neighbours; the whole array when it is shorter.
fn ngrams(call: &Call) -> Result<ArrayRef> {
    nested(call, |size, n| {
        if n < 1 {
            return exec_err!("N must be positive");
        }
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        if size <= n {
            return Ok(vec![(0..size).collect()]);
        }
        too_many((size - n + 1).saturating_mul(n))?;
        Ok((0..=size - n)
            .map(|from| (from..from + n).collect())
            .collect())
    })
}

/// Every choice of n elements, in the order of their positions from the last to the first.
fn combinations(call: &Call) -> Result<ArrayRef> {
    nested(call, |size, n| {
        let n = match usize::try_from(n) {
            Ok(n) if n <= 5 => n,
            _ => return exec_err!("combination size must be from 0 to 5, not {n}"),
        };
        if n > size {
            return Ok(vec![]);
        }
        let count = (0..n).try_fold(1_usize, |count, at| {
            count.checked_mul(size - at).map(|count| count / (at + 1))
        });
        too_many(count.unwrap_or(usize::MAX).saturating_mul(n.max(1)))?;
        let mut chosen: Vec<usize> = (0..n).collect();
        let mut all = vec![chosen.clone()];
        // The leftmost position that can move on does; those before it start again.
        while let Some(moved) =
            (0..n).find(|at| chosen[*at] + 1 < chosen.get(at + 1).copied().unwrap_or(size))
        {
            chosen[moved] += 1;
            (0..moved).for_each(|at| chosen[at] = at);
            all.push(chosen.clone());
        }
        Ok(all)
    })
}

fn too_many(elements: usize) -> Result<()> {
    if elements > MOST_ELEMENTS {
        return exec_err!("the result has more than {MOST_ELEMENTS} elements");
    }
    Ok(())
}

/// Arrays of arrays, which hold the elements at the positions that `choose` picks from a length.
fn nested(call: &Call, choose: impl Fn(usize, i64) -> Result<Vec<Vec<usize>>>) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let Some(outer) = list_element(&call.gives) else {
        return plan_err!("an array of arrays was expected");
    };
    let Some(inner) = list_element(outer.data_type()) else {
        return plan_err!("an array of arrays was expected");
    };
    let mut room = Room::default();
    let sizes = Sizes::of(lists.values().as_ref());
    let (mut lengths, mut inner_lengths, mut picked) = (Vec::new(), Vec::new(), Vec::new());
    let mut valid = Vec::new();
    for row in 0..call.rows {
        let n = cell::<i64>(&call.args[1], row).filter(|_| lists.is_valid(row));
        let from = lists.value_offsets()[row] as usize;
        let chosen = match n {
            Some(n) => choose(span(lists, row).len(), n)?,
            None => vec![],
        };
        lengths.push(chosen.len());
        valid.push(n.is_some());
        for positions in chosen {
            let elements = positions.iter().map(|at| sizes.at(from + at));
            room.take(size_of::<i32>().saturating_add(elements.sum()))?;
            inner_lengths.push(positions.len());
            picked.extend(positions.into_iter().map(|at| (from + at) as u32));
        }
    }
    let values = take(lists.values(), &UInt32Array::from(picked), None)?;
    let offsets = OffsetBuffer::from_lengths(inner_lengths);
    let inner = ListArray::try_new(inner.clone(), offsets, values, None)?;
    Ok(Arc::new(ListArray::try_new(
        outer.clone(),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(inner),
        Some(NullBuffer::from(valid)),
    )?))
}
