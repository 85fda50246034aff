//! Field access inside lambdas: DataFusion reads `x.value` as a column of a table `x`, also where
//! `x` is a parameter.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Query, VisitMut, VisitorMut};

use crate::ast::text;

/// Turns `x.field` into an access to the parameter `x` wherever one is in scope.
pub(super) fn rewrite(query: &mut Query) {
    let ControlFlow::Continue(()) = query.visit(&mut Lambdas { scopes: vec![] });
}

struct Lambdas {
    /// The parameters of the lambdas around the cursor, innermost last.
    scopes: Vec<Vec<String>>,
}

impl VisitorMut for Lambdas {
    type Break = std::convert::Infallible;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        match expr {
            Expr::Lambda(lambda) => {
                self.scopes
                    .push(lambda.params.iter().map(|p| p.name.value.clone()).collect());
            }
            Expr::CompoundIdentifier(parts)
                if self
                    .scopes
                    .iter()
                    .flatten()
                    .any(|name| *name == parts[0].value) =>
            {
                let mut parts = std::mem::take(parts).into_iter();
                if let Some(root) = parts.next() {
                    *expr = Expr::CompoundFieldAccess {
                        root: Box::new(Expr::Identifier(root)),
                        access_chain: parts
                            .map(|part| AccessExpr::Dot(text(part.value)))
                            .collect(),
                    };
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if matches!(expr, Expr::Lambda(_)) {
            self.scopes.pop();
        }
        ControlFlow::Continue(())
    }
}
