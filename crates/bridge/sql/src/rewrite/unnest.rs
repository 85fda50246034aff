//! `FROM t CROSS JOIN UNNEST(t.series)`: each such join, and each comma before an UNNEST, becomes
//! a join in parentheses of its own, which is what the planner's hook gets to see as a whole.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, Query, Select, TableFactor, TableWithJoins, VisitMut,
    VisitorMut,
};

/// Puts every UNNEST together with what stands left of it.
pub(super) fn nest(query: &mut Query) {
    let ControlFlow::Continue(()) = query.visit(&mut Nest);
}

struct Nest;

impl VisitorMut for Nest {
    type Break = std::convert::Infallible;

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        let mut merged: Vec<TableWithJoins> = Vec::with_capacity(select.from.len());
        for mut item in std::mem::take(&mut select.from) {
            match merged.last_mut() {
                Some(left) if matches!(item.relation, TableFactor::UNNEST { .. }) => {
                    left.joins.push(Join {
                        relation: item.relation,
                        global: false,
                        join_operator: JoinOperator::CrossJoin(JoinConstraint::None),
                    });
                    left.joins.append(&mut item.joins);
                }
                _ => merged.push(item),
            }
        }
        merged.iter_mut().for_each(nest_joins);
        select.from = merged;
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Self::Break> {
        if let TableFactor::NestedJoin {
            table_with_joins, ..
        } = factor
            && !is_unnest_join(table_with_joins)
        {
            nest_joins(table_with_joins);
        }
        ControlFlow::Continue(())
    }
}

fn nest_joins(tables: &mut TableWithJoins) {
    let Some(last) = tables
        .joins
        .iter()
        .rposition(|join| is_unnest(&join.relation))
    else {
        return;
    };
    let rest = tables.joins.split_off(last + 1);
    let mut joins = std::mem::take(&mut tables.joins);
    let Some(unnest) = joins.pop() else { return };
    let mut left = TableWithJoins {
        relation: tables.relation.clone(),
        joins,
    };
    nest_joins(&mut left);
    let left = if left.joins.is_empty() {
        left.relation
    } else {
        TableFactor::NestedJoin {
            table_with_joins: Box::new(left),
            alias: None,
        }
    };
    tables.relation = TableFactor::NestedJoin {
        table_with_joins: Box::new(TableWithJoins {
            relation: left,
            joins: vec![unnest],
        }),
        alias: None,
    };
    tables.joins = rest;
}

fn is_unnest(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::UNNEST { .. })
}

/// Whether this is one relation joined with one UNNEST and nothing else.
fn is_unnest_join(tables: &TableWithJoins) -> bool {
    matches!(tables.joins.as_slice(), [join] if is_unnest(&join.relation))
}
