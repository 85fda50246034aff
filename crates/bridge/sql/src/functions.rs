//! The functions of the dialect: one module per family, and the registry that knows them all.

mod aggregate;
mod array;
mod bounds;
mod cells;
mod conversion;
mod forms;
mod json;
mod lambda;
mod map;
mod math;
mod registry;
mod regular;
mod series;
mod signature;
mod text;
mod time;
mod url;

use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::ScalarUDF;

pub(crate) use forms::{expand as expand_form, takes_lambda};
pub(crate) use registry::Registry;
pub(crate) use time::{civil, date, statement_functions};

/// All functions; they are the same for every engine.
pub(crate) fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);
    &REGISTRY
}

/// The function behind an operator, such as `$multiply`.
pub(crate) fn operator_function(name: &str) -> Arc<ScalarUDF> {
    registry()
        .scalar(name)
        .expect("the planner names only functions that the registry has")
}
