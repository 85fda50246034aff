//! The models of expressions.

use std::path::Path;
use std::time::Duration;

use super::{RIGHT, none, read};
use crate::fault::Fault;
use crate::rule::*;

/// The expression of step C where its model is `model`.
fn expression(model: &str) -> Result<Expression, Vec<Fault>> {
    let (before, _) = RIGHT.split_once("              type: threshold").unwrap();
    let before = before.strip_suffix("            model:\n").unwrap();
    let text = format!(
        "{before}            relativeTimeRange: {{from: 600, to: 60}}\n            model: {model}\n"
    );
    let mut groups = read(Path::new("rules.yaml"), &text, &none)?;
    match groups.remove(0).rules.remove(0).steps.remove(1).kind {
        StepKind::Expression(expression) => Ok(expression),
        StepKind::Query(query) => panic!("{query:?}"),
    }
}

#[test]
fn models_of_expressions_are_read() {
    let a = || "A".to_owned();
    // As an editor leaves it behind: parts of other types stay in the model.
    let reduce = "{type: reduce, expression: $A, reducer: last, settings: {mode: replaceNN, replaceWithValue: -1}, conditions: [{evaluator: {params: [], type: gt}}], hide: false, intervalMs: 1000, maxDataPoints: 43200, datasource: {type: __expr__, uid: __expr__}}";
    assert_eq!(
        expression(reduce).unwrap(),
        Expression::Reduce {
            input: a(),
            reducer: Reducer::Last,
            mode: ReduceMode::ReplaceNonNumeric(-1.0),
        }
    );
    assert_eq!(
        expression("{type: reduce, expression: A, reducer: median, settings: {mode: dropNN}}")
            .unwrap(),
        Expression::Reduce {
            input: a(),
            reducer: Reducer::Median,
            mode: ReduceMode::DropNonNumeric,
        }
    );
    assert_eq!(
        expression("{type: math, expression: '$A > 1'}").unwrap(),
        Expression::Math {
            expression: "$A > 1".to_owned(),
        }
    );
    assert_eq!(
        expression(
            "{type: resample, expression: A, window: 1.5m, downsampler: mean, upsampler: pad}"
        )
        .unwrap(),
        Expression::Resample {
            input: a(),
            window: Duration::from_secs(90),
            downsampler: Reducer::Mean,
            upsampler: Upsampler::Pad,
            from: Duration::from_secs(600),
            to: Duration::from_secs(60),
        }
    );
    assert_eq!(
        expression("{type: threshold, expression: A, conditions: [{evaluator: {type: outside_range, params: [1, 2]}, unloadEvaluator: {type: lt, params: [0.5, 0]}}]}").unwrap(),
        Expression::Threshold {
            input: a(),
            evaluator: Evaluator {
                kind: EvaluatorKind::OutsideRange,
                first: 1.0,
                second: 2.0,
            },
            unload: Some(Evaluator {
                kind: EvaluatorKind::Less,
                first: 0.5,
                second: 0.0,
            }),
        }
    );
    let classic = "{type: classic_conditions, conditions: [{evaluator: {type: gt, params: [3]}, operator: {type: when}, query: {params: [A]}, reducer: {type: avg, params: []}, type: query}, {evaluator: {type: no_value, params: []}, operator: {type: or}, query: {params: [A]}, reducer: {type: count_non_null}}]}";
    let limit = |kind, first| Evaluator {
        kind,
        first,
        second: 0.0,
    };
    assert_eq!(
        expression(classic).unwrap(),
        Expression::ClassicConditions {
            conditions: vec![
                ClassicCondition {
                    input: a(),
                    reducer: Reducer::Mean,
                    evaluator: limit(EvaluatorKind::Greater, 3.0),
                    or: false,
                },
                ClassicCondition {
                    input: a(),
                    reducer: Reducer::CountNonNull,
                    evaluator: limit(EvaluatorKind::NoValue, 0.0),
                    or: true,
                },
            ],
        }
    );
}

#[test]
fn mistakes_in_expressions_are_told() {
    for (model, wanted) in [
        ("{type: reduce, expression: A}", "has no `reducer`"),
        (
            "{type: reduce, expression: A, reducer: avg}",
            "`avg` is not known; use one of sum, mean",
        ),
        (
            "{type: reduce, expression: A, reducer: diff}",
            "`diff` is not known",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: drop}}",
            "`drop` is not known",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: replaceNN}}",
            "has the mode `replaceNN` without a `replaceWithValue`",
        ),
        (
            "{type: reduce, expression: A, reducer: sum, settings: {mode: replaceNN, replaceWithValue: 'x'}}",
            "is a text; write a number",
        ),
        ("{type: math, expression: '$A +'}", "ends where a number"),
        (
            "{type: math, expression: '$A + $D'}",
            "there is no step `D`",
        ),
        (
            "{type: resample, expression: A, window: 0s, downsampler: mean, upsampler: pad}",
            "`0s` is no time at all",
        ),
        (
            "{type: resample, expression: A, window: 1m, downsampler: median, upsampler: pad}",
            "`median` is not known",
        ),
        (
            "{type: resample, expression: A, window: 1m, downsampler: mean, upsampler: fill}",
            "`fill` is not known",
        ),
        (
            "{type: threshold, expression: A, conditions: []}",
            "has 0 conditions; a threshold has exactly one",
        ),
        (
            "{type: classic_conditions, conditions: []}",
            "is empty; write at least one condition",
        ),
        (
            "{type: classic_conditions, conditions: [{evaluator: {type: within_range, params: [1]}, query: {params: [A]}, reducer: {type: avg}}]}",
            "has 1 limits",
        ),
        (
            "{type: classic_conditions, conditions: [{evaluator: {type: gt, params: [1]}, query: {params: []}, reducer: {type: mean}}]}",
            "has no refId in `params`",
        ),
    ] {
        let told = expression(model).unwrap_err();
        let told: Vec<String> = told.iter().map(Fault::to_string).collect();
        assert!(
            told.iter().any(|told| told.contains(wanted)),
            "{model}: wanted {wanted}, was told {told:#?}"
        );
    }
}
