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

const FUNCTIONS: &[Scalar] = &[Scalar {
    name: "typeof",
    overloads: &[form(&[Any], Gives::Is(|| DataType::Utf8View), |call| {
        let name = type_name(call.args[0].data_type());
        Ok(Arc::new(StringViewArray::from_iter_values(vec![name; call.rows])) as ArrayRef)
    })],
}];

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    FUNCTIONS.iter().copied().chain([json::TO_JSON])
}

/// The functions that `CAST` and `TRY_CAST` are rewritten to: `$cast(value, 'type')`.
pub(super) fn casts() -> [Arc<ScalarUDF>; 2] {
    casts::functions()
}
