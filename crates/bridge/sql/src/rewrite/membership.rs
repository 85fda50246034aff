//! `EXISTS`, `IN` and the comparisons with `ANY`, `SOME` and `ALL` of a sub-select.
//!
//! Where rows are filtered, the planner makes joins of `EXISTS` and `IN`. Where they are values, in
//! the SELECT list, `EXISTS` becomes a count, and `IN` a lambda over the array of the sub-select's
//! values; so do all other comparisons everywhere. The lambda has SQL's three values of truth.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, FunctionArguments, GroupByExpr, Ident, LambdaFunction,
    LambdaFunctionParameter, LambdaSyntax, OneOrManyWithParens, Query, Select, SelectItem, SetExpr,
    Spanned, Statement, TableFactor, UnaryOperator, Value, VisitMut, VisitorMut, visit_expressions,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Span;

use crate::SqlError;
use crate::ast::{argument, call, place, syntax_error};

/// Replaces what the planner does not know.
pub(super) fn rewrite(query: &mut Query) -> Result<(), SqlError> {
    if let ControlFlow::Break(error) = query.visit(&mut Quantified) {
        return Err(error);
    }
    let ControlFlow::Continue(()) = query.visit(&mut SelectLists);
    Ok(())
}

struct SelectLists;

impl VisitorMut for SelectLists {
    type Break = std::convert::Infallible;

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        for item in &mut select.projection {
            let _continue = item.visit(&mut Values { depth: 0 });
        }
        ControlFlow::Continue(())
    }
}

/// Membership as a value; what stands in a sub-select is a matter of its own.
struct Values {
    /// Sub-selects around the cursor.
    depth: usize,
}

impl VisitorMut for Values {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        let span = expr.span();
        let value = match expr {
            Expr::Exists { subquery, negated } => {
                within(EXISTS, subquery).map(|value| (value, *negated))
            }
            Expr::InSubquery {
                expr: left,
                subquery,
                negated,
            } => matched(left, &BinaryOperator::Eq, subquery, false, span)
                .map(|value| (value, *negated)),
            _ => None,
        };
        if let Some((value, negated)) = value {
            *expr = if negated {
                Expr::UnaryOp {
                    op: UnaryOperator::Not,
                    expr: Box::new(value),
                }
            } else {
                value
            };
        }
        ControlFlow::Continue(())
    }
}

struct Quantified;

impl VisitorMut for Quantified {
    type Break = SqlError;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        let span = expr.span();
        let (left, operator, right, all) = match expr {
            Expr::AnyOp {
                left,
                compare_op,
                right,
                ..
            } => (left, compare_op, right, false),
            Expr::AllOp {
                left,
                compare_op,
                right,
            } => (left, compare_op, right, true),
            _ => return ControlFlow::Continue(()),
        };
        let Expr::Subquery(subquery) = right.as_ref() else {
            return ControlFlow::Break(syntax_error(place(right.span())));
        };
        *expr = match (all, &operator) {
            (false, BinaryOperator::Eq) | (true, BinaryOperator::NotEq) => Expr::InSubquery {
                expr: left.clone(),
                subquery: subquery.clone(),
                negated: all,
            },
            _ => match matched(left, operator, subquery, all, span) {
                Some(matched) => matched,
                None => return ControlFlow::Break(syntax_error(place(span))),
            },
        };
        ControlFlow::Continue(())
    }
}

/// `if(values IS NULL, all, all_match(values, e -> left operator e))`: of no rows there is no array.
fn matched(
    left: &Expr,
    operator: &BinaryOperator,
    subquery: &Query,
    all: bool,
    span: Span,
) -> Option<Expr> {
    const ELEMENT: &str = "\u{4}element";
    let values = within(VALUES, subquery)?;
    let comparison = Expr::BinaryOp {
        left: Box::new(Expr::Nested(Box::new(left.clone()))),
        op: operator.clone(),
        right: Box::new(Expr::Identifier(Ident::with_quote('"', ELEMENT))),
    };
    let lambda = Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::One(LambdaFunctionParameter {
            name: Ident::with_quote('"', ELEMENT),
            data_type: None,
        }),
        body: Box::new(comparison),
        syntax: LambdaSyntax::Arrow,
    });
    let name = if all { "all_match" } else { "any_match" };
    let none = Expr::IsNull(Box::new(values.clone()));
    let of_none = Expr::Value(Value::Boolean(all).into());
    Some(call(
        "if",
        vec![none, of_none, call(name, vec![values, lambda], span)],
        span,
    ))
}

/// The values of a sub-select of one column as an array, null of no rows.
const VALUES: &str = "SELECT array_agg(\"\u{4}e\") FROM (SELECT 1) AS \"\u{4}q\" (\"\u{4}e\")";

/// Whether a sub-select has any row.
const EXISTS: &str = "SELECT count(*) > 0 FROM (SELECT 1) AS \"\u{4}q\"";

/// A sub-select from another one, which takes the place of the template's derived table.
///
/// A plain one only gets another SELECT list: what it takes from the query around it is then where
/// the planner looks for it.
fn within(template: &str, subquery: &Query) -> Option<Expr> {
    let parsed = Parser::parse_sql(&GenericDialect {}, template)
        .ok()?
        .pop()?;
    let Statement::Query(mut query) = parsed else {
        return None;
    };
    let SetExpr::Select(select) = query.body.as_mut() else {
        return None;
    };
    // A star is no single column.
    let plain = plain_select(subquery).filter(|(_, column)| column.is_some() || template == EXISTS);
    if let Some((plain, column)) = plain {
        let mut item = select.projection.pop()?;
        if let SelectItem::UnnamedExpr(Expr::Function(function)) = &mut item
            && let FunctionArguments::List(list) = &mut function.args
        {
            // `array_agg(e)`, where `e` is the sub-select's column.
            list.args = vec![argument(column?)];
        }
        let mut rewritten = plain.clone();
        rewritten.projection = vec![item];
        query.body = Box::new(SetExpr::Select(Box::new(rewritten)));
        return Some(Expr::Subquery(query));
    }
    match &mut select.from.first_mut()?.relation {
        TableFactor::Derived {
            subquery: place, ..
        } => **place = subquery.clone(),
        _ => return None,
    }
    Some(Expr::Subquery(query))
}

/// The select, and its column if it has one alone, of a query that is nothing but rows that meet a
/// condition.
fn plain_select(query: &Query) -> Option<(&Select, Option<Expr>)> {
    let bare = query.with.is_none() && query.limit_clause.is_none() && query.fetch.is_none();
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let grouped = match &select.group_by {
        GroupByExpr::Expressions(exprs, modifiers) => !exprs.is_empty() || !modifiers.is_empty(),
        GroupByExpr::All(_) => true,
    };
    if !bare || grouped || select.distinct.is_some() || select.having.is_some() {
        return None;
    }
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(column) | SelectItem::ExprWithAlias { expr: column, .. }]
            if !calls_anything(column) =>
        {
            Some((select, Some(column.clone())))
        }
        [SelectItem::Wildcard(_)] => Some((select, None)),
        _ => None,
    }
}

/// Whether an expression calls a function, which may be an aggregate.
fn calls_anything(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Function(_) | Expr::Subquery(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}
