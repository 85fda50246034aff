//! Functions of maps.
//!
//! A map keeps its keys in the order of their first appearance. Keys are compared by their bytes in
//! Arrow's row format, which is SQL's equality for every type that can be a key.

mod access;
mod build;
mod histogram;
mod merge;

use arrow::array::{ArrayRef, AsArray, MapArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};
use datafusion::common::{Result, exec_err, plan_err};

use super::bounds::Room;
use super::signature::Scalar;
use crate::shapes::{map_entry, map_of, map_types, type_name};

pub(super) use access::{cardinality, element_at, subscript, value_type};

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    [
        access::FUNCTIONS,
        build::FUNCTIONS,
        histogram::FUNCTIONS,
        merge::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The keys and values of some maps end to end, as they are put together row by row.
pub(super) struct Builder {
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Builder {
    /// For this many rows.
    pub(super) fn new(rows: usize) -> Self {
        Self {
            lengths: Vec::with_capacity(rows),
            valid: Vec::with_capacity(rows),
        }
    }

    /// The next row is a map of this many entries; `None` for null.
    pub(super) fn push(&mut self, entries: Option<usize>) {
        self.lengths.push(entries.unwrap_or(0));
        self.valid.push(entries.is_some());
    }

    /// The maps with all their keys and values.
    pub(super) fn finish(self, keys: ArrayRef, values: ArrayRef) -> Result<ArrayRef> {
        let valid = NullBuffer::from(self.valid);
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(std::sync::Arc::new(from_parts(
            keys,
            values,
            offsets,
            Some(valid),
        )?))
    }
}

/// Maps of keys and values, which are cut at the offsets.
pub(super) fn from_parts(
    keys: ArrayRef,
    values: ArrayRef,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
) -> Result<MapArray> {
    let types = (keys.data_type().clone(), values.data_type().clone());
    let entry = map_entry(types.0.clone(), types.1.clone());
    let entries = StructArray::try_new(entry, vec![keys, values], None)?;
    let DataType::Map(field, _) = map_of(types.0, types.1) else {
        return plan_err!("a map was expected");
    };
    Ok(MapArray::try_new(field, offsets, entries, nulls, false)?)
}

/// The keys of a column in a form that can be compared and hashed: copies of them, one by one.
pub(super) fn comparable(keys: &ArrayRef) -> Result<Rows> {
    Room::default().take_all(keys)?;
    let converter = RowConverter::new(vec![SortField::new(keys.data_type().clone())])?;
    Ok(converter.convert_columns(std::slice::from_ref(keys))?)
}

/// The keys that a lookup asks for, in the type of the maps' own keys.
fn wanted(maps: &MapArray, keys: &ArrayRef) -> Result<ArrayRef> {
    let key_type = maps.key_type();
    if keys.data_type() == key_type {
        return Ok(keys.clone());
    }
    Ok(arrow::compute::cast(keys, key_type)?)
}

/// Whether a value of one type can be looked up among keys of another.
fn can_be_key(key: &DataType, wanted: &DataType) -> bool {
    key == wanted
        || key.is_null()
        || wanted.is_null()
        || (key.is_numeric() && wanted.is_numeric())
        || (crate::shapes::is_text(key) && crate::shapes::is_text(wanted))
}

/// The types of the keys and values of the first argument.
fn entry_types(types: &[DataType]) -> Result<(DataType, DataType)> {
    match types.first().and_then(map_types) {
        Some((key, value)) => Ok((key.clone(), value.clone())),
        None => plan_err!("a map was expected"),
    }
}

/// The positions of the elements of a row's map among all entries.
fn range(maps: &MapArray, row: usize) -> std::ops::Range<usize> {
    maps.value_offsets()[row] as usize..maps.value_offsets()[row + 1] as usize
}

/// Some rows of a column.
fn pick(column: &ArrayRef, rows: Vec<u32>) -> Result<ArrayRef> {
    Ok(take(column, &UInt32Array::from(rows), None)?)
}

/// The text of a key for a message.
fn key_text(keys: &ArrayRef, at: usize) -> String {
    match crate::result::cell(keys, at) {
        Ok(crate::Datum::Scalar(text)) => text,
        _ => type_name(keys.data_type()),
    }
}

/// Refuses a key that stands twice.
pub(super) fn duplicate<T>(keys: &ArrayRef, at: usize) -> Result<T> {
    exec_err!(
        "Duplicate map keys ({}) are not allowed",
        key_text(keys, at)
    )
}

/// The maps of an argument.
fn maps(column: &ArrayRef) -> &MapArray {
    column.as_map()
}
