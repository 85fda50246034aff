//! `max` and `min`: DataFusion compares rows, and arrays of simple values, but nothing deeper, and
//! would say so only when it meets two values.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};

use crate::SqlError;
use crate::shapes::type_name;

/// Refuses the largest and the smallest of values that have no order.
pub(crate) fn check(plan: &LogicalPlan) -> Result<(), SqlError> {
    let mut fault = None;
    let visited = plan.apply_with_subqueries(|node| {
        for input in node.inputs() {
            for expr in node.expressions() {
                fault = fault.take().or(fault_of(&expr, input.schema())?);
            }
        }
        Ok(match fault {
            Some(_) => TreeNodeRecursion::Stop,
            None => TreeNodeRecursion::Continue,
        })
    });
    match (fault, visited) {
        (Some(fault), _) => Err(SqlError::Validation(fault)),
        (None, Ok(_)) => Ok(()),
        (None, Err(error)) => Err(SqlError::Internal(error.to_string())),
    }
}

fn fault_of(expr: &Expr, schema: &DFSchema) -> Result<Option<String>> {
    let mut fault = None;
    expr.apply(|expr| {
        let (name, args) = match expr {
            Expr::AggregateFunction(call) => (call.func.name(), &call.params.args),
            Expr::WindowFunction(call) => (call.fun.name(), &call.params.args),
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        if let ("max" | "min", [value]) = (name, args.as_slice()) {
            let of = value.get_type(schema)?;
            if !has_order(&of) {
                fault = Some(format!(
                    "Unexpected parameters ({}) for function {name}: values of that type have no \
                     order here",
                    type_name(&of)
                ));
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(fault)
}

fn has_order(of: &DataType) -> bool {
    match of {
        DataType::List(element) => !element.data_type().is_nested(),
        DataType::Struct(fields) => fields.iter().all(|field| !field.data_type().is_nested()),
        DataType::Map(_, _) => false,
        _ => true,
    }
}
