//! Access to fields and elements.

use datafusion::common::{Column, DFSchema, Result, ScalarValue, TableReference, plan_err};
use datafusion::functions::core::get_field;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, lit};

use crate::functions::operator_function;
use crate::shapes::map_types;

#[derive(Debug)]
pub(super) struct Expressions;

impl ExprPlanner for Expressions {
    /// `column.field.field`
    fn plan_compound_identifier(
        &self,
        field: &arrow::datatypes::Field,
        qualifier: Option<&TableReference>,
        nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        let column = Expr::Column(Column::from((qualifier, field)));
        Ok(PlannerResult::Planned(
            nested_names
                .iter()
                .fold(column, |value, name| access(value, name.as_str().into())),
        ))
    }

    /// `value.field` in a lambda, `array[index]`, `row[position]`
    fn plan_field_access(
        &self,
        expr: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        let RawFieldAccessExpr { expr, field_access } = expr;
        match field_access {
            // `map['key']` looks like the name of a field.
            GetFieldAccess::NamedStructField { name } => {
                if map_types(&expr.get_type(schema)?).is_some() {
                    return Ok(PlannerResult::Planned(subscript(expr, lit(name))));
                }
                Ok(PlannerResult::Planned(access(expr, name)))
            }
            GetFieldAccess::ListIndex { key } => {
                if let arrow::datatypes::DataType::Struct(fields) = expr.get_type(schema)? {
                    return Ok(PlannerResult::Planned(row_field(expr, &key, &fields)?));
                }
                Ok(PlannerResult::Planned(subscript(expr, *key)))
            }
            GetFieldAccess::ListRange { .. } => {
                plan_err!("array slices are written slice(array, start, length)")
            }
        }
    }
}

/// `array[index]` and `map[key]`
fn subscript(value: Expr, key: Expr) -> Expr {
    let function = operator_function("$subscript");
    Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![value, key]))
}

/// The field of a row by name.
fn access(row: Expr, name: ScalarValue) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(get_field(), vec![row, lit(name)]))
}

/// The field of a row by its position, counted from one.
fn row_field(row: Expr, key: &Expr, fields: &arrow::datatypes::Fields) -> Result<Expr> {
    let key = match key {
        Expr::Cast(cast) => cast.expr.as_ref(),
        other => other,
    };
    let position = match key {
        Expr::Literal(ScalarValue::Int64(Some(position)), _) => usize::try_from(*position).ok(),
        _ => None,
    };
    match position.and_then(|position| fields.get(position.checked_sub(1)?)) {
        Some(field) => Ok(access(row, field.name().as_str().into())),
        None => plan_err!("a row is accessed by a constant from 1 to {}", fields.len()),
    }
}
