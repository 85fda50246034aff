//! Making maps.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringViewArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use arrow::row::Row;
use datafusion::common::{Result, exec_err, plan_err};

use super::{Builder, comparable, duplicate, from_parts, pick};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{Array as ArrayParam, Varchar};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::{list_element, list_of, map_of, map_types};

const TEXTS: Gives = Gives::Is(|| map_of(DataType::Utf8View, DataType::Utf8View));

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        // `map`, which DataFusion's planner would take for its own function.
        name: "$map",
        overloads: &[
            form(
                &[],
                Gives::Is(|| map_of(DataType::Null, DataType::Null)),
                empty,
            ),
            form(
                &[ArrayParam, ArrayParam],
                Gives::From(|types| Ok(map_of(element(&types[0])?, element(&types[1])?))),
                of_arrays,
            ),
        ],
    },
    Scalar {
        name: "map_from_entries",
        overloads: &[form(&[ArrayParam], Gives::From(of_entry), |call| {
            collect(call, Repeated::Refused)
        })],
    },
    Scalar {
        name: "multimap_from_entries",
        overloads: &[form(&[ArrayParam], Gives::From(of_entries), multimap)],
    },
    Scalar {
        name: "split_to_map",
        overloads: &[form(&[Varchar, Varchar, Varchar], TEXTS, split_to_map)],
    },
    Scalar {
        // `map_agg(key, value)` over the array of the group's keys and values.
        name: "$map_agg",
        overloads: &[form(&[ArrayParam], Gives::From(of_entry), |call| {
            collect(call, Repeated::First)
        })],
    },
    Scalar {
        // `multimap_agg(key, value)`, likewise.
        name: "$multimap_agg",
        overloads: &[form(&[ArrayParam], Gives::From(of_entries), multimap)],
    },
];

pub(super) fn element(list: &DataType) -> Result<DataType> {
    match list_element(list) {
        Some(element) => Ok(element.data_type().clone()),
        None => plan_err!("an array was expected"),
    }
}

/// The key and the value of an array of rows of two.
fn entry(types: &[DataType]) -> Result<(DataType, DataType)> {
    match element(&types[0])? {
        DataType::Struct(fields) if fields.len() == 2 => {
            Ok((fields[0].data_type().clone(), fields[1].data_type().clone()))
        }
        other => plan_err!(
            "an array of rows of a key and a value was expected, not of {}",
            crate::shapes::type_name(&other)
        ),
    }
}

fn of_entry(types: &[DataType]) -> Result<DataType> {
    let (key, value) = entry(types)?;
    Ok(map_of(key, value))
}

fn of_entries(types: &[DataType]) -> Result<DataType> {
    let (key, value) = entry(types)?;
    Ok(map_of(key, list_of(value)))
}

fn empty(call: &Call) -> Result<ArrayRef> {
    let nothing = arrow::array::new_empty_array(&DataType::Null);
    let offsets = OffsetBuffer::from_lengths(vec![0; call.rows]);
    Ok(Arc::new(from_parts(
        nothing.clone(),
        nothing,
        offsets,
        None,
    )?))
}

/// What becomes of an entry whose key another entry of the same map has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    Refused,
    First,
}

/// `map(array of keys, array of values)`
fn of_arrays(call: &Call) -> Result<ArrayRef> {
    let (keys, values) = (call.args[0].as_list::<i32>(), call.args[1].as_list::<i32>());
    let known = comparable(keys.values())?;
    let mut picked = (Vec::new(), Vec::new());
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        if keys.is_null(row) || values.is_null(row) {
            maps.push(None);
            continue;
        }
        let (from, length) = (keys.value_offsets()[row] as usize, keys.value_length(row));
        if length != values.value_length(row) {
            return exec_err!("Key and value arrays must be the same length");
        }
        let values_from = values.value_offsets()[row] as usize;
        let mut seen: HashMap<Row, ()> = HashMap::new();
        for at in 0..length as usize {
            if keys.values().is_null(from + at) {
                return exec_err!("map key cannot be null");
            }
            if seen.insert(known.row(from + at), ()).is_some() {
                return duplicate(keys.values(), from + at);
            }
            picked.0.push((from + at) as u32);
            picked.1.push((values_from + at) as u32);
        }
        maps.push(Some(length as usize));
    }
    maps.finish(
        pick(keys.values(), picked.0)?,
        pick(values.values(), picked.1)?,
    )
}

/// Maps of arrays of entries.
fn collect(call: &Call, repeated: Repeated) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let entries = lists.values().as_struct();
    let (keys, values) = (entries.column(0), entries.column(1));
    let known = comparable(keys)?;
    let mut picked = Vec::new();
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        if lists.is_null(row) {
            maps.push(None);
            continue;
        }
        let mut seen: HashMap<Row, ()> = HashMap::new();
        for at in span(lists, row) {
            check_entry(entries, keys, at)?;
            if seen.insert(known.row(at), ()).is_none() {
                picked.push(at as u32);
            } else if repeated == Repeated::Refused {
                return duplicate(keys, at);
            }
        }
        maps.push(Some(seen.len()));
    }
    maps.finish(pick(keys, picked.clone())?, pick(values, picked)?)
}

/// Maps of arrays of entries: each key with all its values in order.
fn multimap(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let entries = lists.values().as_struct();
    let (keys, values) = (entries.column(0), entries.column(1));
    let known = comparable(keys)?;
    let (mut picked, mut picked_values, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        if lists.is_null(row) {
            maps.push(None);
            continue;
        }
        let mut places: HashMap<Row, usize> = HashMap::new();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for at in span(lists, row) {
            check_entry(entries, keys, at)?;
            let place = *places.entry(known.row(at)).or_insert_with(|| {
                picked.push(at as u32);
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(at as u32);
        }
        maps.push(Some(groups.len()));
        lengths.extend(groups.iter().map(Vec::len));
        picked_values.extend(groups.into_iter().flatten());
    }
    let Some((_, DataType::List(element))) = map_types(&call.gives) else {
        return plan_err!("a map of arrays was expected");
    };
    let values = ListArray::try_new(
        element.clone(),
        OffsetBuffer::from_lengths(lengths),
        pick(values, picked_values)?,
        None,
    )?;
    maps.finish(pick(keys, picked)?, Arc::new(values))
}

fn check_entry(entries: &dyn Array, keys: &ArrayRef, at: usize) -> Result<()> {
    if entries.is_null(at) {
        return exec_err!("map entry cannot be null");
    }
    if keys.is_null(at) {
        return exec_err!("map key cannot be null");
    }
    Ok(())
}

/// The positions of a row's elements among all elements.
pub(super) fn span(lists: &ListArray, row: usize) -> std::ops::Range<usize> {
    lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize
}

/// `split_to_map('a=1,b=2', ',', '=')`
fn split_to_map(call: &Call) -> Result<ArrayRef> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        let argument = |position: usize| cell::<&str>(&call.args[position], row);
        let (Some(text), Some(between), Some(within)) = (argument(0), argument(1), argument(2))
        else {
            maps.push(None);
            continue;
        };
        if between.is_empty() || within.is_empty() || between == within {
            return exec_err!("the delimiters of split_to_map must differ and not be empty");
        }
        let first = keys.len();
        for entry in text.split(between).filter(|entry| !entry.is_empty()) {
            let parts = entry.split_once(within);
            let Some((key, value)) = parts.filter(|(_, value)| !value.contains(within)) else {
                return exec_err!(
                    "Key-value delimiter must appear exactly once in each entry. \
                     Bad input: '{entry}'"
                );
            };
            if keys[first..].contains(&key) {
                return exec_err!("Duplicate keys ({key}) are not allowed");
            }
            keys.push(key);
            values.push(value);
        }
        maps.push(Some(keys.len() - first));
    }
    maps.finish(
        Arc::new(StringViewArray::from_iter_values(keys)),
        Arc::new(StringViewArray::from_iter_values(values)),
    )
}
