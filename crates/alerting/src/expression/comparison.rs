//! Comparisons with limits.

use crate::rule::{Evaluator, EvaluatorKind};

/// Whether `evaluator` holds for `value` in a threshold expression (`pkg/expr/threshold.go`).
/// No order holds for NaN, and it is unequal to everything.
pub(super) fn of_threshold(evaluator: &Evaluator, value: f64) -> bool {
    let Evaluator {
        kind,
        first,
        second,
    } = *evaluator;
    match kind {
        EvaluatorKind::WithinRange => value > first && value < second,
        EvaluatorKind::OutsideRange => value < first || value > second,
        EvaluatorKind::WithinRangeIncluded => value >= first && value <= second,
        EvaluatorKind::OutsideRangeIncluded => value <= first || value >= second,
        _ => with_one_limit(kind, value, first),
    }
}

/// Whether `evaluator` holds for `value` in classic conditions (`pkg/expr/classic/evaluator.go`):
/// the limits of a range may stand in either order, and it can ask for the absence of a value.
pub(super) fn of_classic(evaluator: &Evaluator, value: Option<f64>) -> bool {
    let Some(value) = value else {
        return evaluator.kind == EvaluatorKind::NoValue;
    };
    let (first, second) = (evaluator.first, evaluator.second);
    match evaluator.kind {
        EvaluatorKind::WithinRange => {
            (first < value && second > value) || (second < value && first > value)
        }
        EvaluatorKind::OutsideRange => {
            (second < value && first < value) || (second > value && first > value)
        }
        EvaluatorKind::WithinRangeIncluded => {
            (first <= value && second >= value) || (second <= value && first >= value)
        }
        EvaluatorKind::OutsideRangeIncluded => {
            (second <= value && first <= value) || (second >= value && first >= value)
        }
        kind => with_one_limit(kind, value, first),
    }
}

#[expect(
    clippy::float_cmp,
    reason = "people who write `eq` mean the very number, as in Grafana"
)]
fn with_one_limit(kind: EvaluatorKind, value: f64, limit: f64) -> bool {
    match kind {
        EvaluatorKind::Greater => value > limit,
        EvaluatorKind::Less => value < limit,
        EvaluatorKind::Equal => value == limit,
        EvaluatorKind::NotEqual => value != limit,
        EvaluatorKind::GreaterOrEqual => value >= limit,
        EvaluatorKind::LessOrEqual => value <= limit,
        _ => false,
    }
}
