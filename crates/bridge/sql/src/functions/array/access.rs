//! Looking into arrays.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, StringViewArray, UInt32Array, make_comparator,
};
use arrow::compute::{SortOptions, take};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};

use crate::Datum;
use crate::functions::bounds::Room;
use crate::functions::cells::cell;
use crate::functions::map;
use crate::functions::signature::Param::{Any, Array as ArrayParam, Bigint, Map, Varchar};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::list_element;

const BIGINT: Gives = Gives::Is(|| DataType::Int64);
const ELEMENT: Gives = Gives::From(element_type);

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "cardinality",
        overloads: &[
            form(&[ArrayParam], BIGINT, cardinality),
            form(&[Map], BIGINT, map::cardinality),
        ],
    },
    Scalar {
        name: "element_at",
        overloads: &[
            form(&[ArrayParam, Bigint], ELEMENT, element_at),
            form(&[Map, Any], Gives::From(map::value_type), map::element_at),
        ],
    },
    Scalar {
        name: "$subscript",
        overloads: &[
            form(&[ArrayParam, Bigint], ELEMENT, subscript),
            form(&[Map, Any], Gives::From(map::value_type), map::subscript),
        ],
    },
    Scalar {
        name: "array_max",
        overloads: &[form(&[ArrayParam], ELEMENT, |c| extreme(c, true))],
    },
    Scalar {
        name: "array_min",
        overloads: &[form(&[ArrayParam], ELEMENT, |c| extreme(c, false))],
    },
    Scalar {
        name: "array_join",
        overloads: &[
            form(
                &[ArrayParam, Varchar],
                Gives::Is(|| DataType::Utf8View),
                join,
            ),
            form(
                &[ArrayParam, Varchar, Varchar],
                Gives::Is(|| DataType::Utf8View),
                join,
            ),
        ],
    },
];

fn element_type(types: &[DataType]) -> Result<DataType> {
    match list_element(&types[0]) {
        Some(element) => Ok(element.data_type().clone()),
        None => plan_err!("an array was expected"),
    }
}

fn cardinality(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let sizes = (0..call.rows).map(|row| {
        lists
            .is_valid(row)
            .then(|| i64::from(lists.value_length(row)))
    });
    Ok(Arc::new(sizes.collect::<Int64Array>()))
}

/// The element of each row that `choose` picks from the row's length, or null.
fn pick(call: &Call, choose: impl Fn(usize, i64, i64) -> Result<Option<i64>>) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let indices = (0..call.rows).map(|row| {
        let Some(index) = cell::<i64>(&call.args[1], row) else {
            return Ok(None);
        };
        if lists.is_null(row) {
            return Ok(None);
        }
        let chosen = choose(row, index, i64::from(lists.value_length(row)))?;
        let offset = i64::from(lists.value_offsets()[row]);
        Ok(chosen.and_then(|position| u32::try_from(offset + position).ok()))
    });
    let indices = indices.collect::<Result<UInt32Array>>()?;
    Ok(take(lists.values(), &indices, None)?)
}

/// From the end when negative; null outside.
fn element_at(call: &Call) -> Result<ArrayRef> {
    pick(call, |_, index, length| match index {
        0 => exec_err!("SQL array indices start at 1"),
        index if index.unsigned_abs() > length.unsigned_abs() => Ok(None),
        index if index < 0 => Ok(Some(length + index)),
        index => Ok(Some(index - 1)),
    })
}

/// `array[index]`: an index outside is an error.
fn subscript(call: &Call) -> Result<ArrayRef> {
    pick(call, |_, index, length| match index {
        0 => exec_err!("SQL array indices start at 1"),
        index if index < 0 => exec_err!("Array subscript is negative: {index}"),
        index if index > length => {
            exec_err!(
                "Array subscript must be less than or equal to array length: {index} > {length}"
            )
        }
        index => Ok(Some(index - 1)),
    })
}

/// The largest or smallest element; null when any is null.
fn extreme(call: &Call, largest: bool) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let values = lists.values();
    let compare = make_comparator(values, values, SortOptions::default())?;
    let indices = (0..call.rows).map(|row| {
        let range = lists.value_offsets()[row] as usize..lists.value_offsets()[row + 1] as usize;
        if lists.is_null(row) || range.clone().any(|at| values.is_null(at)) {
            return None;
        }
        let best = if largest {
            range.reduce(|a, b| if compare(a, b).is_ge() { a } else { b })
        } else {
            range.reduce(|a, b| if compare(a, b).is_le() { a } else { b })
        };
        best.and_then(|at| u32::try_from(at).ok())
    });
    Ok(take(values, &indices.collect::<UInt32Array>(), None)?)
}

/// The elements' texts with a delimiter between them; nulls are left out unless they have a text.
fn join(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let mut room = Room::default();
    let texts = (0..call.rows).map(|row| {
        let Some(delimiter) = cell::<&str>(&call.args[1], row) else {
            return Ok(None);
        };
        if lists.is_null(row) {
            return Ok(None);
        }
        let for_null = call.args.get(2).and_then(|texts| cell::<&str>(texts, row));
        let values = lists.value(row);
        let mut parts = Vec::with_capacity(values.len());
        for at in 0..values.len() {
            match crate::result::cell(&values, at) {
                Ok(Datum::Scalar(text)) => {
                    room.take(text.len().saturating_add(delimiter.len()))?;
                    parts.push(text);
                }
                Ok(Datum::Null) => {
                    let Some(text) = for_null else { continue };
                    room.take(text.len().saturating_add(delimiter.len()))?;
                    parts.push(text.to_owned());
                }
                Ok(_) => return exec_err!("array_join takes arrays of scalars"),
                Err(error) => return exec_err!("{error}"),
            }
        }
        Ok(Some(parts.join(delimiter)))
    });
    Ok(Arc::new(texts.collect::<Result<StringViewArray>>()?))
}
