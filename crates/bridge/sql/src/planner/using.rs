//! Joins by the names of columns: `JOIN ... USING (x)` and `NATURAL JOIN`.
//!
//! As in Trino the joined columns come first, once and without a qualifier of their tables, with the value of the
//! side that has one; DataFusion would show the left side's, which a right or full join lacks.

use datafusion::common::{Column, DFSchema, JoinType, Result, plan_err};
use datafusion::functions::core::coalesce;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{
    PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning,
};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{JoinConstraint, TableFactor};

use crate::rewrite::by_names;

/// The qualifier of joined columns, which no statement can write, so that the next join finds them.
const JOINED: &str = "\u{4}joined";

/// Plans relations in parentheses that are one join by names.
#[derive(Debug)]
pub(super) struct NamedJoins;

impl RelationPlanner for NamedJoins {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let TableFactor::NestedJoin {
            table_with_joins,
            alias,
        } = &relation
        else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let [join] = table_with_joins.joins.as_slice() else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let Some((join_type, constraint)) = by_names(&join.join_operator) else {
            return Ok(RelationPlanning::Original(Box::new(relation)));
        };
        let left = context.plan(table_with_joins.relation.clone())?;
        let right = context.plan(join.relation.clone())?;
        let names = match constraint {
            JoinConstraint::Using(names) => names
                .iter()
                .map(|name| match name.0.as_slice() {
                    [part] if part.as_ident().is_some() => Ok(part
                        .as_ident()
                        .map_or_else(String::new, |ident| context.normalize_ident(ident.clone()))),
                    _ => plan_err!("USING takes names of columns, not '{name}'"),
                })
                .collect::<Result<Vec<_>>>()?,
            _ => common_names(left.schema(), right.schema()),
        };
        let plan = plan(left, right, join_type, &names)?;
        let planned = PlannedRelation::new(plan, alias.clone());
        Ok(RelationPlanning::Planned(Box::new(planned)))
    }
}

fn common_names(left: &DFSchema, right: &DFSchema) -> Vec<String> {
    let right: Vec<&String> = right.fields().iter().map(|field| field.name()).collect();
    let left = left.fields().iter().map(|field| field.name());
    left.filter(|name| right.contains(name)).cloned().collect()
}

fn plan(
    left: LogicalPlan,
    right: LogicalPlan,
    join_type: JoinType,
    names: &[String],
) -> Result<LogicalPlan> {
    if names.is_empty() {
        return LogicalPlanBuilder::from(left).cross_join(right)?.build();
    }
    let columns = |schema: &DFSchema, side: &str| {
        names
            .iter()
            .map(|name| column(schema, name, side))
            .collect::<Result<Vec<Column>>>()
    };
    let keys = (
        columns(left.schema(), "left")?,
        columns(right.schema(), "right")?,
    );
    let joined = LogicalPlanBuilder::from(left).join(right, join_type, keys.clone(), None)?;
    let named = names
        .iter()
        .zip(keys.0.iter().zip(&keys.1))
        .map(|(name, (left, right))| {
            let (left, right) = (Expr::Column(left.clone()), Expr::Column(right.clone()));
            let value = match join_type {
                JoinType::Right => right,
                JoinType::Full => {
                    Expr::ScalarFunction(ScalarFunction::new_udf(coalesce(), vec![left, right]))
                }
                _ => left,
            };
            value.alias_qualified(Some(JOINED), name)
        });
    let others = joined.schema().columns().into_iter();
    let others = others.filter(|column| !keys.0.contains(column) && !keys.1.contains(column));
    let all: Vec<Expr> = named.chain(others.map(Expr::Column)).collect();
    joined.project(all)?.build()
}

fn column(schema: &DFSchema, name: &str, side: &str) -> Result<Column> {
    match schema.columns_with_unqualified_name(name).as_slice() {
        [column] => Ok(column.clone()),
        [] => plan_err!("Column '{name}' is missing from {side} side of join"),
        _ => plan_err!("Column '{name}' is ambiguous in the {side} side of the join"),
    }
}
