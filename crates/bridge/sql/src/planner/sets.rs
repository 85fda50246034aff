//! UNION: DataFusion would turn numbers into text to unite the two.

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;

use super::operators::can_unite;
use crate::SqlError;
use crate::shapes::type_name;

/// Refuses unions of columns of different kinds.
pub(crate) fn check(plan: &LogicalPlan) -> Result<(), SqlError> {
    let mut fault = None;
    let visited = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Union(union) = node
            && let Some((first, others)) = union.inputs.split_first()
        {
            for other in others {
                let pairs = first.schema().fields().iter().zip(other.schema().fields());
                for (position, (a, b)) in pairs.enumerate() {
                    if !can_unite(a.data_type(), b.data_type()) {
                        fault = Some(format!(
                            "column {} in UNION query has incompatible types: {}, {}",
                            position + 1,
                            type_name(a.data_type()),
                            type_name(b.data_type())
                        ));
                        return Ok(TreeNodeRecursion::Stop);
                    }
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    });
    match (fault, visited) {
        (Some(fault), _) => Err(SqlError::Validation(fault)),
        (None, Ok(_)) => Ok(()),
        (None, Err(error)) => Err(SqlError::Internal(error.to_string())),
    }
}
