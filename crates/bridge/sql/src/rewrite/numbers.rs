//! Types of number literals: `1` is an INTEGER, a larger whole number a BIGINT, `1.0` a DOUBLE.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    DataType, Expr, Query, UnaryOperator, Value, ValueWithSpan, VisitMut, VisitorMut,
};

use crate::SqlError;
use crate::ast::{invalid_at, place, plain_cast};

/// Gives every number its type.
pub(super) fn rewrite(query: &mut Query) -> Result<(), SqlError> {
    match query.visit(&mut Numbers) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Numbers;

impl VisitorMut for Numbers {
    type Break = SqlError;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        // The smallest BIGINT has no positive counterpart, so the sign belongs to the literal.
        if let Expr::UnaryOp {
            op: UnaryOperator::Minus,
            expr: inner,
        } = expr
            && let Expr::Value(ValueWithSpan {
                value: Value::Number(number, false),
                span,
            }) = inner.as_ref()
            && !number.starts_with('-')
        {
            *expr = Expr::Value(ValueWithSpan {
                value: Value::Number(format!("-{number}"), false),
                span: *span,
            });
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<SqlError> {
        let Expr::Value(ValueWithSpan {
            value: Value::Number(number, bare),
            span,
        }) = expr
        else {
            return ControlFlow::Continue(());
        };
        // The mark has done its work; DataFusion does not know it.
        let bare = std::mem::take(bare);
        if bare || number.contains(['.', 'e', 'E']) {
            return ControlFlow::Continue(());
        }
        match number.parse::<i64>() {
            Ok(value) if i32::try_from(value).is_ok() => {
                *expr = plain_cast(expr.clone(), DataType::Int(None));
                ControlFlow::Continue(())
            }
            Ok(_) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(invalid_at(
                place(*span),
                format_args!("Invalid numeric literal: {number}"),
            )),
        }
    }
}
