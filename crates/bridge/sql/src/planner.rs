//! From rewritten syntax to a logical plan: what DataFusion's planner asks of its surroundings.

mod context;
mod expressions;
mod extremes;
mod operators;
mod sets;
mod sorts;
mod types;
mod unnest;
mod using;

pub(crate) use context::StatementContext;
pub(crate) use extremes::check as check_extremes;
pub(crate) use sets::check as check_set_operations;
pub(crate) use sorts::check as check_sorts;
