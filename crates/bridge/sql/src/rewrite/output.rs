//! Names of result columns.
//!
//! Timestream names an expression without alias after its position in the result and lets two
//! columns have one name; DataFusion wants one name for each. So expressions and repeated columns
//! get an alias that no identifier can spell, and [`display_name`] undoes it when the result's
//! columns are described, when the stars have been expanded and positions are known.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Select, SelectItem, Spanned, VisitMut, VisitorMut,
};

const UNNAMED: char = '\u{1}';
const REPEATED: char = '\u{2}';

/// Gives every select item a name of its own.
pub(super) fn name_columns(query: &mut Query) {
    let ControlFlow::Continue(()) = query.visit(&mut Names { depth: 0 });
}

struct Names {
    /// Queries around the select at hand; 1 for one that gives the result.
    depth: usize,
}

impl VisitorMut for Names {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Self::Break> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        // A star may bring any name. In a result every other name can be hidden to be safe; within
        // a query, names must stay what the query around it calls them.
        let starred = self.depth == 1
            && select.projection.iter().any(|item| {
                matches!(
                    item,
                    SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
                )
            });
        let mut taken = HashSet::new();
        for (position, item) in select.projection.iter_mut().enumerate() {
            match item {
                SelectItem::UnnamedExpr(expr) => {
                    let name = match column_name(expr) {
                        None => format!("{UNNAMED}{position}"),
                        Some(name) if starred || !taken.insert(name.clone()) => {
                            repeated(position, &name)
                        }
                        // A path may lead into a row, whose fields DataFusion names otherwise.
                        Some(name) if matches!(expr, Expr::CompoundIdentifier(_)) => name,
                        Some(_) => continue,
                    };
                    let alias = Ident::with_span(expr.span(), name);
                    *item = SelectItem::ExprWithAlias {
                        expr: expr.clone(),
                        alias,
                    };
                }
                SelectItem::ExprWithAlias { alias, .. } if !taken.insert(alias.value.clone()) => {
                    alias.value = repeated(position, &alias.value);
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

fn column_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(name) => Some(name.value.clone()),
        Expr::CompoundIdentifier(parts) => parts.last().map(|name| name.value.clone()),
        Expr::Nested(inner) => column_name(inner),
        _ => None,
    }
}

fn repeated(position: usize, name: &str) -> String {
    format!("{REPEATED}{position}{REPEATED}{name}")
}

/// The name that the client sees for the column at `position`, counted from zero.
pub(crate) fn display_name(name: &str, position: usize) -> String {
    if name.starts_with(UNNAMED) {
        return format!("_col{position}");
    }
    match name
        .strip_prefix(REPEATED)
        .and_then(|rest| rest.split_once(REPEATED))
    {
        Some((_, name)) => name.to_owned(),
        None => name.to_owned(),
    }
}
