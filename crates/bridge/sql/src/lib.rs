//! The SQL dialect of Amazon Timestream over DataFusion.
//!
//! [`Engine::query`] takes the text of one statement, a [`Catalog`] that knows the tables, and the
//! instant that `now()` means; it returns an [`Execution`] that hands out rows of [`Datum`]s in
//! Timestream's text forms. The crate reads no clock, opens no file of its own accord (DataFusion
//! spills into [`Limits::spill_dir`] when given) and knows nothing of HTTP.

mod ast;
mod catalog;
mod datum;
mod dialect;
mod engine;
mod error;
mod execution;
mod functions;
mod limits;
mod planner;
mod result;
mod rewrite;
mod shapes;
mod statement;
mod stop;
mod types;

pub use catalog::{Attribute, Catalog, ColumnDescription, MeasureDescription, TableSource};
pub use datum::Datum;
pub use engine::{Description, Engine, Parameter};
pub use error::SqlError;
pub use execution::{Execution, StatementKind};
pub use limits::Limits;
pub use stop::Stop;
pub use types::{Column, Type};
