//! Looking into maps.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, ListArray, StructArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};

use super::{can_be_key, comparable, entry_types, key_text, maps, range, wanted};
use crate::functions::signature::Param::Map;
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::{list_element, list_of, map_entry, type_name};

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "map_keys",
        overloads: &[form(
            &[Map],
            Gives::From(|types| Ok(list_of(entry_types(types)?.0))),
            |call| parts(call, |entries| entries.column(0).clone()),
        )],
    },
    Scalar {
        name: "map_values",
        overloads: &[form(
            &[Map],
            Gives::From(|types| Ok(list_of(entry_types(types)?.1))),
            |call| parts(call, |entries| entries.column(1).clone()),
        )],
    },
    Scalar {
        name: "map_entries",
        overloads: &[form(
            &[Map],
            Gives::From(|types| {
                let (key, value) = entry_types(types)?;
                Ok(list_of(DataType::Struct(map_entry(key, value))))
            }),
            |call| parts(call, |entries| Arc::new(entries.clone())),
        )],
    },
];

/// Arrays of one part of the entries of maps.
fn parts(call: &Call, part: impl Fn(&StructArray) -> ArrayRef) -> Result<ArrayRef> {
    let maps = maps(&call.args[0]);
    let Some(element) = list_element(&call.gives) else {
        return plan_err!("an array of the entries of a map was expected");
    };
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        maps.offsets().clone(),
        part(maps.entries()),
        maps.nulls().cloned(),
    )?))
}

/// `cardinality(map)`: how many entries.
pub(in crate::functions) fn cardinality(call: &Call) -> Result<ArrayRef> {
    let maps = maps(&call.args[0]);
    let sizes = (0..call.rows).map(|row| maps.is_valid(row).then(|| range(maps, row).len() as i64));
    Ok(Arc::new(sizes.collect::<Int64Array>()))
}

/// The type of what a lookup gives; refuses keys that no map of this type can have.
pub(in crate::functions) fn value_type(types: &[DataType]) -> Result<DataType> {
    let (key, value) = entry_types(types)?;
    match types.get(1) {
        Some(wanted) if !can_be_key(&key, wanted) => plan_err!(
            "a map whose keys are {} has no key of type {}",
            type_name(&key),
            type_name(wanted)
        ),
        _ => Ok(value),
    }
}

/// `element_at(map, key)`: null for a key that is not there.
pub(in crate::functions) fn element_at(call: &Call) -> Result<ArrayRef> {
    lookup(call, |_, _| Ok(None))
}

/// `map[key]`: a key that is not there is an error.
pub(in crate::functions) fn subscript(call: &Call) -> Result<ArrayRef> {
    lookup(call, |keys, row| {
        exec_err!("Key not present in map: {}", key_text(keys, row))
    })
}

fn lookup(
    call: &Call,
    absent: impl Fn(&ArrayRef, usize) -> Result<Option<u32>>,
) -> Result<ArrayRef> {
    let maps = maps(&call.args[0]);
    let sought = wanted(maps, &call.args[1])?;
    let (known, sought_rows) = {
        // Both columns go through one converter, so that their bytes can be compared.
        let both = arrow::compute::concat(&[maps.keys().as_ref(), sought.as_ref()])?;
        let rows = comparable(&both)?;
        (rows, maps.keys().len())
    };
    let indices = (0..call.rows).map(|row| {
        if maps.is_null(row) || sought.is_null(row) {
            return Ok(None);
        }
        let wanted = known.row(sought_rows + row);
        match range(maps, row).find(|at| known.row(*at) == wanted) {
            Some(at) => Ok(Some(at as u32)),
            None => absent(&sought, row),
        }
    });
    let indices = indices.collect::<Result<UInt32Array>>()?;
    Ok(take(maps.values(), &indices, None)?)
}
