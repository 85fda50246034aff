//! Columns that are spelt in another case than their definition.
//!
//! The planner knows what is in scope where; so it is asked first, and only a name that it does
//! not find is looked up again without regard to case and corrected in the text.

use std::ops::ControlFlow;

use datafusion::common::{Column, TableReference};
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, Query, Spanned, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::ast::{function_name, place};

/// Where a column that the planner did not find is named.
pub(crate) fn find(query: &Query, column: &Column) -> Option<Location> {
    let mut finder = Finder { column };
    match query.visit(&mut finder) {
        ControlFlow::Break(at) => Some(at),
        ControlFlow::Continue(()) => None,
    }
}

/// Replaces the spelling of the column named at `at` by that of the only column in scope that
/// differs in case alone. `false` when there is none, or more than one.
pub(crate) fn correct(query: &mut Query, at: Location, column: &Column, scope: &[Column]) -> bool {
    let mut candidates = scope.iter().filter(|known| {
        known.name.eq_ignore_ascii_case(&column.name)
            && match (&column.relation, &known.relation) {
                (Some(wanted), Some(known)) => same_table(wanted, known),
                (Some(_), None) => false,
                (None, _) => true,
            }
    });
    let Some(found) = candidates.next() else {
        return false;
    };
    if candidates.any(|other| other.name != found.name) {
        return false;
    }
    let correct = Corrector { at, column, found };
    query.visit(&mut { correct }).is_break()
}

fn same_table(wanted: &TableReference, known: &TableReference) -> bool {
    wanted.table().eq_ignore_ascii_case(known.table())
        && match (wanted.schema(), known.schema()) {
            (Some(wanted), Some(known)) => wanted.eq_ignore_ascii_case(known),
            _ => true,
        }
}

/// Whether the name is one of the column: its last part, behind any qualifier.
fn names(parts: &[Ident], column: &Column) -> bool {
    let qualifier = column
        .relation
        .as_ref()
        .map(TableReference::to_vec)
        .unwrap_or_default();
    parts.len() == qualifier.len() + 1
        && parts
            .iter()
            .zip(qualifier.iter().chain([&column.name]))
            .all(|(a, b)| a.value == *b)
}

struct Finder<'a> {
    column: &'a Column,
}

impl Visitor for Finder<'_> {
    type Break = Location;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Location> {
        let parts = match expr {
            Expr::Identifier(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(parts) => parts,
            _ => return ControlFlow::Continue(()),
        };
        if names(parts, self.column) {
            ControlFlow::Break(place(parts[0].span))
        } else {
            ControlFlow::Continue(())
        }
    }
}

struct Corrector<'a> {
    at: Location,
    column: &'a Column,
    found: &'a Column,
}

impl VisitorMut for Corrector<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let parts = match expr {
            Expr::Identifier(name) => std::slice::from_mut(name),
            Expr::CompoundIdentifier(parts) => parts.as_mut_slice(),
            _ => return ControlFlow::Continue(()),
        };
        let here = parts
            .first()
            .is_some_and(|first| place(first.span) == self.at);
        if !here || !names(parts, self.column) {
            return ControlFlow::Continue(());
        }
        if let Some((name, qualifier)) = parts.split_last_mut() {
            name.value.clone_from(&self.found.name);
            let known = self
                .found
                .relation
                .as_ref()
                .map(TableReference::to_vec)
                .unwrap_or_default();
            for (part, known) in qualifier.iter_mut().rev().zip(known.into_iter().rev()) {
                part.value = known;
            }
        }
        ControlFlow::Break(())
    }
}

/// Where a function is called for the first time.
pub(crate) fn find_call(query: &Query, function: &str) -> Option<Location> {
    match query.visit(&mut CallFinder { function }) {
        ControlFlow::Break(at) => Some(at),
        ControlFlow::Continue(()) => None,
    }
}

struct CallFinder<'a> {
    function: &'a str,
}

impl Visitor for CallFinder<'_> {
    type Break = Location;

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Location> {
        match expr {
            Expr::Function(call) if function_name(call) == self.function => {
                ControlFlow::Break(place(call.name.span()))
            }
            _ => ControlFlow::Continue(()),
        }
    }
}
