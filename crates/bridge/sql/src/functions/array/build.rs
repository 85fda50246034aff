//! Making arrays and rows.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ListArray, StructArray, UInt32Array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Fields};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::functions::bounds::{Room, Sizes, column};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{Any, Array as ArrayParam, Bigint};
use crate::functions::signature::{Call, Gives, Scalar, form, variadic};
use crate::shapes::{anonymous_field, list_element, list_of};

/// The most elements that one call may make.
pub(super) const MOST_ELEMENTS: usize = 1_000_000;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "repeat",
        overloads: &[form(
            &[Any, Bigint],
            Gives::From(|types| Ok(list_of(types[0].clone()))),
            repeat,
        )],
    },
    Scalar {
        // The positions of the longest of some arrays, for UNNEST WITH ORDINALITY.
        name: "$ordinals",
        overloads: &[variadic(
            &[ArrayParam],
            ArrayParam,
            Gives::Is(|| list_of(DataType::Int64)),
            ordinals,
        )],
    },
    Scalar {
        // A column as it is, of which the planner no longer knows that it is unique, for UNNEST.
        name: "$keyless",
        overloads: &[form(&[Any], Gives::Like(0), |call| {
            Ok(Arc::clone(&call.args[0]))
        })],
    },
];

fn repeat(call: &Call) -> Result<ArrayRef> {
    let mut lengths = Vec::with_capacity(call.rows);
    let mut indices: Vec<u32> = Vec::new();
    let mut room = Room::default();
    let sizes = Sizes::of(call.args[0].as_ref());
    let mut valid = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let count = cell::<i64>(&call.args[1], row);
        let size = usize::try_from(count.unwrap_or(0).max(0)).unwrap_or(usize::MAX);
        if size > MOST_ELEMENTS {
            return exec_err!("count argument of repeat function must be at most {MOST_ELEMENTS}");
        }
        room.take_many(size, sizes.at(row))?;
        indices.extend(std::iter::repeat_n(row as u32, size));
        lengths.push(size);
        valid.push(count.is_some());
    }
    let Some(element) = list_element(&call.gives) else {
        return plan_err!("repeat gives an array");
    };
    Ok(Arc::new(ListArray::try_new(
        element.clone(),
        OffsetBuffer::from_lengths(lengths),
        take(&call.args[0], &UInt32Array::from(indices), None)?,
        Some(valid.into()),
    )?))
}

fn ordinals(call: &Call) -> Result<ArrayRef> {
    use arrow::array::AsArray;
    let lists = (0..call.rows).map(|row| {
        let longest = call
            .args
            .iter()
            .filter(|list| list.is_valid(row))
            .map(|list| list.as_list::<i32>().value_length(row))
            .max();
        longest.map(|longest| (1..=i64::from(longest)).map(Some))
    });
    Ok(Arc::new(ListArray::from_iter_primitive::<
        arrow::datatypes::Int64Type,
        _,
        _,
    >(lists)))
}

/// `row(a, b, ...)`: a row of fields without names.
pub(super) fn row() -> Arc<ScalarUDF> {
    Arc::new(ScalarUDF::from(Row {
        signature: Signature::variadic_any(Volatility::Immutable),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Row {
    signature: Signature,
}

impl ScalarUDFImpl for Row {
    fn name(&self) -> &str {
        "row"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let field = |(position, t): (usize, &DataType)| {
            Field::new(anonymous_field(position), t.clone(), true)
        };
        Ok(DataType::Struct(
            types.iter().enumerate().map(field).collect(),
        ))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let DataType::Struct(fields) = args.return_field.data_type() else {
            return plan_err!("row gives a row");
        };
        let fields: Fields = fields.clone();
        let columns: Vec<ArrayRef> = args
            .args
            .iter()
            .map(|arg| column(arg, args.number_rows))
            .collect::<Result<_>>()?;
        Ok(ColumnarValue::Array(Arc::new(StructArray::try_new(
            fields, columns, None,
        )?)))
    }
}
