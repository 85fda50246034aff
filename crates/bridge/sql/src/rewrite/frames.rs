//! Places where DataFusion wants a bare number: limits, ordinals, frames, and the counts that
//! window functions take. The numbers there are marked so that [`numbers`](super::numbers) leaves
//! them alone.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, LimitClause,
    OrderByKind, Query, Select, Value, ValueWithSpan, VisitMut, VisitorMut, WindowFrameBound,
    WindowType,
};

use super::intervals;
use crate::ast::{bare_number, function_name};
use crate::dialect::{Duration, parse_duration};

/// Marks the numbers of a query that must stay bare.
pub(super) fn keep_bare(query: &mut Query) {
    let ControlFlow::Continue(()) = query.visit(&mut Marker);
}

struct Marker;

impl VisitorMut for Marker {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        if let Some(fetch) = query.fetch.take() {
            limit_to(query, fetch.quantity.unwrap_or_else(one));
        }
        match &mut query.limit_clause {
            Some(LimitClause::LimitOffset { limit, offset, .. }) => {
                limit.iter_mut().for_each(mark);
                offset.iter_mut().for_each(|offset| mark(&mut offset.value));
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                mark(offset);
                mark(limit);
            }
            None => {}
        }
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(exprs) = &mut order.kind
        {
            exprs.iter_mut().for_each(|order| mark(&mut order.expr));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        if let GroupByExpr::Expressions(exprs, _) = &mut select.group_by {
            exprs.iter_mut().for_each(mark);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if let Expr::Function(function) = expr
            && function.over.is_some()
        {
            mark_window(function);
        }
        ControlFlow::Continue(())
    }
}

fn mark_window(function: &mut Function) {
    // The value argument keeps its type; the counts after it are bare.
    let counts_from = match function_name(function).as_str() {
        "ntile" => 0,
        "lag" | "lead" | "nth_value" => 1,
        _ => usize::MAX,
    };
    if let FunctionArguments::List(list) = &mut function.args {
        for (position, arg) in list.args.iter_mut().enumerate() {
            // The third argument of lag and lead is a default of the value's type.
            if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = arg
                && position == counts_from
            {
                mark(expr);
            }
        }
    }
    let Some(WindowType::WindowSpec(spec)) = &mut function.over else {
        return;
    };
    let Some(frame) = &mut spec.window_frame else {
        return;
    };
    for bound in [Some(&mut frame.start_bound), frame.end_bound.as_mut()]
        .into_iter()
        .flatten()
    {
        if let WindowFrameBound::Preceding(Some(count)) | WindowFrameBound::Following(Some(count)) =
            bound
        {
            match interval(count) {
                Some(text) => **count = bare_number(text),
                None => mark(count),
            }
        }
    }
}

/// An interval as a text that DataFusion reads as the offset of a frame.
fn interval(count: &Expr) -> Option<String> {
    let duration = match count {
        Expr::Interval(interval) => intervals::parse(interval).ok()?,
        Expr::TypedString(literal) => match &literal.value.value {
            Value::SingleQuotedString(text) => parse_duration(text)?,
            _ => return None,
        },
        _ => return None,
    };
    Some(match duration {
        Duration::Nanoseconds(count) => format!("{count} nanoseconds"),
        Duration::Months(count) => format!("{count} months"),
    })
}

/// `FETCH FIRST n ROWS ONLY` as `LIMIT n`.
fn limit_to(query: &mut Query, count: Expr) {
    match &mut query.limit_clause {
        Some(LimitClause::LimitOffset { limit, .. }) => *limit = Some(count),
        _ => {
            query.limit_clause = Some(LimitClause::LimitOffset {
                limit: Some(count),
                offset: None,
                limit_by: vec![],
            });
        }
    }
}

fn one() -> Expr {
    bare_number(1)
}

fn mark(expr: &mut Expr) {
    if let Expr::Value(ValueWithSpan {
        value: Value::Number(_, bare),
        ..
    }) = expr
    {
        *bare = true;
    }
}
