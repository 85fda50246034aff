//! ORDER BY: a name of three parts that nothing has is not looked for by DataFusion's planner, and
//! fails only when the statement is started.

use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

/// Fails on the first column of an ORDER BY that is not there, as the planner does elsewhere.
pub(crate) fn check(plan: &LogicalPlan) -> Result<(), DataFusionError> {
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Sort(sort) = node {
            let columns = sort.expr.iter().flat_map(|key| key.expr.column_refs());
            for column in columns {
                sort.input.schema().index_of_column(column)?;
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .map(drop)
}
