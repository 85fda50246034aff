//! From rewritten syntax to a logical plan: what DataFusion's planner asks of its surroundings.

mod context;
mod expressions;
mod operators;
mod types;
mod unnest;

pub(crate) use context::StatementContext;
