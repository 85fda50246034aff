//! `UNNEST`, alone or joined with what stands left of it.

use std::collections::BTreeSet;

use datafusion::common::{
    Column, DFSchema, NullHandling, Result, TableReference, UnnestOptions, not_impl_err, plan_err,
};
use datafusion::functions::core::get_field;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{
    Expr as SqlExpr, Join, JoinConstraint, JoinOperator, TableAlias, TableFactor, Value,
};

use crate::functions::operator_function;
use crate::shapes::{list_element, series_value};
use arrow::datatypes::DataType;

/// Plans relations that end in an UNNEST.
///
/// The lists are computed next to the columns of the left relation, unnested together, and their
/// elements taken apart: points into `time` and `value`, rows into their fields.
#[derive(Debug)]
pub(super) struct UnnestJoins;

impl RelationPlanner for UnnestJoins {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        match relation {
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_ordinality,
                ..
            } => {
                let one_row = LogicalPlanBuilder::empty(true).build()?;
                let unnest = Unnest {
                    alias,
                    lists: array_exprs,
                    with_ordinality,
                };
                let plan = unnest.plan(one_row, NullHandling::Drop, context)?;
                Ok(planned(plan, None))
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                if !matches!(
                    table_with_joins.joins.as_slice(),
                    [Join {
                        relation: TableFactor::UNNEST { .. },
                        ..
                    }]
                ) {
                    let original = TableFactor::NestedJoin {
                        table_with_joins,
                        alias,
                    };
                    return Ok(RelationPlanning::Original(Box::new(original)));
                }
                let mut tables = *table_with_joins;
                let Some(Join {
                    relation,
                    join_operator,
                    ..
                }) = tables.joins.pop()
                else {
                    return plan_err!("UNNEST lost its join");
                };
                let TableFactor::UNNEST {
                    alias: name,
                    array_exprs,
                    with_ordinality,
                    ..
                } = relation
                else {
                    return plan_err!("UNNEST lost its relation");
                };
                let nulls = null_handling(&join_operator)?;
                let left = context.plan(tables.relation)?;
                let unnest = Unnest {
                    alias: name,
                    lists: array_exprs,
                    with_ordinality,
                };
                Ok(planned(unnest.plan(left, nulls, context)?, alias))
            }
            other => Ok(RelationPlanning::Original(Box::new(other))),
        }
    }
}

fn planned(plan: LogicalPlan, alias: Option<TableAlias>) -> RelationPlanning {
    RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias)))
}

fn null_handling(operator: &JoinOperator) -> Result<NullHandling> {
    let constraint = match operator {
        JoinOperator::CrossJoin(JoinConstraint::None) => return Ok(NullHandling::Drop),
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (constraint, NullHandling::PreserveAndExpandEmpty)
        }
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            (constraint, NullHandling::Drop)
        }
        _ => return not_impl_err!("UNNEST takes CROSS JOIN, INNER JOIN and LEFT JOIN only"),
    };
    match constraint {
        (JoinConstraint::On(SqlExpr::Value(value)), nulls)
            if value.value == Value::Boolean(true) =>
        {
            Ok(nulls)
        }
        _ => not_impl_err!("a join with UNNEST takes no other condition than ON true"),
    }
}

/// The columns of `schema`, such that none determines another.
///
/// What is grouped by `k` has one row for each `k`, and the planner leaves out whatever follows `k`
/// in a later `ORDER BY` or `GROUP BY`. UNNEST makes many rows of one, but its node in DataFusion
/// keeps what was known of its input. A function of a column is known nothing of.
fn without_keys(schema: &DFSchema) -> Vec<Expr> {
    let keys: BTreeSet<usize> = schema
        .functional_dependencies()
        .iter()
        .flat_map(|dependency| dependency.source_indices.iter().copied())
        .collect();
    let columns = schema.columns().into_iter().enumerate();
    columns
        .map(|(position, column)| {
            let value = Expr::Column(column.clone());
            if !keys.contains(&position) {
                return value;
            }
            let keyless = ScalarFunction::new_udf(operator_function("$keyless"), vec![value]);
            Expr::ScalarFunction(keyless).alias_qualified(column.relation, column.name)
        })
        .collect()
}

struct Unnest {
    alias: Option<TableAlias>,
    lists: Vec<SqlExpr>,
    with_ordinality: bool,
}

impl Unnest {
    fn plan(
        self,
        left: LogicalPlan,
        null_handling: NullHandling,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<LogicalPlan> {
        let schema = left.schema().clone();
        let mut lists = Vec::with_capacity(self.lists.len() + 1);
        for list in self.lists {
            let list = context.sql_to_expr(list, &schema)?;
            // The entries of a map are rows of a key and a value.
            lists.push(match list.get_type(&schema)? {
                DataType::Map(_, _) => Expr::ScalarFunction(ScalarFunction::new_udf(
                    operator_function("map_entries"),
                    vec![list],
                )),
                _ => list,
            });
        }
        if lists.is_empty() {
            return plan_err!("UNNEST takes at least one array, map or time series");
        }
        let mut elements = Vec::with_capacity(lists.len());
        for list in &lists {
            let data_type = list.get_type(&schema)?;
            match list_element(&data_type) {
                Some(element) => {
                    let expanded = series_value(&data_type).is_some()
                        || matches!(element.data_type(), DataType::Struct(_));
                    elements.push((element.data_type().clone(), expanded));
                }
                None => return plan_err!("UNNEST takes arrays, maps and time series"),
            }
        }
        if self.with_ordinality {
            let ordinals = ScalarFunction::new_udf(operator_function("$ordinals"), lists.clone());
            lists.push(Expr::ScalarFunction(ordinals));
            elements.push((DataType::Int64, false));
        }

        let names: Vec<String> = (0..lists.len())
            .map(|position| format!("\u{3}unnest{position}"))
            .collect();
        let left_columns: Vec<Expr> = schema.columns().into_iter().map(Expr::Column).collect();
        let with_lists = without_keys(&schema).into_iter().chain(
            lists
                .into_iter()
                .zip(&names)
                .map(|(list, name)| list.alias(name)),
        );
        let options = UnnestOptions {
            null_handling,
            recursions: vec![],
        };
        let columns = names.iter().map(Column::new_unqualified).collect();
        let unnested = LogicalPlanBuilder::from(left)
            .project(with_lists.collect::<Vec<_>>())?
            .unnest_columns_with_options(columns, options)?;

        let mut values = Vec::new();
        for (position, (name, (element, expanded))) in names.iter().zip(&elements).enumerate() {
            let column = Expr::Column(Column::new_unqualified(name));
            match element {
                DataType::Struct(fields) if *expanded => {
                    for field in fields {
                        let args = vec![column.clone(), lit(field.name().as_str())];
                        let part = Expr::ScalarFunction(ScalarFunction::new_udf(get_field(), args));
                        values.push((part, field.name().clone()));
                    }
                }
                _ if self.with_ordinality && position + 1 == names.len() => {
                    values.push((column, "ordinality".to_owned()));
                }
                _ => values.push((column, format!("_col{}", values.len()))),
            }
        }
        let alias = self.alias.map(|alias| {
            let columns: Vec<String> = alias
                .columns
                .into_iter()
                .map(|c| context.normalize_ident(c.name))
                .collect();
            (context.normalize_ident(alias.name), columns)
        });
        let (table, given) = match alias {
            Some((table, columns)) => (Some(TableReference::bare(table)), columns),
            None => (None, vec![]),
        };
        if !given.is_empty() && given.len() != values.len() {
            return plan_err!(
                "Column alias list has {} entries but '{}' has {} columns available",
                given.len(),
                table.map(|table| table.to_string()).unwrap_or_default(),
                values.len()
            );
        }
        let values = values
            .into_iter()
            .enumerate()
            .map(|(position, (value, name))| {
                value.alias_qualified(table.clone(), given.get(position).cloned().unwrap_or(name))
            });
        unnested
            .project(left_columns.into_iter().chain(values).collect::<Vec<_>>())?
            .build()
    }
}
