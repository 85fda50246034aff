//! Comparisons in the models of expressions.

use super::context::Context;
use crate::document::Node;
use crate::rule::{Evaluator, EvaluatorKind};

const KINDS: [(&str, EvaluatorKind); 10] = [
    ("gt", EvaluatorKind::Greater),
    ("lt", EvaluatorKind::Less),
    ("eq", EvaluatorKind::Equal),
    ("ne", EvaluatorKind::NotEqual),
    ("gte", EvaluatorKind::GreaterOrEqual),
    ("lte", EvaluatorKind::LessOrEqual),
    ("within_range", EvaluatorKind::WithinRange),
    ("outside_range", EvaluatorKind::OutsideRange),
    ("within_range_included", EvaluatorKind::WithinRangeIncluded),
    (
        "outside_range_included",
        EvaluatorKind::OutsideRangeIncluded,
    ),
];

/// Where a comparison stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    /// Surplus limits are of no matter, as editors leave them behind.
    Threshold,
    /// Ranges have exactly two limits; a value can be asked to be absent.
    Classic,
}

pub(super) fn evaluator(
    node: &Node<'_>,
    within: Within,
    context: &mut Context<'_>,
) -> Option<Evaluator> {
    let mut map = node.map(&mut context.faults)?;
    let kind = map.required("type", &mut context.faults).and_then(|node| {
        let mut kinds = KINDS.to_vec();
        if within == Within::Classic {
            kinds.push(("no_value", EvaluatorKind::NoValue));
        }
        node.choice(&kinds, &mut context.faults)
    });
    let mut limits = Vec::new();
    for node in map.list("params", &mut context.faults) {
        limits.push(node.number(&mut context.faults)?);
    }
    map.finish(&mut context.faults);
    let kind = kind?;
    let wanted = match kind {
        EvaluatorKind::NoValue => 0,
        EvaluatorKind::WithinRange
        | EvaluatorKind::OutsideRange
        | EvaluatorKind::WithinRangeIncluded
        | EvaluatorKind::OutsideRangeIncluded => 2,
        _ => 1,
    };
    let surplus = within == Within::Classic && wanted == 2 && limits.len() > 2;
    if limits.len() < wanted || surplus {
        let reason = format!(
            "has {} limits in `params`; this comparison needs {wanted}",
            limits.len()
        );
        context.fault(node, reason);
        return None;
    }
    Some(Evaluator {
        kind,
        first: limits.first().copied().unwrap_or_default(),
        second: limits.get(1).copied().unwrap_or_default(),
    })
}
