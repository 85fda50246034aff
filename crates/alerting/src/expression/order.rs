//! In which order the steps of a rule are worked out (`pkg/expr/graph.go`).

use std::collections::BTreeSet;

use super::math::variables;
use crate::rule::{Expression, Step, StepKind};

/// Steps that wait for each other in a circle; their refIds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cycle(pub(crate) Vec<String>);

/// The refIds that a step works on, in the order in which it names them.
pub(crate) fn inputs(step: &Step) -> Vec<String> {
    match &step.kind {
        StepKind::Query(_) => Vec::new(),
        StepKind::Expression(
            Expression::Reduce { input, .. }
            | Expression::Threshold { input, .. }
            | Expression::Resample { input, .. },
        ) => vec![input.clone()],
        StepKind::Expression(Expression::Math { expression }) => variables(expression),
        StepKind::Expression(Expression::ClassicConditions { conditions }) => conditions
            .iter()
            .map(|condition| condition.input.clone())
            .collect(),
    }
}

/// Queries first, then expressions, each after what it works on and otherwise as they are written.
/// What they work on and the rule does not have is taken as done.
pub(crate) fn order(steps: &[Step]) -> Result<Vec<&Step>, Cycle> {
    let (mut ordered, mut waiting): (Vec<&Step>, Vec<&Step>) = steps
        .iter()
        .partition(|step| matches!(step.kind, StepKind::Query(_)));
    while !waiting.is_empty() {
        let open: BTreeSet<&str> = waiting.iter().map(|step| step.ref_id.as_str()).collect();
        let ready = waiting.iter().position(|step| {
            let mut inputs = inputs(step).into_iter();
            !inputs.any(|input| open.contains(input.as_str()))
        });
        match ready {
            Some(index) => ordered.push(waiting.remove(index)),
            None => {
                let names = waiting.iter().map(|step| step.ref_id.clone());
                return Err(Cycle(names.collect()));
            }
        }
    }
    Ok(ordered)
}
