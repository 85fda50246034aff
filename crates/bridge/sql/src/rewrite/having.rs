//! HAVING sees the columns of the tables, not the aliases of the SELECT list; DataFusion lets it see
//! both.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, Ident, Query, Select, SelectItem, Visit, Visitor,
};

use crate::SqlError;
use crate::ast::{function_name, invalid_at, place};
use crate::functions::registry;

/// Refuses HAVING clauses that name an alias, in the words for a column that is not there.
pub(crate) fn check(query: &Query) -> Result<(), SqlError> {
    match query.visit(&mut Selects) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Selects;

impl Visitor for Selects {
    type Break = SqlError;

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<SqlError> {
        let Some(having) = &select.having else {
            return ControlFlow::Continue(());
        };
        let mut aliases = Aliases {
            names: select.projection.iter().filter_map(alias).collect(),
            inside: 0,
        };
        // A column of that name which the rows are grouped by is what HAVING means.
        if let GroupByExpr::Expressions(grouped, _) = &select.group_by {
            aliases
                .names
                .retain(|name| !grouped.iter().any(|expr| names(expr, name)));
        }
        having.visit(&mut aliases)
    }
}

/// The alias of an item, unless it is the name of the column itself.
fn alias(item: &SelectItem) -> Option<&Ident> {
    match item {
        SelectItem::ExprWithAlias { expr, alias } if !names(expr, alias) => Some(alias),
        _ => None,
    }
}

/// Whether an expression is a column of this name.
fn names(expr: &Expr, name: &Ident) -> bool {
    match expr {
        Expr::Identifier(column) => column.value == name.value,
        Expr::CompoundIdentifier(parts) => parts
            .last()
            .is_some_and(|column| column.value == name.value),
        _ => false,
    }
}

struct Aliases<'a> {
    names: Vec<&'a Ident>,
    /// How many aggregates and sub-selects are around the cursor: there the planner looks for
    /// columns first.
    inside: usize,
}

impl Visitor for Aliases<'_> {
    type Break = SqlError;

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<SqlError> {
        self.inside += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<SqlError> {
        self.inside -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        self.inside += usize::from(is_aggregate(expr));
        match expr {
            Expr::Identifier(name)
                if self.inside == 0 && self.names.iter().any(|alias| alias.value == name.value) =>
            {
                ControlFlow::Break(invalid_at(
                    place(name.span),
                    format_args!("Column '{}' does not exist", name.value),
                ))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        self.inside -= usize::from(is_aggregate(expr));
        ControlFlow::Continue(())
    }
}

fn is_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => registry().is_aggregate(&function_name(function)),
        _ => false,
    }
}
