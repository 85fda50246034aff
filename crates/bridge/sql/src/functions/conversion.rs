//! `CAST`, `TRY_CAST` and `typeof`.

mod casts;
mod json;
mod kernels;

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringViewArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::ScalarUDF;

use super::signature::Param::{Any, Boolean, DayToSecond, Double};
use super::signature::{Call, Gives, Scalar, form};
use crate::shapes::type_name;

const BIGINT: Gives = Gives::Is(|| DataType::Int64);

/// The value of a sub-select, which is null when it has no row; DataFusion takes it for never null
/// when the column is not.
const NULLABLE: Scalar = Scalar {
    name: "$nullable",
    overloads: &[form(
        &[Any],
        Gives::Like(0),
        |call| Ok(call.args[0].clone()),
    )],
};

/// A value in a type whose distinct values DataFusion can count approximately: it lacks doubles,
/// booleans and intervals.
const COUNTABLE: Scalar = Scalar {
    name: "$countable",
    overloads: &[
        form(&[Double], BIGINT, |call| {
            let values = call.args[0].as_primitive::<Float64Type>();
            // Negative zero equals zero.
            let bits = values.unary::<_, Int64Type>(|value| (value + 0.0).to_bits() as i64);
            Ok(Arc::new(bits))
        }),
        form(&[Boolean], BIGINT, as_bigint),
        form(&[DayToSecond], BIGINT, as_bigint),
        form(&[Any], Gives::Like(0), |call| Ok(call.args[0].clone())),
    ],
};

fn as_bigint(call: &Call) -> Result<ArrayRef> {
    Ok(arrow::compute::cast(&call.args[0], &DataType::Int64)?)
}

const FUNCTIONS: &[Scalar] = &[Scalar {
    name: "typeof",
    overloads: &[form(&[Any], Gives::Is(|| DataType::Utf8View), |call| {
        let name = type_name(call.args[0].data_type());
        Ok(Arc::new(StringViewArray::from_iter_values(vec![name; call.rows])) as ArrayRef)
    })],
}];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS
        .iter()
        .copied()
        .chain([json::TO_JSON, NULLABLE, COUNTABLE])
}

/// The functions that `CAST` and `TRY_CAST` are rewritten to: `$cast(value, 'type')`.
pub(super) fn casts() -> [Arc<ScalarUDF>; 2] {
    casts::functions()
}
