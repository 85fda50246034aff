//! Names of tables.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Ident, ObjectName, Query, Spanned, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use crate::SqlError;
use crate::ast::{invalid_at, place};

/// A table that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableName {
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) at: Location,
}

/// The tables that a query names, in the order of the text; common table expressions are not
/// among them. Fails for a name that is neither one of those nor `database.table`.
///
/// References to common table expressions are spelt as their definitions on the way.
pub(crate) fn table_references(query: &mut Query) -> Result<Vec<TableName>, SqlError> {
    let mut expressions = Expressions::default();
    let ControlFlow::Continue(()) = Visit::visit(query, &mut expressions);
    let mut references = References {
        expressions: expressions.names,
        tables: vec![],
    };
    match VisitMut::visit(query, &mut references) {
        ControlFlow::Continue(()) => Ok(references.tables),
        ControlFlow::Break(error) => Err(error),
    }
}

#[derive(Default)]
struct Expressions {
    names: HashSet<String>,
}

impl Visitor for Expressions {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        if let Some(with) = &query.with {
            self.names.extend(
                with.cte_tables
                    .iter()
                    .map(|cte| cte.alias.name.value.clone()),
            );
        }
        ControlFlow::Continue(())
    }
}

struct References {
    expressions: HashSet<String>,
    tables: Vec<TableName>,
}

impl VisitorMut for References {
    type Break = SqlError;

    fn pre_visit_relation(&mut self, name: &mut ObjectName) -> ControlFlow<SqlError> {
        let at = place(name.span());
        let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
        match parts.as_deref() {
            Some([alone]) => {
                let spelt = self
                    .expressions
                    .get(&alone.value)
                    .or_else(|| {
                        self.expressions
                            .iter()
                            .find(|known| known.eq_ignore_ascii_case(&alone.value))
                    })
                    .cloned();
                match spelt {
                    Some(spelt) => {
                        *name = ObjectName::from(vec![Ident::with_span(alone.span, spelt)]);
                        ControlFlow::Continue(())
                    }
                    None => ControlFlow::Break(invalid_at(
                        at,
                        "Schema must be specified when session schema is not set",
                    )),
                }
            }
            Some([database, table]) => {
                self.tables.push(TableName {
                    database: database.value.clone(),
                    table: table.value.clone(),
                    at,
                });
                ControlFlow::Continue(())
            }
            _ => ControlFlow::Break(invalid_at(
                at,
                format_args!("Table '{name}' does not exist"),
            )),
        }
    }
}
