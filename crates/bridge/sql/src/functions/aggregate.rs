//! Aggregate functions that DataFusion lacks or reads differently.

mod by;
mod checksum;
mod digest;
mod moments;
mod percentile;
mod series;
mod sum;

use std::sync::Arc;

use datafusion::logical_expr::AggregateUDF;

/// The functions of this family.
pub(super) fn functions() -> Vec<(&'static str, Arc<AggregateUDF>)> {
    vec![
        ("approx_percentile", percentile::function()),
        ("checksum", checksum::function()),
        ("create_time_series", series::function()),
        ("kurtosis", moments::function(moments::Shape::Kurtosis)),
        ("max_by", by::function(by::Which::Max)),
        ("min_by", by::function(by::Which::Min)),
        ("skewness", moments::function(moments::Shape::Skewness)),
        ("sum", sum::function()),
    ]
}
