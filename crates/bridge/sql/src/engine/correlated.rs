//! Correlated scalar sub-selects that are bound by more than equality.
//!
//! DataFusion makes a join of a sub-select whose correlated conditions compare columns for equality,
//! because then it can aggregate first and join afterwards. For any other condition this rule does
//! it the other way round: the rows of the outer query get numbers, are joined with those of the
//! sub-select on the condition, and what a number got is aggregated.

mod parts;

use std::collections::HashMap;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, Result};
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::functions_window::row_number::row_number;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    Expr, Filter, LogicalPlan, LogicalPlanBuilder, Projection, Subquery, lit, when,
};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use parts::Parts;

/// Takes such sub-selects out of SELECT lists and of conditions on rows.
#[derive(Debug)]
pub(super) struct Correlated;

impl OptimizerRule for Correlated {
    fn name(&self) -> &str {
        "Correlated"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        match plan {
            LogicalPlan::Projection(projection) => {
                let taken = take_out(&projection.expr, &projection.input, config)?;
                let Some((values, input)) = taken else {
                    return Ok(Transformed::no(LogicalPlan::Projection(projection)));
                };
                let values = values.into_iter().zip(&projection.expr);
                let values =
                    values.map(|(value, old)| value.alias_if_changed(old.name_for_alias()?));
                let values = values.collect::<Result<Vec<_>>>()?;
                let projection = Projection::try_new(values, input.into())?;
                Ok(Transformed::yes(LogicalPlan::Projection(projection)))
            }
            LogicalPlan::Filter(filter) => {
                let condition = std::slice::from_ref(&filter.predicate);
                let taken = take_out(condition, &filter.input, config)?;
                let Some((mut conditions, input)) = taken else {
                    return Ok(Transformed::no(LogicalPlan::Filter(filter)));
                };
                let columns = filter.input.schema().columns();
                let condition = conditions.swap_remove(0);
                let filtered = LogicalPlan::Filter(Filter::try_new(condition, input.into())?);
                let columns = columns.into_iter().map(Expr::Column).collect();
                let projection = Projection::try_new(columns, filtered.into())?;
                Ok(Transformed::yes(LogicalPlan::Projection(projection)))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// The expressions without these sub-selects, and the input with their values as columns.
fn take_out(
    exprs: &[Expr],
    input: &LogicalPlan,
    config: &dyn OptimizerConfig,
) -> Result<Option<(Vec<Expr>, LogicalPlan)>> {
    if !exprs.iter().any(Expr::contains_scalar_subquery) {
        return Ok(None);
    }
    let mut joined: Option<LogicalPlan> = None;
    let exprs = exprs.iter().map(|expr| {
        let without = expr.clone().transform_down(|expr| {
            let Expr::ScalarSubquery(subquery) = &expr else {
                return Ok(Transformed::no(expr));
            };
            let Some(parts) = Parts::of(subquery)? else {
                return Ok(Transformed::no(expr));
            };
            let outer = joined.take().unwrap_or_else(|| input.clone());
            let value = config.alias_generator().next("\u{5}scalar");
            joined = Some(join(outer, parts, &value)?);
            let value = Expr::Column(Column::new_unqualified(value));
            Ok(Transformed::new(value, true, TreeNodeRecursion::Jump))
        })?;
        Ok(without.data)
    });
    let exprs = exprs.collect::<Result<Vec<_>>>()?;
    Ok(joined.map(|joined| (exprs, joined)))
}

/// The columns of `outer`, and the value of a sub-select for each of its rows under a name.
fn join(outer: LogicalPlan, parts: Parts, value: &str) -> Result<LogicalPlan> {
    let own = |what: &str| Column::new_unqualified(format!("{value}{what}"));
    let columns = outer.schema().columns();
    let nested: Vec<bool> = outer
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().is_nested())
        .collect();

    let number = row_number();
    let numbered = Column::new_unqualified(number.schema_name().to_string());
    let id = own("id");
    let with_id = columns.iter().cloned().map(Expr::Column);
    let with_id = with_id.chain([Expr::Column(numbered).alias(&id.name)]);
    let left = LogicalPlanBuilder::from(outer)
        .window([number])?
        .project(with_id.collect::<Vec<_>>())?
        .build()?;

    // Names of their own, as both sides may be the same table.
    let hit = own("hit");
    let inner = parts.rows.schema().columns().into_iter().enumerate();
    let inner: HashMap<Column, Column> = inner
        .map(|(position, column)| (column, own(&position.to_string())))
        .collect();
    let renamed = inner
        .iter()
        .map(|(column, name)| Expr::Column(column.clone()).alias(&name.name));
    let renamed = renamed.chain([lit(true).alias(&hit.name)]);
    let right = LogicalPlanBuilder::from(parts.rows.clone())
        .project(renamed.collect::<Vec<_>>())?
        .build()?;
    let placed = |expr: Expr| in_join(expr, &inner);

    let conditions = parts.conditions.into_iter().map(placed);
    let conditions = conditions.collect::<Result<Vec<_>>>()?;
    // What has no flat value cannot be grouped by; a number has but one of it.
    let (mut keys, mut aggregates) = (vec![Expr::Column(id)], Vec::new());
    let mut kept = Vec::with_capacity(columns.len() + 1);
    for (position, (column, nested)) in columns.into_iter().zip(nested).enumerate() {
        if nested {
            let name = own(&format!("outer{position}"));
            let first = first_value_udaf().call(vec![Expr::Column(column.clone())]);
            aggregates.push(first.alias(&name.name));
            kept.push(Expr::Column(name).alias_qualified(column.relation, column.name));
        } else {
            keys.push(Expr::Column(column.clone()));
            kept.push(Expr::Column(column));
        }
    }
    let mut names = HashMap::new();
    for (name, aggregate) in parts.aggregates {
        let aggregate = of_hits(placed(aggregate)?, Expr::Column(hit.clone()));
        aggregates.push(aggregate.alias(own(&name).name));
        names.insert(Column::new_unqualified(&name), own(&name));
    }
    let mut result = in_join(parts.value, &names)?;
    for condition in parts.having {
        result = when(in_join(condition, &names)?, result).end()?;
    }
    kept.push(result.alias(value));
    LogicalPlanBuilder::from(left)
        .join_on(right, JoinType::Left, conditions)?
        .aggregate(keys, aggregates)?
        .project(kept)?
        .build()
}

/// An expression of the sub-select where the columns of the outer query are columns as well.
fn in_join(expr: Expr, names: &HashMap<Column, Column>) -> Result<Expr> {
    let placed = expr.transform(|expr| {
        Ok(match expr {
            Expr::OuterReferenceColumn(_, column) => Transformed::yes(Expr::Column(column)),
            Expr::Column(column) => match names.get(&column) {
                Some(name) => Transformed::yes(Expr::Column(name.clone())),
                None => Transformed::no(Expr::Column(column)),
            },
            other => Transformed::no(other),
        })
    })?;
    Ok(placed.data)
}

/// An aggregate of those rows only that the join found.
fn of_hits(aggregate: Expr, hit: Expr) -> Expr {
    let Expr::AggregateFunction(AggregateFunction { func, mut params }) = aggregate else {
        return aggregate;
    };
    let wanted = match params.filter.take() {
        Some(filter) => hit.and(*filter),
        None => hit,
    };
    params.filter = Some(Box::new(wanted));
    Expr::AggregateFunction(AggregateFunction { func, params })
}

/// Whether a sub-select depends on the rows around it.
fn is_correlated(subquery: &Subquery) -> bool {
    !subquery.outer_ref_columns.is_empty()
}
