//! `LATERAL` sub-selects that give one row of expressions: `t CROSS JOIN LATERAL (SELECT t.a + 1 AS b)`
//! is `t CROSS JOIN UNNEST(ARRAY[t.a + 1]) AS l (b)`, and an aggregate over a table is a sub-select
//! within such an expression. All others are joins, which the planner makes.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Array, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, Spanned, TableAlias,
    TableAliasColumnDef, TableFactor, Value, ValueWithSpan, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::ast::{call, function_name};
use crate::functions::registry;

/// The name of a relation that the statement gives none, which no statement can write.
const UNNAMED: &str = "\u{6}lateral";

/// Replaces such sub-selects.
pub(super) fn rewrite(query: &mut Query) {
    let ControlFlow::Continue(()) = query.visit(&mut Laterals);
}

struct Laterals;

impl VisitorMut for Laterals {
    type Break = std::convert::Infallible;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Self::Break> {
        if let TableFactor::Derived {
            lateral: true,
            subquery,
            alias,
            ..
        } = factor
            && let Some((columns, lists)) = one_row(subquery)
        {
            *factor = unnest(alias.take(), columns, lists);
        }
        ControlFlow::Continue(())
    }
}

fn unnest(alias: Option<TableAlias>, columns: Vec<Ident>, lists: Vec<Expr>) -> TableFactor {
    let columns = columns.into_iter().map(|name| TableAliasColumnDef {
        name,
        data_type: None,
    });
    let alias = match alias {
        Some(alias) if !alias.columns.is_empty() => alias,
        Some(alias) => TableAlias {
            columns: columns.collect(),
            ..alias
        },
        None => TableAlias {
            explicit: true,
            name: Ident::new(UNNAMED),
            columns: columns.collect(),
            at: None,
        },
    };
    TableFactor::UNNEST {
        alias: Some(alias),
        array_exprs: lists,
        with_offset: false,
        with_offset_alias: None,
        with_ordinality: false,
    }
}

/// The names and the lists of what gives one row of values at most.
fn one_row(query: &Query) -> Option<(Vec<Ident>, Vec<Expr>)> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let plain = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && select.distinct.is_none()
        && select.having.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, modifiers)
            if keys.is_empty() && modifiers.is_empty());
    if !plain {
        return None;
    }
    let items = select.projection.iter().map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } => Some((alias.clone(), expr)),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some((name.clone(), item_expr(item)?)),
        _ => None,
    });
    let (names, values): (Vec<Ident>, Vec<&Expr>) =
        items.collect::<Option<Vec<_>>>()?.into_iter().unzip();
    let aggregates = values.iter().filter(|value| is_aggregate(value)).count();
    let lists = if select.from.is_empty() && aggregates == 0 {
        let values = values.into_iter();
        let condition = select.selection.as_ref();
        values.map(|value| one(value.clone(), condition)).collect()
    } else if !select.from.is_empty() && aggregates == values.len() {
        let values = (0..values.len()).map(|position| only(query, select, position));
        values.map(|value| one(value, None)).collect()
    } else {
        return None;
    };
    Some((names, lists))
}

fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// A list of the value, which is empty where there is a condition and it is not met.
fn one(value: Expr, condition: Option<&Expr>) -> Expr {
    let span = value.span();
    let list = Expr::Array(Array {
        elem: vec![value],
        named: true,
    });
    match condition {
        None => list,
        Some(condition) => {
            let count = call(
                "if",
                vec![condition.clone(), number("1"), number("0")],
                span,
            );
            call("slice", vec![list, number("1"), count], span)
        }
    }
}

/// A sub-select of one of the columns.
fn only(query: &Query, select: &Select, position: usize) -> Expr {
    let mut select = select.clone();
    select.projection = vec![select.projection.swap_remove(position)];
    let mut query = query.clone();
    *query.body = SetExpr::Select(Box::new(select));
    Expr::Subquery(Box::new(query))
}

fn number(digits: &str) -> Expr {
    Expr::Value(ValueWithSpan {
        value: Value::Number(digits.to_owned(), false),
        span: Span::empty(),
    })
}

/// Whether an expression aggregates the rows it stands over.
fn is_aggregate(expr: &Expr) -> bool {
    expr.visit(&mut Aggregates { depth: 0 }).is_break()
}

struct Aggregates {
    /// Sub-selects around the cursor.
    depth: usize,
}

impl Visitor for Aggregates {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function)
                if self.depth == 0
                    && function.over.is_none()
                    && registry().is_aggregate(&function_name(function)) =>
            {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
