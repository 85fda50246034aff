//! How large a statement is once its `WITH` names are replaced by what they stand for, and its
//! `CUBE`s written out: a short text can stand for any number of relations or groupings.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, GroupByExpr, ObjectName, Query, Select, SetExpr, Visit, Visitor,
};

use crate::SqlError;

/// The most relations of a statement, each counted as often as it is used.
const MOST_RELATIONS: u64 = 1_000;

/// The most columns that a `SELECT` lists: planning takes the square of it. A table can have some
/// 1,200.
const MOST_COLUMNS: usize = 2_000;

/// The most groupings of one `GROUP BY`, as in Trino.
const MOST_GROUPINGS: u64 = 2_048;

/// Refuses statements of too many relations, columns or groupings.
pub(super) fn check(query: &Query) -> Result<(), SqlError> {
    let mut named = Named::default();
    if let ControlFlow::Break(reason) = query.visit(&mut named) {
        return Err(SqlError::Validation(reason));
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
    /// What a `SELECT` has too much of.
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if let Some(reason) = too_much(&query.body) {
            return ControlFlow::Break(reason);
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

/// Why the `SELECT`s of a query, joined by set operations, are too large.
fn too_much(body: &SetExpr) -> Option<String> {
    match body {
        SetExpr::Select(select) => {
            let columns = select.projection.len();
            if columns > MOST_COLUMNS {
                return Some(format!(
                    "a SELECT of the query has {columns} columns; at most {MOST_COLUMNS} are allowed"
                ));
            }
            let groupings = groupings(select);
            (groupings > MOST_GROUPINGS).then(|| {
                format!(
                    "a GROUP BY of the query has {groupings} grouping sets; at most \
                     {MOST_GROUPINGS} are allowed"
                )
            })
        }
        SetExpr::SetOperation { left, right, .. } => too_much(left).or_else(|| too_much(right)),
        _ => None,
    }
}

/// How many sets of columns a `GROUP BY` groups by: those of its elements, each with each.
fn groupings(select: &Select) -> u64 {
    let GroupByExpr::Expressions(elements, _) = &select.group_by else {
        return 1;
    };
    let of_element = |element: &Expr| match element {
        Expr::Cube(sets) => u32::try_from(sets.len())
            .ok()
            .and_then(|sets| 2_u64.checked_pow(sets))
            .unwrap_or(u64::MAX),
        Expr::Rollup(sets) => sets.len() as u64 + 1,
        Expr::GroupingSets(sets) => sets.len() as u64,
        _ => 1,
    };
    elements.iter().map(of_element).fold(1, u64::saturating_mul)
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
