//! From Timestream's syntax to syntax that DataFusion's planner understands.
//!
//! Each pass is one file and one subject. The order matters: what the statement may contain is
//! checked on the text as written; only then forms are replaced by internal functions.

mod calls;
mod frames;
mod having;
mod intervals;
mod joins;
mod lambdas;
mod lateral;
mod membership;
mod names;
mod numbers;
mod output;
mod refuse;
mod spelling;

use datafusion::sql::sqlparser::ast::Query;

use crate::SqlError;

pub(crate) use having::check as check_having;
pub(crate) use joins::by_names;
pub(crate) use names::table_references;
pub(crate) use output::display_name;
pub(crate) use refuse::check;
pub(crate) use spelling::{correct, find, find_call};

/// Rewrites a query, which [`check`] has let pass, in place.
pub(crate) fn rewrite(query: &mut Query) -> Result<(), SqlError> {
    membership::rewrite(query)?;
    frames::keep_bare(query);
    // Before names are given to columns, while bare columns can be told from expressions.
    output::name_columns(query);
    lateral::rewrite(query);
    joins::nest(query);
    lambdas::rewrite(query);
    calls::rewrite(query)?;
    numbers::rewrite(query)
}
