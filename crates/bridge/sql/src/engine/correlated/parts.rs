//! What a correlated scalar sub-select is made of.

use std::collections::HashMap;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, Result};
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, Sort};
use datafusion::logical_expr::utils::split_conjunction_owned;
use datafusion::logical_expr::{
    BinaryExpr, Expr, FetchType, Limit, LogicalPlan, Operator, SkipType, Subquery,
};

use super::is_correlated;

/// A sub-select taken apart: rows that depend on nothing outside, conditions that bind them to a
/// row of the outer query, aggregates of those that meet them, and a value of the aggregates.
pub(super) struct Parts {
    pub(super) rows: LogicalPlan,
    pub(super) conditions: Vec<Expr>,
    /// Each aggregate with its name, which is a column in what follows.
    pub(super) aggregates: Vec<(String, Expr)>,
    pub(super) value: Expr,
    /// Conditions without which there is no value.
    pub(super) having: Vec<Expr>,
}

/// What the columns of a part of a plan are in terms of another part.
type Meanings = HashMap<Column, Expr>;

/// Rows, the conditions on them, and what columns mean in terms of their columns.
struct Bound {
    rows: LogicalPlan,
    conditions: Vec<Expr>,
    columns: Meanings,
}

/// Aggregates of rows, and what columns mean in terms of the aggregates.
struct Aggregated {
    bound: Bound,
    aggregates: Vec<(String, Expr)>,
    columns: Meanings,
    having: Vec<Expr>,
}

impl Parts {
    /// `None` for what DataFusion does itself, and for what nobody can do.
    pub(super) fn of(subquery: &Subquery) -> Result<Option<Parts>> {
        if !is_correlated(subquery) {
            return Ok(None);
        }
        let Some(found) = aggregated(&subquery.subquery)? else {
            return Ok(None);
        };
        let first = subquery.subquery.schema().columns().into_iter().next();
        let Some(value) = first.and_then(|first| found.columns.get(&first).cloned()) else {
            return Ok(None);
        };
        let parts = Parts {
            rows: found.bound.rows,
            conditions: found.bound.conditions,
            aggregates: found.aggregates,
            value,
            having: found.having,
        };
        Ok((!parts.is_plain(&subquery.subquery)).then_some(parts))
    }

    /// Whether equality of columns alone binds the sub-select, which DataFusion joins.
    fn is_plain(&self, plan: &LogicalPlan) -> bool {
        let is_limited = plan.exists(|plan| Ok(matches!(plan, LogicalPlan::Limit(_))));
        let bound_elsewhere = self.value.contains_outer()
            || self.having.iter().any(Expr::contains_outer)
            || self
                .aggregates
                .iter()
                .any(|(_, each)| each.contains_outer());
        let conditions = self.conditions.iter();
        let mut bound = conditions.filter(|condition| condition.contains_outer());
        matches!(is_limited, Ok(false)) && !bound_elsewhere && bound.all(is_equality)
    }
}

fn is_equality(condition: &Expr) -> bool {
    let Expr::BinaryExpr(BinaryExpr {
        left,
        op: Operator::Eq,
        right,
    }) = condition
    else {
        return false;
    };
    matches!(
        (left.as_ref(), right.as_ref()),
        (Expr::Column(_), Expr::OuterReferenceColumn(..))
            | (Expr::OuterReferenceColumn(..), Expr::Column(_))
    )
}

/// The part of a sub-select from its aggregates upwards.
fn aggregated(plan: &LogicalPlan) -> Result<Option<Aggregated>> {
    match plan {
        LogicalPlan::Projection(projection) => {
            let Some(mut found) = aggregated(&projection.input)? else {
                return Ok(None);
            };
            found.columns = projected(plan, &projection.expr, &found.columns)?;
            Ok(Some(found))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let Some(mut found) = aggregated(&alias.input)? else {
                return Ok(None);
            };
            found.columns = renamed(plan, &alias.input, &found.columns);
            Ok(Some(found))
        }
        LogicalPlan::Filter(filter) => {
            let Some(mut found) = aggregated(&filter.input)? else {
                return Ok(None);
            };
            let condition = meant(filter.predicate.clone(), &found.columns)?;
            found.having.push(condition);
            Ok(Some(found))
        }
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => {
            let Some(bound) = bound(&aggregate.input)? else {
                return Ok(None);
            };
            let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
            for each in &aggregate.aggr_expr {
                let each = meant(each.clone().unalias(), &bound.columns)?;
                aggregates.push((format!("agg{}", aggregates.len()), each));
            }
            Ok(Some(Aggregated::of(plan, bound, aggregates)))
        }
        LogicalPlan::Limit(limit) if is_first(limit)? => first(plan, &limit.input),
        _ => Ok(None),
    }
}

impl Aggregated {
    /// The columns of `plan` are the aggregates.
    fn of(plan: &LogicalPlan, bound: Bound, aggregates: Vec<(String, Expr)>) -> Aggregated {
        let columns = plan.schema().columns().into_iter();
        let columns = columns.zip(&aggregates).map(|(column, (name, _))| {
            let aggregate = Expr::Column(Column::new_unqualified(name));
            (column, aggregate)
        });
        Aggregated {
            columns: columns.collect(),
            bound,
            aggregates,
            having: Vec::new(),
        }
    }
}

fn is_first(limit: &Limit) -> Result<bool> {
    Ok(matches!(limit.get_skip_type()?, SkipType::Literal(0))
        && matches!(limit.get_fetch_type()?, FetchType::Literal(Some(1))))
}

/// `LIMIT 1` of what may be sorted: the first value of every column is an aggregate.
fn first(plan: &LogicalPlan, sorted: &LogicalPlan) -> Result<Option<Aggregated>> {
    // Columns that are only sorted by are projected away above the sort.
    let (shown, sort) = match sorted {
        LogicalPlan::Projection(projection) => (Some(projection), projection.input.as_ref()),
        other => (None, other),
    };
    let (order, input) = match sort {
        LogicalPlan::Sort(sort) => (sort.expr.as_slice(), sort.input.as_ref()),
        _ => (&[][..], sorted),
    };
    let Some(mut bound) = bound(input)? else {
        return Ok(None);
    };
    let order = order.iter().map(|each| {
        let key = meant(each.expr.clone(), &bound.columns)?;
        Ok(Sort::new(key, each.asc, each.nulls_first))
    });
    let order = order.collect::<Result<Vec<_>>>()?;
    if let (Some(shown), LogicalPlan::Sort(_)) = (shown, sort) {
        bound.columns = projected(sorted, &shown.expr, &bound.columns)?;
    }
    let mut aggregates = Vec::new();
    for column in plan.schema().columns() {
        let Some(value) = bound.columns.get(&column).cloned() else {
            return Ok(None);
        };
        let value = AggregateFunction::new_udf(
            first_value_udaf(),
            vec![value],
            false,
            None,
            order.clone(),
            None,
        );
        let value = Expr::AggregateFunction(value);
        aggregates.push((format!("agg{}", aggregates.len()), value));
    }
    Ok(Some(Aggregated::of(plan, bound, aggregates)))
}

/// The part of a sub-select below its aggregates.
fn bound(plan: &LogicalPlan) -> Result<Option<Bound>> {
    if !is_bound(plan) {
        let columns = plan.schema().columns().into_iter();
        return Ok(Some(Bound {
            rows: plan.clone(),
            conditions: Vec::new(),
            columns: columns
                .map(|each| (each.clone(), Expr::Column(each)))
                .collect(),
        }));
    }
    match plan {
        LogicalPlan::Filter(filter) => {
            let Some(mut found) = bound(&filter.input)? else {
                return Ok(None);
            };
            for condition in split_conjunction_owned(filter.predicate.clone()) {
                found.conditions.push(meant(condition, &found.columns)?);
            }
            Ok(Some(found))
        }
        LogicalPlan::Projection(projection) => {
            let Some(mut found) = bound(&projection.input)? else {
                return Ok(None);
            };
            found.columns = projected(plan, &projection.expr, &found.columns)?;
            Ok(Some(found))
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let Some(mut found) = bound(&alias.input)? else {
                return Ok(None);
            };
            found.columns = renamed(plan, &alias.input, &found.columns);
            Ok(Some(found))
        }
        _ => Ok(None),
    }
}

/// Whether anything in a plan depends on rows outside of it.
fn is_bound(plan: &LogicalPlan) -> bool {
    !plan.all_out_ref_exprs().is_empty()
}

/// What the columns of a projection mean.
fn projected(plan: &LogicalPlan, exprs: &[Expr], columns: &Meanings) -> Result<Meanings> {
    let names = plan.schema().columns().into_iter();
    names
        .zip(exprs)
        .map(|(name, expr)| Ok((name, meant(expr.clone().unalias(), columns)?)))
        .collect()
}

/// What the columns of a plan mean that only has other names than its input.
fn renamed(plan: &LogicalPlan, input: &LogicalPlan, columns: &Meanings) -> Meanings {
    let names = plan.schema().columns().into_iter();
    let old = input.schema().columns();
    names
        .zip(&old)
        .filter_map(|(name, old)| Some((name, columns.get(old)?.clone())))
        .collect()
}

/// An expression in terms of what its columns mean.
fn meant(expr: Expr, columns: &Meanings) -> Result<Expr> {
    let meant = expr.transform_up(|expr| {
        Ok(match &expr {
            Expr::Column(column) => match columns.get(column) {
                Some(meaning) => Transformed::yes(meaning.clone()),
                None => Transformed::no(expr),
            },
            _ => Transformed::no(expr),
        })
    })?;
    Ok(meant.data)
}
