//! `CAST`, `TRY_CAST` and `typeof`.

mod casts;
mod json;
mod kernels;

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::logical_expr::ScalarUDF;

use super::signature::Param::Any;
use super::signature::{Gives, Scalar, form};
use crate::shapes::type_name;

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

const FUNCTIONS: &[Scalar] = &[Scalar {
    name: "typeof",
    overloads: &[form(&[Any], Gives::Is(|| DataType::Utf8View), |call| {
        let name = type_name(call.args[0].data_type());
        Ok(Arc::new(StringViewArray::from_iter_values(vec![name; call.rows])) as ArrayRef)
    })],
}];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied().chain([json::TO_JSON, NULLABLE])
}

/// The functions that `CAST` and `TRY_CAST` are rewritten to: `$cast(value, 'type')`.
pub(super) fn casts() -> [Arc<ScalarUDF>; 2] {
    casts::functions()
}
