//! `FROM t CROSS JOIN UNNEST(t.series)` and `FROM t JOIN u USING (x)`: each such join, and each comma
//! before an UNNEST, becomes a join in parentheses of its own, which is what the planner's hooks get
//! to see as a whole.

use std::ops::ControlFlow;

use datafusion::common::JoinType;
use datafusion::sql::sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, Query, Select, TableFactor, TableWithJoins, VisitMut,
    VisitorMut,
};

/// Puts every UNNEST, and every join by names, together with what stands left of it.
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
            && !is_one_join(table_with_joins)
        {
            nest_joins(table_with_joins);
        }
        ControlFlow::Continue(())
    }
}

fn nest_joins(tables: &mut TableWithJoins) {
    let Some(last) = tables.joins.iter().rposition(is_planned) else {
        return;
    };
    let rest = tables.joins.split_off(last + 1);
    let mut joins = std::mem::take(&mut tables.joins);
    let Some(last) = joins.pop() else { return };
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
            joins: vec![last],
        }),
        alias: None,
    };
    tables.joins = rest;
}

fn is_unnest(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::UNNEST { .. })
}

/// Whether the planner's hooks take care of a join.
fn is_planned(join: &Join) -> bool {
    is_unnest(&join.relation) || by_names(&join.join_operator).is_some()
}

/// Whether this is one relation joined by such a join and nothing else.
fn is_one_join(tables: &TableWithJoins) -> bool {
    matches!(tables.joins.as_slice(), [join] if is_planned(join))
}

/// The type and the constraint of a join with USING or NATURAL, or `None` for any other.
pub(crate) fn by_names(operator: &JoinOperator) -> Option<(JoinType, &JoinConstraint)> {
    let (join_type, constraint) = match operator {
        JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
            (JoinType::Inner, constraint)
        }
        JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
            (JoinType::Left, constraint)
        }
        JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
            (JoinType::Right, constraint)
        }
        JoinOperator::FullOuter(constraint) => (JoinType::Full, constraint),
        _ => return None,
    };
    matches!(
        constraint,
        JoinConstraint::Using(_) | JoinConstraint::Natural
    )
    .then_some((join_type, constraint))
}
