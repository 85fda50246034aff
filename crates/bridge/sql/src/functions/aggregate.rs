//! Aggregate functions that DataFusion lacks or reads differently.

mod by;
mod digest;
mod percentile;
mod series;
mod sum;

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

/// The functions of this family.
pub(super) fn functions() -> Vec<(&'static str, Arc<AggregateUDF>)> {
    vec![
        ("approx_percentile", percentile::function()),
        ("create_time_series", series::function()),
        ("max_by", by::function(by::Which::Max)),
        ("min_by", by::function(by::Which::Min)),
        ("sum", sum::function()),
    ]
}
