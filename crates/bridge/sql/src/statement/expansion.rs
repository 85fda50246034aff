//! How large a statement is once its `WITH` names are replaced by what they stand for: each may
//! name the one before it twice, so that a short text stands for any number of relations.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{ObjectName, Query, SetExpr, Visit, Visitor};

use crate::SqlError;

/// The most relations of a statement, each counted as often as it is used.
const MOST_RELATIONS: u64 = 1_000;

/// The most columns that a `SELECT` lists: planning takes the square of it. A table can have some
/// 1,200.
const MOST_COLUMNS: usize = 2_000;

/// Refuses statements of too many relations, and of too many columns.
pub(super) fn check(query: &Query) -> Result<(), SqlError> {
    let mut named = Named::default();
    if let ControlFlow::Break(columns) = query.visit(&mut named) {
        return Err(SqlError::Validation(format!(
            "a SELECT of the query has {columns} columns; at most {MOST_COLUMNS} are allowed"
        )));
    }
    let count = named.count(&relations(query));
    if count > MOST_RELATIONS {
        return Err(SqlError::Validation(format!(
            "the query has {count} relations once the names of WITH are replaced; at most \
             {MOST_RELATIONS} are allowed"
        )));
    }
    Ok(())
}

/// What the names of all `WITH` clauses stand for, and of how many relations that is.
#[derive(Default)]
struct Named {
    /// A name that is given twice stands for both.
    uses: HashMap<String, Vec<String>>,
    counted: HashMap<String, u64>,
}

impl Visitor for Named {
    /// How many columns a `SELECT` has that has too many.
    type Break = usize;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<usize> {
        if let SetExpr::Select(select) = query.body.as_ref()
            && select.projection.len() > MOST_COLUMNS
        {
            return ControlFlow::Break(select.projection.len());
        }
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = table.alias.name.value.to_lowercase();
            let uses = self.uses.entry(name).or_default();
            uses.extend(relations(&table.query));
        }
        ControlFlow::Continue(())
    }
}

impl Named {
    fn count(&mut self, names: &[String]) -> u64 {
        let counts = names.iter().map(|name| self.count_one(name));
        counts.fold(0, u64::saturating_add)
    }

    fn count_one(&mut self, name: &str) -> u64 {
        if let Some(known) = self.counted.get(name) {
            return *known;
        }
        let Some(uses) = self.uses.get(name).cloned() else {
            return 1;
        };
        // A name within its own definition is a table of that name.
        self.counted.insert(name.to_owned(), 1);
        let count = self.count(&uses).max(1);
        self.counted.insert(name.to_owned(), count);
        count
    }
}

/// The relations that a query names anywhere, in lower case.
fn relations(query: &Query) -> Vec<String> {
    struct Relations(Vec<String>);

    impl Visitor for Relations {
        type Break = ();

        fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
            self.0
                .push(relation.to_string().replace('"', "").to_lowercase());
            ControlFlow::Continue(())
        }
    }

    let mut found = Relations(Vec::new());
    let _ = query.visit(&mut found);
    found.0
}
