//! Functions of arrays and rows.

mod access;
mod build;
mod change;
mod combine;
mod sequence;

use std::sync::Arc;

use datafusion::functions_nested as nested;
use datafusion::logical_expr::ScalarUDF;

use super::signature::Scalar;

pub(super) use change::{concat, reverse};

pub(super) fn functions() -> impl Iterator<Item = Scalar> {
    [
        access::FUNCTIONS,
        build::FUNCTIONS,
        change::FUNCTIONS,
        combine::FUNCTIONS,
        sequence::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Functions with type rules of their own that only rewrites call, and `row`.
pub(super) fn constructors() -> Vec<Arc<ScalarUDF>> {
    vec![nested::make_array::make_array_udf(), build::row()]
}

/// DataFusion's functions whose names and semantics are those of Timestream.
pub(super) fn native() -> Vec<(&'static str, Arc<ScalarUDF>)> {
    vec![
        ("array_distinct", nested::set_ops::array_distinct_udf()),
        ("array_except", nested::except::array_except_udf()),
        ("array_intersect", nested::set_ops::array_intersect_udf()),
        ("array_union", nested::set_ops::array_union_udf()),
        ("flatten", nested::flatten::flatten_udf()),
    ]
}

/// DataFusion's functions that are reached under another name.
pub(super) fn renamed() -> Vec<Arc<ScalarUDF>> {
    vec![
        nested::array_has::array_has_udf(),
        nested::remove::array_remove_all_udf(),
    ]
}
